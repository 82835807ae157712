"""Rows of incidents: opened once, changed by compare-and-set, listed for people."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from collector import acts
from collector.schema import incidents, members

# open until somebody has it; handled within the four hours; over when it is resolved
OPEN, ACKNOWLEDGED, HANDLED, RESOLVED = "open", "acknowledged", "handled", "resolved"
UNRESOLVED = (OPEN, ACKNOWLEDGED, HANDLED)

# made once: putting a statement together costs as much as asking it
_NEWEST_REV = select(func.coalesce(func.max(incidents.c.rev), 0))
_OF_SITE = (
    select(incidents)
    .where(
        or_(
            incidents.c.site == bindparam("code"),
            incidents.c.id.in_(
                select(members.c.incident).where(members.c.site == bindparam("code"))
            ),
        ),
        incidents.c.merged_into.is_(None),
    )
    .order_by(incidents.c.state == RESOLVED, incidents.c.id.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Incident:
    """One row; times are UTC epoch seconds. `rev` grows with every change of any incident.

    `site` and `check` are of its one fault; an incident of many has a `parent` instead.
    """

    id: int
    key: str
    parent_kind: str
    parent: str
    site: str
    check: str
    rule: str
    subject: str
    title: str
    severity: str
    state: str
    cause: str
    confidence: float
    evidence: tuple[str, ...]
    details: Mapping[str, Any]
    unseen: bool
    members: int
    down_since: float
    opened_at: float
    acknowledged_by: str
    acknowledged_at: float | None
    assigned_to: str
    handled_at: float | None
    resolved_at: float | None
    paused_at: float | None
    paused_why: str
    paused_s: float
    snoozed_until: float | None
    ticket: str
    ticket_at: float | None
    rung: int
    told_at: float | None
    merged_into: int | None
    rev: int

    @property
    def over(self) -> bool:
        return self.state == RESOLVED


@dataclass(frozen=True, slots=True)
class New:
    """An incident before it has a row; what is left out begins as its column says."""

    key: str
    subject: str
    severity: str
    title: str
    down_since: float
    site: str = ""
    check: str = ""
    rule: str = ""
    parent_kind: str = ""
    parent: str = ""
    cause: str = ""
    confidence: float = 0.0
    evidence: Sequence[str] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    members: int = 1
    opened_at: float | None = None  # the clock began under an earlier number


def open_incident(connection: Connection, new: New, now: float) -> int:
    """Open an incident, in the caller's transaction; its number."""
    row = {name: getattr(new, name) for name in New.__slots__}
    row |= {"evidence": _text(list(new.evidence)), "details": _text(dict(new.details))}
    began = now if new.opened_at is None else new.opened_at
    row |= {"state": OPEN, "opened_at": began, "rev": _next_rev(connection)}
    made = connection.execute(insert(incidents).values(row)).inserted_primary_key
    assert made is not None
    return int(made[0])


def resolve(connection: Connection, incident: int, at: float) -> bool:
    """End an incident; False when somebody else has ended it."""
    return change(connection, incident, UNRESOLVED, state=RESOLVED, resolved_at=at)


def merge(connection: Connection, incident: int, into: int, now: float) -> bool:
    """An incident turns out to be part of another one, and ends as its own."""
    merged = {"state": RESOLVED, "resolved_at": now, "merged_into": into}
    return change(connection, incident, UNRESOLVED, **merged)


def handle(connection: Connection, incident: int, at: float) -> bool:
    """What people could do is done; False when that is so already, it is over, or not there."""
    return change(connection, incident, (OPEN, ACKNOWLEDGED), state=HANDLED, handled_at=at)


def acknowledge(connection: Connection, incident: int, by: str, now: float) -> bool:
    """Somebody takes an open incident; False when it is in hands already, over, or not there."""
    taken = {"state": ACKNOWLEDGED, "acknowledged_by": by, "acknowledged_at": now}
    if not change(connection, incident, (OPEN,), **taken):
        return False
    acts.record(connection, now, by, "acknowledge", subject(incident))
    return True


def change(
    connection: Connection, incident: int, expected: Sequence[str], **values: object
) -> bool:
    """Set columns of an incident that is in one of the expected states; False: it is not."""
    for name in ("evidence", "details"):
        if name in values:
            values[name] = _text(values[name])
    statement = (
        update(incidents)
        .where(incidents.c.id == incident, incidents.c.state.in_(expected))
        .values(rev=_next_rev(connection), **values)
    )
    return connection.execute(statement).rowcount == 1


def touch(connection: Connection, numbers: Iterable[int]) -> None:
    """Members of these came back: to pages, which tell who is back, that is news of them."""
    for number in numbers:
        change(connection, number, UNRESOLVED)


