"""The agent as on Windows: without what POSIX alone has it enrols, looks, reports."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent.fake_collector import FakeCollector, collector

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
STAND_IN = Path(__file__).with_name("as_windows.py")
TOOLS = Path(__file__).with_name("tools")


class Pc:
    """An office PC with the agent's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "Ronda" / "agent"
        self.around = {
            **os.environ,
            "PROGRAMDATA": str(folder),
            "PYTHONPATH": str(ROOT),
            # this machine has a /proc
            "RONDA_AGENT_ROOT": str(folder / "nothing"),
            "PATH": f"{TOOLS}:{os.environ['PATH']}",
        }
        self.around.pop("RONDA_AGENT_DATA", None)

    def start(self, *words: str) -> "subprocess.Popen[str]":
        pipe = subprocess.PIPE
        command = [sys.executable, str(STAND_IN), *words]
        return subprocess.Popen(command, env=self.around, text=True, stdout=pipe, stderr=pipe)

    def do(self, *words: str) -> tuple[int, str, str]:
        process = self.start(*words)
        out, err = process.communicate(timeout=30)
        return process.returncode, out, err

    def probe(self, *words: str) -> Any:
        code, out, err = self.do("probe", *words, "--json")
        assert out, err
        return code, json.loads(out)


@pytest.fixture
def pc(tmp_path: Path) -> Pc:
    return Pc(tmp_path)


@pytest.fixture
def fake() -> Iterator[FakeCollector]:
    with collector() as one:
        checks = [
            {"name": "host", "kind": "host"},
            {"name": "gateway", "kind": "ping", "host": "gateway"},
            {"name": "me", "kind": "tcp", "host": "127.0.0.1", "port": one.port},
            {"name": "web", "kind": "http", "url": one.url + "/known"},
        ]
        one.config = {"report_every_s": 1, "check_every_s": 1, "checks": checks}
        yield one


def until(holds: Callable[[], object], limit_s: float = 20.0) -> None:
    end = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


def test_it_enrols_reports_answers_and_ends(pc: Pc, fake: FakeCollector) -> None:
    code, out, err = pc.do("enrol", fake.url, "ABCD")
    assert (code, err) == (0, ""), err
    # the same folder without a word about it: what the scheduled task has
    running = pc.start("run")
    try:
        until(lambda: {"me", "web"} <= named(fake) and len(fake.kept) > 2 or running.poll())
        assert running.poll() is None, running.communicate()
        told = json.loads(pc.do("status", "--json")[1])
        assert told["running"] and told["trouble"] == "" and told["reports"] > 0
        assert pc.do("run")[::2] == (
            2,
            f"ronda-agent: {pc.folder}: another agent runs on this folder\n",
        )
        running.send_signal(signal.SIGUSR1)
        _, err = running.communicate(timeout=10)
    finally:
        running.kill()
        running.communicate()
    assert running.returncode == 0 and "Traceback" not in err, err
    assert pc.do("status")[0] == 1
    names = {name for layout in fake.layouts.values() for name in layout}
    assert {"ronda_host_cpu_ratio", "ronda_host_memory_used_ratio"} <= names
    assert 'ronda_host_disk_used_ratio{mount="C:"}' in names
    assert "ronda_agent_resident_bytes" in names
    assert 'ronda_uplink_rtt_seconds{target="gateway"}' in names


def named(fake: FakeCollector) -> set[str]:
    """The checks that the collector has series of."""
    names = [name for layout in fake.layouts.values() for name in layout]
    return {one for one in ("me", "web") if any(f'check="{one}"' in name for name in names)}


def test_what_was_kept_survives_a_task_that_is_ended_hard(pc: Pc, fake: FakeCollector) -> None:
    """The task scheduler ends a program without a word."""
    assert pc.do("enrol", fake.url, "ABCD")[0] == 0
    for _ in range(2):
        running = pc.start("run")
        before = len(fake.kept)
        until(lambda seen=before: len(fake.kept) > seen)
        running.kill()
        assert "Traceback" not in running.communicate()[1]
    assert pc.do("status")[0] == 1


def test_its_host_is_what_kernel32_says(pc: Pc) -> None:
    code, told = pc.probe("host")
    assert code == 0
    values = told["values"]
    assert values["ronda_host_memory_used_ratio"] == 0.75
    assert values['ronda_host_disk_used_ratio{mount="C:"}'] == 0.75
    assert abs(time.time() - values["ronda_host_boot_timestamp_seconds"] - 43200) < 30


@pytest.mark.parametrize(
    ("host", "code", "verdict", "reason"),
    [
        ("127.0.0.1", 0, "good", ""),
        ("gateway", 0, "good", ""),
        ("192.0.2.9", 1, "bad", "no answer from 192.0.2.9"),
        ("192.0.2.10", 1, "bad", "no answer from 192.0.2.10"),
        ("nowhere.invalid", 1, "bad", "the name nowhere.invalid"),
    ],
)
def test_it_pings(pc: Pc, host: str, code: int, verdict: str, reason: str) -> None:
    got, told = pc.probe("ping", "--host", host, "--wait-s", "1", "--count", "1")
    assert (got, told["verdict"]) == (code, verdict), told
    assert told.get("reason", "").startswith(reason)


def test_a_kind_that_needs_linux_is_unknown_and_says_so(pc: Pc) -> None:
    code, told = pc.probe("link")
    assert (code, told["verdict"]) == (1, "unknown")
    assert "Traceback" not in told["reason"]
