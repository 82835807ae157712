"""What is done to the processes of a centre: killed alone and in pairs, at their start, all at
once, or stopped for a while."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.stories.centre import Centre, wait_for

ROLES = ("ingest", "engine", "web")
# a verb, and whom it concerns; `up` is the parent of the others
Blow = tuple[str, ...]
PLAIN: Sequence[Blow] = (("kill", "ingest"), ("kill", "engine"), ("kill", "web"), ("kill", "up"))
HARD: Sequence[Blow] = (
    *(("kill", "ingest"),) * 4,
    *(("kill", "engine"),) * 5,
    ("kill", "web"),
    *(("kill", "ingest", "engine"),) * 2,
    ("kill", "engine", "web"),
    ("kill", "ingest", "web"),
    ("kill", "up"),
    ("kill", "up", *ROLES),
    ("stop", "ingest"),
    ("stop", "engine"),
    ("kill at start", "engine"),
    ("kill at start", "up"),
)
# a parent waits up to ten seconds before it starts again what died early
_LIVES_S = 60.0


def in_turn(chance: random.Random, blows: Sequence[Blow]) -> Iterator[Blow]:
    """Each once in any order, then each again."""
    while True:
        yield from chance.sample(blows, len(blows))


class Blows:
    """Deals them; `died` are the times at which the engine did, `kills` counts processes."""

    def __init__(self, centre: Centre, chance: random.Random) -> None:
        self._centre, self._chance = centre, chance
        self.died: list[float] = []
        self.kills = 0

    def deal(self, blow: Blow) -> None:
        verb, *roles = blow
        assert self._centre.process is not None and self._centre.process.poll() is None, (
            self._centre.output[-2000:]
        )
        pids = [self._living(role) for role in roles]
        if verb == "stop":
            self._stop(pids)
            return
        self._kill(roles, pids)
        if verb == "kill at start":
            after_s = self._chance.uniform(0.0, 3.0 if "up" in roles else 1.5)
            again = [self._living(role, but=pid) for role, pid in zip(roles, pids, strict=True)]
            time.sleep(after_s)
            self._kill(roles, again)

    def _stop(self, pids: Sequence[int]) -> None:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(self._chance.uniform(1.0, 3.0))
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    def _kill(self, roles: Sequence[str], pids: Sequence[int]) -> None:
        # up goes first, so that it starts none of the others again
        order = sorted(zip(roles, pids, strict=True), key=lambda one: one[0] != "up")
        for _, pid in order:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.kills += 1
        if {"engine", "up"} & set(roles):
            self.died.append(time.time())
        if "up" in roles:
            assert self._centre.process is not None
            self._centre.process.wait(10)
            self._centre.launch()

    def _living(self, role: str, but: int = 0) -> int:
        """The process of a role, and not that one, once it lives."""
        assert self._centre.process is not None
        parent = self._centre.process.pid
        if role == "up":
            return parent

        def found() -> int:
            with contextlib.suppress(OSError, ValueError):
                pid = self._centre.pid(role)
                return pid if pid != but and _lives(pid, parent) else 0
            return 0

        return int(wait_for(f"{role} lives", found, _LIVES_S))


def _lives(pid: int, parent: int) -> bool:
    """Whether this child of that parent does: the number may be somebody else's by now."""
    with contextlib.suppress(OSError):
        # after the name, which may hold anything
        state, ppid, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(ppid) == parent and state not in "ZX"
    return False
