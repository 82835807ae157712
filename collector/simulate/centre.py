"""What the run cost the centre: its processes' CPU time, and how far its fold is behind."""

import json
import os
from pathlib import Path

from collector.simulate.client import Client

_ROLES = ("ingest", "engine", "web", "up", "all")


def pids(data: Path) -> dict[str, int]:
    """The centre's processes by role, from DATA/run/<role>.pid."""
    found = {}
    for role in _ROLES:
        try:
            found[role] = int((data / "run" / f"{role}.pid").read_text())
        except (OSError, ValueError):
            continue
    return found


def cpu_s(data: Path) -> dict[int, float]:
    """CPU seconds used so far, by process; a process that is gone is left out."""
    found = {pid: _used_s(pid) for pid in pids(data).values()}
    return {pid: used for pid, used in found.items() if used is not None}


def spent_s(before: dict[int, float], after: dict[int, float]) -> float | None:
    """CPU seconds between two looks; a process started meanwhile counts whole."""
    if not after:
        return None
    return sum(used - before.get(pid, 0.0) for pid, used in after.items())


async def fold_lag_s(client: Client) -> float | None:
    """What the centre says of its fold on GET /healthz; none when it says nothing."""
    answer = await client.get("/healthz")
    try:
        told = json.loads(answer.body)
        for key in ("fold_lag_s", "lag_s"):
            if isinstance(told.get(key), int | float):
                return float(told[key])
        return float(told["fold"]["lag_s"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _used_s(pid: int) -> float | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # the name, in parentheses, may hold spaces
    fields = text.rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / os.sysconf("SC_CLK_TCK")
