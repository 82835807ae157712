"""Rows of small whole numbers as bits without gaps, and back."""

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]


def pack(numbers: Words, width: int) -> NDArray[np.uint8]:
    """The low `width` bits of `numbers[rows, n]`, each row padded to whole bytes."""
    rows, n = numbers.shape
    bits = np.unpackbits(numbers.astype(">u8").view(np.uint8).reshape(rows, n, 8), axis=2)
    return np.packbits(bits[:, :, 64 - width :].reshape(rows, n * width), axis=1)


def unpack(packed: NDArray[np.uint8], width: int, n: int) -> Words:
    """`n` numbers of `width` bits from each row of bytes."""
    rows = len(packed)
    if width == 0:
        return np.zeros((rows, n), np.uint64)
    bits = np.zeros((rows, n, 64), np.uint8)
    flat = np.unpackbits(packed, axis=1, count=n * width)
    bits[:, :, 64 - width :] = flat.reshape(rows, n, width)
    return np.packbits(bits, axis=2).reshape(rows, n * 8).view(">u8").astype(np.uint64)


def lengths(numbers: Words) -> NDArray[np.int64]:
    """How many bits each number needs; beyond 2**53 it may say one too many."""
    found: NDArray[np.int64] = np.minimum(np.frexp(numbers.astype(np.float64))[1], 64)
    return found.astype(np.int64)
