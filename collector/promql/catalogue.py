"""All series there can be: columns times sites, each with its labels as numbers.

A series is a column (a metric with its own labels) at a site (with the labels of the inventory).
Those that other programs sent stand beside them, with the labels they were sent with.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from agent.report import parse_series
from collector.changes import Changes
from collector.db import reading
from collector.promql import store
from collector.promql.labels import NAME, Ids, Labels, Words, of_rows
from collector.promql.matchers import rows_of
from collector.promql.plan import Matcher
from collector.series.foreign import Foreign, Table
from collector.series.layouts import Columns

SITE_LABELS = frozenset({"site", "village", "district", "regency", "isp", "upstream"})
CONTRACT = "ronda_uplink_contract_bits_per_second"
INTERFACE = "ronda_uplink_interface"
LOOKBACK_S = 300.0
# how many report intervals a sample of ours holds for
INTERVALS = 2.5
_REMEMBERED = 64


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Sites by code: labels, rows in the window, how long a sample holds, when silence is told."""

    labels: Labels
    rows: Ids
    lookback_ms: Ids
    silent_s: NDArray[np.float64]

    def codes(self, places: Ids) -> list[str]:
        return self.labels.words.texts(self.labels.column("site")[places].tolist())

    def by_row(self, highest: int) -> Ids:
        """Of a row the place of its site here; -1 for rows that are no site's."""
        places = np.full(max(highest, int(self.rows.max(initial=-1))) + 1, -1, np.int64)
        places[self.rows] = np.arange(len(self.rows))
        return places


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Series that the inventory's lines are: own labels, places of their sites, values."""

    labels: Labels
    places: Ids
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """One look at what there is; `words` holds the words of all its labels.

    `others[i]`: the labels of the series of others that is `other_ids[i]`, which ascend.
    """

    words: Words
    sites: Sites
    columns: Labels
    names: Sequence[str]
    others: Labels
    other_ids: Ids
    lines: Lines
    _of_sites: dict[tuple[Matcher, ...], Ids] = field(default_factory=dict)
    _of_columns: dict[tuple[Matcher, ...], Ids] = field(default_factory=dict)

    def sites_of(self, matchers: Sequence[Matcher]) -> Ids:
        """Places of the sites whose labels match."""
        asked = tuple(matcher for matcher in matchers if matcher.label in SITE_LABELS)
        return _matching(self.sites.labels, asked, self._of_sites)

    def columns_of(self, matchers: Sequence[Matcher]) -> list[int]:
        """Ids of the columns whose name and labels match."""
        asked = tuple(matcher for matcher in matchers if matcher.label not in SITE_LABELS)
        found: list[int] = _matching(self.columns, asked, self._of_columns).tolist()
        return found


def _matching(
    labels: Labels, asked: tuple[Matcher, ...], known: dict[tuple[Matcher, ...], Ids]
) -> Ids:
    """The rows that match: dashboards and rules ask the same again and again."""
    found = known.get(asked)
    if found is None:
        found = np.flatnonzero(rows_of(labels, asked))
        if len(known) >= _REMEMBERED:
            known.clear()
        known[asked] = found
    return found


class Book:
    """Keeps the catalogue of a centre, and makes it anew when sites or series have come."""

    def __init__(self, engine: Engine, blocks: Engine, columns: Columns, foreign: Foreign) -> None:
        self._engine = engine
        self._columns = columns
        self._foreign = foreign
        self._changes = (Changes(engine), Changes(blocks))
        self._table: Table | None = None
        self._lock = threading.Lock()
        self._mark: tuple[int, ...] = ()
        self._sites: tuple[Words, Sites, Lines] | None = None
        self._catalogue: Catalogue | None = None

    def look(self) -> Catalogue:
        with self._lock:
            changed = [changes.happened() for changes in self._changes]
            if self._catalogue is None or any(changed):
                self._catalogue = self._look()
            return self._catalogue

    def _look(self) -> Catalogue:
        with reading(self._engine) as connection:
            mark = store.inventory_mark(connection)
            known = self._catalogue
            if self._sites is None or mark != self._mark:
                self._sites = _sites(connection)
                self._mark, known = mark, None
        self._columns.refresh()
        table = self._foreign.table()
        new = table is not self._table
        if known is None or new or len(known.names) != len(self._columns):
            known = _catalogue(*self._sites, self._columns.names(), table)
            self._table = table
        return known


def _sites(connection: Connection) -> tuple[Words, Sites, Lines]:
    words = Words()
    found = store.site_rows(connection)
    labels = of_rows(words, [row.labels for row in found])
    every_s = np.array([row.report_every_s for row in found], np.float64)
    holds = np.maximum(LOOKBACK_S, INTERVALS * every_s) * 1000
    rows = np.array([row.row for row in found], np.int64)
    sites = Sites(labels, rows, holds.astype(np.int64), INTERVALS * every_s)
    place_of = {row.labels["site"]: place for place, row in enumerate(found)}
    return words, sites, _lines(words, place_of, store.lines(connection))


def _lines(
    words: Words, place_of: Mapping[str, int], known: Sequence[tuple[str, str, float | None]]
) -> Lines:
    """A contract where one is known, and the interface that a line is named after."""
    rows: list[dict[str, str]] = []
    places, values = [], []
    for site, name, mbps in known:
        if site not in place_of:
            continue
        device, slash, interface = name.rpartition("/")
        own = {"device": device} if slash else {}
        made = [({NAME: INTERFACE, **own, "interface": interface}, 1.0)]
        if mbps:
            made.append(({NAME: CONTRACT, "uplink": name}, mbps * 1e6))
        for labels, value in made:
            rows.append(labels)
            places.append(place_of[site])
            values.append(value)
    return Lines(of_rows(words, rows), np.array(places, np.int64), np.array(values, np.float64))


def _catalogue(
    base: Words, sites: Sites, lines: Lines, names: Sequence[str], table: Table
) -> Catalogue:
    words = Words(base)
    others = of_rows(words, table.labels)
    ids = table.ids.astype(np.int64)
    return Catalogue(words, sites, _columns(words, names), names, others, ids, lines)


def _columns(words: Words, names: Sequence[str]) -> Labels:
    rows = []
    for name in names:
        metric, labels = parse_series(name)
        rows.append({NAME: metric, **labels})
    return of_rows(words, rows)


def of_sites(catalogue: Catalogue, words: Words, own: Labels, places: Ids) -> Labels:
    """The labels of a column (or of several rows of own labels) at these sites."""
    sites = catalogue.sites.labels
    names = tuple(sorted({*sites.names, *own.names}))
    codes = np.empty((len(places), len(names)), np.int32)
    for at, name in enumerate(names):
        codes[:, at] = own.column(name) if name in own.names else sites.column(name)[places]
    return Labels(words, names, codes)
