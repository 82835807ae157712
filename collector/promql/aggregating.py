"""Many series become few: sum and its kin, step by step."""

from collections.abc import Callable

import numpy as np

from collector.promql.labels import NAME, Labels, groups
from collector.promql.limits import Limits
from collector.promql.segments import Floats, Places, means, sizes_of, sums, variances
from collector.promql.vectors import Bools, Vector, empty

_AT_ONCE = 1_000_000

# values, where there are any, the groups' starts and sizes, how many values they have
Reducer = Callable[[Floats, Bools, Places, Places, Floats], Floats]


def grouped_labels(labels: Labels, names: tuple[str, ...], without: bool) -> Labels:
    """What is left of the labels of each series."""
    return labels.drop([*names, NAME]) if without else labels.keep(names)


def aggregate(
    op: str, vector: Vector, names: tuple[str, ...], without: bool, limits: Limits
) -> Vector:
    """sum, avg, count, min, max, group, stddev, stdvar by labels."""
    steps = vector.values.shape[1]
    kept = grouped_labels(vector.labels, names, without)
    if not len(vector):
        return empty(kept, steps)
    ids, first = groups(kept)
    order = np.argsort(ids, kind="stable")
    starts = np.searchsorted(ids[order], np.arange(len(first)))
    sizes = sizes_of(starts, len(ids))
    values = np.zeros((len(first), steps))
    present = np.zeros((len(first), steps), bool)
    wide = max(1, _AT_ONCE // len(vector))
    for at in range(0, steps, wide):
        limits.check_time()
        these = slice(at, at + wide)
        there = vector.present[order, these]
        counts = np.add.reduceat(there.astype(np.float64), starts, axis=0)
        present[:, these] = counts > 0
        found = REDUCERS[op](vector.values[order, these], there, starts, sizes, counts)
        values[:, these] = np.where(counts > 0, found, 0.0)
    dropped = np.logical_or.reduceat(vector.dropped[order], starts)
    return Vector(kept.take(first), values, present, dropped)


def _sum(x: Floats, there: Bools, starts: Places, sizes: Places, _counts: Floats) -> Floats:
    return sums(np.where(there, x, 0.0), starts, sizes)


def _avg(x: Floats, there: Bools, starts: Places, sizes: Places, counts: Floats) -> Floats:
    return means(np.where(there, x, 0.0), starts, sizes, counts)


def _count(_x: Floats, _there: Bools, _starts: Places, _sizes: Places, counts: Floats) -> Floats:
    return counts


def _group(_x: Floats, _there: Bools, _starts: Places, _sizes: Places, counts: Floats) -> Floats:
    return np.ones_like(counts)


def _min(x: Floats, there: Bools, starts: Places, _sizes: Places, _counts: Floats) -> Floats:
    return np.fmin.reduceat(np.where(there, x, np.nan), starts, axis=0)


def _max(x: Floats, there: Bools, starts: Places, _sizes: Places, _counts: Floats) -> Floats:
    return np.fmax.reduceat(np.where(there, x, np.nan), starts, axis=0)


def _stdvar(x: Floats, there: Bools, starts: Places, sizes: Places, counts: Floats) -> Floats:
    return variances(x, there, starts, sizes, counts)


def _stddev(x: Floats, there: Bools, starts: Places, sizes: Places, counts: Floats) -> Floats:
    return np.sqrt(variances(x, there, starts, sizes, counts))


REDUCERS: dict[str, Reducer] = {
    "sum": _sum,
    "avg": _avg,
    "count": _count,
    "group": _group,
    "min": _min,
    "max": _max,
    "stdvar": _stdvar,
    "stddev": _stddev,
}
