"""Probes for tests: they say what they are told to."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agent.config import Check
from agent.report import Reading, Verdict


@dataclass(frozen=True)
class Stub:
    """`look` is called once a measurement."""

    name: str
    look: Callable[[], Reading] = field(compare=False)
    limit_s: float = 5.0

    def measure(self, memory: dict[str, Any]) -> Reading:
        memory["rounds"] = memory.get("rounds", 0) + 1
        return self.look()


class Said:
    """A check whose verdict the test sets."""

    def __init__(self, verdict: Verdict | None = Verdict.GOOD, reason: str = "") -> None:
        self.reading = Reading(verdict, {}, reason)
        self.rounds = 0

    def __call__(self) -> Reading:
        self.rounds += 1
        return self.reading

    def turns(self, verdict: Verdict, reason: str = "") -> None:
        self.reading = Reading(verdict, {}, reason)


class Hung:
    """Hangs until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.rounds = 0

    def __call__(self) -> Reading:
        self.rounds += 1
        self.let_go.wait(30)
        return Reading(Verdict.GOOD)


def check(name: str, look: Callable[[], Reading], **more: Any) -> Check:
    limit_s = more.pop("limit_s", 5.0)
    return Check(name, more.pop("kind", "tcp"), Stub(name, look, limit_s), **more)
