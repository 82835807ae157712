"""Mail servers: real postfix and dovecot, and small ones that break at each step."""

import contextlib
import shutil
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.probes.mail import Imap, Smtp, quota_used
from agent.probes.secured import Tls
from agent.report import ProbeFailed, Reading, Verdict
from agent.strict import Refused, build
from collector.reasons import say
from tests.agent.servers import Authority, Line, serve
from tests.alerts.channels.post_office import post_office
from tests.mail_servers import PASSWORD, running_dovecot, running_postfix

EXPIRY = 'ronda_check_certificate_expiry_timestamp_seconds{check="m"}'
QUOTA = 'ronda_check_quota_used_ratio{check="m"}'


def look(kind: Any, port: int, **settings: object) -> Reading:
    table = {"name": "m", "host": "localhost", "port": port, "timeout_s": 5, **settings}
    reading: Reading = build(kind, {"address": "127.0.0.1", **table}).measure({})
    return reading


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def tls(authority: Authority, tmp_path: Path) -> ssl.SSLContext:
    return authority.context(tmp_path)


@pytest.fixture
def papers(authority: Authority, tmp_path: Path) -> Path:
    authority.context(tmp_path)
    (papers,) = tmp_path.glob("*.pem")
    return papers


@pytest.mark.slow
def test_a_real_postfix_is_good_and_its_end_is_seen(papers: Path, authority: Authority) -> None:
    with running_postfix(papers, papers) as (port, _):
        reading = look(Smtp, port, ca=authority.pem)
        assert (reading.verdict, reading.reason) == (Verdict.GOOD, "")
        assert reading.values[EXPIRY]
        assert look(Smtp, port).reason.startswith("certificate of localhost:")
        assert look(Smtp, port, verify_certificate=False, tls="starttls").reason == ""
    reading = look(Smtp, port)
    assert (reading.verdict, reading.values) == (Verdict.BAD, {})
    assert reading.reason == f"127.0.0.1:{port} refuses the connection"


