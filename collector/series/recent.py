"""What the window held of one site, cut down to what is asked of it. Pure."""

from collections.abc import Collection, Iterable

import numpy as np

from collector.series.frames import Frames, Samples, samples
from collector.series.rollup_store import DAY_S


def cut(
    recent: Iterable[Frames], start: float, end: float, wanted: Collection[int]
) -> list[Frames]:
    """The wanted columns with times in [start, end] of what the window held."""
    found, want = [], np.array(sorted(wanted), np.int32)
    for frames in recent:
        at = np.minimum(want.searchsorted(frames.columns), len(want) - 1)
        mine = np.flatnonzero(want[at] == frames.columns)
        inside = np.flatnonzero((frames.times >= start) & (frames.times <= end))
        if len(mine) and len(inside):
            values = frames.values[inside[:, None], mine]
            found.append(Frames(frames.times[inside], frames.columns[mine], values))
    return found


def later(frames: Frames, start: float) -> Frames:
    """Those from `start` on."""
    late = frames.times >= start
    return Frames(frames.times[late], frames.columns, frames.values[late])


def newest_of(frames: Iterable[Frames]) -> dict[int, tuple[float, float]]:
    """Time and value of the newest sample of each column."""
    parts = [part for part in frames if len(part.times)]
    ends = [part.times == part.times.max() for part in parts]
    moments = [float(part.times[end][0]) for part, end in zip(parts, ends, strict=True)]
    if len(set(moments)) < sum(int(end.sum()) for end in ends):
        # of two samples of one moment the same one counts as everywhere
        return last_of(samples(parts))
    found: dict[int, tuple[float, float]] = {}
    for moment, place in sorted(zip(moments, range(len(parts)), strict=True)):
        values = parts[place].values[ends[place]][0].tolist()
        pairs = zip(parts[place].columns.tolist(), values, strict=True)
        found |= {column: (moment, value) for column, value in pairs}
    return found


def last_of(found: Samples) -> dict[int, tuple[float, float]]:
    """The same of samples in order."""
    return {c: (float(times[-1]), float(values[-1])) for c, (times, values) in found.items()}


def days_in(found: Iterable[Frames]) -> set[int]:
    """The days (UTC) of which there is anything."""
    return {int(day) for frames in found for day in {*(frames.times // DAY_S).tolist()}}
