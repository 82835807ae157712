"""Ping: the words of iputils and of busybox, and the system's ping itself."""

import json
import sys
from pathlib import Path

import pytest

from agent.probes.ping import Ping, jitter, loss_ratio, read_output, reason
from agent.probes.system import Output, default_route
from agent.report import ProbeFailed, Verdict
from agent.strict import Refused, build
from tests import recorded
from tests.agent.probes.stubs import SAMPLES, put_on_path

RTT = 'ronda_uplink_rtt_seconds{target="gw"}'
LOSS = 'ronda_uplink_loss_ratio{target="gw"}'
JITTER = 'ronda_uplink_jitter_seconds{target="gw"}'

IPUTILS = """PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.030 ms
64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=0.042 ms

--- 127.0.0.1 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 330ms
rtt min/avg/max/mdev = 0.030/0.036/0.042/0.006 ms
"""
BUSYBOX = """PING 127.0.0.1 (127.0.0.1): 56 data bytes
64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.061 ms
64 bytes from 127.0.0.1: seq=1 ttl=64 time=0.076 ms

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 2 packets received, 33% packet loss
round-trip min/avg/max = 0.061/0.068/0.076 ms
"""
UNREACHABLE = """PING 10.9.9.9 (10.9.9.9) 56(84) bytes of data.
From 10.9.9.2 icmp_seq=1 Destination Host Unreachable

--- 10.9.9.9 ping statistics ---
3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2034ms
"""
DOUBLE = """PING 10.0.0.255 (10.0.0.255) 56(84) bytes of data.
64 bytes from 10.0.0.7: icmp_seq=1 ttl=64 time=1 ms
64 bytes from 10.0.0.8: icmp_seq=1 ttl=64 time=3.5 ms (DUP!)

--- 10.0.0.255 ping statistics ---
1 packets transmitted, 1 received, +1 duplicates, 0% packet loss, time 0ms
"""


@pytest.mark.parametrize(
    ("text", "sent", "times"),
    [
        pytest.param(IPUTILS, 2, [0.00003, 0.000042], id="iputils"),
        pytest.param(BUSYBOX, 3, [0.000061, 0.000076], id="busybox with one lost"),
        pytest.param(UNREACHABLE, 3, [], id="host unreachable"),
        pytest.param(DOUBLE, 1, [0.001], id="duplicates count once"),
    ],
)
def test_the_output_of_ping_is_understood(text: str, sent: int, times: list[float]) -> None:
    counted, seen = read_output(Output(0, text, ""), "x")
    assert counted == sent
    assert seen == pytest.approx(times)


@recorded.needed("samples")
@pytest.mark.parametrize("file", sorted(f.stem for f in SAMPLES.glob("net/*_ping-*.txt")))
def test_recordings_of_other_systems_are_understood(file: str) -> None:
    told = json.loads((SAMPLES / "net" / f"{file}.expected.json").read_text())
    sent, times = read_output(Output(0, (SAMPLES / "net" / f"{file}.txt").read_text(), ""), "x")
    assert (sent, len(times)) == (told["packets_transmitted"], told["packets_received"])


@pytest.mark.parametrize(
    ("error", "why"),
    [
        pytest.param(
            "ping: b.invalid: Name or service not known", "the name b is not found", id="1"
        ),
        pytest.param(
            "ping: b: Temporary failure in name resolution",
            "the name b cannot be looked up now",
            id="no DNS",
        ),
        pytest.param("ping: bad address 'b'", "the name b is not found", id="busybox name"),
        pytest.param("ping: connect: Network is unreachable", "no route to b", id="no route"),
        pytest.param("ping: sendto: Network unreachable", "no route to b", id="busybox no route"),
    ],
)
def test_a_ping_that_fails_at_once_is_bad_news_with_a_reason(error: str, why: str) -> None:
    output = Output(2, "", error)
    assert read_output(output, "b") == (0, [])
    assert reason(output, "b") == why


def test_a_ping_that_may_not_send_is_no_news() -> None:
    with pytest.raises(ProbeFailed, match="Operation not permitted"):
        read_output(Output(2, "", "ping: socket: Operation not permitted"), "x")


