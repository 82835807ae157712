"""Two vectors meet: which series belong together, and what their pairs are worth."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from collector.promql.arithmetic import ARITHMETIC, COMPARISONS
from collector.promql.labels import NAME, Ids, Labels, groups, say, stack
from collector.promql.limits import Failed, Limits
from collector.promql.plan import Matching
from collector.promql.vectors import Bools, Vector, empty, joined, merged

ONE_TO_ONE = "many-to-one matching must be explicit (group_left/group_right)"
UNIQUE = "grouping labels must ensure unique matches"


@dataclass(frozen=True, slots=True, eq=False)
class _Met:
    """Series by match group: `left[i]` and `right[j]` are the groups of the series."""

    left: Ids
    right: Ids
    count: int


def combined(left: Vector, right: Vector, op: str, matching: Matching, limits: Limits) -> Vector:
    """and, or, unless."""
    met = _meet(left, right, matching)
    steps = left.values.shape[1]
    limits.check_series(met.count, steps)
    if op == "or":
        taken = _any_present(left, met.left, met.count)
        others = replace(right, present=right.present & ~taken[met.right], stamps=None)
        return merged_alike(joined([replace(left, stamps=None), _seen(others)]))
    found = _any_present(right, met.right, met.count)[met.left]
    present = left.present & (found if op == "and" else ~found)
    return _seen(replace(left, present=present, stamps=None))


def paired(
    left: Vector, right: Vector, op: str, matching: Matching, bools: bool, limits: Limits
) -> Vector:
    """Arithmetic and comparisons between series with the same labels to match on."""
    many, one = (right, left) if matching.many == "right" else (left, right)
    met = _meet(many, one, matching)
    # at a step where one side has nothing at all, nothing is looked at
    both = left.steps() & right.steps()
    one_side = "left" if matching.many == "right" else "right"
    _check_one(one, met.right, both, matching, one_side)
    i, j = _join(met)
    limits.check_series(len(i), left.values.shape[1])
    if not len(i):
        return empty(left.labels, left.values.shape[1])
    present = many.present[i] & one.present[j]
    if not matching.many:
        _check_unique(met.left[i], present, ONE_TO_ONE)
    a, b = many.values[i], one.values[j]
    if matching.many == "right":
        a, b = b, a
    values, holds = _worth(op, a, b, bools)
    present = present & holds
    labels = _result_labels(many.labels.take(i), one.labels.take(j), op, matching)
    if matching.many:
        _check_unique(groups(labels)[0], present, UNIQUE)
    dropped = np.full(len(i), bools) | ((op in COMPARISONS) & many.dropped[i])
    return merged_alike(_seen(Vector(labels, values, present, dropped)))


def merged_alike(vector: Vector) -> Vector:
    """Equal series as one, where a name that is to go and one that stays are not the same."""
    if not vector.dropped.any() or vector.dropped.all():
        return merged(vector)
    marked = vector.labels.put("\xff", vector.dropped.astype(np.int32))
    whole = merged(replace(vector, labels=marked))
    return replace(whole, labels=whole.labels.drop(["\xff"]))


def _worth(op: str, a: np.ndarray, b: np.ndarray, bools: bool) -> tuple[np.ndarray, Bools]:
    everywhere = np.ones(a.shape, bool)
    if op in ARITHMETIC:
        return ARITHMETIC[op](a, b), everywhere
    holds = COMPARISONS[op](a, b)
    return (holds.astype(np.float64), everywhere) if bools else (a, holds)


def _result_labels(many: Labels, one: Labels, op: str, matching: Matching) -> Labels:
    labels = many.drop([NAME]) if op in ARITHMETIC else many
    if not matching.many:
        labels = labels.keep(matching.labels) if matching.on else labels.drop(matching.labels)
    for name in matching.include:
        labels = labels.put(name, one.column(name))
    return labels


def _meet(left: Vector, right: Vector, matching: Matching) -> _Met:
    both = stack([_matched(left.labels, matching), _matched(right.labels, matching)])
    ids, first = groups(both)
    return _Met(ids[: len(left)], ids[len(left) :], len(first))


def _matched(labels: Labels, matching: Matching) -> Labels:
    return labels.keep(matching.labels) if matching.on else labels.drop([*matching.labels, NAME])


def _any_present(vector: Vector, ids: Ids, count: int) -> Bools:
    """[group, step]: has any series of the group a value?"""
    found = np.zeros((count, vector.values.shape[1]), bool)
    if len(ids):
        order = np.argsort(ids, kind="stable")
        starts = np.flatnonzero(np.diff(ids[order], prepend=-1))
        found[ids[order][starts]] = np.logical_or.reduceat(vector.present[order], starts, axis=0)
    return found


def _join(met: _Met) -> tuple[Ids, Ids]:
    """Every pair of rows of the same group, in the order of the left ones."""
    order = np.argsort(met.right, kind="stable")
    counts = np.bincount(met.right, minlength=met.count)
    starts = np.cumsum(counts) - counts
    each = counts[met.left]
    i = np.repeat(np.arange(len(met.left)), each)
    within = np.arange(len(i)) - np.repeat(np.cumsum(each) - each, each)
    return i, order[starts[met.left][i] + within]


def _check_one(one: Vector, ids: Ids, both: Bools, matching: Matching, side: str) -> None:
    """The side with one series a group has no second one at any step."""
    order = np.argsort(ids, kind="stable")
    starts = np.flatnonzero(np.diff(ids[order], prepend=-1))
    if len(starts) == len(ids):
        return
    present = one.present[order] & both
    counts = np.add.reduceat(present.astype(np.int32), starts, axis=0)
    bad = np.argwhere(counts > 1)
    if not len(bad):
        return
    group, step = bad[np.argmin(bad[:, 1])].tolist()
    rows = order[ids[order] == ids[order][starts[group]]]
    twice = sorted(say(one.labels.row(row)) for row in rows.tolist() if one.present[row, step])[:2]
    key = _matched(one.labels, matching).row(int(rows[0]))
    raise Failed(
        f"found duplicate series for the match group {say(key)} on the {side} hand-side of the "
        f"operation: [{twice[0]}, {twice[1]}];many-to-many matching not allowed: matching labels "
        "must be unique on one side"
    )


def _check_unique(ids: Ids, present: NDArray[np.bool_], problem: str) -> None:
    order = np.argsort(ids, kind="stable")
    starts = np.flatnonzero(np.diff(ids[order], prepend=-1))
    counts = np.add.reduceat(present[order].astype(np.int32), starts, axis=0)
    if (counts > 1).any():
        raise Failed(f"multiple matches for labels: {problem}")


def _seen(vector: Vector) -> Vector:
    """Without the series that have no value at any step."""
    rows = vector.rows()
    return vector if rows.all() else vector.take(rows)
