"""What was decided and done about an incident, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from collector.schema import incident_log

MOST_NOTE_CHARS = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `by` is empty where Ronda itself did it."""

    incident: int
    at: float
    by: str
    verb: str
    note: str


def note(
    connection: Connection, incident: int, at: float, verb: str, text: str = "", by: str = ""
) -> None:
    """Write one line, in the caller's transaction; control characters are spaces."""
    flat = "".join(c if c.isprintable() else " " for c in text).strip()[:MOST_NOTE_CHARS]
    row = {"incident": incident, "at": at, "by": by, "verb": verb, "note": flat}
    connection.execute(insert(incident_log).values(row))


def replace(connection: Connection, incident: int, at: float, verb: str, text: str) -> None:
    """The one line of this verb; what stood there before is gone, unless it says just this."""
    before = last(connection, incident, verb)
    if before is not None and before.note == text:
        return
    mine = (incident_log.c.incident == incident, incident_log.c.verb == verb)
    connection.execute(delete(incident_log).where(*mine))
    note(connection, incident, at, verb, text)


def once(connection: Connection, incident: int, at: float, verb: str, text: str) -> None:
    """The line, unless the newest one says just this."""
    mine = (incident_log.c.incident == incident,)
    newest = select(incident_log).where(*mine).order_by(incident_log.c.id.desc()).limit(1)
    row = connection.execute(newest).first()
    if row is None or (row.verb, row.note) != (verb, text):
        note(connection, incident, at, verb, text)


def lines(
    connection: Connection, numbers: Sequence[int], limit: int = 1000
) -> dict[int, list[Line]]:
    """The newest lines of these incidents, each list in its order."""
    found: dict[int, list[Line]] = {number: [] for number in numbers}
    t = incident_log.c
    query = select(incident_log).where(t.incident.in_(list(numbers))).order_by(t.id.desc())
    for row in list(connection.execute(query.limit(limit)))[::-1]:
        found[row.incident].append(_line(row))
    return found


def since(connection: Connection, moment: float, limit: int = 1000) -> list[Line]:
    """What people did and Ronda decided since a moment, the oldest first; of many the newest."""
    query = select(incident_log).where(incident_log.c.at >= moment)
    rows = connection.execute(query.order_by(incident_log.c.id.desc()).limit(limit))
    return [_line(row) for row in rows][::-1]


def last(connection: Connection, incident: int, verb: str) -> Line | None:
    """The newest line of a verb about an incident."""
    mine = (incident_log.c.incident == incident, incident_log.c.verb == verb)
    query = select(incident_log).where(*mine).order_by(incident_log.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else _line(row)


def _line(row: Row[Any]) -> Line:
    return Line(row.incident, row.at, row.by, row.verb, row.note)
