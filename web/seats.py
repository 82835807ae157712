"""How many live pages there may be: so many of one reader, so many of all. Pure but for the count.

A reader who has many keeps nobody else out: where all places are taken, whoever has most gives one.
"""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

MOST = 500
# a control room of thirty desks may share one account, and each desk has several pages
MOST_EACH = 150


class Full(StrEnum):
    """Why a page does not follow."""

    OWN = "this account has as many live pages as it may have"
    ALL = "as many live pages are open as there may be"


class Seats:
    """The bounds, and how often they were met since the start."""

    def __init__(self, most: int = MOST, most_each: int = MOST_EACH) -> None:
        self.most, self.most_each = most, most_each
        self.refused: Counter[Full] = Counter()
        self.given = 0

    def room(self, who: str, held: Mapping[str, int]) -> Full | str:
        """Why there is none, or whose oldest page gives its place; empty: there is room."""
        mine, biggest = held.get(who, 0), max(held, key=lambda each: held[each], default="")
        if mine >= self.most_each:
            return self._no(Full.OWN)
        if sum(held.values()) < self.most:
            return ""
        # one more than I would have: else the two would take it from each other forever
        if held.get(biggest, 0) <= mine + 1:
            return self._no(Full.ALL)
        self.given += 1
        return biggest

    def status(self, held: Mapping[str, int]) -> dict[str, int]:
        """For `doctor`."""
        return {
            "open": sum(held.values()),
            "most": self.most,
            "most_of_one": max(held.values(), default=0),
            "most_each": self.most_each,
            "refused_own": self.refused[Full.OWN],
            "refused_all": self.refused[Full.ALL],
            "given": self.given,
        }

    def _no(self, why: Full) -> Full:
        self.refused[why] += 1
        return why
