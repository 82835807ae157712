"""The overview's rows and counters: active sites with their state, worst first. A store file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, or_, select

from alerts import incidents
from collector import schema
from collector.schema import checks, sites, states
from web.labels import STATES
from web.scope import Scope

Rev = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One site on the overview."""

    code: str
    row: int
    name: str
    district: str
    isp: str
    state: str
    since: float | None
    reason: str
    cause: str
    confidence: float
    bad: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asked to see."""

    words: tuple[str, ...] = ()
    state: str = ""


_STATE = func.coalesce(states.c.state, "unknown")
_RANK = case({name: place for place, name in enumerate(STATES)}, value=_STATE, else_=len(STATES))
_HOLDS = (states.c.site == sites.c.code) & states.c.until.is_(None)
_FROM = sites.outerjoin(states, _HOLDS)
_BAD = (
    select(checks.c.site, func.count().label("bad"))
    .where(checks.c.verdict == "bad")
    .group_by(checks.c.site)
    .subquery()
)


def counts(connection: Connection, scope: Scope) -> dict[str, int]:
    """How many active sites are in each state."""
    statement = (
        select(_STATE, func.count()).select_from(_FROM).where(_active(scope)).group_by(_STATE)
    )
    found = {state: n for state, n in connection.execute(statement)}
    return {state: found.get(state, 0) for state in STATES}


def matching(connection: Connection, scope: Scope, wanted: Wanted) -> int:
    """How many sites the filter leaves."""
    statement = select(func.count()).select_from(_FROM).where(_active(scope), *_filters(wanted))
    return connection.execute(statement).scalar_one()


def rows(
    connection: Connection, scope: Scope, wanted: Wanted, limit: int, offset: int
) -> list[Row]:
    """One page of sites: worst state first, the longest in it first, sites with faults early."""
    bad = func.coalesce(_BAD.c.bad, 0)
    quiet = _STATE == "normal"
    statement = (
        select(
            sites.c.code,
            sites.c.row,
            sites.c.name,
            sites.c.district,
            sites.c.isp,
            _STATE,
            states.c.since,
            func.coalesce(states.c.reason, ""),
            func.coalesce(states.c.cause, ""),
            func.coalesce(states.c.confidence, 0.0),
            bad,
        )
        .select_from(_FROM.outerjoin(_BAD, _BAD.c.site == sites.c.code))
        .where(_active(scope), *_filters(wanted))
        .order_by(
            _RANK,
            case((quiet, -bad), else_=0),
            case((quiet, 0.0), else_=func.coalesce(states.c.since, 1e12)),
            sites.c.name,
            sites.c.code,
        )
        .limit(limit)
        .offset(offset)
    )
    return [Row(*found) for found in connection.execute(statement)]


def uplinks(connection: Connection, code: str) -> list[Mapping[str, Any]]:
    """The uplinks of a site, main first."""
    statement = select(schema.uplinks).where(schema.uplinks.c.site == code)
    found = [dict(row) for row in connection.execute(statement).mappings()]
    return sorted(found, key=lambda row: (row["name"] != "main", row["name"]))


def rev(connection: Connection) -> Rev:
    """The newest position that changed a state or a check, how many rows it changed, and the
    newest change of an incident.

    The number tells apart what was written at one position in two transactions.
    """
    tops = {
        table: connection.execute(select(func.max(table.c.rev))).scalar() or 0
        for table in (states, checks)
    }
    newest = max(tops.values())
    rows = 0
    for table, top in tops.items():
        if top == newest:
            same = select(func.count()).select_from(table).where(table.c.rev == newest)
            rows += connection.execute(same).scalar_one()
    return newest, rows, incidents.newest_rev(connection)


def changed(connection: Connection, since: int, most: int) -> set[str]:
    """Sites with a state or check of this position or a newer one; about `most` at most."""
    found: set[str] = set()
    for table in (states, checks):
        newer = select(table.c.site).where(table.c.rev >= since).distinct().limit(most)
        found.update(connection.execute(newer).scalars())
    return found


def _active(scope: Scope) -> ColumnElement[bool]:
    return (sites.c.lifecycle == "active") & scope.clause(sites.c.code)


def _filters(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    searched = (sites.c.name, sites.c.code, sites.c.district, sites.c.isp)
    found: list[ColumnElement[bool]] = [
        or_(*(column.icontains(word, autoescape=True) for column in searched))
        for word in wanted.words
    ]
    if wanted.state:
        found.append(_STATE.in_([wanted.state]))
    return found
