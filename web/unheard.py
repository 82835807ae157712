"""Why nobody hears of an open incident, where waiting does not mend that."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import Connection

from alerts.escalation import FIRST
from alerts.incidents import Incident
from collector import inventory

_MOST_SITES = 200


class Unheard(StrEnum):
    """What is missing: somebody to tell, or a channel that reaches those who are there."""

    CONTACTS = "contacts"
    WAYS = "ways"


def unheard(connection: Connection, incident: Incident, sites: Iterable[str]) -> Unheard | None:
    """Of an incident nobody was told of: why; None: it is over, or somebody may hear yet."""
    if incident.over:
        return None
    codes = sorted(sites)[:_MOST_SITES]
    there = inventory.sites(connection, only=codes) if codes else []
    near = inventory.contacts_of(connection, there)
    found = [one for people in near.values() for one in people]
    if not there:
        found += inventory.nocs(connection)
    if incident.check:
        scope = f"service:{incident.check}"
        found += inventory.in_scopes(connection, [scope]).get(scope, [])
    if not any(one.role != "isp" and any(one.addresses) for one in found):
        return Unheard.CONTACTS
    # what is left over of a storm was told under the storm's number
    tried = incident.rung >= FIRST and not incident.details.get("from")
    return Unheard.WAYS if tried else None
