"""Web pages against real servers: what OpenSID, ISPs and expired certificates do to them."""

import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from agent.probes.certificate import judge_dates, validity
from agent.probes.http import Http
from agent.probes.visit import join, keep_cookies
from agent.report import Reading, Verdict
from agent.strict import Refused, build
from tests import recorded
from tests.agent.probes.stubs import SAMPLES
from tests.agent.servers import Authority, Line, answers, page, read_request, serve

STATUS = 'ronda_check_http_status_code{check="web"}'
EXPIRY = 'ronda_check_certificate_expiry_timestamp_seconds{check="web"}'
LOGIN = page(b'<form action="siteman/auth"><input name="username">')


def moved(to: str, status: str = "302 Found", more: str = "") -> bytes:
    return page(b"", status, f"Location: {to}\r\n{more}")


def look(port: int, memory: dict[str, Any] | None = None, **settings: object) -> Reading:
    table = {"name": "web", "url": f"http://127.0.0.1:{port}/siteman", "timeout_s": 2, **settings}
    return build(Http, table).measure({} if memory is None else memory)


def test_a_page_with_the_right_words_is_good() -> None:
    with serve(answers(LOGIN)) as server:
        reading = look(server.port, must_match=["Siteman/auth", 'name="username"'])
    assert (reading.verdict, reading.reason) == (Verdict.GOOD, "")
    assert reading.values == {STATUS: 200.0}


@pytest.mark.parametrize(
    ("settings", "answer", "why"),
    [
        pytest.param({}, page(b"", "502 Bad Gateway"), "HTTP 502 instead of 200", id="502"),
        pytest.param(
            {"status": [200, 401]},
            page(b"", "403 No"),
            "HTTP 403 instead of 200 or 401",
            id="of several",
        ),
        pytest.param(
            {"follow_redirects": False},
            moved("/install"),
            "HTTP 302 to http://127.0.0.1:PORT/install instead of 200",
            id="redirect seen",
        ),
        pytest.param(
            {"must_match": "siteman/auth"},
            page(b"Koneksi Database Gagal"),
            "the page lacks 'siteman/auth'",
            id="200 but the words are missing",
        ),
        pytest.param(
            {"must_not_match": ["Koneksi Database Gagal"]},
            page(b"<b>KONEKSI database gagal</b>"),
            "the page holds 'Koneksi Database Gagal'",
            id="200 but the wrong words",
        ),
        pytest.param(
            {"must_match": "end"},
            page(b"x" * 300_000 + b"end"),
            "the page lacks 'end' in its first 200 kB",
            id="a long page is read to 200 kB",
        ),
        pytest.param({}, b"SSH-2.0-x\r\n", "the answer is not HTTP", id="not HTTP"),
        pytest.param(
            {}, moved("ftp://x/"), "redirected to ftp://x/, which is", id="redirect to nowhere"
        ),
    ],
)
def test_bad_news_has_plain_words(settings: dict[str, object], answer: bytes, why: str) -> None:
    with serve(answers(answer)) as server:
        reading = look(server.port, None, **settings)
    assert reading.verdict is Verdict.BAD
    assert reading.reason.startswith(why.replace("PORT", str(server.port)))


def test_a_redirect_to_the_page_of_a_dead_database_is_seen_though_it_says_200() -> None:
    with serve(answers(moved("koneksi-database")), answers(page(b"fine"))) as server:
        reading = look(server.port, must_not_redirect_to=["koneksi", "install"])
    assert reading.reason == f"redirected to http://127.0.0.1:{server.port}/koneksi-database"
    assert reading.values == {STATUS: 200.0}


def test_a_loop_of_redirects_ends() -> None:
    with serve(answers(moved("/siteman"))) as server:
        reading = look(server.port)
        assert server.connections == 6
    assert reading.reason.startswith("more than 5 redirects, the last to")


def test_where_it_must_end() -> None:
    with serve(answers(moved("/a")), answers(page(b""))) as server:
        base = f"http://127.0.0.1:{server.port}"
        assert look(server.port, final_url=f"{base}/a").verdict is Verdict.GOOD
        reading = look(server.port, final_url=f"{base}/b")
    assert reading.reason == f"ends at {base}/siteman, not at {base}/b"


def test_a_session_is_kept_from_round_to_round() -> None:
    seen: list[bytes] = []
    memory: dict[str, Any] = {}
    cookie = page(b"", headers="Set-Cookie: ci_session=abc; path=/\r\nSet-Cookie: b=2\r\n")
    with serve(answers(cookie, keep=seen)) as server:
        look(server.port, memory)
        look(server.port, memory)
    assert b"Cookie" not in seen[0]
    assert b"\r\nCookie: ci_session=abc; b=2\r\n" in seen[1]


def test_cookies_are_bounded_and_end() -> None:
    cookies: dict[tuple[str, str], str] = {}
    keep_cookies(cookies, "a", "\n".join(f"c{i}=x" for i in range(50)))
    assert len(cookies) == 20
    keep_cookies(cookies, "b", "c=a\x01b")
    keep_cookies(cookies, "a", "c0=; Max-Age=0\nc1=gone; max-age=0\nbig=" + "x" * 5000)
    assert len(cookies) == 18


def test_another_address_may_stand_in_for_the_name() -> None:
    seen: list[bytes] = []
    with serve(answers(page(b""), keep=seen)) as server:
        url = f"http://desa.invalid:{server.port}/"
        reading = look(server.port, url=url, address="127.0.0.1")
    assert reading.verdict is Verdict.GOOD
    assert f"Host: desa.invalid:{server.port}".encode() in seen[0]


