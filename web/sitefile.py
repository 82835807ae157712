"""What one page asks the database about one site, in one look, nothing twice. A store file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from alerts import incidents, overrides
from alerts.incidents import Incident
from alerts.overrides import Override
from collector import acts, checkdays, inventory, notes, states
from collector.acts import Act
from collector.availability import Interval
from collector.configured import Configured, configured_at
from collector.intake import orders
from collector.inventory import Contact, Site
from collector.notes import Note
from collector.roster import Spell
from collector.settings import Settings
from collector.states import CheckState
from web import board
from web.board import Fold, Rev

_DAY_S = 86400.0
_MOST_INCIDENTS = 8
_WORST = {"bad": 0, "unknown": 1}


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A site as of one moment; `spells` oldest first, `checks` worst first with their last day."""

    site: Site
    fold: Fold | None
    rev: Rev
    told: Configured
    spells: Sequence[Interval]
    checks: Sequence[CheckState]
    days: Mapping[str, Sequence[Spell]]
    uplinks: Sequence[Mapping[str, Any]]
    devices: Sequence[Mapping[str, Any]]
    contacts: Sequence[Contact]
    incidents: Sequence[Incident]
    notes: Sequence[Note]
    asked: Act | None
    overrides: Sequence[Override]

    def threshold(self, rule: str, usual: float) -> float:
        """The threshold of a rule here: the site's own, its area's, else what is usual."""
        found = overrides.closest(self.overrides, rule, self.site.code)
        return usual if found is None or found.threshold is None else found.threshold


def look(
    connection: Connection, code: str, settings: Settings, start: float, now: float
) -> SiteFile | None:
    """The site with its states since `start`; None when there is no such site."""
    site = inventory.site(connection, code)
    if site is None:
        return None
    checks = states.checks_of(connection, code)
    return SiteFile(
        site=site,
        fold=board.fold(connection),
        rev=board.rev(connection),
        told=configured_at(connection, site, settings),
        spells=states.timeline(connection, code, start, now),
        checks=sorted(checks, key=lambda one: (_WORST.get(one.verdict, 2), one.name)),
        days=checkdays.spells(connection, code, checks, now - _DAY_S, now),
        uplinks=board.uplinks(connection, code),
        devices=inventory.devices_of(connection, code),
        contacts=inventory.contacts_for(connection, site),
        incidents=incidents.of_site(connection, code, _MOST_INCIDENTS),
        notes=notes.of_site(connection, code),
        asked=last_asking(connection, code),
        overrides=overrides.everything(connection),
    )


def last_asking(connection: Connection, code: str) -> Act | None:
    """When somebody last had the agents of the site probe at once."""
    told = acts.about(connection, code, orders.VERB)
    return next((act for act in told if "probe_now" in act.body.get("do", ())), None)
