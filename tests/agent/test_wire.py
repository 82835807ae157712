"""The HTTP client against real sockets that behave, break off, drip and lie."""

import socket
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.answer import AnswerReader
from agent.wire import CertificateRefused, Connection, WireError, split_url, tls_context
from tests import amounts
from tests.agent.servers import Authority, answers, page, read_request, serve

HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        pytest.param("http://a.example", ("http", "a.example", 80, "/"), id="bare host"),
        pytest.param("https://a.example/x?y=1#z", ("https", "a.example", 443, "/x?y=1"), id="path"),
        pytest.param("HTTP://a:8080?q=1", ("http", "a", 8080, "/?q=1"), id="query without path"),
        pytest.param("http://[::1]:90/", ("http", "::1", 90, "/"), id="IPv6 with port"),
        pytest.param("http://[::1]/", ("http", "::1", 80, "/"), id="IPv6"),
        pytest.param("http://a/kantor désa", ("http", "a", 80, "/kantor%20d%C3%A9sa"), id="quoted"),
    ],
)
def test_a_url_splits_into_its_parts(url: str, parts: tuple[str, str, int, str]) -> None:
    assert split_url(url) == parts


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ftp://a/", "expected http"),
        ("desa.id", "expected http"),
        ("http:///x", "not a host"),
        ("http://désa.id/", "not a host"),
        ("http://a b/", "not a host"),
        ("http://a:0/", "not a port"),
        ("http://a:99999/", "not a port"),
        ("http://a:x/", "not a port"),
        ("http://user:secret@a/", "no user or password"),
    ],
)
def test_a_bad_url_is_refused_in_words(url: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        split_url(url)


def test_requests_share_one_connection() -> None:
    seen: list[bytes] = []
    with (
        serve(answers(page(b"one"), page(b"two"), keep=seen)) as server,
        Connection("http", "127.0.0.1", server.port) as wire,
    ):
        first = wire.request("POST", "/api", {"Authorization": "Bearer x"}, b"body")
        second = wire.request("GET", "/known")
        assert (first.status, first.body, first.closed) == (200, b"one", False)
        assert second.body == b"two"
        assert server.connections == 1
        assert wire.sent_bytes == len(b"".join(seen))
    assert (
        seen[0]
        == (
            f"POST /api HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            "Authorization: Bearer x\r\nContent-Length: 4\r\n\r\nbody"
        ).encode()
    )
    assert seen[1].startswith(b"GET /known HTTP/1.1\r\n")
    assert b"Content-Length" not in seen[1]


@pytest.mark.parametrize(
    ("text", "status", "body", "closed"),
    [
        pytest.param(HEAD + b"Content-Length: 2\r\n\r\nok", 200, b"ok", False, id="length"),
        pytest.param(
            HEAD + b"content-length: 2, 2\r\n\r\nok", 200, b"ok", False, id="length twice"
        ),
        pytest.param(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nT: 1\r\n\r\n",
            200,
            b"abcd",
            False,
            id="chunked with extension and trailer",
        ),
        pytest.param(HEAD + b"\r\nuntil the end", 200, b"until the end", True, id="to the end"),
        pytest.param(
            HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", True, id="close"
        ),
        pytest.param(
            b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, b"ok", True, id="HTTP/1.0"
        ),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + page(b"ok"),
            200,
            b"ok",
            False,
            id="interim answers are skipped",
        ),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", False, id="204"),
        pytest.param(
            b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, b"", False, id="304"
        ),
        pytest.param(
            b"HTTP/1.1 503\nRetry-After: 7\nContent-Length: 0\n\n",
            503,
            b"",
            False,
            id="bare newlines",
        ),
        pytest.param(page(b"ok") + b"unasked", 200, b"ok", True, id="unasked bytes end it"),
    ],
)
def test_an_answer_ends_where_it_says(text: bytes, status: int, body: bytes, closed: bool) -> None:
    with (
        serve(answers(text)) as server,
        Connection("http", "127.0.0.1", server.port) as wire,
    ):
        response = wire.request("GET", "/")
    assert (response.status, response.body, response.closed) == (status, body, closed)


def test_a_head_answer_has_no_body() -> None:
    with (
        serve(answers(HEAD + b"Content-Length: 5\r\n\r\n")) as server,
        Connection("http", "127.0.0.1", server.port) as wire,
    ):
        assert wire.request("HEAD", "/").body == b""


