"""Which reports a reader sees, in which order: what is to be handled first. A store file."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, select

from alerts.citizens.report import OPEN, Kind, Report, State
from collector.inventory.scope import Scope
from collector.schema import citizen_contacts, citizen_reports

_r, _c = citizen_reports.c, citizen_contacts.c
# beside single states: whatever somebody has to look after, and all there are
OPEN_ONES, ALL = "open", "all"
STATES = (OPEN_ONES, *(str(state) for state in State), ALL)
KINDS = tuple(str(kind) for kind in Kind)
# made once: putting a statement together costs more than asking it
_OPEN_AT = select(func.count()).where(_r.state.in_(OPEN), _r.site == bindparam("code"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asked to see; empty: not asked for."""

    state: str = OPEN_ONES
    kind: str = ""
    area: str = ""
    site: str = ""
    incident: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """Of what is open and the reader may see."""

    open: int
    overdue: int


def counts(connection: Connection, scope: Scope, within_s: float, now: float) -> Counts:
    """How many there are, and over time."""
    overdue = case(((_r.handled_at.is_(None)) & (_r.at + within_s < now), 1), else_=0)
    query = select(func.count(), func.coalesce(func.sum(overdue), 0))
    row = connection.execute(query.where(_r.state.in_(OPEN), scope.clause(_r.site))).one()
    return Counts(int(row[0]), int(row[1]))


def matching(connection: Connection, scope: Scope, wanted: Wanted) -> int:
    """How many the filters leave."""
    query = select(func.count()).select_from(citizen_reports).where(*_filters(scope, wanted))
    return int(connection.execute(query).scalar_one())


def open_at(connection: Connection, site: str) -> int:
    """How many open ones there are of a site that the reader sees."""
    return int(connection.execute(_OPEN_AT, {"code": site}).scalar_one())


def page(
    connection: Connection, scope: Scope, wanted: Wanted, limit: int, offset: int = 0
) -> list[Report]:
    """One page: what is open and not handled, the oldest first; then the newest of the rest."""
    waits = _r.state.in_(OPEN) & _r.handled_at.is_(None)
    order = (case((waits, 0), (_r.state.in_(OPEN), 1), else_=2), case((waits, _r.at), else_=-_r.at))
    query = select(citizen_reports).where(*_filters(scope, wanted)).order_by(*order, _r.id)
    rows = connection.execute(query.limit(limit).offset(offset))
    return [Report(**row._mapping) for row in rows]


def newest(
    connection: Connection, scope: Scope, wanted: Wanted, before: int, limit: int
) -> list[Report]:
    """Those that the filters leave, the newest first, below a row (0: all)."""
    query = select(citizen_reports).where(*_filters(scope, wanted))
    if before:
        query = query.where(_r.id < before)
    rows = connection.execute(query.order_by(_r.id.desc()).limit(limit))
    return [Report(**row._mapping) for row in rows]


def with_contact(connection: Connection, reports: Sequence[Report]) -> set[int]:
    """Rows whose reporters left a contact."""
    query = select(_c.report).where(_c.report.in_([one.id for one in reports]))
    return set(connection.execute(query).scalars())


def _filters(scope: Scope, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [scope.clause(_r.site)]
    if wanted.state == OPEN_ONES:
        found.append(_r.state.in_(OPEN))
    elif wanted.state == ALL:
        found.append(_r.state != State.SPAM)
    else:
        found.append(_r.state == wanted.state)
    if wanted.kind:
        found.append(_r.kind == wanted.kind)
    if wanted.area:
        found.append(Scope((wanted.area,)).clause(_r.site))
    if wanted.site:
        found.append(_r.site == wanted.site)
    if wanted.incident:
        found.append(_r.incident == wanted.incident)
    return found
