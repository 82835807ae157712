"""OpenSID in each of its states: pages as its documentation and source describe them."""

import socket
from typing import Any

import pytest

from agent.config import read
from agent.probes.opensid import Opensid, login_page
from agent.report import Reading, Verdict
from agent.strict import build
from collector.reasons import say
from tests.agent.servers import Authority, answers, page, read_request, serve
from tests.each import for_each

FORM = (
    b'<form class="login-form" action="http://x/index.php/siteman/auth" method="post">'
    b'<input type="text" name="username"><input type="password" name="password"></form>'
)
GOOD = page(b"<title>Login SID</title>" + FORM)


def moved(to: str, status: str = "302 Found") -> bytes:
    return page(b"", status, f"Location: {to}\r\n")


def look(port: int, memory: dict[str, Any] | None = None, **settings: object) -> Reading:
    table = {"name": "sid", "url": f"http://127.0.0.1:{port}/", "timeout_s": 2, **settings}
    return build(Opensid, table).measure({} if memory is None else memory)


STATES = {
    "database away, redirect": (moved("koneksi-database"), "OpenSID cannot reach its database"),
    "database away, other spelling": (
        moved("/index.php/koneksi_database"),
        "OpenSID cannot reach its database",
    ),
    "database away, page with 200": (
        page(b"<title>Koneksi Database Gagal</title><h1>Koneksi Database Gagal</h1>"),
        "OpenSID cannot reach its database",
    ),
    "database away, page with 500": (
        page(b"<h1>Sebuah Kesalahan Basis Data Terjadi</h1>", "500 Internal Server Error"),
        "OpenSID cannot reach its database",
    ),
    "another key": (
        moved("/koneksi_database/config"),
        "the key of OpenSID does not fit its database",
    ),
    "village missing in the database": (
        moved("/koneksi_database/desaBaru"),
        "the key of OpenSID does not fit its database",
    ),
    "faults in the data": (
        moved("/index.php/periksa"),
        "OpenSID finds faults in its database and asks for a repair",
    ),
    "not installed": (
        moved("/index.php/install"),
        "OpenSID is not set up: it asks to be installed",
    ),
    "maintenance": (
        page(b"<title>Offline Mode - Desa Maju</title>sementara tidak dapat di akses"),
        "OpenSID is in maintenance mode",
    ),
    "maintenance with 503": (
        page(b"<h1>Situs sedang dalam perbaikan</h1>", "503 Service Unavailable"),
        "OpenSID is in maintenance mode",
    ),
    "gambling beside the form": (
        page(b"<title>Slot Gacor 77</title>" + FORM),
        "the page is not the village's: it holds 'slot gacor'",
    ),
    "gambling in the place of the form": (
        page(b"<h1>SLOT</h1> <b>TOGEL</b> hari ini"),
        "the page is not the village's: it holds 'slot togel'",
    ),
    "loop": (moved("/siteman"), "OpenSID redirects for ever, the last time to "),
    "failed update": (page(b"", "500 Internal Server Error"), "HTTP 500 instead of 200"),
    "blank page": (page(b"  \n"), "OpenSID shows an empty page"),
    "error of PHP": (
        page(b"<b>Fatal error</b>: Uncaught Error: Class not found in /var/www/desa.php"),
        "OpenSID stops with an error of PHP",
    ),
    "no sessions": (
        page(b"Session: Configured save path '/tmp' is not writable by the PHP process."),
        "OpenSID cannot write its sessions: is the disk full?",
    ),
    "another site": (
        page(b"<title>Apache2 Debian Default Page: It works</title>"),
        "another page instead of OpenSID's login: Apache2 Debian Default Page: It works",
    ),
    "no title": (page(b"<p>halo"), "another page instead of OpenSID's login"),
    "not there": (
        page(b"<h1>Not Found</h1>", "404 Not Found"),
        "there is no OpenSID login here (HTTP 404)",
    ),
    "the provider's page": (moved("http://isolir.isp.id/?n=1"), "redirected to http://isolir"),
    "front page": (moved("/"), "OpenSID leads to its front page instead of the login: http"),
    "half a page": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + FORM,
        "the answer breaks off in the middle",
    ),
    "no HTTP": (b"SSH-2.0-OpenSSH\r\n", "the answer is not HTTP"),
}


@for_each(("answer", "why"), STATES.values(), ids=STATES)
def test_every_broken_state_is_told_apart(answer: bytes, why: str) -> None:
    with serve(answers(answer)) as server:
        reading = look(server.port)
    assert reading.verdict is Verdict.BAD
    assert reading.reason.startswith(why)
    assert why.startswith("redirected") or say(reading.reason, "id") != reading.reason