def test_headers_are_lower_case_and_repeats_are_joined() -> None:
    text = (
        HEAD
        + b"X-A: 1\r\nx-a: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n"
    )
    with (
        serve(answers(text)) as server,
        Connection("http", "127.0.0.1", server.port) as wire,
    ):
        headers = wire.request("GET", "/").headers
    assert headers["x-a"] == "1, 2"
    assert headers["set-cookie"] == "a=1\nb=2"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(page(b"x" * 5000), id="length"),
        pytest.param(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n1388\r\n" + b"x" * 5000 + b"\r\n0\r\n\r\n",
            id="chunked",
        ),
        pytest.param(HEAD + b"\r\n" + b"x" * 5000, id="to the end"),
    ],
)
def test_a_long_body_is_cut_and_says_so(text: bytes) -> None:
    with (
        serve(answers(text)) as server,
        Connection("http", "127.0.0.1", server.port) as wire,
    ):
        response = wire.request("GET", "/", limit_bytes=100)
    assert (len(response.body), response.cut, response.closed) == (100, True, True)


def test_a_body_of_exactly_the_limit_is_whole() -> None:
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"
    with (
        serve(answers(chunked)) as server,
        Connection("http", "127.0.0.1", server.port) as wire,
    ):
        response = wire.request("GET", "/", limit_bytes=4)
    assert (response.body, response.cut) == (b"abcd", False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(b"", "ended without an answer", id="nothing"),
        pytest.param(b"SSH-2.0-x\r\n", "not HTTP", id="another protocol"),
        pytest.param(b"HTTP/1.1 2x0 OK\r\n\r\n", "not HTTP", id="no status"),
        pytest.param(b"HTTP/1.1 200 OK\r\nA:", "breaks off", id="cut head"),
        pytest.param(HEAD + b"Content-Length: 9\r\n\r\nabc", "breaks off", id="cut body"),
        pytest.param(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", "breaks off", id="cut chunk"
        ),
        pytest.param(HEAD + b"Content-Length: -1\r\n\r\n", "not a length", id="negative length"),
        pytest.param(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "not a length", id="bad chunk size"
        ),
        pytest.param(HEAD + b"A: " + b"x" * 40000 + b"\r\n\r\n", "too long", id="long header"),
        pytest.param(HEAD + b"A: x\r\n" * 9000 + b"\r\n", "too long", id="many headers"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 20, "interim", id="endless 100"),
    ],
)
def test_a_broken_answer_is_an_error_in_words(text: bytes, reason: str) -> None:
    with (
        serve(answers(text)) as server,
        Connection("http", "127.0.0.1", server.port) as wire,
        pytest.raises(WireError, match=reason),
    ):
        wire.request("GET", "/")


@pytest.mark.slow
@settings(max_examples=amounts.times(100), deadline=None)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from(
                [
                    HEAD,
                    b"\r\n",
                    b"Content-Length: 5\r\n",
                    b"Transfer-Encoding: chunked\r\n",
                    b"5\r\n",
                ]
            ),
        ),
        max_size=8,
    ),
    st.sampled_from(["GET", "HEAD"]),
)
def test_whatever_comes_is_an_answer_or_an_error_in_words(pieces: list[bytes], method: str) -> None:
    stream = iter([piece for piece in pieces if piece])
    try:
        response = AnswerReader(lambda: next(stream, b"")).read(method, 20)
    except WireError:
        return
    assert len(response.body) <= 20


def test_an_idle_connection_that_the_server_closed_is_opened_again() -> None:
    with (
        serve(answers(page(b"one")), answers(page(b"two"))) as server,
        Connection("http", "127.0.0.1", server.port) as wire,
    ):
        assert wire.request("GET", "/").body == b"one"
        assert wire.request("GET", "/").body == b"two"
        assert server.connections == 2


