"""Does something go up and down so often that each change is no news?

From the fourth change within half an hour it flaps; it has settled when it did not change for a
quarter of an hour. People hear once that it flaps and once how it settled, nothing between.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Damping:
    """From how many changes within how long it flaps, and how quiet it must be to have settled."""

    changes: int = 4
    within_s: float = 1800.0
    quiet_s: float = 900.0


USUAL = Damping()


class Reason(StrEnum):
    """Why a change is told or not, as the console shows it."""

    STEADY = "it does not flap"
    BEGAN = "it goes up and down: told once"
    FLAPS = "not sent: it goes up and down"
    SETTLED = "it has settled: told as it is now"


@dataclass(frozen=True, slots=True)
class Flapping:
    """The answer; keep `flaps` and hand it in the next time."""

    flaps: bool
    why: Reason
    until: float | None = None  # when it has settled if it does not change any more

    @property
    def silent(self) -> bool:
        """Its changes are not told one by one."""
        return self.why is Reason.FLAPS


def flapping(
    changes: Iterable[float], flapped: bool, now: float, limits: Damping = USUAL
) -> Flapping:
    """Whether what changed between bad and good at these times flaps at `now`.

    `flapped` is what the last answer said. Once settled, what was before no longer counts.
    """
    recent: deque[float] = deque(maxlen=limits.changes)
    flaps, last = False, float("-inf")
    for at in sorted(at for at in changes if at <= now):
        if flaps and at - last >= limits.quiet_s:
            flaps = False
            recent.clear()
        recent.append(at)
        last = at
        flaps = flaps or (len(recent) == limits.changes and at - recent[0] <= limits.within_s)
    until = last + limits.quiet_s
    if flaps and now < until:
        return Flapping(True, Reason.FLAPS if flapped else Reason.BEGAN, until)
    return Flapping(False, Reason.SETTLED if flapped else Reason.STEADY)
