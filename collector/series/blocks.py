"""Blocks in history.db: a site's hours in parts, packed from the window or come late."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select

from collector.db import upsert
from collector.schema import blocks, packed
from collector.series import shelf
from collector.series.frames import Frames, Samples, joined, to_ms, within
from collector.series.parts import (
    HEAD,
    Head,
    Piece,
    read_group,
    read_head,
    read_parts,
    samples_of,
    write_parts,
)
from collector.series.shelf import Shelf

_AT_ONCE = 500

_CLEAR = delete(blocks).where(
    blocks.c.site_row == bindparam("row"),
    blocks.c.hour == bindparam("at"),
    blocks.c.part == bindparam("which"),
)

# made once: putting a statement together costs as much as asking it
_HEADS = select(blocks.c.hour, blocks.c.part, blocks.c.payload).where(
    blocks.c.site_row == bindparam("row"),
    blocks.c.hour.between(bindparam("first"), bindparam("last")),
    blocks.c.group == HEAD,
)
_GROUPS = select(blocks.c.hour, blocks.c.part, blocks.c.group, blocks.c.payload).where(
    blocks.c.site_row == bindparam("row"),
    blocks.c.hour.between(bindparam("first"), bindparam("last")),
    blocks.c.group.in_(bindparam("groups", expanding=True)),
)
_WAITING = (
    select(blocks.c.hour, func.max(blocks.c.part), func.sum(blocks.c.count))
    .where(blocks.c.site_row == bindparam("row"), blocks.c.hour < bindparam("before"))
    .group_by(blocks.c.hour)
)
_PACKED = select(packed.c.until).where(packed.c.site_row == bindparam("row"))

Key = tuple[int, int]  # hour, part


def put(connection: Connection, parts: Mapping[tuple[int, int, int], Sequence[Frames]]) -> None:
    """Store frames under (site row, hour, part), in place of what stood there."""
    if not parts:
        return
    keys = [{"row": row, "at": hour, "which": part} for row, hour, part in parts]
    connection.execute(_CLEAR, keys)
    rows = [
        {
            "site_row": row,
            "hour": hour,
            "part": part,
            "group": group,
            "count": count,
            "payload": payload,
        }
        for (row, hour, part), payloads in zip(parts, write_parts([*parts.values()]), strict=True)
        for group, count, payload in payloads
    ]
    connection.execute(insert(blocks), rows)


def put_late(
    connection: Connection, site_row: int, position: int, frames: Sequence[Frames]
) -> None:
    """Store frames that came too late for the window, under the journal position at which the
    batch being folded begins: folded again after a crash, they replace themselves.
    """
    put_all_late(connection, position, {site_row: frames})


def put_all_late(
    connection: Connection, position: int, frames: Mapping[int, Sequence[Frames]]
) -> None:
    """`put_late` for many site rows, which costs less than one after the other."""
    # parts from 0 down are packed from the window
    put(
        connection,
        {
            (row, hour, position + 1): within
            for row, late in frames.items()
            for hour, within in _by_hour(late).items()
        },
    )


def read(
    connection: Connection,
    site_row: int,
    start: float,
    end: float,
    columns: Iterable[int] | None = None,
    kept: Shelf | None = None,
) -> Samples:
    """Samples of the wanted columns (None: all) with times in [start, end]."""
    heads = heads_of(connection, site_row, start, end)
    wanted = None if columns is None else set(columns)
    found = read_with(connection, site_row, heads, wanted, kept)
    return joined(within(part, start, end) for part in found)


def heads_of(connection: Connection, site_row: int, start: float, end: float) -> dict[Key, bytes]:
    """The heads of the parts of the hours that [start, end] touches, in their order."""
    return dict(_head_rows(connection, site_row, start, end))


def marks_of(site_row: int, heads: Mapping[Key, bytes]) -> dict[shelf.Key, bytes]:
    """What these parts are known by."""
    return {(site_row, *key): head for key, head in heads.items()}


def read_with(
    connection: Connection,
    site_row: int,
    heads: Mapping[Key, bytes],
    columns: set[int] | None,
    kept: Shelf | None,
) -> list[Samples]:
    """The wanted columns of these parts."""

    def load(wanted: Mapping[shelf.Key, set[int] | None]) -> dict[shelf.Key, Samples]:
        asked = {(hour, part): some for (_, hour, part), some in wanted.items()}
        known = {key: read_head(heads[key]) for key in asked}
        pieces: dict[Key, list[Piece]] = {key: [] for key in asked}
        for key, group, payload in _groups(connection, site_row, known, asked):
            pieces[key] += read_group(payload, known[key], group, asked[key])
        return dict(zip(wanted, samples_of([*pieces.values()]), strict=True))

    return shelf.read(kept, marks_of(site_row, heads), columns, load)


def read_heads(connection: Connection, site_row: int, start: float, end: float) -> dict[Key, Head]:
    """The heads of all parts of the hours that [start, end] touches."""
    return {key: read_head(head) for key, head in _head_rows(connection, site_row, start, end)}


def _head_rows(
    connection: Connection, site_row: int, start: float, end: float
) -> list[tuple[Key, bytes]]:
    first, last = hours_of(start, end)
    asked = {"row": site_row, "first": first, "last": last}
    found = connection.execute(_HEADS, asked)
    return sorted(((hour, part), payload) for hour, part, payload in found)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of a day stands in hours: its newest part, and how many samples."""

    part: int
    count: int


