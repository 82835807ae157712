"""Which incidents a reader sees, in which order: the loudest first. A store file."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, not_, or_, select

from alerts.incidents import ACKNOWLEDGED, HANDLED, OPEN, RESOLVED, UNRESOLVED
from collector.inventory.scope import Scope
from collector.schema import incident_log, incidents, members, sites, states

STATES = (OPEN, ACKNOWLEDGED, HANDLED, RESOLVED)
# the newest revision of an incident, and the newest line about one
Mark = tuple[int, int]
_i = incidents.c


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asked to see; empty: not asked for. No state: all that are not over."""

    words: tuple[str, ...] = ()
    area: str = ""
    subject: str = ""
    state: str = ""
    isp: str = ""
    cause: str = ""
    mine: str = ""  # the name of who asks


@dataclass(frozen=True, slots=True)
class Clock:
    """The moment, and how long handling may take."""

    now: float
    within_s: float


@dataclass(frozen=True, slots=True)
class Counts:
    """Of what is not over and the reader may see."""

    open: int
    overdue: int
    nobody: int


def counts(connection: Connection, scope: Scope, clock: Clock) -> Counts:
    """How many there are, over time, and in nobody's hands."""
    query = select(
        func.count(),
        func.coalesce(func.sum(case((_overdue(clock), 1), else_=0)), 0),
        func.coalesce(func.sum(case((_NOBODY, 1), else_=0)), 0),
    ).where(_i.state.in_(UNRESOLVED), visible(scope))
    return Counts(*connection.execute(query).one())


def matching(connection: Connection, scope: Scope, wanted: Wanted) -> int:
    """How many the filters leave."""
    query = select(func.count()).select_from(incidents).where(*_filters(scope, wanted))
    return int(connection.execute(query).scalar_one())


def numbers(
    connection: Connection, scope: Scope, wanted: Wanted, clock: Clock, limit: int, offset: int = 0
) -> list[int]:
    """One page of incidents: overdue, nobody's, down, slow, unknown, standing, handled, over."""
    # what is over tells its newest first
    ended = case((_i.state == RESOLVED, -_i.resolved_at), else_=_deadline(clock))
    query = (
        select(_i.id)
        .where(*_filters(scope, wanted))
        .order_by(_loudness(clock), ended, _i.id)
        .limit(limit)
        .offset(offset)
    )
    return [int(number) for number in connection.execute(query).scalars()]


def newest(
    connection: Connection, scope: Scope, wanted: Wanted, every: bool, before: int, limit: int
) -> list[int]:
    """The numbers that the filters leave, the newest first, below `before` (0: all); with
    `every` also those that are over."""
    query = select(_i.id).where(*_filters(scope, wanted, every))
    if before:
        query = query.where(_i.id < before)
    found = connection.execute(query.order_by(_i.id.desc()).limit(limit))
    return [int(number) for number in found.scalars()]


def sees(connection: Connection, scope: Scope, number: int) -> bool:
    """Whether a reader of this scope sees an incident."""
    query = select(_i.id).where(_i.id == number, visible(scope))
    return connection.execute(query).first() is not None


def whole(connection: Connection, scope: Scope, number: int) -> bool:
    """Whether all of an incident lies in the scope: what is of no site only for who sees all."""
    if scope.everything:
        return True
    outside = select(members.c.key).where(
        members.c.incident == number, not_(scope.clause(members.c.site))
    )
    own = select(_i.site).where(_i.id == number)
    site = connection.execute(own).scalar()
    apart = connection.execute(outside.limit(1)).first() is not None
    return not apart and (not site or scope.sees(site))


def visible(scope: Scope) -> ColumnElement[bool]:
    """Incidents of a site, or with a member, in the scope."""
    if scope.everything:
        return scope.clause(_i.site)
    joined = select(members.c.key).where(members.c.incident == _i.id, scope.clause(members.c.site))
    return or_(and_(_i.site != "", scope.clause(_i.site)), joined.exists())


def rev(connection: Connection) -> Mark:
    """A mark that differs as soon as an incident changed, or a line was written about one."""
    changed = connection.execute(select(func.max(_i.rev))).scalar() or 0
    written = connection.execute(select(func.max(incident_log.c.id))).scalar() or 0
    return int(changed), int(written)


