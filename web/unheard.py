"""Why nobody hears of an open incident, where waiting does not mend that."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import Connection

from agent.strict import Refused
from alerts import people
from alerts.channels.config import load, served
from alerts.incidents import Incident
from collector import inventory
from collector.own import CODE
from collector.settings import Settings

_MOST_SITES = 200


class Unheard(StrEnum):
    """What is missing: somebody to tell, or a channel that reaches those who are there."""

    CONTACTS = "contacts"
    WAYS = "ways"


def unheard(
    connection: Connection, incident: Incident, sites: Iterable[str], settings: Settings
) -> Unheard | None:
    """Of an incident nobody was told of: why; None: it is over, or somebody may hear yet."""
    if incident.over:
        return None
    codes = sorted(sites)[:_MOST_SITES]
    there = inventory.sites(connection, only=codes) if codes else []
    near = inventory.contacts_of(connection, there)
    found = [one for people in near.values() for one in people]
    if not there or CODE in codes:
        found += inventory.nocs(connection)
    if incident.check:
        scope = f"service:{incident.check}"
        found += inventory.in_scopes(connection, [scope]).get(scope, [])
    able = [one for one in found if one.role != "isp" and any(one.addresses)]
    if not able:
        return Unheard.CONTACTS
    return None if people.reachable(able, _serving(settings)) else Unheard.WAYS


def _serving(settings: Settings) -> people.Serving:
    try:
        return served(load(settings))
    except Refused:
        # a broken file of channels is told elsewhere; the engine goes on with what it had
        return people.WEBHOOKS
