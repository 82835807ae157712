"""A column of a whole day as few bytes: entropy coding pays where there are enough samples.

Like a run (`runs.py`) a column is whole numbers of its quantum, or their differences, less their
least, over their factor. Those numbers go through pcodec, which finds how often each size comes.
What hardly ever changes is its common value and the exceptions; what is short is runs.
"""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pcodec import ChunkConfig, DeltaSpec, ModeSpec, PagingSpec, wrapped

from collector.series import bits, codec
from collector.series.codec import read_varint, varint
from collector.series.frames import Values
from collector.series.runs import FLOATS, NULLS, POWERS, Ints, as_ints, factors, ordered

# below this pcodec's table of sizes costs more than it saves
SHORT = 160
_HOLES = 16
_COMMON, _PLAIN, _STEPS, _RUNS = 0, 32, 64, 96
_FORMS = 96
_FEW = 16
_WORDS = (np.uint16, np.uint32, np.uint64)
_NAMES = ("u16", "u32", "u64")
_STILL = 3  # in place of a word: all numbers are 0
_CONFIG = ChunkConfig(
    compression_level=6,
    # order and mode are chosen here, which is quicker and better for the numbers of villages
    delta_spec=DeltaSpec.no_op(),
    mode_spec=ModeSpec.classic(),
    paging_spec=PagingSpec.equal_pages_up_to(1 << 24),
)
_FILE = wrapped.FileCompressor()
_READER = wrapped.FileDecompressor.new(_FILE.write_header())[0]


def encode_columns(values: Values) -> list[bytes]:
    """Each column of values[n, c]; n is at least 1."""
    if len(values) < SHORT:
        return [bytes([_RUNS]) + runs for runs in codec.encode_columns(values)]
    numbers, decimals, holes = as_ints(np.ascontiguousarray(values))
    steps = np.diff(numbers, axis=0)
    by_step = _spread(steps) < _spread(numbers)
    plain = factors(numbers, decimals), factors(steps, decimals)
    done = []
    for c, places in enumerate(decimals.tolist()):
        if places == NULLS:
            done.append(bytes([NULLS]))
            continue
        column = np.ascontiguousarray(numbers[:, c])
        hollow = b""
        if holes[:, c].any():
            packed = zlib.compress(np.packbits(holes[:, c]).tobytes())
            hollow = varint(len(packed)) + packed
        form, body = _common(column)
        if not body and by_step[c]:
            form, first = _STEPS, varint(zigzag(int(column[0])))
            body = first + _words(np.ascontiguousarray(steps[:, c]), int(plain[1][c]))
        elif not body:
            form, body = _PLAIN, _words(column, int(plain[0][c]))
        done.append(bytes([places | form | (_HOLES if hollow else 0)]) + hollow + body)
    return done


def decode_columns(columns: Sequence[tuple[int, bytes]]) -> list[Values]:
    """The samples of columns given as their length and bytes."""
    found: list[Values] = [np.zeros(0)] * len(columns)
    runs = [place for place, (_, data) in enumerate(columns) if data[0] == _RUNS]
    parsed = [codec.parse(columns[place][1], 1, columns[place][0])[0] for place in runs]
    for place, values in zip(runs, codec.decode_columns(parsed), strict=True):
        found[place] = values
    for place, (n, data) in enumerate(columns):
        if data[0] != _RUNS:
            found[place] = _decode(n, data)
    return found


def zigzag(number: int) -> int:
    """Small numbers of either sign as small ones from 0."""
    return number << 1 if number >= 0 else ~(number << 1)


def zagzig(number: int) -> int:
    return ~(number >> 1) if number & 1 else number >> 1


def _spread(numbers: Ints) -> Values:
    """About how many bits the numbers of each column take, for telling which of two is shorter."""
    apart = np.abs(numbers.astype(np.float64) - np.median(numbers, axis=0))
    total: Values = np.log2(1.0 + apart).sum(axis=0)
    return total


def _common(column: Ints) -> tuple[int, bytes]:
    """One value and few exceptions; nothing where there is no such value."""
    middle = int(np.sort(column)[len(column) // 2])
    places = np.flatnonzero(column != middle)
    if len(places) > len(column) // _FEW:
        return _COMMON, b""
    body = varint(zigzag(middle)) + varint(len(places))
    body += b"".join(map(varint, np.diff(places, prepend=0).tolist()))
    others = column[places].tolist()
    return _COMMON, body + b"".join(varint(zigzag(other - middle)) for other in others)


def _words(numbers: Ints, factor: int) -> bytes:
    base = int(numbers.min())
    rest = (numbers.view(np.uint64) - np.int64(base).view(np.uint64)) // np.uint64(factor)
    most = int(rest.max())
    kind = _STILL if most == 0 else 0 if most < 1 << 16 else 1 if most < 1 << 32 else 2
    head = varint(zigzag(base)) + varint(factor << 2 | kind)
    if kind == _STILL:
        return head
    chunk = _FILE.chunk_compressor(np.ascontiguousarray(rest.astype(_WORDS[kind])), _CONFIG)
    packed: bytes = head + chunk.write_meta() + chunk.write_page(0)
    return packed


def _decode(n: int, data: bytes) -> Values:
    flags, at = data[0], 1
    places, form = flags & 15, flags & _FORMS
    if places == NULLS:
        return np.full(n, np.nan)
    holes = None
    if flags & _HOLES:
        size, at = read_varint(data, at)
        packed = np.frombuffer(zlib.decompress(data[at : at + size]), np.uint8)
        holes = np.unpackbits(packed, count=n).view(bool)
        at += size
    if form == _COMMON:
        numbers = _read_common(n, data, at)
    elif form == _STEPS:
        first, at = read_varint(data, at)
        numbers = np.empty(n, np.int64)
        numbers[0] = zagzig(first)
        numbers[1:] = _read_words(n - 1, data, at)
        np.cumsum(numbers, out=numbers)
    else:
        numbers = _read_words(n, data, at)
    values: Values
    values = ordered(numbers).view(np.float64) if places == FLOATS else numbers / POWERS[places]
    if holes is not None:
        values[holes] = np.nan
    return values


def _read_common(n: int, data: bytes, at: int) -> Ints:
    middle, at = read_varint(data, at)
    count, at = read_varint(data, at)
    numbers = np.full(n, zagzig(middle), np.int64)
    told = []
    for _ in range(2 * count):
        number, at = read_varint(data, at)
        told.append(number)
    places = np.cumsum(told[:count], dtype=np.int64)
    numbers[places] = [zagzig(middle) + zagzig(apart) for apart in told[count:]]
    return numbers


def _read_words(n: int, data: bytes, at: int) -> Ints:
    base, at = read_varint(data, at)
    factor, at = read_varint(data, at)
    kind, least = factor & 3, np.int64(zagzig(base))
    if kind == _STILL:
        return np.full(n, least)
    chunk, used = _READER.chunk_decompressor(data[at:], _NAMES[kind])
    raw: NDArray[np.unsignedinteger] = np.empty(n, _WORDS[kind])
    chunk.read_page_into(data[at + used :], n, raw)
    words: bits.Words = raw.astype(np.uint64)
    if factor > 7:
        words *= np.uint64(factor >> 2)
    words += least.view(np.uint64)
    return words.view(np.int64)
