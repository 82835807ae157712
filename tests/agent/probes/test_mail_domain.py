"""What DNS says of a domain's mail, and registries of its end."""

import socket
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.config import read
from agent.probes.dns_message import question, read_answer
from agent.probes.domain import Domain
from agent.probes.mail_domain import MailDomain
from agent.probes.registry import Registered, moment, read_rdap, read_whois
from agent.report import ProbeFailed, Reading, Verdict
from agent.strict import Refused, build
from collector.reasons import say
from tests.agent.probes.test_dns import Reply, dns_server
from tests.agent.servers import answers, page, serve
from tests.each import for_each

Zone = Mapping[tuple[str, str], list[str]]
_KINDS = {1: "A", 28: "AAAA", 15: "MX", 16: "TXT"}
_NUMBERS = {name: number for number, name in _KINDS.items()}


def labels(name: str) -> bytes:
    parts = [part for part in name.split(".") if part]
    return b"".join(bytes([len(part)]) + part.encode() for part in parts) + b"\0"


def record(kind: str, text: str) -> bytes:
    if kind == "MX":
        priority, name = text.split(" ")
        data = struct.pack(">H", int(priority)) + labels(name)
    elif kind == "TXT":
        pieces = [text[at : at + 255].encode() for at in range(0, len(text), 255)]
        data = b"".join(bytes([len(piece)]) + piece for piece in pieces)
    else:
        data = socket.inet_aton(text)
    return b"\xc0\x0c" + struct.pack(">HHIH", _NUMBERS[kind], 1, 60, len(data)) + data


def zone(known: Zone, rcode: int = 0) -> Reply:
    """A server that knows these records; other names of it are empty, other domains not there."""

    def reply(asked: bytes) -> list[bytes]:
        at, parts = 12, []
        while length := asked[at]:
            parts.append(asked[at + 1 : at + 1 + length].decode())
            at += 1 + length
        name, kind = ".".join(parts), _KINDS[struct.unpack_from(">H", asked, at + 1)[0]]
        found = known.get((name, kind), [])
        code = rcode or (0 if name.endswith("maju.id") else 3)
        head = asked[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(found), 0, 0)
        return [head + asked[12:] + b"".join(record(kind, text) for text in found)]

    return reply


LONG = "v=spf1 " + " ".join(f"ip4:10.0.0.{n}" for n in range(60)) + " -all"
GOOD: Zone = {
    ("maju.id", "MX"): ["20 mx2.maju.id", "10 mx.maju.id"],
    ("mx.maju.id", "A"): ["10.0.0.1"],
    ("maju.id", "TXT"): ["google-site-verification=x", "v=spf1 mx -all"],
    ("_dmarc.maju.id", "TXT"): ["v=DMARC1; p=none; rua=mailto:a@maju.id"],
}


def changed(**more: list[str]) -> Zone:
    names = {
        "mx": ("maju.id", "MX"),
        "a": ("mx.maju.id", "A"),
        "txt": ("maju.id", "TXT"),
        "dmarc": ("_dmarc.maju.id", "TXT"),
    }
    return {**GOOD, **{names[key]: value for key, value in more.items()}}


def look(port: int, **settings: object) -> Reading:
    table = {"name": "m", "domain": "maju.id", "server": "127.0.0.1", "port": port}
    return build(MailDomain, {**table, "timeout_s": 0.5, **settings}).measure({})


DOMAINS: dict[str, tuple[Zone, dict[str, object], str]] = {
    "all there": (GOOD, {}, ""),
    "long SPF": (changed(txt=[LONG]), {}, ""),
    "its own server": (GOOD, {"mx": "MX2.maju.id."}, ""),
    "none asked for": (changed(txt=[], dmarc=[]), {"spf": False, "dmarc": False}, ""),
    "no MX": (changed(mx=[]), {}, "maju.id names no mail server (MX)"),
    "null MX": (changed(mx=["0 ."]), {}, "maju.id says that it takes no mail (MX .)"),
    "another server": (
        GOOD,
        {"mx": "mx.lain.id"},
        "mail of maju.id goes to mx.maju.id, not to mx.lain.id",
    ),
    "MX to nowhere": (
        changed(a=[]),
        {},
        "the mail server mx.maju.id of maju.id has no address",
    ),
    "no SPF": (changed(txt=["v=spf10 x"]), {}, "maju.id has no SPF record"),
    "two SPF": (
        changed(txt=["v=spf1 a", "V=SPF1 b"]),
        {},
        "maju.id has 2 SPF records; one is right, more count as none",
    ),
    "no DMARC": (changed(dmarc=[]), {}, "maju.id has no DMARC record"),
    "half a DMARC": (changed(dmarc=["v=DMARC1"]), {}, "maju.id has no valid DMARC record"),
    "no domain": (GOOD, {"domain": "lain.id"}, "there is no domain lain.id"),
}


