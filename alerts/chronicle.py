"""What was decided and done about an incident, line by line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from collector.schema import incident_log

_NOTE_CHARS = 2000


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
    """Write one line, in the caller's transaction."""
    write(connection, [Line(incident, at, by, verb, text)])


def write(connection: Connection, lines: Iterable[Line]) -> None:
    rows = [
        {
            "incident": line.incident,
            "at": line.at,
            "by": line.by,
            "verb": line.verb,
            "note": line.note[:_NOTE_CHARS],
        }
        for line in lines
    ]
    if rows:
        connection.execute(insert(incident_log), rows)


def replace(connection: Connection, incident: int, at: float, verb: str, text: str) -> None:
    """The one line of this verb; what stood there before is gone."""
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
    for row in connection.execute(query.limit(limit)):
        found[row.incident].insert(0, Line(row.incident, row.at, row.by, row.verb, row.note))
    return found
