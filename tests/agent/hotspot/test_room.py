"""Rooms end with whoever made them."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
MAKER = """
from tests.agent.hotspot.room import Room
one, two = Room(), Room()
one.cable("lan0", two, "eth0")
sleeper = two.start(["sleep", "600"], "/dev/null")
print(one.pid, two.pid, sleeper.pid, flush=True)
input()
"""


def test_nothing_is_left_when_the_tests_are_killed() -> None:
    maker = subprocess.Popen(
        [sys.executable, "-c", MAKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert maker.stdin is not None and maker.stdout is not None
    pids = maker.stdout.readline().split()
    assert len(pids) == 3
    maker.send_signal(signal.SIGKILL)
    maker.wait(timeout=10)
    gone = ["tail", "-f", "/dev/null", *(f"--pid={pid.decode()}" for pid in pids)]
    subprocess.run(gone, timeout=20, check=True)
    maker.stdin.close()
    maker.stdout.close()
