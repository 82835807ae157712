"""How long may what was folded wait for its commit? A moment, or company while the fold is behind.

A commit costs the more the less it writes: each does the same again for the disk, for floors above
and for readers.
"""

# as much as is folded without a commit: of first reports with their findings one of half a second,
# which is what an engine that is told to stop may still have before it
MOST_RECORDS = 2500
# people wait for news; another moment brings more of it
SOON_S = 0.1
# who is so far behind is not seen to be half a second later
BEHIND_S = 1.0
# for so long who is behind leaves memories unsaved: the first minute of a country, of which each
# agent is written once and not again soon after
PUT_OFF_S = 60.0


class Tempo:
    """Counts what waits; `every_s` is how often there is a commit without news."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._last = self._remembered = float("-inf")
        self._waiting = 0
        self._behind = False
        # since when memories are put off; their turn comes once, until few of them wait again
        self._put_off: float | None = None

    def took(self, records: int) -> None:
        self._waiting += records

    @property
    def room(self) -> int:
        """How many records may still be taken."""
        return max(0, MOST_RECORDS - self._waiting)

    def due(self, now: float, lag_s: float, news: bool) -> bool:
        """Something waits; is it to be written at `now`?"""
        self._behind = lag_s > BEHIND_S
        soon = news and not self._behind
        patience_s = min(SOON_S, self._every_s) if soon else self._every_s
        # a clock that was set back owes nobody that time
        return self.room == 0 or not 0 <= now - self._last < patience_s

    def remembers(self, now: float, many: bool) -> bool:
        """Are memories to be saved with a commit at `now`? As often as without any news, for they
        can be had again from the journal. `many` wait, more than are saved at once: later, when
        there is time for it."""
        if self._puts_off(now, many):
            return False
        due = not 0 < now - self._remembered < self._every_s
        self._remembered = now if due else self._remembered
        return due

    def resume(self, many: bool) -> None:
        """At a start; `many` were left unsaved before it: they are not put off again."""
        self._put_off = float("-inf") if many else None

    def _puts_off(self, now: float, many: bool) -> bool:
        if not many:
            self._put_off = None
        elif self._put_off is None and self._behind:
            self._put_off = now
        # a clock that was set back puts nothing off for longer
        return self._put_off is not None and self._behind and 0 <= now - self._put_off < PUT_OFF_S

    def committed(self, now: float) -> None:
        self._last, self._waiting = now, 0
