"""The UDP port of a running ingest: real sockets, a real enrolment, a real journal."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.beacon import ON_BATTERY
from agent.strict import Refused
from collector import agents, db
from collector.intake.beacons import Beacons, lost
from collector.intake.heard import ECHO, Heard, pack
from collector.intake.wire import Beat, read_beats
from collector.journal.framing import Kind

# the fixtures' classes live in conftest, which nothing imports
Centre = Any
Make = Callable[..., dict[str, Any]]

START = 1_790_000_000 << 32


class Sender:
    """One agent's socket."""

    def __init__(self, centre: Centre, enrolled: dict[str, Any]) -> None:
        self.agent, self.key = enrolled["agent"], bytes.fromhex(enrolled["key"])
        self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.line.connect(("127.0.0.1", centre.port))

    def packet(self, counter: int, flags: int = 0) -> bytes:
        return pack(self.key, self.agent, START | counter, flags)

    def ask(self, packet: bytes, wait_s: float = 0.3) -> bytes | None:
        self.line.settimeout(wait_s)
        self.line.send(packet)
        try:
            return self.line.recv(100)
        except TimeoutError:
            return None


@pytest.fixture
def sender(running: Centre) -> Iterator[Sender]:
    made = Sender(running, running.enrol())
    yield made
    made.line.close()


