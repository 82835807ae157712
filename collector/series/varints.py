"""Many whole numbers as few bytes at once: seven bits a byte, the low ones first."""

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Ints = NDArray[np.int64]

_BYTES = 10
_SHIFTS = np.arange(_BYTES, dtype=np.uint64) * np.uint64(7)


def pack(numbers: Words) -> bytes:
    """What `codec.varint` gives for each number, one after the other."""
    if not len(numbers):
        return b""
    parts = (numbers[:, None] >> _SHIFTS) & np.uint64(127)
    sizes = 1 + np.max(np.where(parts > 0, np.arange(_BYTES), 0), axis=1)
    place = np.arange(_BYTES)
    more = place < sizes[:, None] - 1
    marked = parts.astype(np.uint8) | np.where(more, 128, 0).astype(np.uint8)
    return bytes(marked[place < sizes[:, None]])


def unpack(data: bytes) -> Words:
    """All the numbers of such bytes."""
    return Packed(data).all()


def first(data: bytes) -> int:
    """The first number, without the others."""
    number = shift = 0
    for byte in data:
        number |= (byte & 127) << shift
        if byte < 128:
            break
        shift += 7
    return number


class Packed:
    """Numbers of such bytes by their places, without reading the others."""

    def __init__(self, data: bytes) -> None:
        self._raw = np.frombuffer(data, np.uint8)
        self._ends = np.flatnonzero(self._raw < 128)
        self._starts = np.zeros(len(self._ends), np.int64)
        self._starts[1:] = self._ends[:-1] + 1

    def all(self) -> Words:
        return self._read(self._starts, self._ends)

    def take(self, places: Ints) -> Words:
        found: Words = self._read(self._starts[places], self._ends[places])
        return found

    def _read(self, starts: Ints, ends: Ints) -> Words:
        raw = self._raw
        numbers: Words = (raw[starts] & 127).astype(np.uint64)
        long = np.flatnonzero(ends > starts)
        for shift in _SHIFTS[1:]:
            starts = starts[long] + 1 if shift == 7 else starts + 1
            if not len(long):
                break
            numbers[long] |= (raw[starts] & 127).astype(np.uint64) << shift
            more = ends[long] > starts
            long, starts = long[more], starts[more]
        return numbers


def zigzag(numbers: Ints) -> Words:
    """Small numbers of either sign as small ones from 0."""
    return ((numbers << 1) ^ (numbers >> 63)).view(np.uint64)


def zagzig(numbers: Words) -> Ints:
    back = (numbers >> np.uint64(1)).view(np.int64) ^ -(numbers & np.uint64(1)).view(np.int64)
    return np.asarray(back, np.int64)
