"""Which steps of time can stand for their samples, when a question cuts time at some moments."""

from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from collector.series.rollup_store import DAY_S, HOUR_S
from collector.series.rollups import Table

_STEPS_S = (HOUR_S, 300)


@dataclass(frozen=True, eq=False)
class Cuts:
    """The moments (ms) at which windows begin and end; a step that none divides may stand whole."""

    moments: NDArray[np.int64]

    @cached_property
    def days(self) -> Set[int]:
        """The days, in numbers since 1970, that a cut divides."""
        return self._divided(DAY_S)

    @cached_property
    def days_of_hours(self) -> Set[int]:
        """The days of which a cut divides an hour."""
        return self._divided(HOUR_S)

    @cached_property
    def step_s(self) -> int:
        """The longest step that no cut divides, 0 for none."""
        whole = [s for s in _STEPS_S if not (self.moments % (s * 1000)).any()]
        return whole[0] if whole else 0

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


def served(
    by_day: Set[int],
    by_hour: Set[int],
    numbers: Set[int],
    fresh: Set[int],
    cuts: Cuts,
    lent: bool,
) -> tuple[set[int], set[int], set[int]]:
    """The days that roll-ups by the day serve, those by the hour, and those they cannot.

    `numbers` are the days that have them, `fresh` those to which more came than is in roll-ups;
    with `lent`, what roll-ups cannot say is read from elsewhere.
    """
    gone = (by_day | by_hour) - numbers
    mixed = fresh & (numbers | gone if lent else numbers)
    whole = set(by_day - mixed - cuts.days)
    parts = (gone & by_hour) - whole - mixed
    lost = (gone - whole - parts) | (parts & cuts.days_of_hours)
    return whole, set(parts - lost if lent else parts), set(lost)


def runs_of(chosen: Set[int], most: int) -> list[tuple[int, int]]:
    """Runs of at most so many days, as first and first beyond."""
    spans: list[tuple[int, int]] = []
    for day in sorted(chosen):
        if spans and spans[-1][1] == day and day - spans[-1][0] < most:
            spans[-1] = (spans[-1][0], day + 1)
        else:
            spans.append((day, day + 1))
    return spans
