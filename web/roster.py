"""All active sites with their present state, held in columns and kept true by revision.

A store file. Counting 83,763 rows in SQL at each look takes longer than a page may; reading what
changed does not.
"""

import json
import threading
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from collector.promql.store import inventory_mark
from collector.schema import areas, sites, states
from web.labels import STATES
from web.scope import Scope

Mask = NDArray[np.bool_]
_NUMBER = {name: place for place, name in enumerate(STATES)}
UNKNOWN = _NUMBER["unknown"]
_NO_PLACE = np.nan


@dataclass(frozen=True)
class Roster:
    """Column by column, in the order of the codes; `state` is a place in labels.STATES.

    `level` says by number of groups in a code which area a site lies in: 1 province, 2 regency,
    3 district; each holds a place in the list of `areas` at that level.
    """

    codes: list[str]
    names: list[str]
    texts: str  # what a search looks in: name, code, district, ISP; a line a site
    lines: NDArray[np.int64]  # where each line begins
    order: NDArray[np.int64]  # by place: where the site stands among all names
    row: NDArray[np.int64]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    state: NDArray[np.int8]
    since: NDArray[np.float64]
    level: Mapping[int, NDArray[np.int32]]
    areas: Mapping[int, list[str]]
    called: Mapping[str, str]  # names of areas
    kinds: Mapping[str, str]
    mark: tuple[int, ...] = ()

    def seen_by(self, scope: Scope, within: str = "") -> Mask:
        """Which sites lie in the scope, and in one area of it."""
        mask = np.ones(len(self.codes), bool)
        if not scope.everything:
            mask[:] = False
            for area in scope.areas:
                mask[self._span(area)] = True
            for code in scope.sites:
                place = bisect_left(self.codes, code)
                if place < len(self.codes) and self.codes[place] == code:
                    mask[place] = True
        if within:
            inside = np.zeros(len(self.codes), bool)
            inside[self._span(within)] = True
            mask &= inside
        return mask

    def holding(self, word: str) -> tuple[Mask, Mask]:
        """Sites in whose name, code, district or ISP the word occurs; whose name begins with it."""
        found = np.zeros(len(self.codes), bool)
        begins = np.zeros(len(self.codes), bool)
        word = word.casefold()
        if not word or "\n" in word:
            return found, begins
        starts, at = [], self.texts.find(word)
        while at >= 0:
            starts.append(at)
            # once in a line is enough
            at = self.texts.find(word, self.texts.find("\n", at))
        places = np.searchsorted(self.lines, np.array(starts, np.int64), side="right") - 1
        found[places] = True
        begins[places] = self.lines[places] == starts
        return found, begins

    def place(self, code: str) -> int | None:
        """Where a site stands in the columns."""
        place = bisect_left(self.codes, code)
        there = place < len(self.codes) and self.codes[place] == code
        return place if there else None

    def counts(self, mask: Mask) -> dict[str, int]:
        """How many of these sites are in each state."""
        found = np.bincount(self.state[mask], minlength=len(STATES))
        return {name: int(found[place]) for place, name in enumerate(STATES)}

    def _span(self, area: str) -> slice:
        # what follows an area's code is "." or "-", and "/" comes after both
        return slice(bisect_left(self.codes, area), bisect_left(self.codes, f"{area}/"))


