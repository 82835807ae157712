"""Frames of one site, however they were kept, become samples by column.

Times of samples are whole milliseconds everywhere; a value is its 64 bits, NaN included.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
Values = NDArray[np.float64]
Ids = NDArray[np.int32]
Line = tuple[Times, Values]
Samples = dict[int, Line]


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Samplings of the same columns: `times[n]`, `columns[c]` ascending, `values[n, c]`."""

    times: Times
    columns: Ids
    values: Values


def to_ms(times: NDArray[np.float64]) -> Times:
    """UTC epoch seconds as they are kept: the nearest whole millisecond."""
    kept: Times = np.rint(times * 1000.0) / 1000.0
    return kept


def samples(frames: Iterable[Frames]) -> Samples:
    """Every column in order of time; the same time and bits stand once."""
    pieces: dict[int, list[Line]] = {}
    for part in frames:
        for place, column in enumerate(part.columns.tolist()):
            if len(part.times):
                pieces.setdefault(column, []).append((part.times, part.values[:, place]))
    return merged(pieces)


def merged(pieces: Mapping[int, list[Line]]) -> Samples:
    """One run of samples for each column out of its pieces; where these share their times, the
    columns do."""
    shared: dict[tuple[int, ...], tuple[Times, NDArray[np.int64] | None, bool]] = {}
    found: Samples = {}
    for column, parts in pieces.items():
        key = tuple([id(times) for times, _ in parts])
        if key not in shared:
            shared[key] = _ordered(_one([times for times, _ in parts]))
        times, order, apart = shared[key]
        values = _one([values for _, values in parts])
        if order is not None:
            values = values[order]
        found[column] = (times, values) if apart else _once(times, values)
    return found


def joined(parts: Iterable[Samples]) -> Samples:
    """What was read from several places."""
    full = [part for part in parts if part]
    if len(full) == 1:
        return full[0]
    pieces: dict[int, list[Line]] = {}
    for part in full:
        for column, line in part.items():
            pieces.setdefault(column, []).append(line)
    return merged(pieces)


def within(found: Samples, start: float, end: float) -> Samples:
    """The samples with times in [start, end]; columns that share their times go on sharing them."""
    cut: dict[int, tuple[Times, slice]] = {}
    kept: Samples = {}
    for column, (times, values) in found.items():
        if len(times) and start <= times[0] and times[-1] <= end:
            kept[column] = (times, values)
            continue
        if id(times) not in cut:
            these = slice(int(times.searchsorted(start)), int(times.searchsorted(end, "right")))
            cut[id(times)] = (times[these], these)
        some, these = cut[id(times)]
        if len(some):
            kept[column] = (some, values[these])
    return kept


def _one(parts: list[Values]) -> Values:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _ordered(times: Times) -> tuple[Times, NDArray[np.int64] | None, bool]:
    """The times in order, by which order they came into it, and whether no two are the same."""
    if (times[1:] > times[:-1]).all():
        return times, None, True
    order = np.argsort(times, kind="stable")
    times = times[order]
    return times, order, bool((times[1:] > times[:-1]).all())


def _once(times: Times, values: Values) -> Line:
    """In order; the same sample once."""
    bits = np.ascontiguousarray(values).view(np.uint64)
    order = np.lexsort((bits, times))
    times, bits = times[order], bits[order]
    new = np.ones(len(times), bool)
    new[1:] = (times[1:] != times[:-1]) | (bits[1:] != bits[:-1])
    return times[new], bits[new].view(np.float64)
