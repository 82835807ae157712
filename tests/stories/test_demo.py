"""`ronda up --demo` as a learner meets it: villages, a fault that opens and heals, all marked."""

import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.stories.centre import Centre, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.soak]

VILLAGES_S = 60
PAST_S = 120
FAULT_S = 120
HEALED_S = 330
LOOK_S = 0.5


def test_a_learner_sees_villages_a_fault_that_heals_and_that_it_is_a_drill(tmp_path: Path) -> None:
    with Centre(tmp_path / "demo", options=("--demo",)) as centre:
        wait_for("living villages", lambda: len(living(centre)) == 60, VILLAGES_S, LOOK_S)
        assert "LATIHAN" in page(f"{centre.console_url}/login")
        only_loopback(centre)
        before = centre.ask("incidents", "list", "--all")
        assert len(before) > 50
        number = wait_for("a fault", lambda: opened(centre), FAULT_S, LOOK_S)
        messages = tmp_path / "demo" / "messages.txt"
        wait_for("its message", messages.exists, 30)
        told = messages.read_text().split("\n\n")[0]
        assert told.startswith("[LATIHAN] +620") and "\nLATIHAN: " in told
        only_loopback(centre)
        wait_for(
            "some of the past", lambda: "% of 90 days are told" in centre.output, PAST_S, LOOK_S
        )
        wait_for("healed", lambda: over(centre, number), HEALED_S, LOOK_S)
        assert centre.stop() == 0
        assert "holds a demo" in refused(tmp_path / "demo")
    assert "Traceback" not in centre.output


def living(centre: Centre) -> list[dict[str, Any]]:
    return [site for site in centre.ask("sites", "list") if site["state"] == "normal"]


def opened(centre: Centre) -> int:
    return next((int(one["id"]) for one in centre.ask("incidents", "list")), 0)


def over(centre: Centre, number: int) -> bool:
    return number not in [one["id"] for one in centre.ask("incidents", "list")]


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())


def only_loopback(centre: Centre) -> None:
    """No socket of any of its processes has an end beyond this machine."""
    pids = [int(p.read_text()) for p in (centre.folder / "run").glob("*.pid")]
    assert len(pids) == 4
    ends = {end for pid in pids for end in far_ends(pid)}
    assert ends <= {"0100007F", "00000000", "0" * 32, f"{'0' * 24}01000000"}


def far_ends(pid: int) -> list[str]:
    """The far addresses of the internet sockets of one process, as the kernel writes them."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            name = str(link.readlink())
        except FileNotFoundError:
            continue
        if name.startswith("socket:["):
            inodes.add(name[8:-1])
    found = []
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[9] in inodes:
                found.append(fields[2].partition(":")[0])
    return found


def refused(folder: Path) -> str:
    command = [sys.executable, "-m", "ronda", "up", "--no-agent", "--data", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    return done.stderr