@for_each(("known", "settings", "why"), DOMAINS.values(), ids=DOMAINS)
def test_a_domain_that_cannot_mail_is_told(
    known: Zone, settings: dict[str, object], why: str
) -> None:
    with dns_server(zone(known)) as port:
        reading = look(port, **settings)
    assert (reading.verdict, reading.reason) == (Verdict.BAD if why else Verdict.GOOD, why)
    assert not why or say(why, "id") != why


@pytest.mark.parametrize("reply", [zone(GOOD, rcode=2), lambda _: []], ids=["SERVFAIL", "silent"])
def test_a_server_that_does_not_tell_says_nothing_of_the_domain(reply: Reply) -> None:
    with dns_server(reply) as port, pytest.raises(ProbeFailed, match="DNS server"):
        look(port)


def test_a_name_that_points_at_itself_ends() -> None:
    asked = question(7, "maju.id", "MX")
    at = len(asked)
    loop = struct.pack(">HHIH", 15, 1, 60, 4) + b"\0\x0a" + struct.pack(">H", 0xC000 | at + 14)
    message = asked[:2] + struct.pack(">HHHHH", 0x8180, 1, 1, 0, 0) + asked[12:] + b"\xc0\x0c"
    assert read_answer(message + loop, 7, "maju.id", "MX") is None


RDAP = (
    b'{"objectClassName":"domain","ldhName":"maju.desa.id","status":["active"],"events":['
    b'{"eventAction":"registration","eventDate":"2020-01-01T00:00:00Z"},'
    b'{"eventAction":"expiration","eventDate":"2030-03-01T07:00:00+07:00"}]}'
)
ENDS = 1898553600.0
SERIES = 'ronda_check_domain_expiry_timestamp_seconds{check="d"}'


def registry(memory: dict[str, Any], **settings: object) -> Reading:
    table = {"name": "d", "domain": "maju.desa.id", "timeout_s": 2, **settings}
    return build(Domain, table).measure(memory)


def test_rdap_is_asked_once_and_its_answer_is_kept() -> None:
    memory: dict[str, Any] = {}
    seen: list[bytes] = []
    with serve(answers(page(RDAP), keep=seen)) as server:
        for _ in range(3):
            reading = registry(memory, rdap=f"http://127.0.0.1:{server.port}/rdap/")
    assert reading == Reading(Verdict.GOOD, {SERIES: ENDS}, "")
    assert len(seen) == 1
    assert seen[0].startswith(b"GET /rdap/domain/maju.desa.id HTTP/1.1\r\n")


def test_whois_is_asked_where_rdap_does_not_tell() -> None:
    whois = b"Domain Name: maju.desa.id\r\nExpiration Date: 2030-03-01 00:00:00\r\nStatus: ok\r\n"

    def answer(connection: socket.socket) -> None:
        assert connection.recv(100) == b"maju.desa.id\r\n"
        connection.sendall(whois)

    with serve(answers(page(b"", "503 No"))) as rdap, serve(answer) as server:
        reading = registry(
            {}, rdap=f"http://127.0.0.1:{rdap.port}", whois=f"127.0.0.1:{server.port}"
        )
    assert (reading.verdict, reading.values) == (Verdict.GOOD, {SERIES: ENDS})


REGISTRIES = {
    "not registered": (
        page(b"{}", "404 Not Found"),
        Verdict.BAD,
        "the domain maju.desa.id is not registered",
    ),
    "expired": (
        page(RDAP.replace(b"2030", b"2024")),
        Verdict.BAD,
        "the domain maju.desa.id expired ",
    ),
    "held": (
        page(RDAP.replace(b"active", b"client hold")),
        Verdict.BAD,
        "the domain maju.desa.id is held back by its registry (client hold)",
    ),
    "busy": (
        page(b"", "429 Too Many Requests"),
        Verdict.UNKNOWN,
        "the registry does not tell: RDAP answers HTTP 429",
    ),
    "rubbish": (
        page(b"<html>"),
        Verdict.UNKNOWN,
        "the registry does not tell: the answer is not RDAP",
    ),
    "deep": (page(b"[" * 90_000), Verdict.UNKNOWN, "the registry does not tell:"),
    "loop": (
        page(b"", "302 Found", "Location: /x\r\n"),
        Verdict.UNKNOWN,
        "the registry does not tell: RDAP answers HTTP 302",
    ),
}


