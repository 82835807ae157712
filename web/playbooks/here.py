"""Remote actions on the pages of a site and of an incident: what is suggested, what was done.

Alerts and playbooks do not know each other: the rule's annotation in an incident meets them here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from sqlalchemy import Connection

from alerts.incidents import Incident
from collector.inventory.scope import Scope
from playbooks import run_search
from playbooks.model import Level, Playbook
from web import remedy
from web.playbooks import powers, told
from web.playbooks.catalogue import fit_for
from web.playbooks.run_list import Row, rows
from web.playbooks.shelf import shelf

MOST_RUNS = 5


@dataclass(frozen=True, slots=True)
class Here:
    """`site` a plan would be for; `suggested` by the rule; `groups`: what fits, by level."""

    site: str
    incident: int | None
    suggested: Playbook | None
    groups: Sequence[tuple[Level, Sequence[Playbook]]]
    runs: Sequence[Row]
    role: str

    @property
    def told(self) -> ModuleType:
        """The words for it."""
        return told

    @property
    def anything(self) -> bool:
        return bool(self.suggested or self.groups or self.runs)

    def may(self, one: Playbook) -> bool:
        """May the reader press it?"""
        return powers.to_ask(self.role, one.level, whole=True) is None


def of_site(connection: Connection, reader: Scope, role: str, site: str) -> Here:
    """What may be done at a site from here, and what was done last."""
    fit = fit_for(connection, site)
    found = run_search.of_site(connection, site, MOST_RUNS) if reader.sees(site) else []
    return Here(site, None, None, _groups(fit), rows(connection, found), role)


def of_incident(connection: Connection, reader: Scope, role: str, incident: Incident) -> Here:
    """What its rule suggests, and what was done to mend it."""
    name = remedy.suggested(incident)
    site = incident.site if incident.site and reader.sees(incident.site) else ""
    found = run_search.of_incident(connection, reader, incident.id, MOST_RUNS)
    suggested = shelf().playbooks.get(name) if site and not incident.over else None
    return Here(site, incident.id, suggested, (), rows(connection, found), role)


def _groups(fit: Sequence[Playbook]) -> list[tuple[Level, list[Playbook]]]:
    found = [(level, [one for one in fit if one.level == level]) for level in Level]
    return [(level, some) for level, some in found if some]
