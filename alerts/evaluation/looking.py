"""The fleet as one round sees it: who is there, how each site is, who has something new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from collector.availability import State
from collector.fold.commit import read_ticks
from collector.fold.setback import last
from collector.promql import store
from collector.promql.catalogue import Catalogue, Sites
from collector.promql.derived import STATES
from collector.promql.labels import Ids, Words
from collector.promql.segments import Floats
from collector.promql.source import Centre
from collector.settings import Settings

Bools = NDArray[np.bool_]

_UNKNOWN = STATES.index(State.UNKNOWN)
# clocks of villages and the order of records may be off by as much
_MARGIN_S = 2.5


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What held at one tick; arrays are by the place of a site in the catalogue."""

    at: float
    resumed: float  # when timers were last restarted because the centre had been away
    catalogue: Catalogue
    words: Words
    place_of: Mapping[str, int]
    codes: list[str]
    active: Bools
    state: NDArray[np.int8]  # place in STATES, -1 for none
    last_reports: Floats  # by row of the window
    touched: Floats
    refused: Bools  # an agent of theirs refused its configuration
    # when the clock was last set back: what was sampled before that is not the present any more,
    # though what came after it may stand under a time ahead
    set_back: float = 0.0

    @property
    def seen(self) -> Bools:
        """Sites whose own series go on: those that count and are not silent."""
        there: Bools = self.active & (self.state != _UNKNOWN)
        return there

    def changed(self, since: float) -> Ids:
        """Places of the sites that reported, or whose state changed, after `since`."""
        rows = self.catalogue.sites.rows
        known = rows < len(self.last_reports)
        heard = np.where(known, np.append(self.last_reports, 0.0)[np.where(known, rows, -1)], 0.0)
        newest = np.maximum(heard, self.touched)
        return self._by_row(np.flatnonzero(self.active & (newest > since - _MARGIN_S)))

    def everybody(self) -> Ids:
        """Places of all sites that count."""
        return self._by_row(np.flatnonzero(self.active))

    def places(self, codes: Iterable[str]) -> Ids:
        """Places of those of the sites that count."""
        known = [self.place_of[code] for code in codes if code in self.place_of]
        places = np.array(known, np.int64)
        return self._by_row(places[self.active[places]])

    def _by_row(self, places: Ids) -> Ids:
        """In the order of the rows of the window."""
        order = np.argsort(self.catalogue.sites.rows[places], kind="stable")
        return places[order]

    def is_active(self, site: str) -> bool:
        place = self.place_of.get(site)
        return place is not None and bool(self.active[place])

    def silent_s(self, site: str) -> float:
        """For how long the site may say nothing before it is called silent; 0: nobody knows."""
        place = self.place_of.get(site)
        return 0.0 if place is None else float(self.catalogue.sites.silent_s[place])

    def is_up(self, site: str) -> bool:
        """Does the site tell of itself?"""
        place = self.place_of.get(site)
        return place is not None and bool(self.seen[place])


class Looking:
    """Follows inventory and states; asks the database only for what is new."""

    def __init__(self, settings: Settings, engine: Engine, blocks: Engine | None = None) -> None:
        self.centre = Centre(settings, engine, blocks)
        self._sites: Sites | None = None
        self._rev = 0
        self._many = -1  # states of that moment that were read
        self._codes: list[str] = []
        self._place_of: dict[str, int] = {}
        self._active: Bools = np.zeros(0, bool)
        self._state = np.zeros(0, np.int8)
        self._since = np.zeros(0)
        self._touched = np.zeros(0)
        self._refused_of: tuple[object, Bools] | None = None

    def look(self, connection: Connection, now: float) -> Look:
        catalogue = self.centre.look()
        if catalogue.sites is not self._sites:
            self._begin(connection, catalogue.sites)
        many = store.states_of(connection, self._rev)
        # of one moment there may be more by now
        since = self._rev if many != self._many else self._rev + 1
        self._follow(store.state_changes(connection, since), now)
        # of all rows, also of what is left out of these changes: the past that was told anew would
        # else be looked through at each look
        self._rev = max(self._rev, store.newest_state(connection))
        self._many = store.states_of(connection, self._rev)
        return Look(
            now,
            read_ticks(connection).resumed,
            catalogue,
            Words(catalogue.words),
            self._place_of,
            self._codes,
            self._active,
            self._state.copy(),
            self.centre.history.last_reports().copy(),
            self._touched.copy(),
            self._refused(connection),
            0.0 if (step := last(connection)) is None else step.at,
        )

    def _begin(self, connection: Connection, sites: Sites) -> None:
        """A new inventory: places mean other sites."""
        self._codes = sites.codes(np.arange(len(sites.rows)))
        self._place_of = {code: place for place, code in enumerate(self._codes)}
        life = store.lifecycles(connection)
        self._active = np.array([life.get(code) == "active" for code in self._codes], bool)
        self._state = np.full(len(self._codes), -1, np.int8)
        self._since = np.full(len(self._codes), -np.inf)
        self._touched = np.full(len(self._codes), -np.inf)
        self._rev, self._many = store.newest_state(connection), -1
        self._follow(store.states_now(connection), -np.inf)
        self._sites = sites

    def _refused(self, connection: Connection) -> Bools:
        """Read only when an agent changed: nobody keeps them in an order by what they refused."""
        mark = (store.newest_agent(connection), self._codes)
        if self._refused_of is None or self._refused_of[0] != mark:
            self._refused_of = mark, self._read_refused(connection)
        return self._refused_of[1]

    def _read_refused(self, connection: Connection) -> Bools:
        found = np.zeros(len(self._codes), bool)
        for code in store.refused_configurations(connection):
            if code in self._place_of:
                found[self._place_of[code]] = True
        return found

    def _follow(self, rows: list[tuple[str, float, bool, str]], now: float) -> None:
        for site, since, holds, state in rows:
            place = self._place_of.get(site)
            if place is None:
                continue
            number = STATES.index(state) if holds else -1
            if not holds and self._since[place] != since:
                continue  # it had ended before
            if self._state[place] != number or self._since[place] != since:
                self._state[place], self._touched[place] = number, now
            self._since[place] = since if holds else -np.inf
