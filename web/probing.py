"""“Probe now”: was it asked, has the agent answered, may it be asked again? Pure.

An agent is told with the answer to its next report, probes everything at once and sends what it
found. So the first frame after the asking may have been under way already; the second answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

# an agent that has not answered for so many of its intervals does not answer
_PATIENCE = 3
_LEAST_PATIENCE_S = 90.0
# afterwards the page does not speak of it any more
TOLD_FOR_S = 3600.0


class Phase(StrEnum):
    """Where an asking stands."""

    NEVER = "never"
    WAITING = "waiting"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Asking:
    """What became of the last asking; `answered_at` is when the new frame was measured."""

    phase: Phase
    by: str = ""
    at: float = 0.0
    answered_at: float | None = None

    @property
    def again(self) -> bool:
        """May it be asked again?"""
        return self.phase is not Phase.WAITING


def judge(
    by: str, at: float | None, frames: Sequence[float], report_every_s: float, now: float
) -> Asking:
    """`frames`: the times of what was measured after the asking, in order."""
    if at is None or now - at > TOLD_FOR_S:
        return Asking(Phase.NEVER)
    if len(frames) >= 2:
        return Asking(Phase.ANSWERED, by, at, frames[1])
    patience_s = max(_LEAST_PATIENCE_S, _PATIENCE * report_every_s)
    phase = Phase.WAITING if now - at <= patience_s else Phase.UNANSWERED
    return Asking(phase, by, at)
