"""The steps of one day of a site as few bytes, and those of many days back at once.

Whole numbers of the column's quantum, each less one that is near it, field by field, as numbers
of seven bits a byte, squeezed.
"""

import zlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from collector.series import varints
from collector.series.frames import Values
from collector.series.rollups import EMPTY, Table, stack
from collector.series.runs import FLOATS, POWERS, as_ints, ordered

Ints = NDArray[np.int64]

_FIELDS = 13
# columns, starts, counts and the times of first and last numbers stand as differences
_SUMMED = (0, 1, 3, 10, 11)
# how far a sum of decimals may be from the decimal it should be
_NEAR = 1e-14


def encode(table: Table, day: int) -> bytes:
    """A table of one day, by column and time."""
    places = _places(table)
    least, most, first, last, total, growth = (
        _whole(getattr(table, field), places)
        for field in ("minimum", "maximum", "first", "last", "total", "growth")
    )
    parts = [
        np.diff(table.column, prepend=0),
        np.diff(table.start - day * 86400, prepend=0),
        places,
        np.diff(table.count, prepend=0),
        least,
        most - least,
        first - least,
        last - least,
        np.where(places == FLOATS, total, total - table.count * least),
        growth,
        np.diff(table.begin - table.start * 1000, prepend=0),
        np.diff(table.end - table.start * 1000, prepend=0),
        table.ended,
    ]
    flat = np.concatenate([np.array([len(table)]), *parts]).astype(np.int64)
    return zlib.compress(varints.pack(varints.zigzag(flat)), 6)


def decode(rows: Iterable[tuple[int, bytes]], wanted: Ints | None = None) -> Table:
    """The wanted columns (None: all) of days and what `encode` gave for them, in one table."""
    flat = [(day, zlib.decompress(data)) for day, data in rows]
    if not flat:
        return EMPTY
    packed = varints.Packed(b"".join(data for _, data in flat))
    sizes = np.array([varints.first(data) >> 1 for _, data in flat])
    lengths = 1 + _FIELDS * sizes
    ends = np.cumsum(sizes)
    # where the first field of each step stands, and how far on its next one is
    inside = np.arange(ends[-1]) - np.repeat(ends - sizes, sizes)
    first = np.repeat(np.cumsum(lengths) - lengths + 1, sizes) + inside
    apart = np.repeat(sizes, sizes)

    def field(row: int, of: slice | NDArray[np.bool_]) -> Ints:
        return varints.zagzig(packed.take(first[of] + row * apart[of]))

    every = slice(None)
    column, start, count, begin, end = (_summed(field(row, every), ends) for row in _SUMMED)
    start += np.repeat([day * 86400 for day, _ in flat], sizes)
    begin += start * 1000
    end += start * 1000
    known = dict(zip(_SUMMED, (column, start, count, begin, end), strict=True))
    chosen = every if wanted is None else np.isin(column, wanted)
    table = [known[row][chosen] if row in known else field(row, chosen) for row in range(_FIELDS)]
    return stack([_table(table)])


def _table(told: list[Ints]) -> Table:
    column, start, places, count, least, most, first, last, total, growth = told[:10]
    decimal = places != FLOATS
    total = np.where(decimal, total + count * least, total)
    values = [least, least + most, least + first, least + last, total, growth]
    floats = [_float(numbers, places) for numbers in values]
    minimum, maximum, begun, ended, summed, grown = floats
    return Table(column, start, count, minimum, maximum, summed, begun, ended, grown, *told[10:])


def _summed(numbers: Ints, ends: Ints) -> Ints:
    """Running sums that begin anew after each of the ends."""
    sums = np.cumsum(numbers)
    before = np.concatenate([[0], sums[ends[:-1] - 1]])
    lengths = np.diff(ends, prepend=0)
    found: Ints = sums - np.repeat(np.where(ends - lengths > 0, before, 0), lengths)
    return found


def _places(table: Table) -> Ints:
    """The decimals of each step, or that its numbers are no decimals."""
    if not len(table):
        return np.zeros(0, np.int64)
    told = np.stack([table.minimum, table.maximum, table.first, table.last])
    places = as_ints(np.ascontiguousarray(told))[1].astype(np.int64)
    with np.errstate(over="ignore", invalid="ignore"):
        most = np.maximum(np.abs(table.minimum), np.abs(table.maximum)) * (table.count + 1)
        most = np.maximum(most, np.abs(table.growth))
        sums = np.stack([table.total, table.growth])
        for _ in POWERS:
            power = POWERS[np.minimum(places, len(POWERS) - 1)]
            # samples between first and last may have more decimals than those that are told
            off = np.abs(np.rint(sums * power) / power - sums).max(axis=0) > _NEAR * most
            places[off & (places != FLOATS)] += 1
        whole = (places < len(POWERS)) & ~off & (most * power < 2.0**53)
    return np.where(whole, places, FLOATS)


def _whole(values: Values, places: Ints) -> Ints:
    numbers = ordered(np.ascontiguousarray(values).view(np.int64))
    decimal = places != FLOATS
    numbers[decimal] = np.rint(values[decimal] * POWERS[places[decimal]]).astype(np.int64)
    return numbers


def _float(numbers: Ints, places: Ints) -> Values:
    decimal = numbers / POWERS[np.minimum(places, len(POWERS) - 1)]
    return np.where(places == FLOATS, ordered(numbers).view(np.float64), decimal)
