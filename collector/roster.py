"""What a list of all sites is made of: their names, what holds of each now, and what held before.

Whoever shows it keeps a copy and asks for what changed; `Mark` says how new the copy is.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, ScalarSelect, Table, case, func, or_, select

from collector import acts
from collector.schema import acts as act_rows
from collector.schema import areas, checks, sites, states
from collector.states import HOLDS

# bound parameters a statement may have, with room to spare
_AT_ONCE = 500
# acts after which a site may have another name, line or place
_INVENTORY = ("inventory",)


class Named(NamedTuple):
    """A site as lists call it."""

    code: str
    row: int
    name: str
    district: str
    regency: str
    isp: str
    lifecycle: str
    lat: float | None
    lon: float | None


class AreaName(NamedTuple):
    """What an area is called, empty where it is only known by its code; `kind`: Kabupaten, Kota."""

    name: str
    kind: str


class Held(NamedTuple):
    """The state that holds of a site."""

    site: str
    state: str
    since: float
    cause: str


class Spell(NamedTuple):
    """A state from `since` to `until` (None: it still holds), without its reasons."""

    since: float
    until: float | None
    state: str

    @property
    def end(self) -> float:
        return float("inf") if self.until is None else self.until


class Top(NamedTuple):
    """The newest position of a table, and how many rows are of it: two transactions may write at
    one position."""

    rev: int = -1
    same: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a copy has read: the inventory by its acts and rows, the rest by positions."""

    seen: int = -1  # acts before this one are taken into account
    act: int = -1  # the newest look that found the inventory changed
    row: int = -1
    states: Top = Top()
    checks: Top = Top()


def _top(table: Table) -> tuple[ScalarSelect[int], ScalarSelect[int]]:
    newest = select(func.max(table.c.rev)).scalar_subquery()
    same = select(func.count()).select_from(table).where(table.c.rev == newest)
    return newest, same.scalar_subquery()


# put together once: that costs more than asking
_TOPS = (*_top(states), *_top(checks))
_MARK = select(
    select(func.max(act_rows.c.id)).scalar_subquery(),
    select(func.max(sites.c.row)).scalar_subquery(),
    *_TOPS,
)
_NEWEST = select(*_TOPS)


def mark(connection: Connection, before: Mark) -> Mark:
    """The mark of what is there now; `before` spares a look through acts that tell of no site."""
    last, row, *tops = connection.execute(_MARK).one()
    seen, act = last or 0, before.act
    new = seen > before.seen and acts.since(connection, before.seen, _INVENTORY)
    if before.seen < 0 or seen < before.seen or new:
        act = seen
    return Mark(seen, act, -1 if row is None else int(row), *_tops(tops))


def _tops(told: Sequence[int | None]) -> tuple[Top, Top]:
    return Top(told[0] or 0, told[1] or 0), Top(told[2] or 0, told[3] or 0)


def newest(connection: Connection) -> Top:
    """The newest position that changed a state or a check, and how many rows it changed."""
    tops = _tops(connection.execute(_NEWEST).one())
    rev = max(top.rev for top in tops)
    return Top(rev, sum(top.same for top in tops if top.rev == rev))


def stirred(connection: Connection, since_rev: int, most: int) -> set[str]:
    """Sites with a state or a check of this position or a newer one; about `most` of each."""
    return {
        code for table in (states, checks) for code in changed(connection, table, since_rev, most)
    }


def named(connection: Connection) -> list[Named]:
    """Every site, by code."""
    columns = [sites.c[name] for name in Named._fields]
    same: dict[Any, Any] = {}
    # thousands lie in one regency and have one ISP: its name is kept once
    return [
        Named(*(same.setdefault(value, value) if type(value) is str else value for value in row))
        for row in connection.execute(select(*columns).order_by(sites.c.code))
    ]


def paces(connection: Connection, above_s: float) -> list[tuple[int, int]]:
    """The rows of the sites that report more seldom than this, and how often they do, in s."""
    query = select(sites.c.row, sites.c.report_every_s).where(sites.c.report_every_s > above_s)
    return [(row, every_s) for row, every_s in connection.execute(query)]


def area_names(connection: Connection, most_groups: int) -> dict[str, AreaName]:
    """What areas are called down to so many groups of digits, by code."""
    short = func.length(areas.c.code) <= 3 * most_groups - 1
    query = select(areas.c.code, areas.c.name, areas.c.kind).where(short)
    found = connection.execute(query)
    return {code: AreaName("" if name == code else name, kind) for code, name, kind in found}


def called(connection: Connection, codes: Sequence[str]) -> dict[str, str]:
    """The names of these sites by code."""
    found: dict[str, str] = {}
    for at in range(0, len(codes), _AT_ONCE):
        these = sites.c.code.in_(codes[at : at + _AT_ONCE])
        rows = connection.execute(select(sites.c.code, sites.c.name).where(these))
        found |= {code: name for code, name in rows}
    return found