def test_jitter_is_the_mean_step_between_replies() -> None:
    assert jitter([0.010, 0.014, 0.012]) == pytest.approx(0.003)
    assert jitter([0.010]) is None


def test_loss_is_told_over_the_last_minute() -> None:
    rounds: list[tuple[float, int, int]] = []
    assert loss_ratio(rounds, 0, 3, 2) == pytest.approx(1 / 3)
    assert loss_ratio(rounds, 12, 3, 3) == pytest.approx(1 / 6)
    for at in (24, 36, 48, 60):
        loss_ratio(rounds, at, 3, 3)
    assert loss_ratio(rounds, 72, 3, 3) == 0


def test_it_pings_this_machine() -> None:
    reading = Ping("gw", "127.0.0.1", count=2).measure({})
    assert reading.verdict is Verdict.GOOD
    assert 0 < (reading.values[RTT] or 0) < 0.1
    assert reading.values[LOSS] == 0
    assert reading.values[JITTER] is not None


def test_a_dead_host_is_bad_and_clears_the_memory_of_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_on_path(tmp_path, monkeypatch, ping=f"cat <<'END'\n{UNREACHABLE}END\nexit 1")
    memory = {"rounds": [(0.0, 3, 3)]}
    reading = Ping("gw", "10.9.9.9").measure(memory)
    assert reading.verdict is Verdict.BAD
    assert reading.reason == "no answer from 10.9.9.9"
    assert reading.values == {RTT: None, JITTER: None, LOSS: 1.0}
    assert memory == {}


def test_an_old_ping_without_an_interval_is_asked_again_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f"""case "$*" in *-i*) echo "ping: invalid option -- 'i'" >&2; exit 1;; esac
cat <<'END'
{BUSYBOX}END"""
    put_on_path(tmp_path, monkeypatch, ping=script)
    memory: dict[str, object] = {}
    assert Ping("gw", "127.0.0.1").measure(memory).verdict is Verdict.GOOD
    assert memory["plain"] is True


def test_a_ping_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_on_path(tmp_path, monkeypatch, ping="exec sleep 30")

    class Hasty(Ping):
        @property
        def limit_s(self) -> float:
            return 0.7

    reading = Hasty("gw", "10.0.0.1").measure({})
    assert (reading.verdict, reading.reason) == (Verdict.BAD, "no answer from 10.0.0.1")


def test_a_machine_without_ping_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("agent.probes.system._SBIN", "")
    with pytest.raises(ProbeFailed, match="no ping on this system"):
        Ping("gw", "127.0.0.1").measure({})


ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
wwan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t0101010A\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0001010A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
"""


@pytest.mark.skipif(sys.byteorder == "big", reason="the kernel prints the other way round")
def test_the_gateway_is_that_of_the_preferred_default_route() -> None:
    route = default_route(ROUTES)
    assert route is not None
    assert (route.interface, route.gateway) == ("eth0", "10.1.1.1")
    assert default_route(ROUTES.split("\n")[0]) is None


def test_no_default_gateway_is_bad_and_a_route_without_address_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RONDA_AGENT_ROOT", str(tmp_path))
    table = tmp_path / "proc" / "net" / "route"
    table.parent.mkdir(parents=True)
    table.write_text(ROUTES.split("\n")[0])
    reading = Ping("gw", "gateway").measure({})
    assert (reading.verdict, reading.reason) == (Verdict.BAD, "no default gateway")
    table.write_text("Iface\nppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n")
    with pytest.raises(ProbeFailed, match="over ppp0 has no gateway"):
        Ping("gw", "gateway").measure({})


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"host": ""}, "host: not a host"),
        ({"host": "-f"}, "host: not a host"),
        ({"host": "a b"}, "host: not a host"),
        ({"host": "a", "count": 0}, "count: must be 1 to 20"),
        ({"host": "a", "wait_s": 60}, "wait_s: must be 1 to 10"),
        ({"host": "a", "interval_s": 0.01}, "interval_s: must be 0.2 to 5"),
        ({"host": "a", "size": 3}, "size: unknown key"),
        ({}, "host: missing"),
    ],
)
def test_bad_settings_are_refused_by_place(table: dict[str, object], problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        build(Ping, {"name": "gw", **table})
