"""Rows of numbers as few bytes: column by column, whole or decimal differences, then zlib."""

import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise

# what a column is: this many decimals (0 to 9), or raw 64 bit floats
_DECIMALS = 10
_RAW = 0x40
_HAS_NULLS = 0x80
# beyond this a float no longer holds every whole number
_EXACT = 2**53
_NULL = float("nan")


def pack(rows: Sequence["array[float]"]) -> bytes:
    """Rows of equal length, NaN for null, to bytes; `unpack` gives the same numbers back."""
    packed = bytearray()
    for column in zip(*rows, strict=True):
        _pack_column(column, packed)
    return zlib.compress(packed, 9)


def unpack(blob: bytes, count: int, width: int) -> list["array[float]"]:
    """`count` rows of `width` numbers; ValueError when the bytes are not such rows."""
    try:
        stream = iter(zlib.decompress(blob))
        columns = [_unpack_column(stream, count) for _ in range(width)]
    except (zlib.error, StopIteration) as error:
        raise ValueError("not packed rows") from error
    return [array("d", (column[row] for column in columns)) for row in range(count)]


def _pack_column(column: tuple[float, ...], packed: bytearray) -> None:
    numbers = [v for v in column if v == v]
    flags = _HAS_NULLS if len(numbers) < len(column) else 0
    whole, mode = _as_whole(numbers)
    packed.append(flags | mode)
    if flags:
        bits = sum(1 << i for i, v in enumerate(column) if v == v)
        packed += bits.to_bytes((len(column) + 7) // 8, "little")
    if mode == _RAW:
        packed += struct.pack(f"<{len(numbers)}d", *numbers)
    elif whole:
        _put(whole[0], packed)
        for before, after in pairwise(whole):
            _put(after - before, packed)


def _as_whole(numbers: list[float]) -> tuple[list[int], int]:
    """The numbers as whole ones and the decimals that takes; _RAW when nothing loses nothing."""
    most = max(map(abs, numbers), default=0.0)
    for decimals in range(_DECIMALS):
        scale = 10**decimals
        if most * scale >= _EXACT:
            break
        # of a column that is not whole most often the first number tells already
        if all(round(v * scale) / scale == v for v in numbers):
            return [round(v * scale) for v in numbers], decimals
    return [], _RAW


def _unpack_column(stream: Iterator[int], count: int) -> list[float]:
    flags = next(stream)
    mode = flags & ~_HAS_NULLS
    present = [True] * count
    if flags & _HAS_NULLS:
        bits = int.from_bytes(_take(stream, (count + 7) // 8), "little")
        present = [bool(bits >> i & 1) for i in range(count)]
    numbers = _numbers(stream, mode, sum(present))
    return [next(numbers) if there else _NULL for there in present]


def _numbers(stream: Iterator[int], mode: int, count: int) -> Iterator[float]:
    if mode == _RAW:
        yield from struct.unpack(f"<{count}d", _take(stream, 8 * count))
        return
    if mode >= _DECIMALS:
        raise ValueError(f"no such kind of column: {mode}")
    whole, scale = 0, 10**mode
    for _ in range(count):
        whole += _get(stream)
        yield whole / scale


def _put(number: int, packed: bytearray) -> None:
    """Zigzag, then seven bits a byte, low ones first: small differences take one byte."""
    number = number << 1 if number >= 0 else ~(number << 1)
    while number > 0x7F:
        packed.append(number & 0x7F | 0x80)
        number >>= 7
    packed.append(number)


def _get(stream: Iterator[int]) -> int:
    number = shift = 0
    for byte in stream:
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return ~(number >> 1) if number & 1 else number >> 1
        shift += 7
    raise ValueError("ends too early")


def _take(stream: Iterator[int], count: int) -> bytes:
    taken = bytes(byte for _, byte in zip(range(count), stream, strict=False))
    if len(taken) < count:
        raise ValueError("ends too early")
    return taken
