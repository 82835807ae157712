"""One run of samples of one column as bytes: how it is measured, written and read.

A run begins with a byte of decimals and flags; what follows depends on the flags:
width, lengths of base and first, base, first, factor, holes, packed bits, patches.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collector.series import bits
from collector.series.frames import Values

Ints = NDArray[np.int64]

POWERS = 10.0 ** np.arange(10)
# in the place of the number of decimals: the numbers are bits of floats; there is no number
FLOATS, NULLS = 15, 14
DELTA, HOLES, FACTOR, PATCHED = 16, 32, 64, 128
_CONSTANT = 128
# a constant of 0 to 95 stands in the byte itself
_LITERALS = 96
_MOST_PATCHES = 8
_NULL = np.array([np.nan]).view(np.uint64)[0]
_MAGNITUDE = np.int64(0x7FFFFFFFFFFFFFFF)


@dataclass(slots=True)
class Run:
    """A run as it stands in a payload; `end` is where the next one begins."""

    n: int
    flags: int
    width: int = 0
    base: int = 0
    first: int = 0
    factor: int = 1
    holes: bytes = b""
    packed: bytes = b""
    patches: bytes = b""
    end: int = 0


@dataclass(slots=True)
class _Fit:
    """Numbers less their least, over the factor: `width` bits hold all but a few of a column."""

    base: Ints
    rest: bits.Words
    width: Ints
    patches: Ints
    cost: Ints


def as_ints(values: Values) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Whole numbers for values[n, c], the decimals of each column, and where there are nulls."""
    holes: NDArray[np.bool_] = values.view(np.uint64) == _NULL
    if holes.any():
        values = _filled(values, holes)
    decimals = np.full(values.shape[1], FLOATS)
    numbers = ordered(values.view(np.int64))
    left = np.arange(values.shape[1])
    with np.errstate(over="ignore", invalid="ignore"):
        for places, power in enumerate(POWERS):
            these = values[:, left]
            # adding zero takes the sign from a zero, which a whole number cannot keep
            whole = np.rint(these * power) + 0.0
            exact = (np.abs(whole) < 2**53) & (
                (whole / power).view(np.uint64) == these.view(np.uint64)
            )
            good = exact.all(axis=0)
            decimals[left[good]] = places
            numbers[:, left[good]] = whole[:, good].astype(np.int64)
            left = left[~good]
            if not len(left):
                break
    decimals[holes.all(axis=0)] = NULLS
    return numbers, decimals, holes


def ordered(numbers: Ints) -> Ints:
    """The bits of floats as integers in the order of the floats; its own inverse."""
    return numbers ^ ((numbers >> 63) & _MAGNITUDE)


def write(values: Values) -> list[bytes]:
    """Each column of values[n, c] as one run; n is at least 1."""
    numbers, decimals, holes = as_ints(np.ascontiguousarray(values))
    factor = factors(numbers, decimals)
    plain = _fit(numbers, factor)
    chosen = [(plain, np.arange(numbers.shape[1]))]
    if len(numbers) > 1:
        steps = _fit(np.diff(numbers, axis=0), factor)
        by_step = steps.cost + 8 * _sizes(numbers[0]) < plain.cost
        chosen = [(plain, np.flatnonzero(~by_step)), (steps, np.flatnonzero(by_step))]
    runs = [b""] * numbers.shape[1]
    # plain numbers at once: one by one an array gives them ten times as slowly
    decimal_of, factor_of, first_of = decimals.tolist(), factor.tolist(), numbers[0].tolist()
    hollow: list[bool] = np.any(holes, axis=0).tolist()
    for fit, columns in chosen:
        packed = _packed(fit, columns)
        widths, bases, patched = fit.width.tolist(), fit.base.tolist(), fit.patches.tolist()
        for c in columns.tolist():
            if decimal_of[c] == NULLS:
                runs[c] = bytes([NULLS])
                continue
            first = None if fit is plain else first_of[c]
            flags = decimal_of[c] | (HOLES if hollow[c] else 0) | (PATCHED if patched[c] else 0)
            head = _head(flags, widths[c], bases[c], first, factor_of[c])
            runs[c] = head + (np.packbits(holes[:, c]).tobytes() if hollow[c] else b"") + packed[c]
            if patched[c]:
                runs[c] += _patches(fit, c)
    return runs


