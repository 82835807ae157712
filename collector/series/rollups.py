"""What samples came to in each step of time: least, most, sum, count, first, last, growth.

A step of s seconds that begins at t holds the samples in (t, t + s], as a window of the query
language does: what a window came to is then what its steps came to, to the sample.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from collector.series.frames import Samples, Times, Values

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The steps of many columns one under the other, by column and then by time.

    A step in which nothing but null was reported has a count of 0 and no numbers.
    """

    column: Ints
    start: Ints
    count: Ints
    minimum: Values
    maximum: Values
    total: Values
    first: Values
    last: Values
    # of a counter, resets included, from its first sample in the step
    growth: Values
    # when the first and the last number were reported, in ms
    begin: Ints
    end: Ints
    # whether a null came after the last number
    ended: Ints

    def __len__(self) -> int:
        return len(self.column)

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(getattr(self, spec.name).nbytes for spec in fields(self))

    def take(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> "Table":
        return Table(**{spec.name: getattr(self, spec.name)[places] for spec in fields(self)})


_NONE, _NO_VALUES = np.zeros(0, np.int64), np.zeros(0)
EMPTY = Table(
    column=_NONE,
    start=_NONE,
    count=_NONE,
    minimum=_NO_VALUES,
    maximum=_NO_VALUES,
    total=_NO_VALUES,
    first=_NO_VALUES,
    last=_NO_VALUES,
    growth=_NO_VALUES,
    begin=_NONE,
    end=_NONE,
    ended=_NONE,
)


def roll(samples: Samples, step_s: int, counters: Container[int]) -> Table:
    """The steps of samples in order of time."""
    # all columns in one go: of a few samples each what numpy does costs less than calling it
    listed = [(column, *line) for column, line in sorted(samples.items()) if len(line[0])]
    if not listed:
        return EMPTY
    lengths = [len(times) for _, times, _ in listed]
    column = np.repeat(np.array([column for column, _, _ in listed], np.int64), lengths)
    counter = np.repeat([column in counters for column, _, _ in listed], lengths)
    stamps = _stamps(np.concatenate([times for _, times, _ in listed]))
    starts = (stamps - 1) // (step_s * 1000) * step_s
    values = np.concatenate([values for _, _, values in listed])
    null = np.isnan(values)
    if not null.any():
        return _of_numbers(column, starts, stamps, values, counter)
    real, found = ~null, EMPTY
    if real.any():
        told = (part[real] for part in (column, starts, stamps, values, counter))
        found = _of_numbers(*told)
    return _with_nulls(found, _of_nulls(column[null], starts[null], stamps[null]))


def singles(samples: Samples) -> Table:
    """Every sample as a step of its own."""
    lengths = [len(times) for times, _ in samples.values()]
    if not sum(lengths):
        return EMPTY
    column = np.repeat(np.array([*samples], np.int64), lengths)
    times = _stamps(np.concatenate([times for times, _ in samples.values()]))
    told = np.concatenate([values for _, values in samples.values()])
    null = np.isnan(told)
    x = np.where(null, 0.0, told)
    count, growth = (~null).astype(np.int64), np.zeros(len(x))
    ended = null.astype(np.int64)
    return stack(
        [Table(column, (times - 1) // 1000, count, x, x, x, x, x, growth, times, times, ended)]
    )


def stack(tables: Sequence[Table]) -> Table:
    """All in one, by column and time."""
    if not tables:
        return EMPTY
    both = beneath(tables)
    order = np.lexsort((both.end, both.start, both.column))
    # one column's days mostly come in order
    return both if (order[1:] > order[:-1]).all() else both.take(order)


def beneath(tables: Sequence[Table]) -> Table:
    """One under the other, as they come."""
    return Table(
        **{
            spec.name: np.concatenate([getattr(table, spec.name) for table in tables])
            for spec in fields(Table)
        }
    )


def coarser(table: Table, step_s: int) -> Table:
    """The same by longer steps; steps that stand twice are joined, too."""
    moved = stack([replace(table, start=table.start // step_s * step_s)])
    real = moved.count > 0
    if real.all():
        return _joined(moved)
    return _with_nulls(_joined(moved.take(real)), moved.take(~real))


def is_counter(name: str) -> bool:
    """Whether a series only grows, but for resets."""
    return name.partition("{")[0].endswith("_total")


def joints(table: Table) -> Values:
    """By step: what a counter grew between the last sample before it and its first."""
    found = np.zeros(len(table))
    if len(table) < 2:
        return found
    grown = grown_between(table.last[:-1], table.first[1:])
    found[1:] = np.where(table.column[1:] == table.column[:-1], grown, 0.0)
    return found


def grown_between(before: Values, after: Values) -> Values:
    """How much a counter grew from one value to the next; what is less began anew at zero."""
    with np.errstate(invalid="ignore"):
        apart = after - before
    grown: Values = np.where(apart < 0, after, apart)
    return grown


def _joined(table: Table) -> Table:
    """Steps with numbers that stand several times, once."""
    at = _first_of_each(table.column, table.start)
    if len(at) == len(table):
        return table
    ends = np.append(at[1:], len(table)) - 1
    between = joints(table)
    between[at] = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        return Table(
            table.column[at],
            table.start[at],
            np.add.reduceat(table.count, at),
            np.minimum.reduceat(table.minimum, at),
            np.maximum.reduceat(table.maximum, at),
            np.add.reduceat(table.total, at),
            table.first[at],
            table.last[ends],
            np.add.reduceat(table.growth + between, at),
            np.minimum.reduceat(table.begin, at),
            table.end[ends],
            table.ended[ends],
        )


def _with_nulls(found: Table, nulls: Table) -> Table:
    """Nulls end their step when no number comes after them; a step of nothing else stays."""
    if not len(nulls):
        return found
    both = stack([found, nulls])
    ends = np.append(_first_of_each(both.column, both.start)[1:], len(both)) - 1
    kept = np.lexsort((both.end, both.count > 0, both.start, both.column))[ends]
    return replace(both.take(kept), ended=both.ended[ends])


def _first_of_each(column: Ints, start: Ints) -> Ints:
    """Where another column or step begins."""
    if not len(column):
        return _NONE
    new = np.ones(len(column), bool)
    new[1:] = (start[1:] != start[:-1]) | (column[1:] != column[:-1])
    return np.flatnonzero(new)


def _of_numbers(
    column: Ints, starts: Ints, stamps: Ints, values: Values, counter: NDArray[np.bool_]
) -> Table:
    at = _first_of_each(column, starts)
    ends = np.append(at[1:], len(values)) - 1
    growth = np.zeros(len(at))
    with np.errstate(over="ignore", invalid="ignore"):
        if counter.any():
            steps = np.concatenate([[0.0], grown_between(values[:-1], values[1:])])
            steps[at] = 0.0
            growth = np.where(counter[at], np.add.reduceat(steps, at), 0.0)
        return Table(
            column[at],
            starts[at],
            np.diff(np.append(at, len(values))),
            np.minimum.reduceat(values, at),
            np.maximum.reduceat(values, at),
            np.add.reduceat(values, at),
            values[at],
            values[ends],
            growth,
            stamps[at],
            stamps[ends],
            np.zeros(len(at), np.int64),
        )


def _of_nulls(column: Ints, starts: Ints, stamps: Ints) -> Table:
    """The last null of each step."""
    ends = np.append(_first_of_each(column, starts)[1:], len(starts)) - 1
    zero, no, last = np.zeros(len(ends), np.int64), np.zeros(len(ends)), stamps[ends]
    return Table(
        column[ends], starts[ends], zero, no, no, no, no, no, no, last, last, np.ones_like(zero)
    )


def _stamps(times: Times) -> Ints:
    """Whole milliseconds."""
    return np.rint(times * 1000.0).astype(np.int64)
