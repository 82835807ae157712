"""What pages ask of the floors below, in one place."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Protocol

import numpy as np
from sqlalchemy import Engine

from alerts.blind import blind_since
from collector import inventory, states
from collector.availability import Interval
from collector.configured import Configured, configured
from collector.db import meta_get, reading
from collector.inventory import Contact, Site
from collector.settings import Settings
from collector.states import CheckState
from web import board, docket, incident_rows
from web.board import Rev
from web.crowd import Counter, Fleet
from web.docket import Case, Docket
from web.incident_rows import Mark
from web.outline import Outline, outline
from web.roster import Book, Roster, Troubles, boundaries, troubles
from web.scope import Scope

Line = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]

# a list to choose from need not be of this very second
_PROVIDERS_S, _MOST_SCOPES = 60.0, 100


class Numbers(Protocol):
    """The part of collector.series.history.History that pages use."""

    def range(
        self, site_row: int, names: Sequence[str], start: float, end: float
    ) -> Mapping[str, Line]: ...

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


@dataclass(frozen=True, slots=True)
class Overview:
    """One page of the overview."""

    counts: Mapping[str, int]
    matching: int
    rows: Sequence[board.Row]
    last_reports: Mapping[str, float]


_MOST_OUTLINES, _TROUBLES_S = 64, 30.0
_WORST = {"bad": 0, "unknown": 1}


class Facts:
    """Everything pages know about sites."""

    def __init__(self, store: Engine, numbers: Numbers) -> None:
        self.store = store
        self.numbers = numbers
        self.crowd = Counter(numbers)
        self._book, self._docket = Book(), Docket()
        self._outlines: dict[tuple[str, ...], Outline | None] = {}
        self._providers: dict[Scope, tuple[float, list[str]]] = {}
        self._outlined: tuple[int, ...] = ()
        self._troubles: tuple[object, Troubles] | None = None

    def overview(self, scope: Scope, wanted: board.Wanted, limit: int, offset: int) -> Overview:
        """Counters and one page of sites, worst first."""
        with reading(self.store) as connection:
            counts = board.counts(connection, scope)
            filtered = bool(wanted.words or wanted.state)
            matching = (
                board.matching(connection, scope, wanted) if filtered else sum(counts.values())
            )
            rows = board.rows(connection, scope, wanted, limit, offset)
        return Overview(counts, matching, rows, self._last_reports(rows))

    def regency(self) -> tuple[Roster, Sequence[Case], float | None]:
        """All sites and all open incidents as of one moment; since when the centre is blind."""
        with reading(self.store) as connection:
            roster = self._book.look(connection)
            return roster, self._docket.look(connection), blind_since(connection)

    def outline(self, roster: Roster, codes: Sequence[str]) -> Outline | None:
        """The drawing of these areas; made once for each inventory."""
        if self._outlined != roster.mark:
            self._outlines, self._outlined = {}, roster.mark
        key = tuple(codes)
        if key not in self._outlines:
            with reading(self.store) as connection:
                geometries = boundaries(connection, list(codes))
            if len(self._outlines) >= _MOST_OUTLINES:
                self._outlines.clear()
            self._outlines[key] = outline(geometries)
        return self._outlines[key]

    def troubles(self, roster: Roster, begun: float, now: float) -> Troubles:
        """What was not normal and ended since; as of half a minute ago at most."""
        key = (roster.mark, begun, now // _TROUBLES_S)
        known = self._troubles
        if known is None or known[0] != key:
            with reading(self.store) as connection:
                known = self._troubles = (key, troubles(connection, roster, begun))
        return known[1]

    def _last_reports(self, rows: Sequence[board.Row]) -> dict[str, float]:
        times = self.numbers.last_reports()
        found = {row.code: float(times[row.row]) for row in rows if row.row < len(times)}
        return {code: at for code, at in found.items() if at > 0}

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

    def uplinks(self, code: str) -> list[Mapping[str, Any]]:
        """The uplinks of a site, main first."""
        with reading(self.store) as connection:
            return board.uplinks(connection, code)

    def timeline(self, code: str, start: float, end: float) -> list[Interval]:
        """The states that touch this stretch of time, oldest first."""
        with reading(self.store) as connection:
            return states.timeline(connection, code, start, end)

    def checks(self, code: str) -> list[CheckState]:
        """The checks of a site: bad, unknown, good."""
        with reading(self.store) as connection:
            found = states.checks_of(connection, code)
        return sorted(found, key=lambda check: (_WORST.get(check.verdict, 2), check.name))

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
            return board.changed(connection, since, most)

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