def waiting(connection: Connection, site_row: int, before: int) -> dict[int, Waiting]:
    """The days of a site that have anything in hours before this one."""
    found: dict[int, Waiting] = {}
    asked = {"row": site_row, "before": before}
    for hour, part, count in connection.execute(_WAITING, asked):
        one = found.get(hour // 24, Waiting(part, 0))
        found[hour // 24] = Waiting(max(one.part, part), one.count + int(count))
    return found


def next_row(connection: Connection, after: int) -> int | None:
    """The first site row beyond this one that has anything in hours."""
    query = select(func.min(blocks.c.site_row)).where(blocks.c.site_row > after)
    found: int | None = connection.execute(query).scalar()
    return found


def frames_of(
    connection: Connection,
    site_row: int,
    first: int,
    last: int,
    chosen: Callable[[int, int], bool] = lambda hour, part: True,
) -> tuple[list[Key], list[Frames]]:
    """The parts of the hours from first to last, those `chosen`, and all that is in them."""
    query = (
        select(blocks.c.hour, blocks.c.part, blocks.c.group, blocks.c.payload)
        .where(blocks.c.site_row == site_row, blocks.c.hour.between(first, last))
        .order_by(blocks.c.hour, blocks.c.part, blocks.c.group)
    )
    told: dict[Key, list[bytes]] = {}
    for hour, part, _, payload in connection.execute(query):
        if chosen(hour, part):
            told.setdefault((hour, part), []).append(payload)
    return list(told), read_parts([*told.values()])


def delete_parts(connection: Connection, site_row: int, keys: Iterable[Key]) -> None:
    """Forget these hours and parts of a site."""
    gone = [{"row": site_row, "at": hour, "which": part} for hour, part in keys]
    if gone:
        connection.execute(_CLEAR, gone)


def last_hour(connection: Connection, site_row: int) -> int | None:
    """The newest hour of which there is anything."""
    query = select(func.max(blocks.c.hour)).where(blocks.c.site_row == site_row)
    found: int | None = connection.execute(query).scalar()
    return found


def delete_before(connection: Connection, site_row: int, hour: int) -> int:
    """Forget a site's hours before this one; how many rows went."""
    old = and_(blocks.c.site_row == site_row, blocks.c.hour < hour)
    return int(connection.execute(delete(blocks).where(old)).rowcount)


def packed_until(connection: Connection, site_row: int) -> int:
    """The minute before which everything this site had in the window is in blocks."""
    return int(connection.execute(_PACKED, {"row": site_row}).scalar() or 0)


def all_packed(connection: Connection) -> dict[int, int]:
    """`packed_until` of every site."""
    return {row.site_row: row.until for row in connection.execute(select(packed))}


def set_packed(connection: Connection, until: Mapping[int, int]) -> None:
    upsert(
        packed, [{"site_row": row, "until": minute} for row, minute in until.items()], connection
    )


def packed_beyond(connection: Connection, minute: int) -> list[int]:
    """The rows of which anything after this minute is said to be in blocks."""
    query = select(packed.c.site_row).where(packed.c.until > minute)
    return [row for (row,) in connection.execute(query)]


def unpack(connection: Connection, rows: Sequence[int], minute: int, position: int) -> None:
    """The clock was set back: `minute` and what follows can be packed once more.

    What is in blocks of then moves out of the way, to a part of this step, which came at `position`
    of the journal.
    """
    # late parts have position + 1; no record is so short that another one begins here
    aside = position + 2

    def moves(hour: int, part: int) -> bool:
        return part == aside or (part <= 0 and hour * 60 - part >= minute)

    parts = {}
    for row in rows:
        keys, frames = frames_of(connection, row, *hours_of(minute * 60.0, math.inf), moves)
        delete_parts(connection, row, keys)
        parts.update({(row, hour, aside): cut for hour, cut in _by_hour(frames).items()})
    put(connection, parts)
    set_packed(connection, dict.fromkeys(rows, minute))


def _groups(
    connection: Connection,
    site_row: int,
    heads: Mapping[Key, Head],
    wanted: Mapping[Key, set[int] | None],
) -> Iterator[tuple[Key, int, bytes]]:
    """Payloads of the groups that hold wanted columns, hour by hour."""
    needed = {
        key: head.groups_of(head.columns if (some := wanted[key]) is None else some)
        for key, head in heads.items()
    }
    hours = sorted({hour for (hour, _), groups in needed.items() if groups})
    groups = sorted(set().union(*needed.values())) if needed else []
    for at in range(0, len(hours), _AT_ONCE):
        span = hours[at : at + _AT_ONCE]
        asked = {"row": site_row, "first": span[0], "last": span[-1], "groups": groups}
        for hour, part, group, payload in connection.execute(_GROUPS, asked):
            # a part that came after the heads were read is left to the next question
            if group in needed.get((hour, part), ()):
                yield (hour, part), group, payload


def _by_hour(frames: Sequence[Frames]) -> dict[int, list[Frames]]:
    found: dict[int, list[Frames]] = {}
    for part in frames:
        times = to_ms(part.times)
        hours = np.floor(times / 3600.0).astype(np.int64)
        for hour in np.unique(hours).tolist():
            these = hours == hour
            cut = Frames(times[these], part.columns, part.values[these])
            found.setdefault(hour, []).append(cut)
    return found


def hours_of(start: float, end: float) -> tuple[int, int]:
    # years 0 to 9999 stand for "from ever" and "for ever"
    first, last = max(start, -62e9), min(end, 253e9)
    return int(first // 3600), int(last // 3600)
