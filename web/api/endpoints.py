"""The table: every endpoint of the API, and the groups they stand in."""

from collections.abc import Sequence

from web.api import (
    audit,
    duty,
    imports,
    incident_acts,
    incidents,
    onboarding,
    own,
    people,
    quiet,
    rows,
    sites,
    webhooks,
)
from web.api.table import Endpoint

ENDPOINTS: Sequence[Endpoint] = (
    *own.ENDPOINTS,
    *sites.ENDPOINTS,
    *incidents.ENDPOINTS,
    *incident_acts.ENDPOINTS,
    *quiet.ENDPOINTS,
    *duty.ENDPOINTS,
    *rows.ENDPOINTS,
    *imports.ENDPOINTS,
    *onboarding.ENDPOINTS,
    *people.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *audit.ENDPOINTS,
)
GROUPS = {
    "token": "the token itself",
    "sites": "how villages are now, and why",
    "incidents": "what is broken, who has it, what was done",
    "quiet": "mutes and planned work",
    "duty": "who is on duty when",
    "inventory": "areas, sites, lines, devices, services, contacts, holidays: rows by hand",
    "imports": "files of rows: what they would change, taken in, taken back; exports",
    "onboarding": "how far villages are, codes to enrol with, agents that wait",
    "people": "accounts",
    "webhooks": "addresses, such as of a ticket system, that hear of incidents",
    "audit": "what was done by whom",
}
