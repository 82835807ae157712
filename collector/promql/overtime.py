"""The *_over_time functions that need nothing but a window: sums, extremes, quantiles."""

from collections.abc import Callable

import numpy as np

from collector.promql.segments import Floats, means, quantiles, sums, variances
from collector.promql.windowing import Chunk


def count(chunk: Chunk) -> Floats:
    return chunk.sizes.astype(np.float64)


def total(chunk: Chunk) -> Floats:
    return sums(chunk.x, chunk.starts, chunk.sizes)


def mean(chunk: Chunk) -> Floats:
    return means(chunk.x, chunk.starts, chunk.sizes, count(chunk))


def variance(chunk: Chunk) -> Floats:
    there = np.ones(len(chunk.x), bool)
    return variances(chunk.x, there, chunk.starts, chunk.sizes, count(chunk))


def deviation(chunk: Chunk) -> Floats:
    return np.sqrt(variance(chunk))


def least(chunk: Chunk) -> Floats:
    return np.fmin.reduceat(chunk.x, chunk.starts)


def most(chunk: Chunk) -> Floats:
    return np.fmax.reduceat(chunk.x, chunk.starts)


def first(chunk: Chunk) -> Floats:
    return chunk.value(chunk.lo)


def last(chunk: Chunk) -> Floats:
    return chunk.value(chunk.hi - 1)


def present(chunk: Chunk) -> Floats:
    return np.ones(len(chunk.lo))


def time_of_first(chunk: Chunk) -> Floats:
    return chunk.time(chunk.lo) / 1000.0


def time_of_last(chunk: Chunk) -> Floats:
    return chunk.time(chunk.hi - 1) / 1000.0


def time_of_least(chunk: Chunk) -> Floats:
    return _time_of(chunk, least(chunk))


def time_of_most(chunk: Chunk) -> Floats:
    return _time_of(chunk, most(chunk))


def absolute_deviation(chunk: Chunk) -> Floats:
    """The median of the distances from the median."""
    half = np.full(len(chunk.lo), 0.5)
    middle = quantiles(half, chunk.x, chunk.starts, chunk.sizes)
    apart = np.abs(chunk.x - np.repeat(middle, chunk.sizes))
    return quantiles(half, apart, chunk.starts, chunk.sizes)


def quantile(chunk: Chunk, q: Floats) -> Floats:
    """`q` is by step."""
    return quantiles(q[chunk.step], chunk.x, chunk.starts, chunk.sizes)


def _time_of(chunk: Chunk, value: Floats) -> Floats:
    """When the value was last seen; of windows with nothing but NaN the time of the last one."""
    same = (chunk.x == np.repeat(value, chunk.sizes)) | np.repeat(np.isnan(value), chunk.sizes)
    places = np.where(same, np.arange(len(chunk.x)), -1)
    return chunk.t[np.maximum.reduceat(places, chunk.starts)] / 1000.0


def _counts(chunk: Chunk) -> Floats:
    return np.add.reduceat(chunk.spans.counts[chunk.places], chunk.starts).astype(np.float64)


def _total(chunk: Chunk) -> Floats:
    return sums(chunk.spans.totals[chunk.places], chunk.starts, chunk.sizes)


def _mean(chunk: Chunk) -> Floats:
    totals = chunk.spans.totals[chunk.places]
    return means(totals, chunk.starts, chunk.sizes, _counts(chunk))


# what is known of windows whose samples stand for many
SPANNED: dict[str, Callable[[Chunk], Floats]] = {
    "absent_over_time": present,
    "avg_over_time": _mean,
    "count_over_time": _counts,
    "first_over_time": lambda chunk: chunk.spans.firsts[chunk.lo],
    "last_over_time": last,
    "max_over_time": lambda c: np.fmax.reduceat(c.spans.most[c.places], c.starts),
    "min_over_time": lambda c: np.fmin.reduceat(c.spans.least[c.places], c.starts),
    "present_over_time": present,
    "sum_over_time": _total,
    "ts_of_first_over_time": lambda chunk: chunk.spans.begins[chunk.lo] / 1000.0,
    "ts_of_last_over_time": time_of_last,
}
SIMPLE: dict[str, Callable[[Chunk], Floats]] = {
    "avg_over_time": mean,
    "count_over_time": count,
    "first_over_time": first,
    "last_over_time": last,
    "mad_over_time": absolute_deviation,
    "max_over_time": most,
    "min_over_time": least,
    "present_over_time": present,
    "stddev_over_time": deviation,
    "stdvar_over_time": variance,
    "sum_over_time": total,
    "ts_of_first_over_time": time_of_first,
    "ts_of_last_over_time": time_of_last,
    "ts_of_max_over_time": time_of_most,
    "ts_of_min_over_time": time_of_least,
}
KEEP_NAMES = frozenset({"first_over_time", "last_over_time"})