def changed(connection: Connection, since: Mark, most: int) -> dict[int, set[str]]:
    """Incidents changed after this mark, `most` at most, each with the sites it concerns."""
    newer = select(_i.id).where(_i.rev > since[0]).limit(most)
    written = select(incident_log.c.incident).where(incident_log.c.id > since[1]).limit(most)
    found = {int(n) for query in (newer, written) for n in connection.execute(query).scalars()}
    touched: dict[int, set[str]] = {number: set() for number in found}
    own = select(_i.id, _i.site).where(_i.id.in_(found))
    joined = select(members.c.incident, members.c.site).where(members.c.incident.in_(found))
    for query in (own, joined.limit(20 * most)):
        for number, site in connection.execute(query):
            touched[number].add(site)
    return touched


def providers(connection: Connection, scope: Scope, limit: int = 100) -> list[str]:
    """The providers of the sites a reader sees, by name."""
    query = select(sites.c.isp).where(sites.c.isp != "", scope.clause(sites.c.code)).distinct()
    found = {name for text in connection.execute(query).scalars() for name in text.split("|")}
    return sorted(found)[:limit]


_NOBODY = and_(_i.state == OPEN, _i.assigned_to == "")
_OF_SITE = and_(_i.key.startswith("site:"), _i.parent == "")
_SILENT = (
    select(states.c.site)
    .where(states.c.site == _i.site, states.c.until.is_(None), states.c.state == "unknown")
    .exists()
)


def _deadline(clock: Clock) -> ColumnElement[float]:
    standing = case((_i.paused_at.is_not(None), clock.now - _i.paused_at), else_=0.0)
    return _i.opened_at + _i.paused_s + standing + clock.within_s


def _overdue(clock: Clock) -> ColumnElement[bool]:
    return and_(
        _i.state.in_((OPEN, ACKNOWLEDGED)),
        _i.severity != "info",
        _i.paused_at.is_(None),
        _deadline(clock) < clock.now,
    )


def _loudness(clock: Clock) -> ColumnElement[int]:
    return case(
        (_i.state == RESOLVED, 7),
        (_i.state == HANDLED, 6),
        (_overdue(clock), 0),
        (_i.paused_at.is_not(None), 5),
        (_NOBODY, 1),
        (or_(_i.unseen, and_(_OF_SITE, _SILENT)), 4),
        (_i.severity == "critical", 2),
        else_=3,
    )


def _filters(scope: Scope, wanted: Wanted, every: bool = False) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [visible(scope)]
    if not every:
        found.append(_i.state == wanted.state if wanted.state else _i.state.in_(UNRESOLVED))
    if wanted.area:
        found.append(visible(Scope((wanted.area,))))
    if wanted.subject:
        found.append(_i.subject == wanted.subject)
    if wanted.cause == "unknown":
        found.append(_i.cause.in_(("", "unknown")))
    elif wanted.cause:
        found.append(_i.cause == wanted.cause)
    if wanted.isp:
        found.append(_of_isp(wanted.isp))
    if wanted.mine:
        found.append(or_(_i.acknowledged_by == wanted.mine, _i.assigned_to == wanted.mine))
    return [*found, *(_said(word) for word in wanted.words)]


def _of_isp(name: str) -> ColumnElement[bool]:
    joined = select(members.c.site).where(members.c.incident == _i.id).correlate(incidents)
    mine = or_(sites.c.code == _i.site, sites.c.code.in_(joined))
    listed = literal("|") + sites.c.isp + "|"
    served = select(sites.c.code).where(mine, listed.contains(f"|{name}|", autoescape=True))
    return served.correlate(incidents).exists()


def _said(word: str) -> ColumnElement[bool]:
    digits = word.removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) < 10:
        return _i.id == int(digits)
    like = or_(
        *(
            column.icontains(word, autoescape=True)
            for column in (_i.title, _i.site, _i.ticket, _i.parent)
        )
    )
    named = select(sites.c.code).where(
        sites.c.code == _i.site,
        or_(
            sites.c.name.icontains(word, autoescape=True),
            sites.c.district.icontains(word, autoescape=True),
        ),
    )
    return or_(like, named.exists())