@pytest.mark.slow
def test_a_real_dovecot_is_good_and_tells_the_quota(
    papers: Path, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONDA_AGENT_DATA", str(tmp_path))
    (tmp_path / "logins").mkdir()
    password = tmp_path / "logins" / "localhost"
    with running_dovecot(papers, papers) as (port, home):
        reading = look(Imap, port, ca=authority.pem)
        assert (reading.verdict, reading.reason) == (Verdict.GOOD, "")
        password.write_text(f"sari:{PASSWORD}\n")
        assert look(Imap, port, ca=authority.pem, login=True).values[QUOTA] == 0
        deliver(home / "mail" / "sari", b"Subject: x\n\n" + b"x" * 512_000)
        used = look(Imap, port, ca=authority.pem, login=True).values[QUOTA]
        assert used is not None and 0.45 < used < 0.55
        password.write_text("sari:another\n")
        with pytest.raises(ProbeFailed, match="refuses the login of sari"):
            look(Imap, port, ca=authority.pem, login=True)


def deliver(mailbox: Path, letter: bytes) -> None:
    for name in ("cur", "new", "tmp"):
        (mailbox / name).mkdir(parents=True, exist_ok=True)
    (mailbox / "cur" / "1.a:2,S").write_bytes(letter)
    (mailbox / "maildirsize").unlink(missing_ok=True)
    for path in (mailbox, *mailbox.rglob("*")):
        shutil.chown(path, "nobody")


SMTP: dict[str, tuple[dict[str, Any], dict[str, object], str]] = {
    "plain": ({}, {}, ""),
    "busy": (
        {"says": {"greeting": "421 too many"}},
        {},
        "the mail server localhost:PORT answers '421 too many'",
    ),
    "no hello": (
        {"says": {"EHLO": "550 go away"}},
        {},
        "the mail server localhost:PORT answers '550 go away'",
    ),
    "no encryption": (
        {},
        {"tls": "starttls"},
        "the mail server localhost:PORT offers no encryption",
    ),
    "not SMTP": (
        {"says": {"greeting": "SSH-2.0-x"}},
        {},
        "localhost:PORT does not speak SMTP",
    ),
    "silent": (
        {"says": {"greeting": ""}},
        {"timeout_s": 0.3},
        "localhost:PORT accepts but says nothing",
    ),
    "endless": (
        {"says": {"greeting": "\r\n".join(["220-x"] * 200)}},
        {},
        "localhost:PORT answers with too much",
    ),
}


@pytest.mark.parametrize(("office", "settings", "why"), SMTP.values(), ids=SMTP)
def test_a_mail_server_that_is_not_well_is_told(
    office: dict[str, Any], settings: dict[str, object], why: str
) -> None:
    with post_office(**office) as server:
        reading = look(Smtp, server.port, **settings)
    assert reading.reason == why.replace("PORT", str(server.port))
    assert not why or say(reading.reason, "id") != reading.reason
    assert not any(line.startswith("MAIL") for line in server.heard)


def test_a_refused_encryption_is_told(tls: ssl.SSLContext) -> None:
    with post_office(tls=tls, says={"STARTTLS": "454 not now"}) as server:
        assert "454 not now" in look(Smtp, server.port).reason


@pytest.mark.parametrize("way", ["tls", "auto"])
def test_both_ways_of_encryption_show_the_certificate(
    way: str, tls: ssl.SSLContext, authority: Authority
) -> None:
    with post_office(tls=tls, implicit=way == "tls") as server:
        reading = look(Smtp, server.port, tls=way, ca=authority.pem)
    assert reading.reason == ""
    assert reading.values[EXPIRY]


def test_an_expired_certificate_of_a_mail_server_is_told(
    authority: Authority, tmp_path: Path
) -> None:
    old = authority.context(tmp_path, -90, -2)
    with post_office(tls=old) as server:
        reading = look(Smtp, server.port, ca=authority.pem)
    assert reading.reason == "certificate expired 2 days ago"
    assert reading.values[EXPIRY]


def says(*lines: bytes) -> Line:
    """Says the first line, then one more for each that comes."""

    def line(connection: socket.socket) -> None:
        for text in lines:
            connection.sendall(text)
            if not connection.recv(4096):
                return

    return line


@contextlib.contextmanager
def imap(*lines: bytes) -> Iterator[int]:
    with serve(says(*lines)) as server:
        yield server.port


CAPABLE = b"* CAPABILITY IMAP4rev1 STARTTLS\r\na OK done\r\n"
IMAP = {
    "well": ((b"* OK hello\r\n", CAPABLE), ""),
    "bye": ((b"* BYE too busy\r\n",), "the mail server localhost:PORT answers 'BYE too busy'"),
    "POP3": ((b"+OK POP3\r\n",), "the mail server localhost:PORT answers '+OK POP3'"),
    "no IMAP": ((b"* OK hello\r\n", b"a BAD what\r\n"), "localhost:PORT does not speak IMAP"),
    "half": ((b"* OK hello\r\n", b"* CAPA"), "the answer breaks off in the middle"),
    "one long line": ((b"x" * 9000,), "localhost:PORT answers in lines without an end"),
}


@pytest.mark.parametrize(("lines", "why"), IMAP.values(), ids=IMAP)
def test_imap_is_judged_by_greeting_and_capabilities(lines: tuple[bytes, ...], why: str) -> None:
    with imap(*lines) as port:
        reading = look(Imap, port, tls="none", timeout_s=1)
    if why.startswith("the answer breaks"):
        assert reading.verdict is Verdict.BAD
    else:
        assert reading.reason == why.replace("PORT", str(port))


@pytest.mark.parametrize(
    ("lines", "share"),
    [
        (['* QUOTAROOT INBOX ""', '* QUOTA "" (STORAGE 10 512)'], 10 / 512),
        (["* QUOTA x (STORAGE 1 10 MESSAGE 9 10)"], 0.9),
        (['* QUOTA "" ()'], None),
        (["* QUOTA x (STORAGE a 0)", "nonsense"], None),
    ],
)
def test_the_fullest_quota_counts(lines: list[str], share: float | None) -> None:
    assert quota_used(lines) == share


def test_a_certificate_alone(tls: ssl.SSLContext, authority: Authority, tmp_path: Path) -> None:
    def hold(connection: socket.socket) -> None:
        connection.recv(1)

    with serve(hold, context=tls) as server:
        reading = look(Tls, server.port, ca=authority.pem)
        assert (reading.verdict, reading.reason) == (Verdict.GOOD, "")
        assert reading.values[EXPIRY]
        assert look(Tls, server.port).reason.startswith("certificate of localhost:")
        assert look(Tls, server.port, verify_certificate=False).verdict is Verdict.GOOD
        wrong = look(Tls, server.port, host="desa.id", ca=authority.pem)
        assert wrong.reason.startswith("certificate of desa.id:")
    with serve(hold, context=authority.context(tmp_path, 3, 30)) as server:
        early = look(Tls, server.port, ca=authority.pem)
    assert early.reason.startswith("certificate is valid only in 2 days")
    with serve(says(b"220 plain\r\n")) as server:
        assert look(Tls, server.port).reason.startswith("no TLS with localhost:")


@pytest.mark.parametrize(
    ("kind", "table", "problem"),
    [
        (Tls, {"tls": "starttls"}, "tls: 'starttls' is not one of tls"),
        (Smtp, {"tls": "ssl"}, "tls: 'ssl' is not one of tls, starttls, auto, none"),
        (Smtp, {"hello": "a b"}, "hello: not a name"),
        (Imap, {"tls": "none", "login": True}, "login: a password needs encryption"),
        (Imap, {"verify_certificate": False, "login": True}, "login: a password needs"),
        (Imap, {"ca": "x"}, "ca: not a certificate in PEM"),
        (Imap, {"host": "-x"}, "host: not a host"),
        (Imap, {"port": 0}, "port: must be 1 to 65535"),
        (Imap, {"timeout_s": 99}, "timeout_s: must be 0.1 to 30"),
    ],
)
def test_bad_settings_are_refused_by_place(
    kind: Any, table: dict[str, object], problem: str
) -> None:
    with pytest.raises(Refused, match=problem):
        build(kind, {"name": "m", "host": "mx.desa.id", **table})