def test_a_slow_page_is_left_in_time() -> None:
    def drip(connection: socket.socket) -> None:
        read_request(connection)
        for byte in page(b"x" * 100):
            connection.sendall(bytes([byte]))
            time.sleep(0.02)

    with serve(drip) as server:
        begun = time.monotonic()
        reading = look(server.port, timeout_s=0.3)
        assert time.monotonic() - begun < 0.8
    assert reading.reason == f"no answer from 127.0.0.1:{server.port}"


def over_tls(authority: Authority, context: ssl.SSLContext, *script: Line, **more: Any) -> Reading:
    with serve(*script, context=context) as server:
        url = f"https://localhost:{server.port}/"
        return look(server.port, url=url, **{"ca": authority.pem, **more})


def test_a_certificate_tells_when_it_ends(tmp_path: Path) -> None:
    authority = Authority()
    reading = over_tls(authority, authority.context(tmp_path, ends_d=30), answers(page(b"")))
    assert reading.verdict is Verdict.GOOD
    assert reading.values[EXPIRY] == pytest.approx(time.time() + 30 * 86400, abs=60)


def test_an_expired_certificate_is_bad_and_says_since_when(tmp_path: Path) -> None:
    authority = Authority()
    expired = authority.context(tmp_path, begins_d=-90, ends_d=-3.5)
    reading = over_tls(authority, expired, answers(page(b"")))
    assert (reading.verdict, reading.reason) == (Verdict.BAD, "certificate expired 3 days ago")
    assert reading.values[EXPIRY] == pytest.approx(time.time() - 3.5 * 86400, abs=60)
    assert reading.values[STATUS] is None


def test_a_certificate_of_the_future_is_bad(tmp_path: Path) -> None:
    authority = Authority()
    future = authority.context(tmp_path, begins_d=2.5)
    reading = over_tls(authority, future, answers(page(b"")))
    assert reading.reason == "certificate is valid only in 2 days"


def test_a_stranger_is_not_believed_unless_told_so(tmp_path: Path) -> None:
    authority = Authority()
    context = authority.context(tmp_path)
    reading = over_tls(Authority(), context, answers(page(b"")))
    assert reading.verdict is Verdict.BAD
    assert reading.reason.startswith("certificate of localhost: ")
    assert reading.values == {STATUS: None, EXPIRY: None}
    lax = over_tls(Authority(), context, answers(page(b"")), verify_certificate=False)
    assert lax.verdict is Verdict.GOOD
    assert lax.values[EXPIRY] is not None


def test_a_wrong_clock_condemns_no_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.probes.browse.time", lambda: 86400.0)
    authority = Authority()
    future = authority.context(tmp_path, begins_d=300, ends_d=600)
    assert over_tls(authority, future, answers(page(b""))).verdict is Verdict.GOOD


@pytest.mark.parametrize(
    ("begins_at", "expires_at", "why"),
    [
        pytest.param(0, 2e9, "", id="valid"),
        pytest.param(0, 1e9 - 86400 * 3.9, "certificate expired 3 days ago", id="days"),
        pytest.param(0, 1e9 - 3600, "certificate expired 1 hour ago", id="hour"),
        pytest.param(0, 1e9 - 5, "certificate expired a moment ago", id="just now"),
        pytest.param(1e9 + 120, 2e9, "certificate is valid only in 2 minutes", id="not yet"),
    ],
)
def test_dates_are_judged_in_words(begins_at: float, expires_at: float, why: str) -> None:
    assert judge_dates(begins_at, expires_at, 1e9) == why


@recorded.needed("samples")
def test_the_dates_of_a_recorded_certificate_are_read() -> None:
    pem = (SAMPLES / "tls" / "jc_generic_x509-letsencrypt.pem").read_text()
    told = x509.load_pem_x509_certificate(pem.encode())
    begins, ends = validity(ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN") :]))
    assert begins == told.not_valid_before_utc.timestamp()
    assert ends == told.not_valid_after_utc.timestamp()


@pytest.mark.parametrize("der", [b"", b"0", b"0\x03abc", b"\x30\x82\xff\xff" + b"\x30" * 9])
def test_noise_is_not_a_certificate(der: bytes) -> None:
    with pytest.raises(ValueError, match="not a"):
        validity(der)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("https://b/x", "https://b/x"),
        ("//b/x", "http://b/x"),
        ("/x?y", "http://a:1/x?y"),
        ("x", "http://a:1/p/x"),
    ],
)
def test_a_redirect_is_seen_from_where_it_stood(location: str, url: str) -> None:
    assert join("http://a:1/p/q?r=/s", location) == url


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"url": "desa.id"}, "url: expected http"),
        ({"url": "http://a/", "status": 0}, "status: must be 100 to 599"),
        ({"url": "http://a/", "status": []}, "status: names no status"),
        ({"url": "http://a/", "must_match": ""}, "must_match: an empty text"),
        ({"url": "http://a/", "must_not_match": ["a", ""]}, "must_not_match: an empty text"),
        ({"url": "http://a/", "timeout_s": 0}, "timeout_s: must be 0.1 to 60"),
        ({"url": "http://a/", "address": "-x"}, "address: not a host"),
        ({"url": "http://a/", "ca": "x"}, "ca: not a certificate in PEM"),
    ],
)
def test_bad_settings_are_refused_by_place(table: dict[str, object], problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        build(Http, {"name": "web", **table})
