"""What pages ask of the floors below, in one place."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Protocol

import numpy as np
from sqlalchemy import Engine

from alerts import docket, incidents, overrides
from alerts.incidents import Incident
from collector import acts, checkdays, inventory, notes, roster, states
from collector.acts import Act
from collector.availability import Interval
from collector.configured import Configured, configured
from collector.db import meta_get, reading
from collector.intake import orders
from collector.inventory import Contact, Site
from collector.notes import Note
from collector.roster import Spell
from collector.series.rollup_store import DAY_S, HOUR_S
from collector.series.steps import Steps
from collector.settings import Settings
from collector.states import CheckState, SiteState
from web import board, charts, incident_rows
from web.board import Rev
from web.country import Country
from web.crowd import Counter, Fleet
from web.incident_rows import Mark
from web.scope import Scope

# longer stretches are drawn from hours, still longer ones from days
FINE_S, HOURS_S = 2 * 86400.0, 8 * 86400.0

Line = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]

# a list to choose from need not be of this very second
_PROVIDERS_S, _MOST_SCOPES = 60.0, 100


class Numbers(Protocol):
    """The part of collector.series.history.History that pages use."""

    def range(
        self, site_row: int, names: Sequence[str], start: float, end: float
    ) -> Mapping[str, Line]: ...

    def steps(
        self, site_row: int, names: Sequence[str], start: float, end: float, step_s: int
    ) -> Mapping[str, Steps]: ...

    def latest(self, site_row: int) -> Mapping[str, tuple[float, float]]: ...

    def last_report(self, site_row: int) -> float | None: ...

    def last_reports(self) -> np.ndarray[Any, Any]: ...

    def newest(self, name: str, start: float, end: float) -> Fleet: ...

    def named(self, metric: str) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Fold:
    """How far the engine has come: its lag in seconds, and when it said so."""

    lag_s: float
    at: float


_WORST = {"bad": 0, "unknown": 1}


class Facts(Country):
    """Everything pages know about sites: of many at once from memory, of one from the tables."""

    def __init__(self, store: Engine, numbers: Numbers) -> None:
        super().__init__(store)
        self.numbers = numbers
        self.crowd = Counter(numbers)
        self._providers: dict[Scope, tuple[float, list[str]]] = {}

    def held(self, codes: Sequence[str]) -> dict[str, SiteState]:
        """What holds of these sites, with reasons."""
        if not codes:
            return {}
        with reading(self.store) as connection:
            return {state.code: state for state in states.current(connection, codes)}

    def samples(self, site_row: int, name: str, start: float, end: float) -> Line | None:
        """One series as charts show it, of whatever stretch, from its samples."""
        found, family = self.numbers.range(site_row, [name], start, end), charts.family(name)
        return None if family is None or name not in found else charts.shown(family, *found[name])

    def lines(
        self, site_row: int, names: Sequence[str], start: float, end: float
    ) -> dict[str, Line]:
        """What charts show of these series: samples of a short stretch, steps of a long one."""
        if end - start <= FINE_S:
            found = self.numbers.range(site_row, names, start, end)
            return {
                name: charts.shown(family, *line)
                for name, line in found.items()
                if (family := charts.family(name)) is not None
            }
        step_s = HOUR_S if end - start <= HOURS_S else DAY_S
        steps = self.numbers.steps(site_row, names, start, end, step_s)
        return {
            name: charts.stepped(family, each.within(start - step_s / 2, end))
            for name, each in steps.items()
            if (family := charts.family(name)) is not None
        }

    def fold(self) -> Fold | None:
        """The engine's own word; None before its first."""
        with reading(self.store) as connection:
            said = meta_get(connection, "fold_status")
        if not said:
            return None
        status = json.loads(said)
        return Fold(float(status.get("lag_s", 0.0)), float(status.get("at", 0.0)))

    def site(self, code: str) -> Site | None:
        """A site of the inventory."""
        with reading(self.store) as connection:
            return inventory.site(connection, code)

    def uplinks(self, code: str) -> Sequence[Mapping[str, Any]]:
        """The uplinks of a site, main first."""
        with reading(self.store) as connection:
            return inventory.uplinks_of(connection, code)

    def timeline(self, code: str, start: float, end: float) -> list[Interval]:
        """The states that touch this stretch of time, oldest first."""
        with reading(self.store) as connection:
            return states.timeline(connection, code, start, end)

    def checks(self, code: str) -> list[CheckState]:
        """The checks of a site: bad, unknown, good."""
        with reading(self.store) as connection:
            found = states.checks_of(connection, code)
        return sorted(found, key=lambda check: (_WORST.get(check.verdict, 2), check.name))

    def check_days(
        self, code: str, checks: Sequence[CheckState], start: float, end: float
    ) -> dict[str, list[Spell]]:
        """How the checks of a site stood since `start`, by name."""
        with reading(self.store) as connection:
            return checkdays.spells(connection, code, checks, start, end)

    def devices(self, code: str) -> list[dict[str, Any]]:
        """The devices of a site as the inventory has them."""
        with reading(self.store) as connection:
            return inventory.devices_of(connection, code)

    def incidents(self, code: str, limit: int) -> list[Incident]:
        """Incidents that a site is or was a part of; those not over first."""
        with reading(self.store) as connection:
            return incidents.of_site(connection, code, limit)

    def threshold(self, code: str, rule: str, usual: float) -> float:
        """The threshold of a rule at a site: its own, its area's, else what is usual."""
        with reading(self.store) as connection:
            known = overrides.everything(connection)
        found = overrides.closest(known, rule, code)
        return usual if found is None or found.threshold is None else found.threshold

    def notes(self, code: str) -> list[Note]:
        """The notes about a site, the newest first."""
        with reading(self.store) as connection:
            return notes.of_site(connection, code)

    def last_asking(self, code: str) -> Act | None:
        """When somebody last had the agents of a site probe at once."""
        with reading(self.store) as connection:
            told = acts.about(connection, code, orders.VERB)
        return next((act for act in told if "probe_now" in act.body.get("do", ())), None)

    def contacts(self, site: Site) -> list[Contact]:
        """Whom to call about a site, nearest first."""
        with reading(self.store) as connection:
            return inventory.contacts_for(connection, site)

    def told(self, code: str, settings: Settings) -> Configured:
        """What a site's agents are told to do, and what they make of it."""
        with reading(self.store) as connection:
            return configured(connection, code, settings)

    def zone(self, code: str, default: str) -> tzinfo:
        """The zone a site's clocks show."""
        return inventory.zone(code, default)

    def rev(self) -> Rev:
        """A mark that differs as soon as a state, a check or an incident changed."""
        with reading(self.store) as connection:
            return board.rev(connection)

    def stirred(self, since: int, most: int) -> set[str] | None:
        """The sites of incidents that changed after this revision; None: of many, or of none."""
        with reading(self.store) as connection:
            return docket.changed_sites(connection, since, most)

    def changed(self, since: int, most: int) -> set[str]:
        """The sites whose state or checks changed at this position or after it."""
        with reading(self.store) as connection:
            return roster.stirred(connection, since, most)

    def providers(self, scope: Scope, now: float) -> list[str]:
        """The providers of the sites somebody may see; as of a minute ago at most."""
        known = self._providers.get(scope)
        if known is None or not 0 <= now - known[0] < _PROVIDERS_S:
            with reading(self.store) as connection:
                known = (now, incident_rows.providers(connection, scope))
            if len(self._providers) >= _MOST_SCOPES:
                self._providers.clear()
            self._providers[scope] = known
        return known[1]

    def incident_rev(self) -> Mark:
        """A mark that differs as soon as an incident changed, or a line was written about one."""
        with reading(self.store) as connection:
            return incident_rows.rev(connection)

    def incidents_changed(self, since: Mark, most: int) -> dict[int, set[str]]:
        """The incidents that changed after it, each with the sites it concerns."""
        with reading(self.store) as connection:
            return incident_rows.changed(connection, since, most)
