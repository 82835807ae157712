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


class Tempo:
    """Counts what waits; `every_s` is how often there is a commit without news."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._last = self._remembered = float("-inf")
        self._waiting = 0

    def took(self, records: int) -> None:
        self._waiting += records

    @property
    def room(self) -> int:
        """How many records may still be taken."""
        return max(0, MOST_RECORDS - self._waiting)

    def due(self, now: float, lag_s: float, news: bool) -> bool:
        """Something waits; is it to be written at `now`?"""
        soon = news and lag_s <= BEHIND_S
        patience_s = min(SOON_S, self._every_s) if soon else self._every_s
        # a clock that was set back owes nobody that time
        return self.room == 0 or not 0 <= now - self._last < patience_s

    def remembers(self, now: float) -> bool:
        """Are memories to be saved with a commit at `now`? As often as without any news, for they
        can be had again from the journal."""
        due = not 0 < now - self._remembered < self._every_s
        self._remembered = now if due else self._remembered
        return due

    def committed(self, now: float) -> None:
        self._last, self._waiting = now, 0
