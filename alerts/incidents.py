"""Rows of incidents: opened once, changed by compare-and-set, listed for people."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from collector import acts
from collector.schema import acts as acts_table
from collector.schema import checks, incidents
from collector.states import CheckState

# an incident is open until it is resolved; an acknowledged one is in somebody's hands
OPEN, ACKNOWLEDGED, RESOLVED = "open", "acknowledged", "resolved"
_ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class Incident:
    """One row; `rev` grows with every change of any incident."""

    id: int
    site: str
    check: str
    subject: str
    title: str
    severity: str
    state: str
    cause: str
    confidence: float
    evidence: tuple[str, ...]
    down_since: float
    opened_at: float
    resolved_at: float | None
    rev: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Who has it, since when."""

    by: str
    at: float


def open_incident(connection: Connection, values: dict[str, Any], evidence: Sequence[str]) -> int:
    """Open an incident, in the caller's transaction; its number."""
    row = {
        "key": f"check:{values['site']}/{values['check']}",
        **values,
        "state": OPEN,
        "evidence": json.dumps(list(evidence), ensure_ascii=False),
        "rev": _next_rev(connection),
    }
    made = connection.execute(insert(incidents).values(row)).inserted_primary_key
    assert made is not None
    return int(made[0])


def resolve(connection: Connection, incident: int, at: float) -> bool:
    """End an incident; False when somebody else has ended it."""
    return _change(connection, incident, (OPEN, ACKNOWLEDGED), state=RESOLVED, resolved_at=at)


def acknowledge(connection: Connection, incident: int, by: str, now: float) -> bool:
    """Somebody takes an open incident; False when it is in hands already, over, or not there."""
    if not _change(connection, incident, (OPEN,), state=ACKNOWLEDGED):
        return False
    acts.record(connection, now, by, _ACKNOWLEDGE, _subject(incident))
    return True


def acknowledged(connection: Connection, numbers: Sequence[int]) -> dict[int, Acknowledged]:
    """Who took these incidents first."""
    subjects = {_subject(number): number for number in numbers}
    asked = (acts_table.c.verb == _ACKNOWLEDGE, acts_table.c.subject.in_(list(subjects)))
    rows = connection.execute(select(acts_table).where(*asked).order_by(acts_table.c.id.desc()))
    return {subjects[row.subject]: Acknowledged(row.by, row.at) for row in rows}


def find(connection: Connection, incident: int) -> Incident | None:
    row = connection.execute(select(incidents).where(incidents.c.id == incident)).first()
    return None if row is None else _incident(row)


def listing(connection: Connection, all: bool = False, limit: int = 10_000) -> list[Incident]:
    """Incidents that are not over, or all of them; the newest first."""
    query = select(incidents).order_by(incidents.c.id.desc()).limit(limit)
    if not all:
        query = query.where(incidents.c.state != RESOLVED)
    return [_incident(row) for row in connection.execute(query)]


def open_at(connection: Connection, sites: Iterable[str]) -> dict[tuple[str, str], Incident]:
    """Incidents of these sites that are not over, by site and check."""
    query = select(incidents).where(
        incidents.c.state != RESOLVED, incidents.c.site.in_(list(sites))
    )
    return {(row.site, row.check): _incident(row) for row in connection.execute(query)}


def untold(connection: Connection) -> list[CheckState]:
    """Checks that are bad, seen live, and have no open incident: what a restart looks at again."""
    mine = and_(
        incidents.c.site == checks.c.site,
        incidents.c.check == checks.c.name,
        incidents.c.state != RESOLVED,
    )
    query = (
        select(checks)
        .outerjoin(incidents, mine)
        .where(checks.c.verdict == "bad", checks.c.live.is_(True), incidents.c.id.is_(None))
    )
    return [CheckState(**row._mapping) for row in connection.execute(query)]


def check_now(connection: Connection, keys: Iterable[tuple[str, str]]) -> list[CheckState]:
    """How these checks (site and name) stand now; those that are gone are left out."""
    wanted = set(keys)
    query = select(checks).where(checks.c.site.in_({site for site, _ in wanted}))
    found = (CheckState(**row._mapping) for row in connection.execute(query))
    return [check for check in found if (check.site, check.name) in wanted]


def _change(
    connection: Connection, incident: int, expected: Sequence[str], **values: object
) -> bool:
    statement = (
        update(incidents)
        .where(incidents.c.id == incident, incidents.c.state.in_(expected))
        .values(rev=_next_rev(connection), **values)
    )
    return connection.execute(statement).rowcount == 1


def _next_rev(connection: Connection) -> int:
    newest = select(func.coalesce(func.max(incidents.c.rev), 0))
    return int(connection.execute(newest).scalar_one()) + 1


def _subject(incident: int) -> str:
    return f"incident:{incident}"


def _incident(row: Row[Any]) -> Incident:
    known = {spec.name: row._mapping[spec.name] for spec in fields(Incident)}
    return Incident(**{**known, "evidence": tuple(json.loads(row.evidence))})
