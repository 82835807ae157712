"""One number out of each window: the windows in chunks that fit in memory, a function over each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from collector.promql.limits import Limits
from collector.promql.segments import Floats, Places
from collector.promql.vectors import Millis, Spans, Vector, Windows

_AT_ONCE = 1_000_000


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some windows, each with at least one sample: places `lo` to before `hi` of the samples."""

    windows: Windows
    lo: Millis
    hi: Millis
    step: NDArray[np.int64]

    @property
    def sizes(self) -> Places:
        return self.hi - self.lo

    @cached_property
    def starts(self) -> Places:
        return np.cumsum(self.sizes) - self.sizes

    @cached_property
    def places(self) -> Places:
        """Where the samples of all windows are, window after window."""
        shift = np.repeat(self.lo - self.starts, self.sizes)
        return np.arange(int(self.sizes.sum())) + shift

    @cached_property
    def x(self) -> Floats:
        return self.windows.values[self.places]

    @cached_property
    def t(self) -> Millis:
        return self.windows.times[self.places]

    @property
    def ends(self) -> Millis:
        return self.windows.ends[self.step]

    @property
    def asked_at(self) -> Millis:
        return self.windows.steps[self.step]

    def value(self, places: Millis) -> Floats:
        return self.windows.values[places]

    def time(self, places: Millis) -> Millis:
        return self.windows.times[places]

    @property
    def spans(self) -> Spans:
        """What the samples stand for, where they stand for more than themselves."""
        assert self.windows.spans is not None
        return self.windows.spans

    def some(self, which: NDArray[np.bool_]) -> "Chunk":
        return Chunk(self.windows, self.lo[which], self.hi[which], self.step[which])


def over(
    windows: Windows, limits: Limits, function: Callable[[Chunk], Floats], least: int = 1
) -> Vector:
    """`function` of every window that has at least this many samples."""
    shape = windows.lo.shape
    values, present = np.zeros(shape), windows.sizes() >= least
    lo, hi = windows.lo[present], windows.hi[present]
    step = np.nonzero(present)[1]
    found = np.zeros(len(lo))
    for part in _parts(hi - lo):
        limits.check_time()
        found[part] = function(Chunk(windows, lo[part], hi[part], step[part]))
    values[present] = found
    return Vector(windows.labels, values, present, np.ones(len(windows.labels), bool))


def _parts(sizes: Places) -> list[slice]:
    """Neighbouring windows that together have about as many samples as fit."""
    if len(sizes) == 0:
        return []
    behind = np.cumsum(sizes)
    parts, start = [], 0
    while start < len(sizes):
        taken = int(behind[start - 1]) if start else 0
        end = max(int(np.searchsorted(behind, taken + _AT_ONCE, "right")), start + 1)
        parts.append(slice(start, end))
        start = end
    return parts
