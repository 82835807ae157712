"""What a series came to step by step: mean, peak, growth; for pages that look far back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from collector.series.frames import Times, Values
from collector.series.rollups import Table, beneath, coarser, joints


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Hours or days of which numbers are known; `growth` is a counter's alone."""

    step_s: int

    starts: Times
    mean: Values
    peak: Values
    growth: Values

    def within(self, start: float, end: float) -> "Steps":
        """Those that begin in [start, end)."""
        mine = (self.starts >= start) & (self.starts < end)
        return Steps(
            self.step_s, self.starts[mine], self.mean[mine], self.peak[mine], self.growth[mine]
        )


def by_name(tables: Sequence[Table], names: Mapping[int, str], step_s: int) -> dict[str, Steps]:
    """The steps of each column that has any, by its name."""
    table = coarser(beneath(tables), step_s)
    grown = table.growth + joints(table)
    found = {}
    for column, name in names.items():
        first, beyond = table.column.searchsorted((column, column + 1))
        mine = np.flatnonzero(table.count[first:beyond]) + first
        if not len(mine):
            continue
        count = table.count[mine]
        found[name] = Steps(
            step_s=step_s,
            starts=table.start[mine].astype(np.float64),
            mean=table.total[mine] / count,
            peak=table.maximum[mine],
            growth=grown[mine],
        )
    return found
