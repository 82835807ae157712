"""What samples came to in each step of time: least, most, mean, count, first, last, increase."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from collector.series.frames import Samples, Times, Values

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rollup:
    """One series: arrays by the steps in which there is a number, `starts` in epoch seconds.

    Nulls do not count. `increase` is that of a counter, resets included, from the last sample
    of the step before; all zero for other series.
    """

    starts: Times
    count: Ints
    minimum: Values
    maximum: Values
    mean: Values
    last: Values
    increase: Values


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The steps of many columns one under the other, by column and then by time."""

    column: Ints
    start: Ints
    count: Ints
    minimum: Values
    maximum: Values
    total: Values
    first: Values
    last: Values
    # within the step: from its first sample
    growth: Values

    def __len__(self) -> int:
        return len(self.column)

    def take(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> "Table":
        return Table(**{spec.name: getattr(self, spec.name)[places] for spec in fields(self)})


_NONE, _NO_VALUES = np.zeros(0, np.int64), np.zeros(0)
EMPTY = Table(_NONE, _NONE, _NONE, *([_NO_VALUES] * 6))


def roll(samples: Samples, step_s: int, counters: Container[int]) -> Table:
    """The steps of samples in order of time."""
    return stack(
        [
            _roll(column, times[real], values[real], step_s, column in counters)
            for column, (times, values) in sorted(samples.items())
            if (real := ~np.isnan(values)).any()
        ]
    )


def stack(tables: Sequence[Table]) -> Table:
    """All in one, by column and time."""
    if not tables:
        return EMPTY
    both = Table(
        **{
            spec.name: np.concatenate([getattr(table, spec.name) for table in tables])
            for spec in fields(Table)
        }
    )
    order = np.lexsort((both.start, both.column))
    return both.take(order)


def coarser(table: Table, step_s: int) -> Table:
    """The same by longer steps; steps that stand twice are joined, too."""
    if not len(table):
        return table
    start = table.start // step_s * step_s
    new = np.ones(len(table), bool)
    new[1:] = (start[1:] != start[:-1]) | (table.column[1:] != table.column[:-1])
    at = np.flatnonzero(new)
    if len(at) == len(table):
        return replace(table, start=start)
    ends = np.append(at[1:], len(table)) - 1
    joints = _joints(table)
    joints[at] = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        return Table(
            table.column[at],
            start[at],
            np.add.reduceat(table.count, at),
            np.minimum.reduceat(table.minimum, at),
            np.maximum.reduceat(table.maximum, at),
            np.add.reduceat(table.total, at),
            table.first[at],
            table.last[ends],
            np.add.reduceat(table.growth + joints, at),
        )


def by_series(
    table: Table, names: Mapping[int, str], since: float, counters: Container[int]
) -> dict[str, Rollup]:
    """Each series from the step `since` on; the step before it only tells where counters stood."""
    found = {}
    joints = _joints(table)
    cuts = np.flatnonzero(np.diff(table.column, prepend=-1, append=-1))
    for begin, end in pairwise(cuts.tolist()):
        column = int(table.column[begin])
        at = begin + int(table.start[begin:end].searchsorted(since))
        if column not in names or at == end:
            continue
        these = slice(at, end)
        growth = table.growth[these] + joints[these] if column in counters else np.zeros(end - at)
        with np.errstate(invalid="ignore"):
            mean = table.total[these] / table.count[these]
        found[names[column]] = Rollup(
            table.start[these].astype(np.float64),
            table.count[these],
            table.minimum[these],
            table.maximum[these],
            mean,
            table.last[these],
            growth,
        )
    return found


def is_counter(name: str) -> bool:
    """Whether a series only grows, but for resets."""
    return name.partition("{")[0].endswith("_total")


def _roll(column: int, times: Times, values: Values, step_s: int, counter: bool) -> Table:
    starts = np.floor(times / step_s).astype(np.int64) * step_s
    at = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    ends = np.append(at[1:], len(values)) - 1
    growth = np.zeros(len(at))
    with np.errstate(over="ignore", invalid="ignore"):
        if counter and len(values) > 1:
            steps = np.diff(values, prepend=0.0)
            steps = np.where(steps < 0, values, steps)
            steps[at] = 0.0
            growth = np.add.reduceat(steps, at)
        return Table(
            np.full(len(at), column),
            starts[at],
            np.diff(np.append(at, len(values))),
            np.minimum.reduceat(values, at),
            np.maximum.reduceat(values, at),
            np.add.reduceat(values, at),
            values[at],
            values[ends],
            growth,
        )


def _joints(table: Table) -> Values:
    """By step: what a counter grew between the last sample before it and its first."""
    joints = np.zeros(len(table))
    if len(table) < 2:
        return joints
    with np.errstate(invalid="ignore"):
        apart = table.first[1:] - table.last[:-1]
    grown = np.where(apart < 0, table.first[1:], apart)
    joints[1:] = np.where(table.column[1:] == table.column[:-1], grown, 0.0)
    return joints
