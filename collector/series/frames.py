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
Samples = dict[int, tuple[Times, Values]]


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
    pieces: dict[int, list[tuple[Times, Values]]] = {}
    for part in frames:
        for place, column in enumerate(part.columns.tolist()):
            if len(part.times):
                pieces.setdefault(column, []).append((part.times, part.values[:, place]))
    return merged(pieces)


def merged(pieces: Mapping[int, list[tuple[Times, Values]]]) -> Samples:
    """One run of samples for each column out of its pieces."""
    return {column: _merge(found) for column, found in pieces.items()}


def _merge(pieces: list[tuple[Times, Values]]) -> tuple[Times, Values]:
    times = pieces[0][0] if len(pieces) == 1 else np.concatenate([t for t, _ in pieces])
    values = pieces[0][1] if len(pieces) == 1 else np.concatenate([v for _, v in pieces])
    if len(times) < 2 or bool((times[1:] > times[:-1]).all()):
        return times, values
    bits = np.ascontiguousarray(values).view(np.uint64)
    order = np.lexsort((bits, times))
    times, bits = times[order], bits[order]
    new = np.ones(len(times), bool)
    new[1:] = (times[1:] != times[:-1]) | (bits[1:] != bits[:-1])
    return times[new], bits[new].view(np.float64)