@pytest.mark.parametrize(("answer", "verdict", "why"), REGISTRIES.values(), ids=REGISTRIES)
def test_what_a_registry_says_is_told(answer: bytes, verdict: Verdict, why: str) -> None:
    memory: dict[str, Any] = {}
    with serve(answers(answer)) as server:
        reading = registry(memory, rdap=f"http://127.0.0.1:{server.port}")
        asked = server.connections
        registry(memory, rdap=f"http://127.0.0.1:{server.port}")
        assert server.connections == asked
    assert reading.verdict is verdict
    assert reading.reason.startswith(why)
    assert say(reading.reason, "id") != reading.reason


def test_what_is_known_stays_known_while_the_registry_is_away() -> None:
    memory: dict[str, Any] = {"known": Registered(True, ENDS), "ask_at": 0.0}
    reading = registry(memory, rdap="http://127.0.0.1:9")
    assert (reading.verdict, reading.values) == (Verdict.GOOD, {SERIES: ENDS})


def test_an_endless_whois_is_cut() -> None:
    def flood(connection: socket.socket) -> None:
        for _ in range(1000):
            connection.sendall(b"x" * 4096)

    with serve(flood) as server:
        reading = registry({}, whois=f"127.0.0.1:{server.port}")
    assert reading.verdict is Verdict.UNKNOWN
    assert "answers with too much" in reading.reason


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2030-03-01T00:00:00Z", ENDS),
        ("2030-03-01T00:00:00.123Z", ENDS),
        ("2030-03-01 00:00:00 UTC", ENDS),
        ("2030/03/01", ENDS),
        ("01-Mar-2030 00:00:00", ENDS),
        ("1 March 2030", ENDS),
        ("2030-13-01", None),
        ("31-Foo-2030", None),
        ("soon", None),
        ("", None),
    ],
)
def test_dates_of_registries(text: str, at: float | None) -> None:
    assert moment(text) == at


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Registry Expiry Date: 2030-03-01T00:00:00Z", Registered(True, ENDS)),
        ("   Expiration Date:01-Mar-2030 00:00:00 UTC\nStatus: ok", Registered(True, ENDS)),
        ("paid-till: 2030-03-01T00:00:00Z", Registered(True, ENDS)),
        (
            "Domain Status: pendingDelete x\nExpiry date: 2030-03-01",
            Registered(True, ENDS, "pending delete"),
        ),
        ("DOMAIN NOT FOUND", Registered(False)),
    ],
)
def test_whois_in_many_dresses(text: str, told: Registered) -> None:
    assert read_whois(text) == told


def test_whois_that_does_not_tell_is_no_answer() -> None:
    with pytest.raises(ValueError, match="tells no date"):
        read_whois("Query rate limit exceeded")
    started = time.monotonic()
    with pytest.raises(ValueError):
        read_whois("expir " * 10_000)
    assert time.monotonic() - started < 2
    assert read_rdap(200, RDAP.replace(b"expiration", b"x")) == Registered(True)


@pytest.mark.parametrize(
    ("kind", "table", "problem"),
    [
        (Domain, {"domain": "localhost"}, "domain: not a domain"),
        (Domain, {"domain": "a b.id"}, "domain: not a domain"),
        (Domain, {"rdap": "x"}, "rdap: expected http"),
        (Domain, {"whois": "h:x"}, "whois: expected HOST or HOST:PORT"),
        (MailDomain, {"server": "dns.id"}, "server: must be an address"),
        (MailDomain, {"mx": "-x"}, "mx: not a host"),
    ],
)
def test_bad_settings_are_refused_by_place(
    kind: Any, table: dict[str, object], problem: str
) -> None:
    with pytest.raises(Refused, match=problem):
        build(kind, {"name": "d", "domain": "maju.desa.id", **table})


def test_registries_are_not_asked_at_every_round(tmp_path: Path) -> None:
    checks = [
        {"name": kind, "kind": kind, "domain": "maju.desa.id"} for kind in ("domain", "mail_domain")
    ]
    assert [check.every_s for check in read({"checks": checks}).checks] == [600, 600]