def boundaries(connection: Connection, codes: Sequence[str]) -> dict[str, Any]:
    """The GeoJSON geometry of those of these areas that have one."""
    found: dict[str, Any] = {}
    for at in range(0, len(codes), _AT_ONCE):
        these = (areas.c.code.in_(codes[at : at + _AT_ONCE]), areas.c.boundary.is_not(None))
        query = select(areas.c.code, areas.c.boundary).where(*these)
        found |= {code: json.loads(text) for code, text in connection.execute(query)}
    return found


def troubles(connection: Connection, since: float, until: float = math.inf) -> Sequence[Any]:
    """What was not normal and ended after `since`, at `until` the latest; not planned work: the
    sites, from when to when, and their states."""
    t = states.c
    told = (t.until > since) & t.state.not_in(["normal", "maintenance"])
    if until < math.inf:
        told &= t.until <= until
    # rows as they come: of a country's first minute there are more than it has sites
    return connection.execute(select(t.site, t.since, t.until, t.state).where(told)).all()


def held(connection: Connection) -> list[Held]:
    """What holds of every site that has a state."""
    columns = [states.c[name] for name in Held._fields]
    query = select(*columns).where(states.c.until.is_(None))
    return [Held(*row) for row in connection.execute(query)]


def held_by(connection: Connection, codes: Sequence[str]) -> list[Held]:
    """The same of these sites."""
    columns = [states.c[name] for name in Held._fields]
    found: list[Held] = []
    for at in range(0, len(codes), _AT_ONCE):
        these = states.c.site.in_(codes[at : at + _AT_ONCE])
        query = select(*columns).where(these, HOLDS)
        found += [Held(*row) for row in connection.execute(query)]
    return found


def moved(connection: Connection, since_rev: int, most: int) -> tuple[list[Held], set[str]] | None:
    """What was written of states at this position or later: those that hold, and the sites of which
    only what is over was written; None where it is `most` rows or more."""
    columns = [*(states.c[name] for name in Held._fields), states.c.until]
    query = select(*columns).where(states.c.rev >= since_rev).limit(most)
    rows = connection.execute(query).all()
    if len(rows) >= most:
        return None
    hold = [Held(*row[:-1]) for row in rows if row[-1] is None]
    return hold, {row[0] for row in rows}.difference(one.site for one in hold)


def changed(connection: Connection, table: Table, since_rev: int, most: int) -> list[str]:
    """Sites with a row of this position or a newer one, in states or checks; about `most`."""
    # of the bare column SQLite would go through the whole table in the order of its sites
    site = table.c.site.concat("")
    query = select(site).where(table.c.rev >= since_rev).distinct().limit(most)
    return list(connection.execute(query).scalars())


def spells(connection: Connection, codes: Iterable[str], start: float) -> dict[str, list[Spell]]:
    """The states of these sites that touch the time from `start` on, oldest first, by code."""
    t, wanted = states.c, sorted(codes)
    found: dict[str, list[Spell]] = {code: [] for code in wanted}
    for at in range(0, len(wanted), _AT_ONCE):
        these = t.site.in_(wanted[at : at + _AT_ONCE])
        still = or_(t.until.is_(None), t.until > start)
        query = select(t.site, t.since, t.until, t.state).where(these, still)
        # all at once: row by row costs more than the rows
        for site, *spell in connection.execute(query.order_by(t.site, t.since)).all():
            found[site].append(Spell(*spell))
    return found


def faulty(connection: Connection) -> dict[str, int]:
    """How many checks of each site are bad; sites without are left out."""
    query = select(checks.c.site, func.count()).where(checks.c.verdict == "bad")
    return {site: count for site, count in connection.execute(query.group_by(checks.c.site))}


def suspicious(connection: Connection, since_rev: int, most: int) -> dict[str, bool] | None:
    """The sites of checks that were written at this position or later, and whether any of these is
    bad; None where it is `most` sites or more."""
    bad = func.max(case((checks.c.verdict == "bad", 1), else_=0))
    # of the bare column SQLite would go through the whole table in the order of its sites
    site = checks.c.site.concat("")
    query = select(site, bad).where(checks.c.rev >= since_rev).group_by(site).limit(most)
    found = {code: bool(any_bad) for code, any_bad in connection.execute(query).all()}
    return found if len(found) < most else None


def faulty_by(connection: Connection, codes: Sequence[str]) -> dict[str, int]:
    """The same of these sites."""
    found: dict[str, int] = {}
    for at in range(0, len(codes), _AT_ONCE):
        these = (checks.c.site.in_(codes[at : at + _AT_ONCE]), checks.c.verdict == "bad")
        query = select(checks.c.site, func.count()).where(*these).group_by(checks.c.site)
        found |= {site: count for site, count in connection.execute(query)}
    return found
