"""How old is what a page shows, by the engine's own word?"""

from dataclasses import dataclass

from web.board import Fold

# the fold says where it is once a second; later than this somebody should know
LATE_S, STALE_S = 10.0, 60.0


@dataclass(frozen=True, slots=True)
class Freshness:
    """How true the page is: `at` is the moment it tells of, `late_s` how long ago that was."""

    at: float | None
    late_s: float

    @property
    def late(self) -> bool:
        return self.at is None or self.late_s > LATE_S

    @property
    def stale(self) -> bool:
        return self.at is None or self.late_s > STALE_S


def freshness(fold: Fold | None, moment: float) -> Freshness:
    """From the engine's own word, how old is what the pages show?"""
    if fold is None:
        return Freshness(None, 0.0)
    at = min(fold.at - fold.lag_s, moment)
    return Freshness(at, moment - at)
