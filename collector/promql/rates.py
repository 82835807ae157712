"""How fast numbers change: rate and its kin, over windows of samples."""

import numpy as np

from collector.promql.limits import Failed
from collector.promql.segments import Floats, sums
from collector.promql.vectors import Millis, Windows
from collector.promql.windowing import Chunk
from collector.series.rollups import grown_between


def extrapolated(chunk: Chunk, counter: bool, per_second: bool) -> Floats:
    """rate, increase (counters) and delta: the change over the window, continued to its edges.

    Towards an edge that is nearer than 1.1 times the mean distance of samples the line goes on to
    the edge, else by half that distance; a counter is not continued below zero.
    """
    ended, sizes = chunk.time(chunk.hi - 1), chunk.sizes
    if chunk.windows.spans is None:
        first, began = chunk.value(chunk.lo), chunk.time(chunk.lo)
    else:
        first, began = chunk.spans.firsts[chunk.lo], chunk.spans.begins[chunk.lo]
        sizes = np.add.reduceat(chunk.spans.counts[chunk.places], chunk.starts)
    change = chunk.value(chunk.hi - 1) - first
    if counter:
        change = change + _before_resets(chunk) if chunk.windows.spans is None else _grown(chunk)
    to_start = (began - (chunk.ends - chunk.windows.range_ms)) / 1000.0
    to_end = (chunk.ends - ended) / 1000.0
    sampled = (ended - began) / 1000.0
    apart = sampled / (sizes - 1)
    to_start = np.where(to_start >= apart * 1.1, apart / 2, to_start)
    if counter:
        to_zero = np.where((change > 0) & (first >= 0), sampled * (first / change), to_start)
        to_start = np.where(to_zero < to_start, to_zero, to_start)
    to_end = np.where(to_end >= apart * 1.1, apart / 2, to_end)
    factor = (sampled + to_start + to_end) / sampled
    if per_second:
        factor = factor / (chunk.windows.range_ms / 1000.0)
    return change * factor


def by_last_two(windows: Windows, per_second: bool) -> tuple[Floats, np.ndarray]:
    """irate (with resets) and idelta: [k, T] numbers, and where there are any."""
    present = windows.hi - windows.lo >= 2
    last = np.where(present, windows.hi - 1, 0)
    if not len(windows.values):
        return np.zeros(present.shape), present
    old, new = windows.values[np.maximum(last - 1, 0)], windows.values[last]
    apart = windows.times[last] - windows.times[np.maximum(last - 1, 0)]
    present &= apart > 0
    change = new - old
    if per_second:
        change = np.where(new < old, new, change) / (np.where(present, apart, 1) / 1000.0)
    return np.where(present, change, 0.0), present


def resets(chunk: Chunk) -> Floats:
    """How often a number is smaller than the one before it."""
    return _counted(chunk, _falls(chunk.windows))


def changes(chunk: Chunk) -> Floats:
    """How often a number differs from the one before it."""
    values = chunk.windows.values
    both_nan = np.isnan(values[1:]) & np.isnan(values[:-1])
    return _counted(chunk, (values[1:] != values[:-1]) & ~both_nan)


def line(chunk: Chunk, origin: Millis) -> tuple[Floats, Floats]:
    """Least squares: slope per second, and the value at `origin` (ms) of each window."""
    n = chunk.sizes.astype(np.float64)
    starts, sizes, y = chunk.starts, chunk.sizes, chunk.x
    x = (chunk.t - np.repeat(origin, sizes)) / 1e3
    sum_x, sum_y = sums(x, starts, sizes), sums(y, starts, sizes)
    both = sums(x * y, starts, sizes) - sum_x * sum_y / n
    spread = sums(x * x, starts, sizes) - sum_x * sum_x / n
    slope = both / spread
    at_origin = sum_y / n - slope * sum_x / n
    first = chunk.value(chunk.lo)
    flat = np.logical_and.reduceat(y == np.repeat(first, sizes), starts)
    level = np.where(np.isinf(first), np.nan, 0.0)
    return np.where(flat, level, slope), np.where(flat, first + level, at_origin)


def smoothed(chunk: Chunk, smoothing: Floats, trending: Floats) -> Floats:
    """Double exponential smoothing; the factors are by step."""
    factor, trend = smoothing[chunk.step], trending[chunk.step]
    old = np.zeros(len(chunk.lo))
    new = chunk.value(chunk.lo)
    slope = chunk.value(chunk.lo + 1) - new
    for i in range(1, int(chunk.sizes.max(initial=0))):
        going = i < chunk.sizes
        value = chunk.value(np.where(going, chunk.lo + i, chunk.lo))
        if i > 1:
            slope = np.where(going, trend * (new - old) + (1 - trend) * slope, slope)
        next_one = factor * value + (1 - factor) * (new + slope)
        old, new = np.where(going, new, old), np.where(going, next_one, new)
    return new


def check_factors(smoothing: Floats, trending: Floats) -> None:
    """Failed names a factor that does not lie between 0 and 1."""
    for factors, name, sign in ((smoothing, "smoothing", "sf"), (trending, "trend", "tf")):
        wrong = factors[(factors <= 0) | (factors >= 1)]
        if len(wrong):
            raise Failed(f"invalid {name} factor. Expected: 0 < {sign} < 1, got: {wrong[0]:f}")


def _falls(windows: Windows) -> np.ndarray:
    found: np.ndarray = windows.values[1:] < windows.values[:-1]
    return found


def _counted(chunk: Chunk, between: np.ndarray) -> Floats:
    """How many of the pairs of neighbours inside each window are marked."""
    behind = np.concatenate([[0], np.cumsum(between)])
    found: Floats = (behind[chunk.hi - 1] - behind[chunk.lo]).astype(np.float64)
    return found


def _before_resets(chunk: Chunk) -> Floats:
    """What a counter had reached before each of its resets, added up."""
    lost = np.zeros(len(chunk.lo))
    some = resets(chunk) > 0
    if some.any():
        inner = chunk.some(some)
        falls = np.append(_falls(chunk.windows), False)
        # the last sample of a window falls into the next one's time
        falls_here = falls[inner.places]
        falls_here[inner.starts + inner.sizes - 1] = False
        lost[some] = sums(np.where(falls_here, inner.x, 0.0), inner.starts, inner.sizes)
    return lost


def _grown(chunk: Chunk) -> Floats:
    """What counters grew within steps and from each to the next."""
    spans, places = chunk.spans, chunk.places
    between = grown_between(chunk.windows.values[places - 1], spans.firsts[places])
    between[chunk.starts] = 0.0
    return sums(spans.growth[places] + between, chunk.starts, chunk.sizes)
