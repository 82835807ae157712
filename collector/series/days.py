"""Days in history.db: a site's day is one sheet, its body cut into pieces that fill a page each.

What is left over of the body stands with the head, so that no page is half empty; one series of
a day is read with the head and one or two pieces.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select

from collector.schema import day_pieces, days
from collector.series import sheet, shelf
from collector.series.frames import Frames, Samples, joined, within
from collector.series.sheet import Line, Sheet
from collector.series.shelf import Key, Shelf

DAY_S = 86400
# with its keys this is the largest row that stands whole in a 4096-byte page of SQLite
PIECE = 4040
_AT_ONCE = 400
_TRIES = 5


# made once: putting a statement together costs as much as asking it
_PIECES = select(
    day_pieces.c.day, day_pieces.c.piece, day_pieces.c.version, day_pieces.c.payload
).where(
    day_pieces.c.site_row == bindparam("row"),
    day_pieces.c.day.between(bindparam("first"), bindparam("last")),
    day_pieces.c.piece.in_(bindparam("numbers", expanding=True)),
)
_OF = and_(
    days.c.site_row == bindparam("row"),
    days.c.day.between(bindparam("first"), bindparam("last")),
)
_HEADS = select(days.c.day, days.c.version, days.c.size, days.c.head, days.c.rest).where(_OF)
_SIZES = select(days.c.day, days.c.count).where(_OF)
_MARKS = select(days.c.day, days.c.version, days.c.head).where(_OF)


class Rewritten(Exception):
    """A day was packed again between two statements of one question."""


@dataclass(frozen=True)
class Day:
    """The row of one day."""

    day: int
    version: int
    size: int
    head: bytes
    rest: bytes

    @cached_property
    def sheet(self) -> Sheet:
        return sheet.read_head(self.head)

    def pieces_of(self, lines: Sequence[Line]) -> set[int]:
        """The pieces these lines lie in; what stands with the head is none of them."""
        whole = (self.size - len(self.rest)) // PIECE
        return {
            piece
            for line in lines
            for piece in range(line.start // PIECE, min(-(-line.end // PIECE), whole))
        }


def put(connection: Connection, site_row: int, day: int, axes: Sequence[Frames]) -> int:
    """Store what `sheet.axes_of` gave in place of what stood there; how often that was done."""
    told = select(days.c.version).where(days.c.site_row == site_row, days.c.day == day)
    version = int(connection.execute(told).scalar() or 0) + 1
    delete_one(connection, site_row, day)
    head, body, count = sheet.write(axes)
    whole = len(body) // PIECE
    key = {"site_row": site_row, "day": day, "version": version}
    rows = [
        key | {"piece": piece, "payload": body[piece * PIECE : (piece + 1) * PIECE]}
        for piece in range(whole)
    ]
    if rows:
        connection.execute(insert(day_pieces), rows)
    one = {"count": count, "size": len(body), "head": head, "rest": body[whole * PIECE :]}
    connection.execute(insert(days), [key | one])
    return version


def read(
    connection: Connection,
    site_row: int,
    start: float,
    end: float,
    columns: set[int] | None,
    kept: Shelf | None = None,
) -> Samples:
    """Samples of the wanted columns (None: all) with times in [start, end]."""
    for _ in range(_TRIES):
        try:
            found = _read(connection, site_row, start, end, columns, kept)
        except Rewritten:
            continue
        return joined(within(day, start, end) for day in found)
    raise Rewritten(f"site row {site_row} is packed again and again")


def _read(
    connection: Connection,
    site_row: int,
    start: float,
    end: float,
    columns: set[int] | None,
    kept: Shelf | None,
) -> list[Samples]:
    """Day by day."""
    heads = heads_of(connection, site_row, start, end)
    return read_with(connection, site_row, heads, columns, kept)


def heads_of(connection: Connection, site_row: int, start: float, end: float) -> list[Day]:
    """The rows of the days that [start, end] touches, oldest first."""
    found = _days(connection, site_row, *span(start, end))
    return sorted(found, key=lambda one: one.day)


def marks_of(site_row: int, heads: Iterable[Day]) -> dict[Key, Hashable]:
    """What these days are known by."""
    return {(site_row, one.day): (one.version, one.head) for one in heads}


def read_with(
    connection: Connection,
    site_row: int,
    heads: Sequence[Day],
    columns: set[int] | None,
    kept: Shelf | None,
) -> list[Samples]:
    """The wanted columns of these days; Rewritten where one is packed anew meanwhile."""
    found: dict[Key, Day] = {(site_row, one.day): one for one in heads}

    def load(wanted: Mapping[Key, set[int] | None]) -> dict[Key, Samples]:
        lines = {key: found[key].sheet.of(some) for key, some in wanted.items()}
        some = {found[key].day: (found[key], chosen) for key, chosen in lines.items() if chosen}
        bodies = dict(zip(some, sheet.samples(_bodies(connection, site_row, some)), strict=True))
        return {key: bodies.get(found[key].day, {}) for key in wanted}

    return shelf.read(kept, marks_of(site_row, heads), columns, load)


def frames_of(connection: Connection, site_row: int, day: int) -> list[Frames]:
    """The frames a day was made of; none if it is not there."""
    found: list[Frames] = []
    for one in _days(connection, site_row, day, day):
        pieces = _pieces(connection, site_row, {day: one}, set(range(one.size // PIECE)))
        body = b"".join(payload for _, payload in sorted(pieces[day].items())) + one.rest
        found += sheet.frames(one.sheet, body)
    return found


def columns_of(connection: Connection, site_row: int, start: float, end: float) -> set[int]:
    """The columns with a sample in a day that [start, end] touches."""
    heads = _days(connection, site_row, *span(start, end))
    return set().union(*(one.sheet.columns for one in heads))


def last_day(connection: Connection, site_row: int) -> int | None:
    """The newest day of a site."""
    query = select(func.max(days.c.day)).where(days.c.site_row == site_row)
    found: int | None = connection.execute(query).scalar()
    return found


def first_day(connection: Connection, site_row: int) -> int | None:
    """The oldest day of a site."""
    query = select(func.min(days.c.day)).where(days.c.site_row == site_row)
    found: int | None = connection.execute(query).scalar()
    return found


def oldest(connection: Connection) -> int | None:
    """The oldest day of any site."""
    found: int | None = connection.execute(select(func.min(days.c.day))).scalar()
    return found


def sizes(connection: Connection, site_row: int, asked: Collection[int]) -> dict[int, int]:
    """How many samples those of the days have that are packed."""
    if not asked:
        return {}
    span = {"row": site_row, "first": min(asked), "last": max(asked)}
    return {day: count for day, count in connection.execute(_SIZES, span) if day in asked}


def marks(
    connection: Connection, site_row: int, asked: Collection[int]
) -> dict[int, tuple[int, bytes]]:
    """What those of the days that are packed are known by, as `marks_of` has it."""
    if not asked:
        return {}
    span = {"row": site_row, "first": min(asked), "last": max(asked)}
    found = connection.execute(_MARKS, span)
    return {day: (version, head) for day, version, head in found if day in asked}


def span(start: float, end: float) -> tuple[int, int]:
    """The days that [start, end] touches; years 0 to 9999 stand for "ever"."""
    return int(max(start, -62e9) // DAY_S), int(min(end, 253e9) // DAY_S)


def delete_one(connection: Connection, site_row: int, day: int) -> None:
    """Forget a day of a site."""
    for table in (day_pieces, days):
        old = and_(table.c.site_row == site_row, table.c.day == day)
        connection.execute(delete(table).where(old))


def _days(connection: Connection, site_row: int, first: int, last: int) -> Iterator[Day]:
    asked = {"row": site_row, "first": first, "last": last}
    return (Day(*row) for row in connection.execute(_HEADS, asked))


def _bodies(
    connection: Connection, site_row: int, chosen: Mapping[int, tuple[Day, list[Line]]]
) -> list[list[tuple[Line, bytes]]]:
    """Of each day the bytes of these lines."""
    found = []
    for at in range(0, len(chosen), _AT_ONCE):
        some = [*chosen.values()][at : at + _AT_ONCE]
        numbers = set().union(*(one.pieces_of(lines) for one, lines in some))
        pieces = _pieces(connection, site_row, {one.day: one for one, _ in some}, numbers)
        found += [[(ln, _cut(one, pieces[one.day], ln)) for ln in lines] for one, lines in some]
    return found


def _pieces(
    connection: Connection, site_row: int, wanted: Mapping[int, Day], numbers: set[int]
) -> dict[int, dict[int, bytes]]:
    found: dict[int, dict[int, bytes]] = {day: {} for day in wanted}
    if not numbers:
        return found
    asked = {"row": site_row, "first": min(wanted), "last": max(wanted), "numbers": [*numbers]}
    for day, piece, version, payload in connection.execute(_PIECES, asked):
        if day in found and version == wanted[day].version:
            found[day][piece] = payload
    return found


def _cut(day: Day, pieces: Mapping[int, bytes], line: Line) -> bytes:
    whole = day.size - len(day.rest)
    try:
        parts = [pieces[p] for p in range(line.start // PIECE, -(-min(line.end, whole) // PIECE))]
    except KeyError:
        raise Rewritten from None
    base = line.start // PIECE * PIECE
    if line.end > whole:
        parts.append(day.rest)
        base = min(base, whole)
    return b"".join(parts)[line.start - base : line.end - base]
