"""What a run asks of the collector: has the change shown itself to be good?"""

from dataclasses import dataclass
from typing import Protocol

from playbooks.model import Look


@dataclass(frozen=True, slots=True)
class Seen:
    """`good`: the proof is there; else `reason` says what is seen instead."""

    good: bool
    reason: str = ""


class Looks(Protocol):
    """Asked again and again until the proof is there or its time is over."""

    def begin(self, look: Look, site: str, now: float) -> None:
        """Ask for what the proof needs, such as a probe at once; harmless when asked twice."""

    def seen(self, look: Look, site: str, since: float, now: float) -> Seen:
        """Whether the proof is there by what was measured after `since`."""
