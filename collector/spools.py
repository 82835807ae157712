"""Rows of what the fold keeps in mind of agents: spools taken in, anchors of clocks, memories."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, select

from collector import bulk
from collector.schema import agents, anchors, memories, spools

# holes in what one spool delivered: entries the agent thinned or we refused
MOST_RANGES = 1000
MOST_DROPPED = 2**31 - 1
MOST_SPOOLS = 256
_AT_ONCE = 500
# five times as fast as those of the standard library
_encoder = msgspec.json.Encoder()
_decode = msgspec.json.Decoder().decode


@dataclass(slots=True)
class Spool:
    """One run of an agent: which of its entries are in, as ranges of n, and when it began."""

    boot: str
    first_seen: float
    began: float
    began_up: float | None
    ranges: list[list[int]]
    dropped: int = 0
    changed: bool = True

    def set_back(self, at: float) -> bool:
        """Our clock was set back to `at`: it did not begin after that. Was that news?"""
        if max(self.first_seen, self.began) <= at:
            return False
        self.first_seen, self.began = min(self.first_seen, at), min(self.began, at)
        self.changed = True
        return True

    def take(self, n: int) -> bool:
        """Note entry `n`; False when it was here before."""
        ranges = self.ranges
        last = ranges[-1] if ranges else None
        if last is not None and n == last[1] + 1:
            last[1] = n
        elif last is None or n > last[1]:
            ranges.append([n, n])
        elif not self._fill(n):
            return False
        self.changed = True
        if len(ranges) > MOST_RANGES:
            # the oldest hole is of entries that will never come
            ranges[0][1] = ranges.pop(1)[1]
        return True

    def _fill(self, n: int) -> bool:
        ranges = self.ranges
        for place in range(len(ranges) - 1, -1, -1):
            begin, end = ranges[place]
            if begin <= n <= end:
                return False
            if n > end:
                ranges.insert(place + 1, [n, n])
                self._join(place + 1)
                return True
        ranges.insert(0, [n, n])
        self._join(0)
        return True

    def _join(self, place: int) -> None:
        ranges = self.ranges
        if place + 1 < len(ranges) and ranges[place][1] + 1 == ranges[place + 1][0]:
            ranges[place][1] = ranges.pop(place + 1)[1]
        if place and ranges[place - 1][1] + 1 == ranges[place][0]:
            ranges[place - 1][1] = ranges.pop(place)[1]


@dataclass(slots=True)
class Stored:
    """What the rows of one agent hold; `body` is the fold's own JSON."""

    agent: int
    site: str
    upto: int
    body: dict[str, Any]
    spools: dict[str, Spool]
    anchors: dict[str, list[tuple[float, float]]]


def load(connection: Connection, only: Sequence[int] = ()) -> list[Stored]:
    """Every agent (of these, where given) as it was last saved."""
    rows = _rows(connection, agents, agents.c.id, only)
    found = {row.id: Stored(row.id, row.site, 0, {}, {}, {}) for row in rows}
    for row in _rows(connection, memories, memories.c.agent, only):
        found[row.agent].upto, found[row.agent].body = row.upto, _decode(row.body)
    for row in _rows(connection, spools, spools.c.agent, only):
        found[row.agent].spools[row.spool] = _spool(row)
    for row in _rows(connection, anchors, anchors.c.agent, only):
        found[row.agent].anchors.setdefault(row.boot, []).append((row.up, row.base))
    return list(found.values())


def contacts(connection: Connection, only: Sequence[int]) -> dict[int, float]:
    """When these agents last reported; those that have are in it."""
    rows = _rows(connection, memories, memories.c.agent, only)
    told = {row.agent: _decode(row.body).get("contact") for row in rows}
    return {agent: at for agent, at in told.items() if at is not None}


def skews(connection: Connection) -> dict[int, float]:
    """By agent: how many seconds its wall clock is ahead of ours."""
    known = select(memories.c.agent, memories.c.clock_skew_s)
    found = connection.execute(known.where(memories.c.clock_skew_s.is_not(None)))
    return {agent: skew_s for agent, skew_s in found}


def save_memories(
    connection: Connection, rows: Iterable[tuple[int, int, float | None, Mapping[str, Any]]]
) -> None:
    """Write (agent, upto, clock skew, body)."""
    made = [(agent, upto, skew_s, _compact(body)) for agent, upto, skew_s, body in rows]
    bulk.put(connection, memories, made)


def save_spools(connection: Connection, rows: Iterable[tuple[int, str, Spool]]) -> None:
    made = [
        (
            agent,
            name,
            spool.boot,
            spool.first_seen,
            spool.began,
            spool.began_up,
            _compact(spool.ranges),
            # agents may claim more than PostgreSQL's integer holds
            min(spool.dropped, MOST_DROPPED),
        )
        for agent, name, spool in rows
    ]
    bulk.put(connection, spools, made)


def drop_spools(connection: Connection, gone: Iterable[tuple[int, str]]) -> None:
    mine = (spools.c.agent == bindparam("a"), spools.c.spool == bindparam("s"))
    if listed := [{"a": agent, "s": name} for agent, name in gone]:
        connection.execute(delete(spools).where(*mine), listed)


def save_anchors(
    connection: Connection,
    old: Iterable[tuple[int, str]],
    boots: Iterable[tuple[int, str, Sequence[tuple[float, float]]]],
) -> None:
    """Drop the anchors of the `old` boots, by agent and boot, and write those of `boots`."""
    mine = (anchors.c.agent == bindparam("a"), anchors.c.boot == bindparam("b"))
    if gone := [{"a": agent, "b": boot} for agent, boot in old]:
        connection.execute(delete(anchors).where(*mine), gone)
    made = [(agent, boot, up, base) for agent, boot, known in boots for up, base in known]
    bulk.put(connection, anchors, made)


def _compact(thing: Any) -> str:
    return _encoder.encode(thing).decode()


def _spool(row: Any) -> Spool:
    return Spool(
        row.boot,
        row.first_seen,
        row.began,
        row.began_up,
        _decode(row.seen),
        row.dropped,
        changed=False,
    )


def _rows(connection: Connection, table: Any, key: Any, only: Sequence[int]) -> Iterator[Any]:
    in_order = select(table).order_by(*table.primary_key.columns)
    if not only:
        yield from connection.execute(in_order)
    for begin in range(0, len(only), _AT_ONCE):
        these = only[begin : begin + _AT_ONCE]
        yield from connection.execute(in_order.where(key.in_(these)))
