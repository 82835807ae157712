"""What systemd hears: ready, alive for as long as it is, about to stop; elsewhere nothing."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from agent.herald import Herald
from tests.agent.fake_collector import collector
from tests.agent.test_service import Program


class Listener:
    """The end of systemd, at a path or under an abstract name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{name[1:]}" if name.startswith("@") else name)

    def hear(self, limit_s: float = 15.0) -> list[str]:
        self._socket.settimeout(limit_s)
        return self._socket.recv(4096).decode().split("\n")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listener]:
    path = str(tmp_path / "notify")
    listener = Listener(path if request.param == "path" else f"@{path}")
    yield listener
    listener.close()


@pytest.mark.slow
def test_a_running_agent_is_ready_goes_on_and_says_that_it_stops(
    systemd: Listener, tmp_path: Path
) -> None:
    with ExitStack() as stack, collector() as centre:
        program = Program(tmp_path, stack).enrolled(centre)
        program.environment |= {"NOTIFY_SOCKET": systemd.name, "WATCHDOG_USEC": "400000"}
        process = program.start("run")
        assert systemd.hear() == ["READY=1"]
        beats = [systemd.hear() for _ in range(12)]
        assert all(beat[0] == "WATCHDOG=1" for beat in beats)
        assert ["WATCHDOG=1", "STATUS=reports arrive"] in beats
        process.send_signal(signal.SIGTERM)
        while (heard := systemd.hear())[0] == "WATCHDOG=1":
            pass
        assert heard == ["STOPPING=1"]
        assert process.wait(10) == 0


@pytest.mark.slow
def test_an_agent_that_sends_no_more_is_not_called_alive(systemd: Listener, tmp_path: Path) -> None:
    code = "from agent import cli, sender; sender.Sender.run = lambda self: None; cli.main(['run'])"
    with ExitStack() as stack, collector() as centre:
        program = Program(tmp_path, stack).enrolled(centre)
        around = {"NOTIFY_SOCKET": systemd.name, "WATCHDOG_USEC": "200000", "RONDA_AGENT_LEAN": "1"}
        process = subprocess.Popen([sys.executable, "-c", code], env=program.environment | around)
        assert systemd.hear() == ["READY=1"]
        beats = []
        with pytest.raises(TimeoutError):
            while True:
                beats.append(systemd.hear(1.0))
        alive = process.poll() is None
        process.terminate()
        process.wait(10)
    # the first look may have been while the thread was about to end
    assert alive and len(beats) <= 1


def test_nothing_is_left_for_children_to_say(systemd: Listener) -> None:
    around = {"NOTIFY_SOCKET": systemd.name, "WATCHDOG_USEC": "3000000", "PATH": "/bin"}
    times = iter([0.0, 0.7, 0.8])
    herald = Herald(around, lambda: next(times))
    assert (around, herald.every_s) == ({"PATH": "/bin"}, 1.5)
    herald.alive("no answer\nfrom 192.0.2.1")
    assert systemd.hear() == ["WATCHDOG=1", "STATUS=no answer from 192.0.2.1"]
    herald.alive("no answer\nfrom 192.0.2.1")
    herald.alive()
    # of the second nobody hears: it came too soon
    assert systemd.hear() == ["WATCHDOG=1"]
    herald.stopping()
    assert systemd.hear() == ["STOPPING=1"]


@pytest.mark.parametrize(
    "around",
    [
        {},
        {"WATCHDOG_USEC": "3000000"},
        {"NOTIFY_SOCKET": "@x"},
        {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "0"},
        {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "soon"},
        {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid() + 1)},
    ],
    ids=["alone", "nobody listens", "none waits", "zero", "nonsense", "meant for another"],
)
def test_no_beat_where_nobody_waits_for_one(around: dict[str, str]) -> None:
    assert Herald(around).every_s == float("inf")


@pytest.mark.parametrize("name", ["", "nowhere", "/nonexistent/notify", "@nobody-is-here"])
def test_a_listener_that_is_not_there_costs_nothing(name: str) -> None:
    herald = Herald({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "1000000"})
    herald.ready()
    herald.alive()
    herald.stopping()
