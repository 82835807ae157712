"""Reductions over runs of neighbours: sums that lose nothing, extremes, quantiles.

A run begins at `starts[g]` and has `sizes[g]` >= 1 rows; runs fill the array without gaps.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def sizes_of(starts: Places, rows: int) -> Places:
    return np.diff(starts, append=rows)


def exact_sums(x: Floats, starts: Places, sizes: Places) -> tuple[Floats, Floats]:
    """Sums along axis 0, and what rounding took from them (as Kahan and Neumaier keep it).

    Pairs are added in rounds, all runs at once; the error of each addition is added up beside.
    """
    total, lost = x, np.zeros_like(x)
    while len(total) > len(starts):
        place = np.arange(len(total)) - np.repeat(starts, sizes)
        left = np.flatnonzero(place % 2 == 0)
        paired = place[left] + 1 < np.repeat(sizes, (sizes + 1) // 2)
        right = left[paired] + 1
        a, b = total[left], np.zeros_like(total[left])
        b[paired] = total[right]
        total = a + b
        other = total - a
        error = (a - (total - other)) + (b - other)
        lost_right = np.zeros_like(b)
        lost_right[paired] = lost[right]
        lost = lost[left] + lost_right + error
        sizes = (sizes + 1) // 2
        starts = np.cumsum(sizes) - sizes
    # once a sum has overflowed, its "error" is not a number
    return total, np.where(np.isfinite(total) & np.isfinite(lost), lost, 0.0)


def sums(x: Floats, starts: Places, sizes: Places) -> Floats:
    total, lost = exact_sums(x, starts, sizes)
    return total + lost


def means(x: Floats, starts: Places, sizes: Places, counts: Floats) -> Floats:
    """Sums divided by `counts`; also where the sum is too large for a float and the mean is not."""
    total, lost = exact_sums(x, starts, sizes)
    found: Floats = total / counts + lost / counts
    over = ~np.isfinite(total)
    if over.any():
        finite = np.logical_and.reduceat(np.isfinite(x), starts, axis=0)
        if (over & finite).any():
            shares = x / np.repeat(counts, sizes, axis=0)
            found = np.where(over & finite, sums(shares, starts, sizes), found)
    return found


def variances(
    x: Floats, there: NDArray[np.bool_], starts: Places, sizes: Places, counts: Floats
) -> Floats:
    """Population variance of the values that are `there`."""
    mean = means(np.where(there, x, 0.0), starts, sizes, counts)
    # a second look at the mean makes the variance of equal numbers exactly zero
    apart = np.where(there, x - np.repeat(mean, sizes, axis=0), 0.0)
    mean = mean + sums(apart, starts, sizes) / counts
    apart = np.where(there, x - np.repeat(mean, sizes, axis=0), 0.0)
    return sums(apart * apart, starts, sizes) / counts


def in_order(x: Floats, starts: Places, sizes: Places) -> Floats:
    """Each run sorted; NaN counts as the smallest."""
    runs = np.repeat(np.arange(len(starts)), sizes)
    nan = np.isnan(x)
    return x[np.lexsort((np.where(nan, 0.0, x), ~nan, runs))]


def quantiles(q: Floats, x: Floats, starts: Places, sizes: Places) -> Floats:
    """The q[g]-quantile of each run, linear between neighbours; beyond 0 and 1 -Inf and Inf."""
    ordered = in_order(x, starts, sizes)
    inside = np.clip(np.nan_to_num(q), 0.0, 1.0)
    rank = inside * (sizes - 1)
    low = np.floor(rank).astype(np.int64)
    high = np.minimum(low + 1, sizes - 1)
    weight = rank - low
    found = ordered[starts + low] * (1 - weight) + ordered[starts + high] * weight
    found = np.where(q < 0, -np.inf, np.where(q > 1, np.inf, found))
    return np.where(np.isnan(q), np.nan, found)
