"""How often rules told something of late, and names of places. A store file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from alerts.overrides import Override
from alerts.rehearsal import DAYS, Both, Told
from collector.schema import incidents, sites
from web.incident_rows import visible
from web.scope import Scope

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Fired:
    """Incidents of a rule in the last 30 days, and how many are open."""

    times: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """What a try found at one site."""

    code: str
    name: str
    now: Told
    wanted: Told


def fired(connection: Connection, scope: Scope, now: float) -> dict[str, Fired]:
    """By rule, of what the reader may see."""
    i = incidents.c
    running = func.sum(case((i.resolved_at.is_(None), 1), else_=0))
    query = (
        select(i.rule, func.count(), running)
        .where(i.rule != "", i.opened_at >= now - DAYS * 86400, visible(scope))
        .group_by(i.rule)
    )
    return {rule: Fired(int(n), int(open or 0)) for rule, n, open in connection.execute(query)}


def names(connection: Connection, codes: Sequence[str]) -> dict[str, str]:
    """Names of sites by code."""
    found: dict[str, str] = {}
    for begin in range(0, len(codes), _AT_ONCE):
        these = sites.c.code.in_(codes[begin : begin + _AT_ONCE])
        rows = connection.execute(select(sites.c.code, sites.c.name).where(these))
        found |= {code: name for code, name in rows}
    return found


def told(found: Both, known: Mapping[str, str], most: int = 50) -> list[Line]:
    """Sites where it fires or fired, the loudest with the new threshold first."""
    lines = [
        Line(code, known.get(code, code), found.now.get(code, Told()), then)
        for code, then in list(found.wanted.items())
    ]
    loud = [line for line in lines if line.now.times or line.wanted.times]
    return sorted(loud, key=lambda one: (-one.wanted.times, -one.now.times, one.code))[:most]


def seal(one: Override) -> str:
    """An override as a form carries it, to see whether it is still the same."""
    return f"{one.threshold}|{one.for_s}|{one.off}"
