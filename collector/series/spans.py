"""Which steps of time can stand for their samples, when a question cuts time at some moments."""

from collections.abc import Set
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from collector.series.rollup_store import DAY_S, HOUR_S
from collector.series.rollups import Table

_STEPS_S = (HOUR_S, 300)


@dataclass(frozen=True, slots=True, eq=False)
class Cuts:
    """The moments (ms) at which windows begin and end; a step that none divides may stand whole."""

    moments: NDArray[np.int64]
    # the days, in numbers since 1970, that a cut divides; and those of which it divides an hour
    days: Set[int] = field(init=False)
    days_of_hours: Set[int] = field(init=False)
    # the longest step that no cut divides, 0 for none
    step_s: int = field(init=False)

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "days", self._divided(DAY_S))
        set_(self, "days_of_hours", self._divided(HOUR_S))
        whole = [s for s in _STEPS_S if not (self.moments % (s * 1000)).any()]
        set_(self, "step_s", whole[0] if whole else 0)

    def _divided(self, step_s: int) -> Set[int]:
        """The days in which a cut divides such a step."""
        inside = self.moments[self.moments % (step_s * 1000) != 0]
        return set(np.unique(inside // (DAY_S * 1000)).tolist())


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Steps of time of some series of a site, by column.

    Days since 1970: which were taken from roll-ups by the day and by the hour, of which too
    little is kept to say what is asked (`lost`), of which samples are read.
    """

    table: Table
    days: Set[int] = frozenset()
    hours: Set[int] = frozenset()
    lost: Set[int] = frozenset()
    read: Set[int] = frozenset()