class Book:
    """The roster of one database; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._roster: Roster | None = None
        self._rev = -1

    def look(self, connection: Connection) -> Roster:
        """As the database is now."""
        with self._lock:
            mark = inventory_mark(connection)
            rev = connection.execute(select(func.max(states.c.rev))).scalar() or 0
            known = self._roster
            if known is None or known.mark != mark or rev < self._rev:
                known = _read(connection, mark)
            elif rev >= self._rev:
                known = _newer(connection, known, self._rev)
            self._roster, self._rev = known, rev
            return known


def _read(connection: Connection, mark: tuple[int, ...]) -> Roster:
    holds = (states.c.site == sites.c.code) & states.c.until.is_(None)
    statement = (
        select(
            sites.c.code,
            sites.c.name,
            sites.c.row,
            sites.c.lat,
            sites.c.lon,
            states.c.state,
            states.c.since,
            sites.c.isp,
        )
        .select_from(sites.outerjoin(states, holds))
        .where(sites.c.lifecycle == "active")
    )
    # the order of bytes, which is Python's and not every database's
    found = sorted((tuple(row) for row in connection.execute(statement)), key=lambda row: row[0])
    columns: list[tuple[Any, ...]] = list(zip(*found, strict=True)) or [() for _ in range(8)]
    codes = [str(code) for code in columns[0]]
    level, named = _levels(codes)
    called, kinds = _areas(connection)
    told = zip(codes, columns[1], columns[7], strict=True)
    lines = [_line(code, name, called.get(code[:8], ""), isp) for code, name, isp in told]
    return Roster(
        codes,
        list(columns[1]),
        "".join(lines),
        np.cumsum([0, *map(len, lines)])[:-1].astype(np.int64),
        _ranks(columns[1]),
        np.array(columns[2], np.int64),
        _numbers(columns[3]),
        _numbers(columns[4]),
        np.array([_NUMBER.get(state, UNKNOWN) for state in columns[5]], np.int8),
        _numbers(columns[6]),
        level,
        named,
        called,
        kinds,
        mark,
    )


def _line(code: str, name: str, district: str, isp: str) -> str:
    return "\t".join((name, code, district, isp)).replace("\n", " ").casefold() + "\n"


def _ranks(names: tuple[Any, ...]) -> NDArray[np.int64]:
    ranks = np.zeros(len(names), np.int64)
    ranks[sorted(range(len(names)), key=lambda place: names[place])] = np.arange(len(names))
    return ranks


def _newer(connection: Connection, known: Roster, since: int) -> Roster:
    # what was written at one position in two transactions is read twice, which does no harm
    newer = (states.c.rev >= since) & states.c.until.is_(None)
    statement = select(states.c.site, states.c.state, states.c.since).where(newer)
    state, begun = known.state.copy(), known.since.copy()
    for code, name, since_at in connection.execute(statement):
        place = known.place(code)
        if place is not None:
            state[place], begun[place] = _NUMBER.get(name, UNKNOWN), since_at
    return replace(known, state=state, since=begun)


def _levels(
    codes: list[str],
) -> tuple[dict[int, NDArray[np.int32]], dict[int, list[str]]]:
    places: dict[int, NDArray[np.int32]] = {}
    named: dict[int, list[str]] = {}
    for groups in (1, 2, 3):
        found: dict[str, int] = {}
        # codes have groups of two digits: 35, 35.10, 35.10.06
        of = [found.setdefault(code[: 3 * groups - 1], len(found)) for code in codes]
        places[groups], named[groups] = np.array(of, np.int32), list(found)
    return places, named


def _areas(connection: Connection) -> tuple[dict[str, str], dict[str, str]]:
    wanted = areas.c.level != "village"
    statement = select(areas.c.code, areas.c.name, areas.c.kind).where(wanted)
    found = [tuple(row) for row in connection.execute(statement)]
    return {code: name for code, name, _ in found}, {code: kind for code, _, kind in found}


def _numbers(values: tuple[Any, ...]) -> NDArray[np.float64]:
    return np.array([_NO_PLACE if value is None else value for value in values], np.float64)


def boundaries(connection: Connection, codes: list[str]) -> dict[str, Any]:
    """The GeoJSON geometry of those of these areas that have one."""
    found: dict[str, Any] = {}
    for begin in range(0, len(codes), 500):
        these = areas.c.code.in_(codes[begin : begin + 500])
        statement = select(areas.c.code, areas.c.boundary).where(
            these, areas.c.boundary.is_not(None)
        )
        found |= {code: json.loads(text) for code, text in connection.execute(statement)}
    return found


@dataclass(frozen=True)
class Troubles:
    """What was not normal and is over: the site's place in a roster, when, whether silent."""

    place: NDArray[np.int64]
    since: NDArray[np.float64]
    until: NDArray[np.float64]
    silent: Mask


def troubles(connection: Connection, roster: Roster, since: float) -> Troubles:
    """What ended after `since`, planned work left out."""
    t = states.c
    told = (t.until > since) & t.state.not_in(["normal", "maintenance"])
    found = [
        (place, begin, end, state == "unknown")
        for code, state, begin, end in connection.execute(
            select(t.site, t.state, t.since, t.until).where(told)
        )
        if (place := roster.place(code)) is not None
    ]
    columns: list[tuple[Any, ...]] = list(zip(*found, strict=True)) or [() for _ in range(4)]
    return Troubles(
        np.array(columns[0], np.int64),
        np.array(columns[1], np.float64),
        np.array(columns[2], np.float64),
        np.array(columns[3], bool),
    )
