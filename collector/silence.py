"""Which sites have said nothing for too long, by the ticks of the centre?

Time moves by ticks. Where ticks are missing the centre was away: nobody was silent then, and
every timer starts again. Where only a few are, everybody has time to report before they are judged.
Where a tick is earlier than the one before it, the clock was set back.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AWAY_S = 10.0
# A longer leap is not believed at once where nothing could be undone: for as long again it may be
# a clock that somebody will put right. A shorter one closes no day that is not over.
LEAP_S = 86400.0
# a smaller step back is waited out, and so is what the clocks of two ingests differ by
SET_BACK_S = 5.0
# a tick is missing: ingest was started again, or stood still
LAPSE_S = 2.0
# of its limit a site has at least so much from the end of that on: more than one report interval
_GRACE = 0.5


@dataclass(slots=True)
class Ticks:
    """The centre's own time: its newest tick, the newest in order, and when timers restarted.

    `leapt`: the last gap longer than LEAP_S, from when to when. `listening`: since when it has
    missed no tick.
    """

    newest: float | None = None
    good: float | None = None
    resumed: float = 0.0
    leapt: tuple[float, float] | None = None
    listening: float = 0.0

    def passed(self, at: float) -> float | None:
        """Something came in at `at`: the start of a gap that ended now, if there was one."""
        if self.newest is None or at - self.newest <= AWAY_S:
            return None
        gap = self.newest if self.good is None else min(self.good, self.newest)
        if at - self.newest > LEAP_S:
            self.leapt = self.newest, at
        self.resumed = self.newest = self.good = self.listening = at
        return gap

    def tick(self, at: float, good: bool) -> float | None:
        """A tick: `good` when the centre took reports and was not blind; as `passed`."""
        if self.newest is not None and at - self.newest > LAPSE_S:
            self.listening = at
        gap = self.passed(at)
        self.newest = at if self.newest is None else max(self.newest, at)
        if not good:
            self.good = at if self.good is None else self.good
            return gap
        if gap is None and self.good is not None and at - self.good > AWAY_S:
            gap, self.resumed = self.good, at
        self.good = self.newest
        return gap

    @property
    def believed(self) -> float | None:
        """The time for what cannot be undone: not beyond a leap that may still be a mistake."""
        if self.newest is None or self.leapt is None:
            return self.newest
        before, after = self.leapt
        since_s = self.newest - after
        return before + max(0.0, since_s) if since_s < LEAP_S else self.newest

    @property
    def in_order(self) -> bool:
        """Silence may be told: the newest tick was a good one."""
        return self.newest is not None and self.good == self.newest


class Watch:
    """Last contact of every site that is expected to report; a site's place is its row."""

    def __init__(self) -> None:
        self._contact = np.full(0, -np.inf)
        self._limit_s = np.full(0, np.inf)
        # nothing can be due before this
        self._next_due = -np.inf

    def expect(self, row: int, limit_s: float) -> None:
        """From now on the site may be silent for `limit_s`; inf: it is not waited for."""
        if row >= len(self._contact):
            more = max(1024, row + 1 - len(self._contact), len(self._contact) // 2)
            self._contact = np.append(self._contact, np.full(more, -np.inf))
            self._limit_s = np.append(self._limit_s, np.full(more, np.inf))
        self._limit_s[row] = limit_s
        self._next_due = -np.inf

    def heard(self, row: int, at: float) -> None:
        """The site reported; rows nobody expects yet are taken too."""
        if row >= len(self._contact):
            self.expect(row, np.inf)
        if at > self._contact[row]:
            self._contact[row] = at

    def contact(self, row: int) -> float | None:
        """When the site last reported."""
        if row >= len(self._contact) or self._contact[row] == -np.inf:
            return None
        return float(self._contact[row])

    def overdue(self, now: float, resumed: float, share: float) -> NDArray[np.intp]:
        """Rows for which that share of their limit has passed."""
        due = np.maximum(self._contact, resumed) + self._limit_s * share
        return np.flatnonzero(due < now)

    def silent(self, now: float, resumed: float, listening: float = 0.0) -> NDArray[np.intp]:
        """Rows whose limit has passed since their last contact, or since timers restarted, and
        half of it since we are `listening` without a break. Breaks without end put it off but once.
        """
        if now < self._next_due:
            return np.empty(0, np.intp)
        since, grace_s = np.maximum(self._contact, resumed), _GRACE * self._limit_s
        due = np.clip(listening - grace_s, since, since + grace_s + AWAY_S) + self._limit_s
        found = np.flatnonzero(due < now)
        if not len(found):
            # contacts only move it later; expect() starts it anew
            self._next_due = float(due.min(initial=np.inf))
        return found
