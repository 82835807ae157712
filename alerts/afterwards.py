"""What somebody who was told of an incident says of its cause, once it is over."""

from sqlalchemy import Connection

from agent.strict import Refused
from alerts import hands, incidents, message, steering
from alerts.hands import What
from alerts.hindsight import CORRECTED
from alerts.incidents import Incident
from collector.cause import CAUSES
from collector.inventory import Contact


def asks(incident: Incident, person: Contact) -> bool:
    """Whether this person's word is wanted: a village does not undo what somebody else knew."""
    if not incident.over or incident.merged_into is not None:
        return False
    known = incident.details.get(CORRECTED)
    return known is None or known["by"] == person.name or person.role != "village"


def say(
    connection: Connection,
    number: int,
    cause: str,
    was: str,
    why: str,
    person: Contact,
    now: float,
) -> What:
    """The cause by their word; of the fault of many only the control room's counts for all.

    Refused: a cause nobody knows.
    """
    found = incidents.find(connection, number)
    if found is None:
        return What.MISSING
    if not asks(found, person):
        return What.CHANGED if found.over else What.STILL_BAD
    if not found.parent or person.role == "noc":
        return steering.correct(connection, number, cause, why, person.name, now, was)
    if cause not in CAUSES:
        raise Refused("cause", f"{cause!r} is not one of {', '.join(CAUSES)}")
    # as a village's other words about the fault of many: written down, and decides nothing
    told = f"{message.cause(cause, 1.0, person.language)}: {why}"
    return hands.note(connection, number, person.name, now, told).what
