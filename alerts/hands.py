"""An incident in somebody's hands: taken, handled, noted, each by compare-and-set and logged."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from alerts import incidents
from collector import acts
from collector.schema import incident_log

MOST_NOTE_CHARS = 500
TAKEN, HANDLED, NOTED = "taken", "handled", "note"


class What(StrEnum):
    """What became of somebody's word about an incident."""

    DONE = "written down"
    AGAIN = "it was so already, by the same person"
    OTHERS = "somebody else has it"
    HANDLED = "it is handled already"
    OVER = "it is over"
    MISSING = "there is no such incident"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it; who has the incident, since when."""

    what: What
    by: str = ""
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of what was decided and done about an incident; `by` is empty for Ronda itself."""

    incident: int
    at: float
    by: str
    verb: str
    note: str


def take(connection: Connection, incident: int, by: str, now: float) -> Outcome:
    """Somebody says that they have it; of what became part of another incident: that one."""
    incident = incidents.follow(connection, incident)
    if incidents.acknowledge(connection, incident, by, now):
        log(connection, incident, now, by, TAKEN)
        return Outcome(What.DONE, by, now)
    return _as_it_is(connection, incident, by)


def handled(connection: Connection, incident: int, by: str, now: float, note: str = "") -> Outcome:
    """Somebody says that what could be done is done; who had nobody's hands was in theirs."""
    incident = incidents.follow(connection, incident)
    take(connection, incident, by, now)
    if not incidents.handle(connection, incident, now):
        return _as_it_is(connection, incident, by)
    log(connection, incident, now, by, HANDLED, note)
    acts.record(connection, now, by, "handle", f"incident:{incident}")
    return Outcome(What.DONE, by, now)


def note(connection: Connection, incident: int, by: str, now: float, text: str) -> Outcome:
    """Somebody adds a word, also when it is over."""
    found = incidents.find(connection, incident)
    if found is None:
        return Outcome(What.MISSING)
    if text.strip():
        log(connection, incident, now, by, NOTED, text)
        acts.record(connection, now, by, "note", f"incident:{incident}")
    return Outcome(What.DONE, by, now)


def log(
    connection: Connection, incident: int, at: float, by: str, verb: str, note: str = ""
) -> None:
    """Add a line to what was done, in the caller's transaction; control characters are spaces."""
    flat = "".join(c if c.isprintable() else " " for c in note).strip()[:MOST_NOTE_CHARS]
    row = {"incident": incident, "at": at, "by": by, "verb": verb, "note": flat}
    connection.execute(insert(incident_log).values(row))


def history(connection: Connection, since: float, limit: int = 1000) -> list[Entry]:
    """What was done since a moment, the oldest first; of more than `limit` the newest."""
    query = select(incident_log).where(incident_log.c.at >= since)
    rows = connection.execute(query.order_by(incident_log.c.id.desc()).limit(limit))
    found = [Entry(row.incident, row.at, row.by, row.verb, row.note) for row in rows]
    return found[::-1]


def last(connection: Connection, incident: int, verb: str) -> Entry | None:
    """The newest line of a kind about an incident."""
    mine = (incident_log.c.incident == incident, incident_log.c.verb == verb)
    query = select(incident_log).where(*mine).order_by(incident_log.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else Entry(row.incident, row.at, row.by, row.verb, row.note)


def _as_it_is(connection: Connection, incident: int, by: str) -> Outcome:
    found = incidents.find(connection, incident)
    if found is None:
        return Outcome(What.MISSING)
    if found.state == incidents.RESOLVED:
        return Outcome(What.OVER, at=found.resolved_at)
    if found.state == incidents.HANDLED:
        done = last(connection, incident, HANDLED)
        return Outcome(What.HANDLED, done.by if done else "", done.at if done else None)
    what = What.AGAIN if found.acknowledged_by == by else What.OTHERS
    return Outcome(what, found.acknowledged_by, found.acknowledged_at)
