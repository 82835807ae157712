"""What pages ask of the floors below, in one place."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any, Protocol

import numpy as np
from sqlalchemy import Engine

from alerts import docket, incident_rows
from alerts.incident_rows import Mark
from collector import inventory, roster, states
from collector.acts import Act
from collector.configured import Configured, configured
from collector.db import reading
from collector.inventory import Site
from collector.inventory.scope import Scope
from collector.series.frames import Frames
from collector.series.rollup_store import DAY_S, HOUR_S
from collector.series.steps import Steps
from collector.settings import Settings
from collector.states import SiteState
from web import board, charts, sitefile
from web.board import Fold, Rev
from web.country import Country
from web.crowd import Counter, Fleet

# longer stretches are drawn from hours, still longer ones from days
FINE_S, HOURS_S = 2 * 86400.0, 8 * 86400.0

Recent = Sequence[Frames]
Line = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]

# a list to choose from need not be of this very second
_PROVIDERS_S, _MOST_SCOPES = 60.0, 100


class Numbers(Protocol):
    """The part of collector.series.history.History that pages use."""

    def recent(self, site_row: int) -> Recent: ...

    def range(
        self,
        site_row: int,
        names: Sequence[str],
        start: float,
        end: float,
        recent: Recent | None = None,
    ) -> Mapping[str, Line]: ...

    def steps(
        self,
        site_row: int,
        names: Sequence[str],
        start: float,
        end: float,
        step_s: int,
        recent: Recent | None = None,
    ) -> Mapping[str, Steps]: ...

    def latest(
        self, site_row: int, recent: Recent | None = None
    ) -> Mapping[str, tuple[float, float]]: ...

    def last_report(self, site_row: int) -> float | None: ...

    def last_reports(self) -> np.ndarray[Any, Any]: ...

    def newest(self, name: str, start: float, end: float) -> Fleet: ...

    def named(self, metric: str) -> Sequence[str]: ...


class Facts(Country):
    """Everything pages know about sites: of many at once from memory, of one from the tables."""

    def __init__(self, store: Engine, numbers: Numbers) -> None:
        super().__init__(store)
        self.numbers = numbers
        self.crowd = Counter(numbers, slow_s=self.slow_s)
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
        self,
        site_row: int,
        drawn: Sequence[str],
        counted: Sequence[str],
        start: float,
        since: float,
        end: float,
        recent: Recent,
    ) -> tuple[dict[str, Line], Mapping[str, Steps]]:
        """What charts show of the series `drawn` from `start` on (samples of a short stretch,
        steps of a long one), and the hours of those `counted` from `since` on."""
        if end - start <= FINE_S:
            found = self.numbers.range(site_row, drawn, start, end, recent)
            return _shown(found), self._hours(site_row, counted, since, end, recent)
        if end - start > HOURS_S:
            days = self.numbers.steps(site_row, drawn, start, end, DAY_S, recent)
            return _stepped(days, start, end), self._hours(site_row, counted, since, end, recent)
        both = [*drawn, *counted]
        hours = self._hours(site_row, both, min(start, since), end, recent)
        lines = _stepped({name: hours[name] for name in drawn if name in hours}, start, end)
        return lines, {name: hours[name] for name in counted if name in hours}

    def _hours(
        self, site_row: int, names: Sequence[str], start: float, end: float, recent: Recent
    ) -> Mapping[str, Steps]:
        return self.numbers.steps(site_row, names, start, end, HOUR_S, recent) if names else {}

    def fold(self) -> Fold | None:
        """The engine's own word; None before its first."""
        with reading(self.store) as connection:
            return board.fold(connection)

    def site(self, code: str) -> Site | None:
        """A site of the inventory."""
        with reading(self.store) as connection:
            return inventory.site(connection, code)

    def last_asking(self, code: str) -> Act | None:
        """When somebody last had the agents of a site probe at once."""
        with reading(self.store) as connection:
            return sitefile.last_asking(connection, code)

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


def _shown(found: Mapping[str, Line]) -> dict[str, Line]:
    return {
        name: charts.shown(family, *line)
        for name, line in found.items()
        if (family := charts.family(name)) is not None
    }


def _stepped(found: Mapping[str, Steps], start: float, end: float) -> dict[str, Line]:
    return {
        name: charts.stepped(family, each.within(start - each.step_s / 2, end))
        for name, each in found.items()
        if (family := charts.family(name)) is not None
    }
