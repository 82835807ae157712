"""Quantiles and fractions out of classic histograms: series of one metric that differ in `le`."""

from collections.abc import Callable, Iterator

import numpy as np

from collector.promql.labels import NAME, groups, quote
from collector.promql.limits import Limits
from collector.promql.notes import Notes
from collector.promql.segments import Floats
from collector.promql.vectors import Bools, Vector, empty

_TOLERANCE = 1e-12
FORCED = (
    "input to histogram_quantile needed to be fixed for monotonicity (see "
    "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
)

# upper bounds ascending, counts[bound, step], the steps they are of -> a number a step
Reader = Callable[[Floats, Floats, np.ndarray, str], Floats]


def histograms(vector: Vector, read: Reader, notes: Notes, place: int, limits: Limits) -> Vector:
    """`read` of every histogram in the vector, at every step it has buckets at."""
    steps = vector.values.shape[1]
    bounds, good = _bounds(vector, notes, place)
    vector, bounds = vector.take(good), bounds[good]
    kept = vector.labels.drop(["le"])
    if not len(vector):
        return empty(kept, steps)
    ids, first = groups(kept)
    order = np.lexsort((bounds, ids))
    starts = np.searchsorted(ids[order], np.arange(len(first) + 1))
    values = np.zeros((len(first), steps))
    present = np.zeros((len(first), steps), bool)
    for group in range(len(first)):
        limits.check_time()
        rows = order[starts[group] : starts[group + 1]]
        name = kept.words.text(int(kept.column(NAME)[first[group]]))
        for these, at in _alike(vector.present[rows]):
            lines = rows[these]
            counts = vector.values[np.ix_(lines, at)]
            values[group, at] = read(bounds[lines], counts, at, name)
            present[group, at] = True
    return Vector(kept.take(first), values, present, np.ones(len(first), bool))


def quantile_reader(q: Floats, notes: Notes, place: int) -> Reader:
    """The q[step]-quantile."""

    def read(bounds: Floats, counts: Floats, at: np.ndarray, name: str) -> Floats:
        found, forced = quantile(q[at], bounds, counts)
        if forced:
            of = f" for metric name {quote(name)}" if name else ""
            notes.inform(f"{FORCED}{of}", place)
        return found

    return read


def quantile(q: Floats, bounds: Floats, counts: Floats) -> tuple[Floats, bool]:
    """By step: the quantile, linear within its bucket; and whether counts had to be mended."""
    outside = np.where(np.isnan(q), np.nan, np.where(q < 0, -np.inf, np.inf))
    inside = (q >= 0) & (q <= 1)
    if not np.isposinf(bounds[-1]):
        return np.where(inside, np.nan, outside), False
    bounds, counts = _coalesced(bounds, counts)
    counts, forced = _mended(counts)
    if len(bounds) < 2:
        return np.where(inside, np.nan, outside), False
    total = counts[-1]
    rank = np.where(inside, q, 0.0) * total
    # the first bucket that reaches the rank, at most the last
    bucket = np.argmax(np.vstack([counts[:-1] >= rank, np.ones((1, len(q)), bool)]), axis=0)
    column = np.arange(len(q))
    below = np.maximum(bucket - 1, 0)
    before = np.where(bucket > 0, counts[below, column], 0.0)
    start = np.where(bucket > 0, bounds[below], 0.0)
    share = (rank - before) / (counts[bucket, column] - before)
    found = start + (bounds[bucket] - start) * share
    found = np.where((bucket == 0) & (bounds[0] <= 0), bounds[0], found)
    found = np.where(bucket == len(bounds) - 1, bounds[-2], found)
    found = np.where(total == 0, np.nan, found)
    return np.where(inside, found, outside), bool((forced & inside & (total != 0)).any())


def fraction_reader(lower: Floats, upper: Floats) -> Reader:
    """The share of observations between lower[step] and upper[step]."""

    def read(bounds: Floats, counts: Floats, at: np.ndarray, _name: str) -> Floats:
        if not np.isposinf(bounds[-1]):
            return np.full(len(at), np.nan)
        edges, heights = _coalesced(bounds, counts)
        total = heights[-1]
        low = np.minimum(_rank(lower[at], edges, heights), total)
        high = np.minimum(_rank(upper[at], edges, heights), total)
        found = np.where(lower[at] >= upper[at], 0.0, (high - low) / total)
        nothing = (total == 0) | np.isnan(lower[at]) | np.isnan(upper[at])
        return np.where(nothing, np.nan, found)

    return read


def _rank(value: Floats, bounds: Floats, counts: Floats) -> Floats:
    """How many observations are at most `value`, linear within a bucket of finite width.

    The first bucket begins at 0 when its bound is above 0.
    """
    first = 0.0 if bounds[0] > 0 else -np.inf
    below = np.concatenate([[first], bounds[:-1]])
    bucket = np.searchsorted(bounds, np.nan_to_num(value, nan=0.0), "left")
    bucket = np.minimum(bucket, len(bounds) - 1)
    column = np.arange(len(value))
    before = np.where(bucket > 0, counts[np.maximum(bucket - 1, 0), column], 0.0)
    width = bounds[bucket] - below[bucket]
    share = np.where(np.isinf(width), 0.0, (value - below[bucket]) / width)
    found = before + (counts[bucket, column] - before) * np.clip(share, 0.0, 1.0)
    found = np.where(np.isinf(below[bucket]) & (bucket == 0), counts[0], found)
    found = np.where(value <= first, 0.0, found)
    return np.where(np.isposinf(value), counts[-1], found)


def _bounds(vector: Vector, notes: Notes, place: int) -> tuple[Floats, Bools]:
    column = vector.labels.column("le")
    bounds = np.full(len(vector), np.nan)
    seen = vector.rows()
    for code in np.unique(column).tolist():
        word = vector.labels.words.text(code)
        try:
            bounds[column == code] = float(word)
        except ValueError:
            for row in np.flatnonzero((column == code) & seen).tolist():
                name = vector.labels.row(row).get(NAME, "")
                of = f" for metric name {quote(name)}" if name else ""
                text = f'bucket label "le" is missing or has a malformed value of {quote(word)}{of}'
                notes.warn(text, place)
    return bounds, ~np.isnan(bounds) & seen


def _alike(present: Bools) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The same buckets at many steps: (their places, the steps)."""
    if present.all():
        yield np.arange(len(present)), np.arange(present.shape[1])
        return
    patterns, which = np.unique(present, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        lines = np.flatnonzero(patterns[:, number])
        if len(lines):
            yield lines, np.flatnonzero(which.ravel() == number)


def _coalesced(bounds: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Buckets with the same bound as one."""
    starts = np.flatnonzero(np.append(True, bounds[1:] != bounds[:-1]))
    if len(starts) == len(bounds):
        return bounds, counts
    return bounds[starts], np.add.reduceat(counts, starts, axis=0)


def _mended(counts: Floats) -> tuple[Floats, Bools]:
    """Counts that never fall: rounding errors evened out, then what still falls lifted."""
    mended = counts.copy()
    previous = mended[0].copy()
    for i in range(1, len(mended)):
        apart = np.abs(mended[i] - previous)
        same = (apart == 0) | (apart / mended[i] <= _TOLERANCE)
        mended[i] = np.where(same, previous, mended[i])
        previous = mended[i].copy()
    highest = np.maximum.accumulate(mended, axis=0)
    return highest, np.logical_or.reduce(highest > mended, axis=0)
