"""The numbers of a centre as series: the window for all sites at once, blocks site by site.

What other programs sent is a second source beside them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import Engine

from collector.db import open_history, reading
from collector.promql import derived, longrange, others, register, store
from collector.promql.catalogue import INTERVALS, Book, Catalogue
from collector.promql.composing import distinct, series_of_found, together
from collector.promql.fleet import Found, Reader
from collector.promql.labels import Ids, Words
from collector.promql.limits import Limits
from collector.promql.longrange import LongRange
from collector.promql.vectors import STALE, Series, Use, Wanted
from collector.series.foreign import Foreign
from collector.series.history import History
from collector.settings import Settings
from collector.unchanged import Unchanged

# about what a site in mind takes, and how many silent ones are kept there
_A_SITE, _MOST_SILENT = 200, 100_000


class Centre:
    """A source over inventory, states and history of one centre; safe to share by threads."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        blocks: Engine | None = None,
        history: History | None = None,
    ) -> None:
        """`history`: the one over `blocks` that others in this process read, too."""
        self._engine = engine
        self.blocks = open_history(settings) if blocks is None else blocks
        self.history = History(settings, self.blocks) if history is None else history
        self._unchanged = Unchanged(engine, _MOST_SILENT * _A_SITE)
        self.foreign = Foreign(self.blocks)
        self._book = Book(engine, self.blocks, self.history.columns, self.foreign)

    def look(self) -> Catalogue:
        """What there is now."""
        return self._book.look()

    def words(self) -> Words:
        """A place for the words of one query, knowing those of the centre's labels."""
        return Words(self.look().words)

    def series_of(
        self, catalogue: Catalogue, words: Words, wanted: Wanted, limits: Limits
    ) -> Series:
        """The series that match, with their samples."""
        places = catalogue.sites_of(wanted.matchers)
        columns = catalogue.columns_of(wanted.matchers)
        parts = []
        if columns and len(places):
            self._check(catalogue, places, columns, wanted, limits)
            parts += self._ours(catalogue, words, places, columns, wanted, limits)
        seen, engine = self.history.last_reports(), self._engine
        parts += derived.select(wanted, catalogue, words, places, seen, engine, limits)
        parts += register.select(wanted, catalogue, words, places, engine, limits)
        theirs = others.select(self.foreign, catalogue, words, wanted, limits)
        found = together(words, [*parts, *theirs])
        return distinct(found) if theirs else found

    def _check(
        self,
        catalogue: Catalogue,
        places: Ids,
        columns: Sequence[int],
        wanted: Wanted,
        limits: Limits,
    ) -> None:
        """Refuse before reading what would be too much by what the window holds now."""
        if wanted.steps == 1 or len(places) * len(columns) * wanted.steps <= limits.points:
            return
        rows, series = catalogue.sites.rows[places], 0
        asked = np.zeros(int(rows.max()) + 1, bool)
        asked[rows] = True
        for column in columns:
            for there in self.history.window.holders(column):
                series += int(asked[there[there < len(asked)]].sum())
                limits.check_series(series, wanted.steps, "at least ")

    def _ours(
        self,
        catalogue: Catalogue,
        words: Words,
        places: Ids,
        columns: Sequence[int],
        wanted: Wanted,
        limits: Limits,
    ) -> list[Series]:
        """What agents reported: samples, or over long ranges steps of time that stand for them."""
        reach = int(catalogue.sites.lookback_ms[places].max()) if wanted.reach else 0
        start = wanted.start_ms - reach
        reader = self._reader(catalogue, places, limits)
        every = LongRange(self.history, catalogue, places, columns, limits)
        many = _expected(catalogue, places, columns, start, wanted.end_ms) > longrange.MANY
        suited = longrange.suited(catalogue, columns, wanted.use)
        parts = []
        long = bool(suited) and longrange.worth(wanted, start, many)
        whole = long and len(suited) == len(columns)
        # what the window reaches is never forgotten
        old = start / 1000.0 < reader.covered() and not whole
        forgetful = every.forgetful(start, wanted.end_ms) if old else []
        if suited and (long or forgetful):
            rolled = replace(every, columns=suited).read(wanted, start, many)
            if wanted.use == Use.LAST:
                found = _ended([rolled.samples()], reader, wanted)
                one = series_of_found(catalogue, words, found, start / 1000.0, limits)
                parts.append(replace(one, remarks=rolled.remarks))
            else:
                parts.append(rolled.series(catalogue, words))
            columns = [column for column in columns if column not in suited]
        if columns:
            if forgetful:
                some = replace(every, columns=columns)
                some.refuse_forgotten(forgetful, start, wanted.end_ms)
            end = wanted.end_ms / 1000.0
            read = reader.read(columns, start / 1000.0, end, wanted.newest, wanted.steps)
            found = _ended(read, reader, wanted) if wanted.reach else read
            moments = wanted.times if wanted.reach and len(wanted.times) else None
            parts.append(series_of_found(catalogue, words, found, start / 1000.0, limits, moments))
        return parts

    def _reader(self, catalogue: Catalogue, places: Ids, limits: Limits) -> Reader:
        reach_s, sites = self.history.window.reach_s(), catalogue.sites
        return Reader(self.blocks, self.history, self.silent, sites, places, reach_s, limits)

    def silent(self) -> Mapping[str, float]:
        """The sites of which nothing is known now, and since when."""

        def ask() -> dict[str, float]:
            with reading(self._engine) as connection:
                return store.silent_since(connection)

        return self._unchanged.asked("silent", ask, lambda found: _A_SITE * len(found))


@dataclass(frozen=True, slots=True)
class Query:
    """A source for one query: what the centre had when it began."""

    centre: Centre
    catalogue: Catalogue
    words: Words

    def select(self, wanted: Wanted, limits: Limits) -> Series:
        return self.centre.series_of(self.catalogue, self.words, wanted, limits)


def query_source(centre: Centre) -> Query:
    """A source for one query, with a place for the words it makes."""
    catalogue = centre.look()
    return Query(centre, catalogue, Words(catalogue.words))


def _expected(
    catalogue: Catalogue, places: Ids, columns: Sequence[int], start: int, end: int
) -> float:
    """About how many samples there are, if all the sites have all the columns all the time."""
    every_s = catalogue.sites.silent_s[places] / INTERVALS
    return float(((end - start) / 1000.0 / every_s).sum()) * len(columns)


def _ended(parts: Sequence[Found], reader: Reader, wanted: Wanted) -> list[Found]:
    """With the ends of the series of silent sites."""
    return [*parts, *_endings(parts, reader.silences(), wanted.end_ms)]


def _endings(parts: Sequence[Found], silences: dict[int, float], end_ms: int) -> list[Found]:
    """Stale markers for the series of sites that fell silent."""
    if not silences:
        return []
    over = np.full(1 + max(silences), np.inf)
    over[list(silences)] = list(silences.values())
    made = []
    for part in parts:
        ends = slice(0, 1) if part.alone else slice(None)
        there = np.unique(np.stack([part.columns[ends], part.places[ends]]), axis=1)
        there = there[:, there[1] < len(over)]
        times = over[there[1]]
        some = times * 1000 <= end_ms
        if not some.any():
            continue
        stale = np.full(int(some.sum()), STALE)
        made.append(Found(there[0][some], there[1][some], times[some], stale))
    return made