def read(data: bytes, at: int, n: int) -> Run:
    """The run of n samples that begins at `at`."""
    flags = data[at]
    if flags & 15 == NULLS:
        return Run(n, flags, end=at + 1)
    run = Run(n, flags, data[at + 1])
    if run.width & _CONSTANT:
        _read_constant(data, at + 2, run)
    else:
        _read_sizes(data, at + 2, run)
    at = run.end
    if flags & HOLES:
        run.holes = data[at : at + (n + 7) // 8]
        at += (n + 7) // 8
    size = ((n - 1 if flags & DELTA else n) * run.width + 7) // 8
    run.packed = data[at : at + size]
    at += size
    if flags & PATCHED:
        size = 2 + data[at] * (1 + data[at + 1])
        run.patches = data[at : at + size]
        at += size
    run.end = at
    return run


def skip(data: bytes, at: int, n: int) -> int:
    """Where the run of n samples that begins at `at` ends; three times as fast as reading it."""
    flags, second = data[at], data[at + 1] if at + 1 < len(data) else 0
    if flags & 15 == NULLS:
        return at + 1
    at += 2
    size = (n + 7) // 8 if flags & HOLES else 0
    if second & _CONSTANT:
        return at + size + max((second & 127) - _LITERALS, 0)
    at += 1 + (data[at] & 15) + (data[at] >> 4)
    if flags & FACTOR:
        at += 1 + data[at]
    at += size + ((n - 1 if flags & DELTA else n) * second + 7) // 8
    if flags & PATCHED:
        at += 2 + data[at] * (1 + data[at + 1])
    return at


def values_of(runs: Sequence[Run]) -> Values:
    """The samples of runs alike in length, width and use of differences: values[run, n]."""
    n, width, delta = runs[0].n, runs[0].width, bool(runs[0].flags & DELTA)
    packed = np.frombuffer(b"".join([run.packed for run in runs]), np.uint8)
    words = bits.unpack(packed.reshape(len(runs), -1), width, n - delta)
    for place, run in enumerate(runs):
        if run.patches:
            _mend(words[place], run)
    words *= np.array([run.factor for run in runs], np.uint64)[:, None]
    words += np.array([run.base for run in runs], np.int64).view(np.uint64)[:, None]
    if delta:
        first = np.array([run.first for run in runs], np.int64).view(np.uint64)
        words = np.cumsum(np.column_stack([first, words]), axis=1, dtype=np.uint64)
    kinds = np.array([run.flags & 15 for run in runs])
    numbers = words.view(np.int64)
    values: Values = numbers / POWERS[np.minimum(kinds, len(POWERS) - 1)][:, None]
    floats = kinds == FLOATS
    values[floats] = ordered(numbers[floats]).view(np.float64)
    values[kinds == NULLS] = np.nan
    for place, run in enumerate(runs):
        if run.holes:
            holes = np.unpackbits(np.frombuffer(run.holes, np.uint8), count=n).view(bool)
            values[place, holes] = np.nan
    return values


def _filled(values: Values, holes: NDArray[np.bool_]) -> Values:
    """Nulls replaced by the value before (or, at the start, after), which costs no bits."""
    places = np.where(holes, -1, np.arange(len(values))[:, None])
    before = np.maximum.accumulate(places, axis=0)
    first = np.argmin(holes, axis=0)
    filled: Values = np.take_along_axis(values, np.where(before < 0, first, before), axis=0)
    filled[:, holes.all(axis=0)] = 0.0
    return filled


def factors(numbers: Ints, decimals: Ints) -> bits.Words:
    """By column: what all numbers, less their least, are multiples of."""
    apart = numbers.view(np.uint64) - numbers.min(axis=0).view(np.uint64)
    factor = np.maximum(np.gcd.reduce(apart, axis=0), np.uint64(1))
    # differences of the bits of floats may wrap around, which only powers of two survive
    two = factor & (~factor + np.uint64(1))
    chosen: bits.Words = np.where(decimals == FLOATS, two, factor)
    return chosen


def _fit(numbers: Ints, factor: bits.Words) -> _Fit:
    n = len(numbers)
    base = numbers.min(axis=0)
    rest = (numbers.view(np.uint64) - base.view(np.uint64)) // factor
    top = np.sort(rest, axis=0)[::-1][: _MOST_PATCHES + 1]
    widths = bits.lengths(top)
    count = np.arange(len(top))[:, None]
    high = (widths[0] - widths + 7) // 8
    costs = n * widths + (count > 0) * (16 + 8 * count * (1 + high))
    best = np.argmin(costs, axis=0)
    columns = np.arange(numbers.shape[1])
    cost = costs[best, columns] + 8 * _sizes(base)
    return _Fit(base, rest, widths[best, columns], best, cost)


def _sizes(numbers: Ints) -> Ints:
    """About how many bytes each number takes in the head of a run."""
    return bits.lengths(np.abs(numbers).view(np.uint64)) // 8 + 1


def _packed(fit: _Fit, columns: Ints) -> dict[int, bytes]:
    packed = dict.fromkeys(columns.tolist(), b"")
    for width in np.unique(fit.width[columns]).tolist():
        if width:
            these = columns[fit.width[columns] == width]
            rows = bits.pack(np.ascontiguousarray(fit.rest[:, these].T), width)
            packed.update(zip(these.tolist(), [row.tobytes() for row in rows], strict=True))
    return packed


def _head(flags: int, width: int, base: int, first: int | None, factor: int) -> bytes:
    if width == 0 and first is None and not flags & PATCHED:
        return bytes([flags]) + _constant(base)
    flags |= FACTOR if factor > 1 else 0
    least, start = _signed(base), b""
    if first is not None:
        flags, start = flags | DELTA, _signed(first)
    head = bytes([flags, width, len(least) | len(start) << 4]) + least + start
    if factor > 1:
        size = (factor.bit_length() + 7) // 8
        head += bytes([size]) + factor.to_bytes(size, "little")
    return head


def _constant(number: int) -> bytes:
    if 0 <= number < _LITERALS:
        return bytes([_CONSTANT | number])
    base = _signed(number)
    return bytes([_CONSTANT | _LITERALS + len(base)]) + base


def _read_constant(data: bytes, at: int, run: Run) -> None:
    number, run.width, run.end = run.width & 127, 0, at
    if number < _LITERALS:
        run.base = number
    else:
        run.end += number - _LITERALS
        run.base = int.from_bytes(data[at : run.end], "little", signed=True)


def _read_sizes(data: bytes, at: int, run: Run) -> None:
    base, first = data[at] & 15, data[at] >> 4
    at += 1
    run.base = int.from_bytes(data[at : at + base], "little", signed=True)
    at += base
    run.first = int.from_bytes(data[at : at + first], "little", signed=True)
    at += first
    if run.flags & FACTOR:
        size = data[at]
        run.factor = int.from_bytes(data[at + 1 : at + 1 + size], "little")
        at += 1 + size
    run.end = at


def _patches(fit: _Fit, c: int) -> bytes:
    """What the numbers that need more bits have above them: places, then the high parts."""
    rest, width = fit.rest[:, c], np.uint64(fit.width[c])
    high = rest >> width
    places = np.flatnonzero(high)
    size = (int(high.max()).bit_length() + 7) // 8
    parts = b"".join(int(part).to_bytes(size, "little") for part in high[places])
    return bytes([len(places), size]) + places.astype(np.uint8).tobytes() + parts


def _mend(words: bits.Words, run: Run) -> None:
    count, size = run.patches[0], run.patches[1]
    for i in range(count):
        at = 2 + count + i * size
        high = int.from_bytes(run.patches[at : at + size], "little")
        words[run.patches[2 + i]] |= np.uint64(high << run.width)


def _signed(number: int) -> bytes:
    size = (number.bit_length() + 8) // 8 if number else 0
    return number.to_bytes(size, "little", signed=True)
