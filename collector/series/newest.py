"""Of everything that is known of a site, the newest sample of each column."""

from collections.abc import Iterable

from collector.series.frames import Frames, Samples, samples


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
    """Time and value of the last sample of each column."""
    return {c: (float(times[-1]), float(values[-1])) for c, (times, values) in found.items()}
