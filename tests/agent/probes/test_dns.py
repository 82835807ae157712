"""DNS against a server of our own: right, wrong, silent, forged, cut and over TCP."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.probes.dns import Dns, judge, name_servers
from agent.probes.dns_message import Answer, question, read_answer
from agent.report import ProbeFailed, Reading, Verdict
from agent.strict import Refused, build
from tests import recorded
from tests.agent.probes.stubs import SAMPLES, put_tree
from tests.each import for_each

UP, SECONDS = "ronda_uplink_dns_up", "ronda_uplink_dns_seconds"
Reply = Callable[[bytes], list[bytes]]


def answer(
    asked: bytes, *addresses: str, rcode: int = 0, cut: bool = False, alias: bool = False
) -> bytes:
    """A reply to the question `asked`: its addresses, after an alias if wanted."""
    flags = 0x8180 | rcode | (0x0200 if cut else 0)
    records = [b"\xc0\x0c" + struct.pack(">HHIH", 5, 1, 60, 4) + b"\x01x\xc0\x0c"] if alias else []
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        packed = socket.inet_pton(family, address)
        kind = 28 if len(packed) == 16 else 1
        records.append(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(packed)) + packed)
    head = asked[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0)
    return head + asked[12:] + b"".join(records)


def both_kinds() -> tuple[socket.socket, socket.socket]:
    """UDP and TCP on one port, of which nobody else holds a half."""
    for _ in range(50):
        tcp = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(tcp.getsockname())
        except OSError:
            tcp.close()
            udp.close()
        else:
            return udp, tcp
    raise AssertionError("no port is free for both")


@contextlib.contextmanager
def dns_server(over_udp: Reply, over_tcp: Reply | None = None) -> Iterator[int]:
    """Answers on one port over both, one reply per question."""
    udp, tcp = both_kinds()
    with udp, tcp:
        port: int = tcp.getsockname()[1]
        udp.settimeout(0.05)
        tcp.settimeout(0.05)
        stop = threading.Event()

        def run() -> None:
            while not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    asked, sender = udp.recvfrom(4096)
                    for reply in over_udp(asked):
                        udp.sendto(reply, sender)
                if over_tcp is None:
                    continue
                with contextlib.suppress(TimeoutError):
                    stream, _ = tcp.accept()
                    with stream:
                        asked = stream.recv(4096)[2:]
                        for reply in over_tcp(asked):
                            stream.sendall(struct.pack(">H", len(reply)) + reply)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield port
        finally:
            stop.set()
            thread.join()


def ask(port: int, **settings: object) -> Reading:
    table = {"name": "dns", "query": "desa.id", "server": "127.0.0.1", "port": port, **settings}
    return build(Dns, {"timeout_s": 0.3, "tries": 1, **table}).measure({})


def test_an_answer_is_good_and_timed() -> None:
    with dns_server(lambda asked: [answer(asked, "10.0.0.7", alias=True)]) as port:
        reading = ask(port, expect="10.0.0.7")
    assert (reading.verdict, reading.reason) == (Verdict.GOOD, "")
    assert reading.values[UP] == 1
    assert 0 < (reading.values[SECONDS] or 0) < 0.3


def test_an_ipv6_answer_is_compared_by_value() -> None:
    with dns_server(lambda asked: [answer(asked, "fd00::1")]) as port:
        reading = ask(port, type="AAAA", expect="fd00:0:0::0:1")
    assert reading.verdict is Verdict.GOOD


@pytest.mark.parametrize(
    ("settings", "reply", "why"),
    [
        pytest.param(
            {"expect": "10.0.0.8"},
            lambda asked: [answer(asked, "36.86.63.180")],
            "desa.id is 36.86.63.180, not 10.0.0.8",
            id="another address",
        ),
        pytest.param(
            {},
            lambda asked: [answer(asked, rcode=3)],
            "127.0.0.1 says there is no name desa.id",
            id="NXDOMAIN",
        ),
        pytest.param(
            {},
            lambda asked: [answer(asked, rcode=2)],
            "DNS server 127.0.0.1 cannot resolve desa.id (SERVFAIL)",
            id="SERVFAIL",
        ),
        pytest.param(
            {},
            lambda asked: [answer(asked)],
            "DNS server 127.0.0.1 knows no address of desa.id",
            id="no address",
        ),
        pytest.param({}, lambda asked: [], "no answer from DNS server 127.0.0.1", id="silence"),
        pytest.param(
            {},
            lambda asked: [b"\0\0" + answer(asked, "6.6.6.6")[2:], b"x", asked],
            "no answer from DNS server 127.0.0.1",
            id="forged number, noise and an echo are no answers",
        ),
    ],
)
def test_bad_news_has_plain_words(settings: dict[str, object], reply: Reply, why: str) -> None:
    with dns_server(reply) as port:
        reading = ask(port, **settings)
    assert (reading.verdict, reading.reason, reading.values[UP]) == (Verdict.BAD, why, 0)


def test_nobody_listening_is_told_from_silence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    reading = ask(port)
    assert reading.reason == "127.0.0.1 answers no DNS"
    assert reading.values == {UP: 0, SECONDS: None}


def test_a_cut_answer_is_asked_for_over_tcp() -> None:
    with dns_server(
        lambda asked: [answer(asked, cut=True)], lambda asked: [answer(asked, "10.0.0.7")]
    ) as port:
        assert ask(port, expect="10.0.0.7", timeout_s=1.0).verdict is Verdict.GOOD


def test_a_lost_packet_is_sent_again() -> None:
    calls: list[bytes] = []

    def second_time(asked: bytes) -> list[bytes]:
        calls.append(asked)
        return [answer(asked, "10.0.0.7")] if len(calls) > 1 else []

    with dns_server(second_time) as port:
        assert ask(port, tries=2).verdict is Verdict.GOOD


@for_each("length", range(0, 60))
def test_a_message_cut_anywhere_is_never_an_error(length: int) -> None:
    whole = answer(question(7, "desa.id", "A"), "10.0.0.7", alias=True)
    found = read_answer(whole[:length], 7, "desa.id", "A")
    assert found is None or found == Answer(0, ("10.0.0.7",), False)


def test_the_servers_of_the_machine_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_tree(tmp_path, monkeypatch, {"/etc/resolv.conf": "nameserver 127.0.0.1\n"})
    with dns_server(lambda asked: [answer(asked, "10.0.0.7")]) as port:
        assert ask(port, server="").verdict is Verdict.GOOD
    put_tree(tmp_path, monkeypatch, {"/etc/resolv.conf": "# none\n"})
    with pytest.raises(ProbeFailed, match=r"no DNS server in /etc/resolv.conf"):
        ask(53, server="")


def test_name_servers_are_read_as_libc_reads_them() -> None:
    text = "search x\nnameserver 10.0.0.1 ; a\n  nameserver fe80::1%eth0\nnameserver bad\n"
    assert name_servers(text + "#nameserver 10.0.0.2") == ["10.0.0.1", "fe80::1"]


@recorded.needed("samples")
def test_a_recorded_resolv_conf_is_understood() -> None:
    text = (SAMPLES / "net" / "jc_generic_resolve.conf-1").read_text()
    assert name_servers(text) == ["75.75.75.75", "75.75.76.76", "2001:558:feed::1"]


def test_an_unknown_code_is_told_by_number() -> None:
    assert judge(Answer(9, (), False), "a.id", "", "10.0.0.1").endswith("a.id (9)")


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"query": ""}, "query: not a name"),
        ({"query": "a..b"}, "query: not a name"),
        ({"query": "x" * 64}, "query: not a name"),
        ({"query": "désa.id"}, "query: not a name"),
        ({"server": "dns.google"}, "server: must be an address"),
        ({"expect": "1.2.3"}, "expect: must be an address"),
        ({"type": "MX"}, "type: 'MX' is not one of A, AAAA"),
        ({"port": 0}, "port: must be 1 to 65535"),
        ({"tries": 9}, "tries: must be 1 to 5"),
        ({"timeout_s": 60}, "timeout_s: must be 0.1 to 10"),
    ],
)
def test_bad_settings_are_refused_by_place(table: dict[str, object], problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        build(Dns, {"name": "dns", **table})
