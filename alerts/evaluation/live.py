"""A source for rules that go the general way: what came in time, of the sites that are heard of."""

from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import Engine

from alerts.evaluation.looking import Look
from alerts.evaluation.overlay import Overlay
from collector.promql import derived, others, register
from collector.promql.catalogue import SITE_LABELS, of_sites
from collector.promql.composing import distinct, series_of_found, together
from collector.promql.fleet import Found, Reader, joined
from collector.promql.labels import Ids, of_rows
from collector.promql.limits import Limits
from collector.promql.matchers import rows_of
from collector.promql.source import Centre
from collector.promql.vectors import Series, Wanted


@dataclass(frozen=True, slots=True, eq=False)
class Live:
    """One look's source; what a selector asks for is read once for all rules of the round."""

    look: Look
    centre: Centre
    store: Engine
    overlay: Overlay
    reach_s: float
    _read: dict[tuple[object, ...], Series] = field(default_factory=dict)

    def select(self, wanted: Wanted, limits: Limits) -> Series:
        key = (wanted.matchers, wanted.start_ms, wanted.end_ms, wanted.steps, wanted.newest)
        if key not in self._read:
            self._read[key] = self._select(wanted, limits)
        return self._read[key]

    def _select(self, wanted: Wanted, limits: Limits) -> Series:
        look, words = self.look, self.look.words
        recorded = self.overlay.series(wanted, look, words)
        if recorded:
            return together(words, recorded)
        places = look.catalogue.sites_of(wanted.matchers)
        places = places[look.active[places]]
        parts = self._stored(wanted, places[look.seen[places]], limits)
        parts += self._derived(wanted, places, limits)
        parts += register.select(wanted, look.catalogue, words, places, self.store, limits)
        theirs = others.select(self.centre.foreign, look.catalogue, words, wanted, limits)
        found = together(words, [*parts, *theirs])
        return distinct(found) if theirs else found

    def _stored(self, wanted: Wanted, places: Ids, limits: Limits) -> list[Series]:
        columns = self.look.catalogue.columns_of(wanted.matchers)
        if not columns or not len(places):
            return []
        sites = self.look.catalogue.sites
        before = int(sites.lookback_ms[places].max()) if wanted.reach else 0
        start, end = (wanted.start_ms - before) / 1000.0, wanted.end_ms / 1000.0
        if wanted.reach and self.look.set_back < end:
            start = max(start, self.look.set_back)
        if start < self.look.at - self.reach_s:
            found = self._with_history(columns, places, start, end, wanted.steps, limits)
        else:
            found = [self._of_window(columns, places, start, end, wanted.newest)]
        return [series_of_found(self.look.catalogue, self.look.words, found, start, limits)]

    def _of_window(
        self, columns: list[int], places: Ids, start: float, end: float, newest: bool
    ) -> Found:
        rows = self.look.catalogue.sites.rows[places]
        order = np.argsort(rows, kind="stable")
        part = self.centre.history.window.part(rows[order])
        if part is None:
            return joined([])
        there = np.intersect1d(np.array(columns, np.int32), part.columns(start, end))
        if newest:
            times, values = part.newest(there, start, end)
            which, at = np.nonzero(times)
            times, values = times[which, at], values[which, at]
        else:
            which, at, times, values = part.samples(there, start, end)
        return Found(there[which].astype(np.int64), places[order][at], times, values)

    def _with_history(
        self,
        columns: list[int],
        places: Ids,
        start: float,
        end: float,
        steps: int,
        limits: Limits,
    ) -> list[Found]:
        """Beyond the window samples do not tell any more how late they came."""
        centre = self.centre
        sites = self.look.catalogue.sites
        reader = Reader(
            centre.blocks, centre.history, centre.silent, sites, places, self.reach_s, limits
        )
        return reader.read(columns, start, end, False, steps)

    def _derived(self, wanted: Wanted, places: Ids, limits: Limits) -> list[Series]:
        look, words = self.look, self.look.words
        now = round(look.at * 1000)
        if not (wanted.reach and len(wanted.times) == 1 and int(wanted.times[0]) == now):
            reports = look.last_reports
            return derived.select(
                wanted, look.catalogue, words, places, reports, self.store, limits
            )
        own = of_rows(words, derived.NAMES)
        asked = [matcher for matcher in wanted.matchers if matcher.label not in SITE_LABELS]
        found = []
        codes = look.state[places][:, None]
        for number in np.flatnonzero(rows_of(own, asked)).tolist():
            values, present = derived.worth(
                number, codes, look.catalogue, places, look.last_reports, wanted.times
            )
            labels = of_sites(look.catalogue, words, own.take(np.array([number])), places)
            found.append((labels, values, present))
        return [derived.as_series(found, wanted.times)] if found else []