def find(connection: Connection, incident: int) -> Incident | None:
    row = connection.execute(select(incidents).where(incidents.c.id == incident)).first()
    return None if row is None else _incident(row)


def some(connection: Connection, numbers: Sequence[int]) -> list[Incident]:
    """These incidents, over or not, in the order asked for."""
    rows = connection.execute(select(incidents).where(incidents.c.id.in_(list(numbers))))
    found = {row.id: _incident(row) for row in rows}
    return [found[number] for number in numbers if number in found]


def listing(connection: Connection, all: bool = False, limit: int = 10_000) -> list[Incident]:
    """Incidents that are not over, or all of them; the newest first."""
    query = select(incidents).order_by(incidents.c.id.desc()).limit(limit)
    if not all:
        query = query.where(incidents.c.state != RESOLVED)
    return [_incident(row) for row in connection.execute(query)]


def of_site(connection: Connection, site: str, limit: int) -> list[Incident]:
    """Incidents that a site is or was a part of: those not over first, then the newest."""
    found = connection.execute(_OF_SITE, {"code": site, "most": limit})
    return [_incident(row) for row in found]


def changed(connection: Connection, since: int, limit: int) -> list[Incident]:
    """Incidents that changed after a revision, in the order they did."""
    query = select(incidents).where(incidents.c.rev > since).order_by(incidents.c.rev)
    return [_incident(row) for row in connection.execute(query.limit(limit))]


def still_open(connection: Connection, numbers: Iterable[int] | None = None) -> list[Incident]:
    """Incidents that are not over (of these, where given), the oldest first."""
    query = select(incidents).where(incidents.c.state != RESOLVED).order_by(incidents.c.id)
    if numbers is not None:
        query = query.where(incidents.c.id.in_(list(numbers)))
    return [_incident(row) for row in connection.execute(query)]


def changed_since(connection: Connection, rev: int, limit: int = 1000) -> list[Incident]:
    """Incidents that anybody changed after `rev`, in that order."""
    query = select(incidents).where(incidents.c.rev > rev).order_by(incidents.c.rev)
    return [_incident(row) for row in connection.execute(query.limit(limit))]


def newest_rev(connection: Connection) -> int:
    return _next_rev(connection) - 1


def last_of(connection: Connection, key: str) -> Incident | None:
    """The newest incident of a key, over or not."""
    query = select(incidents).where(incidents.c.key == key)
    row = connection.execute(query.order_by(incidents.c.id.desc()).limit(1)).first()
    return None if row is None else _incident(row)


def ever(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Those of these keys that any incident ever had."""
    found: set[str] = set()
    for begin in range(0, len(keys), 500):
        these = incidents.c.key.in_(keys[begin : begin + 500])
        found.update(connection.execute(select(incidents.c.key).where(these).distinct()).scalars())
    return found


def lately(connection: Connection, key: str, since: float, but: int) -> list[Incident]:
    """Other incidents of a key that ended after a moment."""
    mine = (incidents.c.key == key, incidents.c.resolved_at >= since, incidents.c.id != but)
    found = connection.execute(select(incidents).where(*mine).order_by(incidents.c.id).limit(50))
    return [_incident(row) for row in found]


def follow(connection: Connection, incident: int) -> int:
    """The incident that this one became part of, if it did; else itself."""
    seen = {incident}
    while True:
        into = connection.execute(
            select(incidents.c.merged_into).where(incidents.c.id == incident)
        ).scalar()
        if into is None or into in seen:
            return incident
        incident = int(into)
        seen.add(incident)


def lineage(connection: Connection, incident: int) -> list[int]:
    """The incident and those it came from: people may have been told of it under their numbers."""
    details = connection.execute(
        select(incidents.c.details).where(incidents.c.id == incident)
    ).scalar()
    return [incident, *(json.loads(details).get("from", ()) if details else ())]


def clock_of(connection: Connection, numbers: Sequence[int]) -> float | None:
    """When the first of these incidents opened."""
    query = select(func.min(incidents.c.opened_at)).where(incidents.c.id.in_(list(numbers)))
    found: float | None = connection.execute(query).scalar()
    return found


def came_from(connection: Connection, incident: int, earlier: Sequence[int]) -> None:
    """The numbers under which people were told of what is this incident now."""
    found = find(connection, incident)
    if found is not None:
        details = {**found.details, "from": list(dict.fromkeys(earlier))}
        change(connection, incident, UNRESOLVED, details=details)


def subject(incident: int) -> str:
    """How acts name an incident."""
    return f"incident:{incident}"


def _next_rev(connection: Connection) -> int:
    return int(connection.execute(_NEWEST_REV).scalar_one()) + 1


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _incident(row: Row[Any]) -> Incident:
    values = dict(row._mapping)
    values["evidence"] = tuple(json.loads(values["evidence"]))
    values["details"] = json.loads(values["details"])
    return Incident(**values)
