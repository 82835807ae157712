"""An incident in somebody's hands: taken, handled, noted, each by compare-and-set and logged."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection

from alerts import chronicle, incidents
from collector import acts

TAKEN, HANDLED, NOTED = "taken", "handled", "note"


class What(StrEnum):
    """What became of somebody's word about an incident."""

    DONE = "written down"
    AGAIN = "it was so already, by the same person"
    OTHERS = "somebody else has it"
    HANDLED = "it is handled already"
    OVER = "it is over"
    CHANGED = "somebody has changed it meanwhile"
    STILL_BAD = "what it is about is still broken: it ends by itself when that is good"
    MISSING = "there is no such incident"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it; who has the incident, since when."""

    what: What
    by: str = ""
    at: float | None = None


def take(connection: Connection, incident: int, by: str, now: float, role: str = "noc") -> Outcome:
    """Somebody says that they have it; of what became part of another incident: that one.

    One village's word about the fault of many is written down, and takes it from nobody's hands.
    """
    incident = incidents.follow(connection, incident)
    if _of_many(connection, incident, role):
        chronicle.note(connection, incident, now, TAKEN, "in their village", by)
        acts.record(connection, now, by, "take_part", incidents.subject(incident))
        return Outcome(What.DONE, by, now)
    if incidents.acknowledge(connection, incident, by, now):
        chronicle.note(connection, incident, now, TAKEN, by=by)
        return Outcome(What.DONE, by, now)
    return _as_it_is(connection, incident, by)


def handled(
    connection: Connection, incident: int, by: str, now: float, note: str = "", role: str = "noc"
) -> Outcome:
    """Somebody says that what could be done is done; who had nobody's hands was in theirs."""
    incident = incidents.follow(connection, incident)
    if _of_many(connection, incident, role):
        chronicle.note(connection, incident, now, HANDLED, f"in their village {note}", by)
        acts.record(connection, now, by, "handle_part", incidents.subject(incident))
        return Outcome(What.DONE, by, now)
    take(connection, incident, by, now)
    if not incidents.handle(connection, incident, now):
        return _as_it_is(connection, incident, by)
    chronicle.note(connection, incident, now, HANDLED, note, by)
    acts.record(connection, now, by, "handle", f"incident:{incident}")
    return Outcome(What.DONE, by, now)


def _of_many(connection: Connection, incident: int, role: str) -> bool:
    """It is the fault of many, and who speaks is in charge of one of them."""
    found = incidents.find(connection, incident) if role == "village" else None
    return found is not None and bool(found.parent) and not found.over


def note(connection: Connection, incident: int, by: str, now: float, text: str) -> Outcome:
    """Somebody adds a word, also when it is over."""
    found = incidents.find(connection, incident)
    if found is None:
        return Outcome(What.MISSING)
    if text.strip():
        chronicle.note(connection, incident, now, NOTED, text, by)
        acts.record(connection, now, by, "note", f"incident:{incident}")
    return Outcome(What.DONE, by, now)


def _as_it_is(connection: Connection, incident: int, by: str) -> Outcome:
    found = incidents.find(connection, incident)
    if found is None:
        return Outcome(What.MISSING)
    if found.state == incidents.RESOLVED:
        return Outcome(What.OVER, at=found.resolved_at)
    if found.state == incidents.HANDLED:
        done = chronicle.last(connection, incident, HANDLED)
        return Outcome(What.HANDLED, done.by if done else "", done.at if done else None)
    what = What.AGAIN if found.acknowledged_by == by else What.OTHERS
    return Outcome(what, found.acknowledged_by, found.acknowledged_at)
