"""From samples to steps: which sample holds at a step, which samples lie in a window.

All series and steps are looked up at once: (series, time) is one number that ascends.
"""

import numpy as np
from numpy.typing import NDArray

from collector.promql.vectors import STALE_BITS, Millis, Series, Vector, Windows


def holding(series: Series, times: Millis) -> Vector:
    """The newest sample of each series at each of these times, unless too old or a stale marker."""
    line = _shared(series.times, series.offsets)
    if line is not None:
        # one row of places and times is for all of them
        place = np.searchsorted(line, times, "right") - 1
        found, place = place >= 0, np.maximum(place, 0)
        stamps = np.broadcast_to(line[place], (len(series.labels), len(times)))
        values = series.values.reshape(len(series.labels), -1).take(place, axis=1)
    else:
        place = _before(series.times, series.offsets, times) - 1
        found, place = place >= series.offsets[:-1, None], np.maximum(place, 0)
        none = len(series.times) == 0
        stamps = np.zeros_like(place) if none else series.times[place]
        values = np.zeros(place.shape) if none else series.values[place]
    fresh = stamps > times[None, :] - series.lookback_ms[:, None]
    present = found & fresh & ~stale(values)
    return Vector(
        series.labels,
        np.where(present, values, 0.0),
        present,
        np.zeros(len(series.labels), bool),
        stamps,
    )


def windows(series: Series, ends: Millis, steps: Millis, range_ms: int) -> Windows:
    """The samples in (end - range, end], without stale markers."""
    good = ~stale(series.values)
    times, values, offsets, spans = series.times, series.values, series.offsets, series.spans
    if not good.all():
        offsets = np.concatenate([[0], np.cumsum(good)])[offsets]
        times, values = times[good], values[good]
        spans = None if spans is None else spans.take(good)
    lo = _before(times, offsets, ends - range_ms)
    hi = _before(times, offsets, ends)
    none = np.zeros(len(series.labels), bool)
    return Windows(series.labels, none, times, values, lo, hi, ends, steps, range_ms, spans)


def of_vector(inner: Vector, times: Millis, ends: Millis, steps: Millis, range_ms: int) -> Windows:
    """What an expression was worth at `times`, as samples to have windows over."""
    rows, columns = np.nonzero(inner.present)
    offsets = np.searchsorted(rows, np.arange(len(inner) + 1))
    stamps, values = times[columns], inner.values[rows, columns]
    lo = _before(stamps, offsets, ends - range_ms)
    hi = _before(stamps, offsets, ends)
    return Windows(inner.labels, inner.dropped, stamps, values, lo, hi, ends, steps, range_ms)


def aligned(ends: Millis, range_ms: int, step_ms: int) -> Millis:
    """The multiples of the step that lie in any of the windows (end - range, end]."""
    first = (ends - range_ms) // step_ms + 1
    last = ends // step_ms
    order = np.argsort(ends, kind="stable")
    first, last = first[order], last[order]
    # what an earlier window has already is not taken again
    first[1:] = np.maximum(first[1:], np.maximum.accumulate(last)[:-1] + 1)
    counts = np.maximum(last - first + 1, 0)
    skip = np.repeat(np.cumsum(counts) - counts, counts)
    times: Millis = (np.repeat(first, counts) + np.arange(counts.sum()) - skip) * step_ms
    return times


def how_many(ends: Millis, range_ms: int, step_ms: int) -> int:
    """At most how many times `aligned` gives."""
    return int((range_ms // step_ms + 1) * len(np.unique(ends)))


def stale(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which values are stale markers."""
    bits: NDArray[np.bool_] = np.ascontiguousarray(values).view(np.uint64) == STALE_BITS
    return bits


def _shared(times: Millis, offsets: Millis) -> Millis | None:
    """The times that every series has, as those of one site mostly do; None if they differ."""
    series = len(offsets) - 1
    length = len(times) // max(series, 1)
    if length == 0 or not (np.diff(offsets) == length).all():
        return None
    lines = times.reshape(series, length)
    return lines[0] if (lines[1:] == lines[0]).all() else None


def _before(times: Millis, offsets: Millis, wanted: Millis) -> Millis:
    """[k, T]: the place behind the last sample of series k that is not later than wanted[t]."""
    series = len(offsets) - 1
    if len(times) == 0 or series == 0 or len(wanted) == 0:
        return np.zeros((series, len(wanted)), np.int64) + offsets[:-1, None]
    line = _shared(times, offsets)
    if line is not None:
        return offsets[:-1, None] + np.searchsorted(line, wanted, "right")
    # nothing lies beyond the samples, and with far times the keys would not fit
    low, high = int(times.min()) - 1, int(times.max())
    wanted, span = np.clip(wanted, low, high), high - low + 2
    owner = np.repeat(np.arange(series), np.diff(offsets))
    keys = owner * span + (times - low)
    asked = np.arange(series)[:, None] * span + (wanted - low)[None, :]
    found: Millis = np.searchsorted(keys, asked.ravel(), "right").reshape(asked.shape)
    return found
