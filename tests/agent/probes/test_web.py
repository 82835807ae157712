"""Whose page is it? Gambling and village pages, and what central applications answer."""

from typing import Any

import pytest

from agent.probes.gambling import found
from agent.probes.login import of
from agent.probes.nextcloud import Nextcloud
from agent.probes.sideka import Sideka
from agent.probes.text import page_text
from agent.probes.visit import MOST_REDIRECTS
from agent.probes.web import Defaced, Web
from agent.probes.webdav import Webdav, used_ratio
from agent.report import ProbeFailed, Reading, Verdict
from agent.strict import Refused, build
from agent.wire import Response
from collector.reasons import say
from tests.agent.servers import Authority, answers, page, serve
from tests.each import for_each

VILLAGE = b'<title>Desa Sukamaju</title><h1>Selamat datang</h1><input type="password">'

PAGES = {
    "slot gacor": ("<title>SLOT GACOR Hari Ini</title>", "slot gacor"),
    "between tags": ("situs <b>slot</b>\n<i>gacor</i>", "slot gacor"),
    "hard spaces": ("slot&nbsp;gacor", "slot gacor"),
    "only for search engines": ('<meta content="daftar slot online">', "slot online"),
    "two common words": ("togel hari ini, maxwin pasti", "togel maxwin"),
    "a number behind": ("main di slot8899", "slot88"),
    "a defacer's name": ("Hacked by Anon", "hacked by"),
    "birds that sing": ("lomba burung gacor se-kecamatan", ""),
    "a warning": ("Kepala desa: jauhi judi online!", ""),
    "a slot for registration": ("slot pendaftaran penuh", ""),
    "part of a word": ("slotted gacoran togelang", ""),
    "a village": (VILLAGE.decode(), ""),
    "nothing": ("", ""),
}


@for_each(("text", "words"), PAGES.values(), ids=PAGES)
def test_gambling_is_known_and_villages_are_not_accused(text: str, words: str) -> None:
    assert found(text) == words


def test_own_words_allowed_ones_and_addresses_count() -> None:
    assert found("Situs Toto Macau", allowed=["situs toto", "toto macau"]) == ""
    assert found("Partai X", own=["partai x"]) == "partai x"
    assert found("slot gacor", built_in=False) == ""
    assert found("", addresses=["https://agen-slot.example/"]) == "agen slot"


def test_a_big_page_of_open_brackets_costs_little() -> None:
    assert found("<" * 200_000) == ""


CHARSETS = {
    "as it says": ("text/html; charset=iso-8859-1", "é".encode("latin-1"), "é"),
    "as its meta says": ("text/html", b'<meta charset="windows-1252">\x93', "“"),
    "a wrong name": ("text/html; charset=klingon", "é".encode(), "é"),
    "a slow codec": ("text/html; charset=punycode", "é".encode(), "é"),
    "nothing": ("", "é".encode(), "é"),
    "a mark": ("text/html; charset=ascii", "\ufeffslot".encode("utf-16"), "slot"),
    "rubbish": ("text/html", b"\xff\x00\xfe", "\ufffd"),
}


@pytest.mark.parametrize(("kind", "body", "text"), CHARSETS.values(), ids=CHARSETS)
def test_a_page_is_read_in_whatever_charset(kind: str, body: bytes, text: str) -> None:
    assert text in page_text(Response(200, {"content-type": kind}, body))


@pytest.mark.slow
def test_a_packed_page_is_unpacked_and_a_bomb_is_cut() -> None:
    import gzip

    packed = Response(200, {"content-encoding": "gzip"}, gzip.compress(b"slot " * 10_000_000))
    assert len(page_text(packed)) == 200_000
    assert page_text(Response(200, {"content-encoding": "gzip"}, b"no gzip")) == "no gzip"


def look(kind: Any, port: int, **settings: object) -> Reading:
    table = {"name": "web", "url": f"http://127.0.0.1:{port}/", "timeout_s": 2, **settings}
    reading: Reading = build(kind, table).measure({})
    return reading


def test_a_working_site_with_strange_contents_is_bad_for_both() -> None:
    with serve(answers(page(b"slot gacor"))) as server:
        for kind in (Web, Defaced):
            reading = look(kind, server.port)
            assert reading.verdict is Verdict.BAD
            assert reading.reason == "the page is not the village's: it holds 'slot gacor'"
    assert say(reading.reason, "id") == "isi halaman bukan milik desa: memuat 'slot gacor'"