def answered(sender: Sender, packet: bytes, within_s: float = 5.0) -> bytes:
    """The echo, once ingest has read of the agent."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        echo = sender.ask(packet)
        if echo is not None:
            return echo
    raise AssertionError("no echo")


def counted(centre: Centre) -> dict[str, float]:
    text = centre.ask("GET", "/metrics")[1].decode()
    found = {}
    for line in text.splitlines():
        if line.startswith("ronda_ingest_beacon") and "_created" not in line:
            name, value = line.rsplit(" ", 1)
            found[name.removeprefix("ronda_ingest_beacon")] = float(value)
    return found


def beats(centre: Centre, count: int, within_s: float = 5.0) -> list[Beat]:
    end = time.monotonic() + within_s
    while True:
        records = [r for r in centre.journal() if r.kind == Kind.BEACON]
        told = [beat for record in records for beat in read_beats(record.payload).beats]
        if len(told) >= count or time.monotonic() > end:
            return told
        time.sleep(0.05)


@pytest.mark.slow
def test_an_enrolled_agent_is_echoed_and_told_of_before_the_tick(
    running: Centre, sender: Sender
) -> None:
    echo = answered(sender, sender.packet(1, ON_BATTERY))
    assert echo == sender.packet(1, ON_BATTERY | ECHO)
    (beat,) = beats(running, 1)
    assert (beat.agent, beat.missed, beat.flags) == (sender.agent, 0, ON_BATTERY)
    assert abs(beat.at - running.clock.now) < 5
    kinds = [record.kind for record in running.journal()]
    assert kinds[kinds.index(Kind.BEACON) + 1] == Kind.TICK
    first = next(r for r in running.journal() if r.kind == Kind.BEACON)
    assert read_beats(first.payload).began


@pytest.mark.slow
def test_bad_packets_of_every_kind_disturb_nobody(
    running: Centre, sender: Sender, report: Make
) -> None:
    enrolled = running.enrol(nonce="another-one")
    gone = Sender(running, enrolled)
    answered(sender, sender.packet(10))
    answered(gone, gone.packet(1))
    with db.writing(running.engine) as connection:
        agents.revoke(connection, gone.agent)
    time.sleep(1.5)
    stranger = Sender(running, {"agent": sender.agent, "key": "00" * 32})
    bad = [
        b"",
        b"x",
        sender.packet(11)[:-1],
        sender.packet(11) + b"x",
        b"x" * 9000,
        stranger.packet(11),
        sender.packet(10),
        sender.packet(9),
        sender.packet(11, ECHO),
        pack(b"k", 4_000_000_000, START, 0),
        gone.packet(2),
    ]
    for line in (sender, stranger, gone):
        for packet in bad:
            assert line.ask(packet, 0.03) is None
    figures = counted(running)
    assert figures['s_total{was="heard"}'] == figures["_echoes_total"] == 2
    assert figures['s_total{was="size"}'] == 15
    assert figures['s_total{was="hmac"}'] == 3
    assert figures['s_total{was="replay"}'] == 6
    assert figures['s_total{was="unknown"}'] == 9
    assert answered(sender, sender.packet(11)) == sender.packet(11, ECHO)
    other = Sender(running, {"agent": sender.agent, "key": sender.key.hex()})
    assert other.ask(other.packet(12), 3.0) is not None, "an agent may change its address"
    for line in (stranger, gone, other):
        line.line.close()
    status, answer = running.report(running.enrol(nonce="the-third")["token"], report())
    assert (status, answer["kept"]) == (200, 1)


@pytest.mark.slow
def test_a_report_that_names_a_lower_counter_lets_the_agent_in_again(
    running: Centre, report: Make
) -> None:
    enrolled = running.enrol()
    sender = Sender(running, enrolled)
    answered(sender, pack(sender.key, sender.agent, START << 1, 0))
    assert sender.ask(sender.packet(1)) is None
    for header in ("x", "-1", "1e3", str(1 << 64), "9" * 30, "²"):
        status, _, _ = running.ask(
            "POST", "/api/v1/reports", report(),
            {"X-Ronda-Beacon": header.encode("utf-8").decode("latin-1")}, enrolled["token"],
        )  # fmt: skip
        assert status == 200
    assert sender.ask(sender.packet(2)) is None
    running.ask(
        "POST", "/api/v1/reports", report(), {"X-Ronda-Beacon": str(START | 2)}, enrolled["token"]
    )
    assert sender.ask(sender.packet(2)) is None
    assert sender.ask(sender.packet(3), 3.0) is not None
    sender.line.close()


def test_after_a_rotation_both_keys_fit_until_the_old_token_is_retired(running: Centre) -> None:
    enrolled = running.enrol()
    old = Sender(running, enrolled)
    status, made = running.ask_json(
        "POST", "/api/v1/rotate", {"nonce": "rotation-1"}, token=enrolled["token"]
    )
    assert status == 200
    new = Sender(running, {"agent": old.agent, "key": made["key"]})
    assert new.key != old.key
    assert answered(new, new.packet(1)) == new.packet(1, ECHO)
    assert answered(old, old.packet(2)) == old.packet(2, ECHO)
    for line in (old, new):
        line.line.close()


@pytest.mark.slow
def test_a_port_that_is_taken_is_refused_in_one_line(centre: Centre) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", centre.port))
        with pytest.raises(Refused, match=r"ingest: 127\.0\.0\.1:\d+ \(UDP\): Address already"):
            centre.start()


@pytest.mark.parametrize("host", ["[::1]", "localhost", "127.0.0.1", "[::]"])
def test_it_listens_where_ingest_does(host: str) -> None:
    async def ask() -> bytes:
        heard = Heard(lambda agent: (b"k",))
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
            port = probe.getsockname()[1]
        made = Beacons(f"{host}:{port}", heard)
        loop = asyncio.get_running_loop()
        family = made._socket.family
        with socket.socket(family, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.connect(("::1" if family == socket.AF_INET6 else "127.0.0.1", port))
            await loop.sock_sendall(line, pack(b"k", 1, 1, 0))
            echo = await asyncio.wait_for(loop.sock_recv(line, 100), 5)
        made.close()
        return echo

    assert asyncio.run(ask()) == pack(b"k", 1, 1, ECHO)


def test_packets_the_kernel_had_no_room_for_are_read_from_its_table(tmp_path: Path) -> None:
    (tmp_path / "udp").write_text(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
        "timeout inode ref pointer drops\n"
        " 7: 0100007F:1F9A 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 41\n"
        " 8: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 7\n"
    )
    assert lost("127.0.0.1:8090", tmp_path) == 41
    assert lost("127.0.0.1:8091", tmp_path) == 0
