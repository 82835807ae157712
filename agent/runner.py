"""Runs probes, each in a thread of its own, so that none can hold up another.

One probe never runs twice at a time, so there are never more threads than probes: one that
hangs keeps its thread, its verdict becomes unknown, and everybody else goes on.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent import diary
from agent.around import KEY, Around
from agent.config import Check
from agent.report import ProbeFailed, Reading, Verdict

# of probes that are waited for: one agent may look at the names of a whole regency
MOST_AT_ONCE = 64
_STACK_BYTES = 256 << 10
_REASON_CHARACTERS = 300
# a probe keeps its own limit; this is for the one that does not
_GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one round of a check brought; `check` is its key."""

    check: str
    reading: Reading
    duration_s: float


@dataclass(slots=True)
class _Round:
    """A measurement under way; `given_up`: it is over its time and no longer waited for."""

    check: Check
    started: float
    given_up: bool = False


class Runner:
    """`steady` is a clock that only goes forward; `wake` is called when an answer is there."""

    def __init__(self, steady: Callable[[], float], wake: Callable[[], None]) -> None:
        self._steady, self._wake = steady, wake
        self._running: dict[str, _Round] = {}
        self._done: deque[tuple[_Round, Reading, float]] = deque()
        self._memories: dict[str, tuple[Check, dict[str, Any]]] = {}
        threading.stack_size(_STACK_BYTES)

    def busy(self, key: str) -> bool:
        return key in self._running

    @property
    def full(self) -> bool:
        """No more at once: an answer has to come first."""
        return sum(not turn.given_up for turn in self._running.values()) >= MOST_AT_ONCE

    def start(self, check: Check, here: Around | None = None) -> None:
        """Measure in the background; the answer comes out of `answers`. `here` is for kinds that
        look around."""
        known = self._memories.get(check.key)
        if known is None or known[0] != check:
            known = self._memories[check.key] = (check, {})
        if here is not None:
            known[1][KEY] = here
        turn = _Round(check, self._steady())
        self._running[check.key] = turn
        name = f"probe {check.name}"
        thread = threading.Thread(target=self._run, args=(turn, known[1]), daemon=True, name=name)
        thread.start()

    def answers(self, now: float) -> list[Answer]:
        """What came in since the last call, and an unknown for whoever is over its time."""
        found = []
        while self._done:
            turn, reading, duration_s = self._done.popleft()
            if self._running.get(turn.check.key) is turn:
                del self._running[turn.check.key]
            if not turn.given_up:
                found.append(Answer(turn.check.key, reading, duration_s))
        for name, turn in self._running.items():
            limit_s = turn.check.probe.limit_s
            if not turn.given_up and now >= turn.started + limit_s + _GRACE_S:
                turn.given_up = True
                reading = Reading(Verdict.UNKNOWN, reason=f"no answer within {limit_s:g} s")
                found.append(Answer(name, reading, now - turn.started))
        return found

    def next_limit(self) -> float:
        """When the next probe is over its time."""
        limits = [
            turn.started + turn.check.probe.limit_s + _GRACE_S
            for turn in self._running.values()
            if not turn.given_up
        ]
        return min(limits, default=float("inf"))

    def keep(self, checks: tuple[Check, ...]) -> None:
        """Forget what probes remembered that are no longer there, and what they are about to say:
        an answer from the old address must not stand for the new one."""
        for name, turn in list(self._running.items()):
            if turn.check not in checks:
                turn.given_up = True
                del self._running[name]
        names = {check.key for check in checks}
        self._memories = {n: m for n, m in self._memories.items() if n in names}

    def _run(self, turn: _Round, memory: dict[str, Any]) -> None:
        reading = measure(turn.check, memory)
        self._done.append((turn, reading, self._steady() - turn.started))
        self._wake()


def measure(check: Check, memory: dict[str, Any]) -> Reading:
    """One look of one probe; whatever goes wrong with the looking itself is unknown."""
    try:
        reading = _look(check, memory)
        diary.say_once(f"probe {check.key}", "")
        return reading
    except ProbeFailed as failed:
        reason = str(failed)
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
    except Exception as error:
        # a probe with a mistake in it must not take the patrol along
        reason = f"{type(error).__name__}: {error}"
        import traceback

        diary.say_once(f"mistake {check.key}", traceback.format_exc())
    reason = " ".join(reason.split())[:_REASON_CHARACTERS]
    diary.say_once(f"probe {check.key}", f"{check.name}: cannot look: {reason}")
    return Reading(Verdict.UNKNOWN, reason=reason)


def _look(check: Check, memory: dict[str, Any]) -> Reading:
    if check.fence is None:
        return check.probe.measure(memory)
    from agent.fence import Fence

    with Fence(*check.fence):
        return check.probe.measure(memory)