def test_a_connection_that_dies_under_the_request_is_tried_once_more() -> None:
    def answer_one_then_hang_up(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(page(b"one"))
        read_request(connection)

    with (
        serve(answer_one_then_hang_up, answers(page(b"two"))) as server,
        Connection("http", "127.0.0.1", server.port) as wire,
    ):
        assert wire.request("GET", "/").body == b"one"
        assert wire.request("POST", "/", body=b"x").body == b"two"


def test_a_fresh_connection_that_dies_is_not_tried_again() -> None:
    with (
        serve(read_request_only) as server,
        Connection("http", "127.0.0.1", server.port) as wire,
    ):
        with pytest.raises(WireError):
            wire.request("GET", "/")
        assert server.connections == 1


def read_request_only(connection: socket.socket) -> None:
    read_request(connection)


def test_a_refusal_before_the_body_was_read_is_heard() -> None:
    def refuse_early(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(page(b"too much", "413 Too Large", "Connection: close\r\n"))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 20):
            pass

    with (
        serve(refuse_early) as server,
        Connection("http", "127.0.0.1", server.port) as wire,
    ):
        assert wire.request("POST", "/", body=b"x" * (4 << 20)).status == 413


def test_a_slow_drip_cannot_hold_a_request_past_its_limit() -> None:
    def drip(connection: socket.socket) -> None:
        read_request(connection)
        for byte in HEAD * 100:
            connection.sendall(bytes([byte]))
            time.sleep(0.02)

    with (
        serve(drip) as server,
        Connection("http", "127.0.0.1", server.port, timeout_s=5) as wire,
    ):
        begun = time.monotonic()
        with pytest.raises(WireError, match=f"no answer from 127.0.0.1:{server.port}"):
            wire.request("GET", "/", limit_s=0.3)
        assert time.monotonic() - begun < 0.6


def test_a_silent_server_is_left_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(WireError, match="no answer from"):
            Connection("http", "127.0.0.1", port, timeout_s=0.1).request("GET", "/")


def test_a_closed_port_and_an_unknown_name_are_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(WireError, match="refuses the connection"):
        Connection("http", "127.0.0.1", port).request("GET", "/")
    with pytest.raises(WireError, match="the name nowhere.invalid is not found"):
        Connection("http", "nowhere.invalid", 80).request("GET", "/")


def test_a_line_break_cannot_be_smuggled_into_the_head() -> None:
    with pytest.raises(WireError, match="not fit"):
        Connection("http", "127.0.0.1", 1).request("GET", "/", {"X": "a\r\nY: b"})


def test_tls_trusts_the_pinned_authority_only(tmp_path: Path) -> None:
    ours, theirs = Authority(), Authority()
    with serve(answers(page(b"a"), page(b"b")), context=ours.context(tmp_path)) as server:
        context = tls_context(ours.pem, check_dates=True)
        with Connection("https", "localhost", server.port, context) as wire:
            assert wire.request("GET", "/").body == b"a"
            assert wire.request("GET", "/").body == b"b"
            assert wire.certificate is not None
            assert server.connections == 1
        elsewhere = Connection(
            "https", "localhost", server.port, context, address="127.0.0.1", timeout_s=2
        )
        elsewhere.connect()
        elsewhere.close()
        assert elsewhere.certificate == wire.certificate
        stranger = tls_context(theirs.pem, check_dates=True)
        with pytest.raises(CertificateRefused, match="certificate of localhost"):
            Connection("https", "localhost", server.port, stranger).request("GET", "/")
        with pytest.raises(CertificateRefused, match="127.0.0.1"):
            Connection("https", "127.0.0.1", server.port, context).request("GET", "/")


def test_a_clock_in_1970_still_checks_chain_and_name_but_not_dates(tmp_path: Path) -> None:
    authority = Authority()
    future = authority.context(tmp_path, begins_d=300, ends_d=600)
    with serve(answers(page(b"a")), context=future) as server:
        with pytest.raises(CertificateRefused) as refused:
            Connection(
                "https", "localhost", server.port, tls_context(authority.pem, check_dates=True)
            ).request("GET", "/")
        assert refused.value.code == 9
        undated = tls_context(authority.pem, check_dates=False)
        with Connection("https", "localhost", server.port, undated) as wire:
            assert wire.request("GET", "/").body == b"a"
        with pytest.raises(CertificateRefused, match="127.0.0.1"):
            Connection("https", "127.0.0.1", server.port, undated).request("GET", "/")
        stranger = tls_context(Authority().pem, check_dates=False)
        with pytest.raises(CertificateRefused):
            Connection("https", "localhost", server.port, stranger).request("GET", "/")


def test_an_idle_tls_connection_that_ended_is_opened_again(tmp_path: Path) -> None:
    authority = Authority()
    with serve(
        answers(page(b"a")), answers(page(b"b")), context=authority.context(tmp_path)
    ) as server:
        context = tls_context(authority.pem, check_dates=True)
        with Connection("https", "localhost", server.port, context) as wire:
            assert wire.request("GET", "/").body == b"a"
            assert wire.request("GET", "/").body == b"b"


@pytest.mark.slow
def test_plain_http_on_a_tls_port_is_said() -> None:
    with (
        serve(answers(page(b"a"))) as server,
        Connection(
            "https", "localhost", server.port, tls_context(Authority().pem, check_dates=True)
        ) as wire,
        pytest.raises(WireError, match="does not speak TLS|broke the connection|no answer"),
    ):
        wire.request("GET", "/", limit_s=1)


def test_something_else_than_a_certificate_is_refused_as_authority() -> None:
    with pytest.raises(ValueError, match="not a certificate"):
        tls_context("hello", check_dates=True)