def test_the_login_form_is_good() -> None:
    with serve(answers(GOOD)) as server:
        reading = look(server.port)
    assert (reading.verdict, reading.reason) == (Verdict.GOOD, "")
    assert reading.values == {'ronda_check_http_status_code{check="sid"}': 200.0}


@pytest.mark.parametrize(
    "form",
    [
        b"<form action='/siteman/auth'><input name='username'>",
        b"<form action=siteman/auth><input id=u NAME = username>",
        b'{"url":"http:\\/\\/x\\/siteman\\/auth"} name="username"',
    ],
    ids=["single quotes", "no quotes", "escaped"],
)
def test_the_form_may_be_written_in_other_ways(form: bytes) -> None:
    with serve(answers(page(form))) as server:
        assert look(server.port).verdict is Verdict.GOOD


def test_only_the_login_page_is_asked_and_one_session_is_kept() -> None:
    seen: list[bytes] = []
    memory: dict[str, Any] = {}
    cookie = page(FORM, headers="Set-Cookie: ci_session=abc; path=/; HttpOnly\r\n")
    with serve(answers(cookie, keep=seen)) as server:
        for _ in range(3):
            look(server.port, memory)
    assert [request.split(b"\r\n")[0] for request in seen] == [b"GET /siteman HTTP/1.1"] * 3
    assert [b"Cookie: ci_session=abc" in request for request in seen] == [False, True, True]
    assert not any(b"POST" in request for request in seen)


def test_the_way_to_the_login_page_is_gone_but_never_into_the_front_page() -> None:
    seen: list[bytes] = []
    script = (moved("/index.php/siteman", "301 Moved"), GOOD, moved("/first"))
    with serve(*(answers(text, keep=seen) for text in script)) as server:
        assert look(server.port).verdict is Verdict.GOOD
        assert look(server.port).verdict is Verdict.BAD
    assert [request.split()[1] for request in seen] == [b"/siteman", b"/index.php/siteman"] + [
        b"/siteman"
    ]


def test_a_loop_ends_after_few_requests() -> None:
    with serve(answers(moved("/index.php/siteman"))) as server:
        look(server.port)
        assert server.connections == 6


def test_who_says_nothing_is_given_up() -> None:
    def silent(connection: socket.socket) -> None:
        read_request(connection)
        connection.recv(1)

    with serve(silent) as server:
        reading = look(server.port, timeout_s=0.3)
    assert reading.verdict is Verdict.BAD
    assert "no answer" in reading.reason


def test_gambling_can_be_left_to_another_check_and_words_allowed() -> None:
    with serve(answers(page(b"slot gacor" + FORM))) as server:
        assert look(server.port, gambling=False).verdict is Verdict.GOOD
        assert look(server.port, allowed="slot gacor").verdict is Verdict.GOOD
        reading = look(server.port, gambling=False, words=["username"])
    assert reading.reason == "the page is not the village's: it holds 'username'"


def test_an_expired_certificate_is_told_with_its_end(tmp_path: Any) -> None:
    authority = Authority()
    context = authority.context(tmp_path, begins_d=-90, ends_d=-3)
    with serve(answers(GOOD), context=context) as server:
        url = f"https://localhost:{server.port}/siteman"
        reading = look(server.port, url=url, ca=authority.pem)
    assert reading.reason == "certificate expired 3 days ago"
    assert reading.values['ronda_check_certificate_expiry_timestamp_seconds{check="sid"}']


@pytest.mark.parametrize(
    ("url", "page_of_login"),
    [
        ("http://h", "http://h/siteman"),
        ("http://h/", "http://h/siteman"),
        ("http://h/sid/index.php", "http://h/sid/index.php/siteman"),
        ("http://h/siteman/", "http://h/siteman"),
        ("http://h/?x=1", "http://h/siteman"),
    ],
)
def test_where_the_login_page_is(url: str, page_of_login: str) -> None:
    assert login_page(url) == page_of_login


def test_a_village_pc_is_asked_no_oftener_than_it_can_bear() -> None:
    check: dict[str, Any] = {"name": "sid", "kind": "opensid", "url": "http://127.0.0.1/"}
    assert read({"checks": [check]}).checks[0].every_s == 120
    assert read({"check_every_s": 300, "checks": [check]}).checks[0].every_s is None
    assert read({"checks": [{**check, "every_s": 30}]}).checks[0].every_s == 30
