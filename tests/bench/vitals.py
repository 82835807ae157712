"""What a centre's processes take of the machine, by /proc: CPU time, memory, reads.

All of it counts on when a process is killed and started again.
"""

import os
import time
from contextlib import suppress
from pathlib import Path

from tests.stories.centre import Centre

ROLES = ("up", "ingest", "engine", "web")
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """User and system seconds of one process so far; 0 when it is gone."""
    with suppress(OSError):
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / _TICKS
    return 0.0


def pss_mib(pid: int) -> float:
    """Memory, what is shared divided among who shares it; 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def read_mib(pid: int) -> float:
    """What it has read so far, from disk or cache; 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/io").read_text().splitlines():
            if line.startswith("rchar:"):
                return int(line.split()[1]) / (1 << 20)
    return 0.0


def pid_of(centre: Centre, role: str) -> int:
    """0 while it has none."""
    if role == "up":
        return centre.process.pid if centre.process is not None else 0
    with suppress(OSError, ValueError):
        return centre.pid(role)
    return 0


def memory(centre: Centre) -> dict[str, float]:
    """MiB of each role."""
    return {role: pss_mib(pid_of(centre, role)) for role in ROLES}


class Spending:
    """CPU seconds of each role since this was made, over all processes that played it."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._known: dict[str, dict[int, tuple[float, float]]] = {role: {} for role in ROLES}
        self.look(new=False)

    def look(self, new: bool = True) -> dict[str, float]:
        """`new`: a process not seen before counts from its start."""
        for role, known in self._known.items():
            pid = pid_of(self._centre, role)
            used = cpu_s(pid)
            if pid and used:
                first = known[pid][0] if pid in known else 0.0 if new else used
                known[pid] = (first, used)
        return {
            role: sum(last - first for first, last in known.values())
            for role, known in self._known.items()
        }

    @property
    def started_again(self) -> int:
        return sum(max(0, len(known) - 1) for known in self._known.values())


class Others:
    """How many processors were busy with what is none of ours: how quiet was the machine?"""

    def __init__(self) -> None:
        self._since, self._busy = time.monotonic(), _others_s()

    def cores(self, ours_s: float) -> float:
        """`ours_s`: CPU seconds that the processes we started spent meanwhile."""
        spent = _others_s() - self._busy - ours_s
        return max(0.0, spent / max(time.monotonic() - self._since, 1e-9))


def _others_s() -> float:
    """Seconds that all processors were busy or stolen, this process left out."""
    told = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    user, nice, system, _idle, _wait, irq, soft, steal = told[:8]
    return (user + nice + system + irq + soft + steal) / _TICKS - time.process_time()
