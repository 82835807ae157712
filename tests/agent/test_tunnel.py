"""A tunnel does not outlive its time, whatever becomes of the agent that opened it."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.identity import Home
from agent.tunnel import Tunnel

# in the place of ssh
_LINE = [sys.executable, "-c", "import time; time.sleep(60)", "-R", "127.0.0.1:20007:10.0.0.1:22"]
_AGENT = """
import os, sys
from agent.identity import Home
from agent.tunnel import Tunnel
tunnel = Tunnel(Home(sys.argv[1]))
tunnel._start(sys.argv[2:], "pc", 1.0)
print(tunnel._process.pid, flush=True)
os.kill(os.getpid(), 9)
"""


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_it_ends_in_time_though_its_agent_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _AGENT, str(tmp_path), *_LINE]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=30).stdout
    pid, deadline = int(told.split()[-1]), time.monotonic() + 20
    assert lives(pid)
    while lives(pid):
        assert time.monotonic() < deadline, "nobody ended it"
        time.sleep(0.1)


def test_closing_it_leaves_nobody_who_watches(tmp_path: Path) -> None:
    tunnel = Tunnel(Home(str(tmp_path)))
    tunnel._start(_LINE, "pc", 60.0)
    assert tunnel._process is not None and tunnel._watch is not None
    line, watch = tunnel._process.pid, tunnel._watch.pid
    tunnel.close()
    assert not lives(line) and not lives(watch) and not tunnel.is_open
