"""What a series came to hour by hour: mean, peak and growth, for pages that look far back."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from collector.series.frames import Times, Values
from collector.series.rollup_store import HOUR_S
from collector.series.rollups import Table, beneath, coarser, joints


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """Hours of which numbers are known, by their beginning; `growth` is a counter's alone."""

    starts: Times
    mean: Values
    peak: Values
    growth: Values

    def within(self, start: float, end: float) -> "Hours":
        """Those that begin in [start, end)."""
        mine = (self.starts >= start) & (self.starts < end)
        return Hours(self.starts[mine], self.mean[mine], self.peak[mine], self.growth[mine])


def by_name(tables: list[Table], names: Mapping[int, str]) -> dict[str, Hours]:
    """The hours of each column that has any, by its name."""
    table = coarser(beneath(tables), HOUR_S)
    grown = table.growth + joints(table)
    found = {}
    for column, name in names.items():
        mine = (table.column == column) & (table.count > 0)
        if not mine.any():
            continue
        count = table.count[mine]
        found[name] = Hours(
            starts=table.start[mine].astype(np.float64),
            mean=table.total[mine] / count,
            peak=table.maximum[mine],
            growth=grown[mine],
        )
    return found