def test_a_way_to_a_gambling_site_is_seen() -> None:
    to = page(b"", "302 Found", "Location: /slot-gacor/\r\n")
    with serve(answers(to), answers(page(b"hi"))) as server:
        assert look(Defaced, server.port).verdict is Verdict.BAD


@pytest.mark.parametrize(
    "answer",
    [page(VILLAGE, "503 Service Unavailable"), b"", b"rubbish\r\n\r\n", page(b"")[:-1] + b""],
    ids=["503", "nothing", "rubbish", "half"],
)
def test_a_page_that_does_not_come_is_not_called_defaced(answer: bytes) -> None:
    with serve(answers(answer)) as server:
        probe = build(Defaced, {"name": "d", "url": f"http://127.0.0.1:{server.port}/"})
        with pytest.raises(ProbeFailed):
            probe.measure({})


def test_an_intact_site_is_good_and_brings_no_series_of_the_other_check() -> None:
    with serve(answers(page(VILLAGE))) as server:
        assert look(Web, server.port, must_match="sukamaju").verdict is Verdict.GOOD
        assert look(Defaced, server.port) == Reading(Verdict.GOOD, {}, "")


SIDEKA = {
    "form": (page(VILLAGE), {}, ""),
    "no form needed": (page(b"halo"), {"login": False}, ""),
    "its words": (page(VILLAGE), {"must_match": ["Sukamaju"]}, ""),
    "other words": (page(VILLAGE), {"must_match": "Desa Lain"}, "the page lacks 'Desa Lain'"),
    "another page": (
        page(b"<title>Domain dijual</title>"),
        {},
        "another page instead of the login form: Domain dijual",
    ),
    "maintenance": (
        page(b"dalam pemeliharaan", "503 No"),
        {},
        "the application is in maintenance",
    ),
    "database": (page(b"SQLSTATE[HY000] [2002]"), {}, "the application cannot reach its database"),
    "gateway": (
        page(b"", "502 Bad Gateway"),
        {},
        "the application is overloaded or stopped (HTTP 502)",
    ),
    "gone": (page(b"", "404 No"), {}, "HTTP 404 instead of 200"),
}


@pytest.mark.parametrize(("answer", "settings", "why"), SIDEKA.values(), ids=SIDEKA)
def test_sideka_is_judged_by_its_login_form(
    answer: bytes, settings: dict[str, object], why: str
) -> None:
    with serve(answers(answer)) as server:
        assert look(Sideka, server.port, **settings).reason == why


@pytest.mark.parametrize("kind", [Sideka, Nextcloud, Web])
def test_a_loop_of_redirects_ends(kind: Any) -> None:
    with serve(answers(page(b"", "302 Found", "Location: /x\r\n"))) as server:
        reading = look(kind, server.port)
        assert server.connections == MOST_REDIRECTS + 1
    assert reading.reason.startswith("more than 5 redirects, the last to")


def status(**changed: object) -> bytes:
    import json

    told = {"installed": True, "maintenance": False, "needsDbUpgrade": False, "version": "28.0.1"}
    return json.dumps({**told, **changed}).encode()


NEXTCLOUD = {
    "well": (page(status()), ""),
    "maintenance": (page(status(maintenance=True)), "Nextcloud is in maintenance mode"),
    "maintenance, 503": (
        page(status(maintenance=True), "503 No"),
        "Nextcloud is in maintenance mode",
    ),
    "upgrade": (
        page(status(needsDbUpgrade=True)),
        "Nextcloud waits for the upgrade of its database (occ upgrade)",
    ),
    "not installed": (page(status(installed=False)), "Nextcloud is not set up"),
    "html": (
        page(b"<title>Internal Server Error</title>"),
        "another page instead of Nextcloud's status: Internal Server Error",
    ),
    "a list": (page(b"[1]"), "another page instead of Nextcloud's status"),
    "deep": (page(b"[" * 100_000), "another page instead of Nextcloud's status"),
    "500": (page(b"", "500 No"), "HTTP 500 instead of 200"),
}


@pytest.mark.parametrize(("answer", "why"), NEXTCLOUD.values(), ids=NEXTCLOUD)
def test_nextcloud_is_judged_by_its_own_word(answer: bytes, why: str) -> None:
    seen: list[bytes] = []
    with serve(answers(answer, keep=seen)) as server:
        reading = look(Nextcloud, server.port)
    assert reading.reason == why
    assert seen[0].startswith(b"GET /status.php HTTP/1.1\r\n")
    assert not why or say(why, "id") != why


PROPERTIES = (
    b'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"><d:response><d:propstat><d:prop>'
    b"<d:quota-used-bytes>750</d:quota-used-bytes>"
    b"<d:quota-available-bytes>250</d:quota-available-bytes></d:prop></d:propstat></d:response>"
)
QUOTA = 'ronda_check_quota_used_ratio{check="web"}'


@pytest.fixture
def password(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONDA_AGENT_DATA", str(tmp_path))
    (tmp_path / "logins").mkdir()
    (tmp_path / "logins" / "127.0.0.1").write_text("wayan:rahasia\n")


@pytest.mark.usefixtures("password")
def test_with_a_login_webdav_and_nextcloud_tell_how_full_they_are() -> None:
    multi = page(PROPERTIES, "207 Multi-Status")
    seen: list[bytes] = []
    script = [answers(text, keep=seen) for text in (multi, page(status()), multi)]
    with serve(*script) as server:
        for kind in (Webdav, Nextcloud):
            reading = look(kind, server.port, login=True)
            assert (reading.verdict, reading.values[QUOTA]) == (Verdict.GOOD, 0.75)
    assert b"Authorization: Basic d2F5YW46cmFoYXNpYQ==" in seen[0]
    assert seen[2].startswith(b"PROPFIND /remote.php/dav/files/wayan/ HTTP/1.1")
    assert b"Depth: 0" in seen[2]


@pytest.mark.usefixtures("password")
def test_a_refused_login_says_nothing_of_the_server() -> None:
    with serve(answers(page(b"", "401 Unauthorized"))) as server:
        with pytest.raises(ProbeFailed, match=r"127\.0\.0\.1 refuses the login"):
            look(Webdav, server.port, login=True)
        assert look(Webdav, server.port).verdict is Verdict.GOOD


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (page(b"", "500 No"), "HTTP 500 instead of 207"),
        (page(VILLAGE), "HTTP 200 instead of 207"),
        (page(b"", "301 No", "Location: /dav/\r\n"), "redirected to http://127.0.0.1"),
    ],
)
def test_what_is_no_webdav_is_bad(answer: bytes, why: str) -> None:
    with serve(answers(answer)) as server:
        assert look(Webdav, server.port).reason.startswith(why)


@pytest.mark.parametrize(
    ("used", "free", "ratio"),
    [("5", "-3", None), ("0", "0", None), ("1", "0", 1.0), ("", "", None), ("x", "1", None)],
)
def test_a_quota_without_a_limit_is_no_number(used: str, free: str, ratio: float | None) -> None:
    text = f"<quota-used-bytes>{used}</x><A:quota-available-bytes a='b'>{free}</x>"
    assert used_ratio(text) == ratio


def test_a_password_is_for_its_server_and_never_goes_in_the_clear(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONDA_AGENT_DATA", str(tmp_path))
    for host in ("awan.id", "../x", ".x"):
        with pytest.raises(ProbeFailed, match="no login for"):
            of(host)
    (tmp_path / "logins").mkdir()
    for text in ("nocolon", "u:", ":p", "u:p\nv:q"):
        (tmp_path / "logins" / "awan.id").write_text(text)
        with pytest.raises(ProbeFailed, match="does not hold user:password"):
            of("awan.id")
    for table in (
        {"url": "http://awan.id/"},
        {"url": "https://awan.id/", "verify_certificate": False},
        {"url": "http://127.0.0.1/", "address": "10.0.0.1"},
    ):
        for kind in (Webdav, Nextcloud):
            with pytest.raises(Refused, match="login: a password needs encryption"):
                build(kind, {"name": "x", "login": True, **table})


def test_the_certificate_of_a_cloud_is_told(tmp_path: Any) -> None:
    authority = Authority()
    context = authority.context(tmp_path)
    with serve(answers(page(status())), context=context) as server:
        url = f"https://localhost:{server.port}"
        reading = look(Nextcloud, server.port, url=url, ca=authority.pem)
        strange = look(Nextcloud, server.port, url=url)
    assert reading.verdict is Verdict.GOOD
    assert reading.values['ronda_check_certificate_expiry_timestamp_seconds{check="web"}']
    assert strange.reason.startswith("certificate of localhost:")
