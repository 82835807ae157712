"""Which series there are: for the lists of names and labels, without reading their samples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from collector.db import reading
from collector.prometheus_params import Stretch
from collector.promql import derived, others, register, store
from collector.promql.catalogue import SITE_LABELS, of_sites
from collector.promql.labels import Ids, Labels, groups, nothing, of_rows, stack
from collector.promql.limits import Limits
from collector.promql.matchers import rows_of
from collector.promql.plan import Matcher
from collector.promql.source import Query

# so many sites are looked up in their blocks, one after the other
_MOST_SITES = 3_000


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Label sets, and what to say about them."""

    labels: Labels
    remarks: tuple[str, ...] = ()

    def names(self) -> list[str]:
        """Labels that any of the series has."""
        codes = self.labels.codes
        return [name for place, name in enumerate(self.labels.names) if codes[:, place].any()]

    def values(self, name: str) -> list[str]:
        """Words that any of the series has under this label."""
        codes = np.unique(self.labels.column(name))
        return sorted(self.labels.words.texts(codes[codes > 0].tolist()))


def list_series(
    source: Query,
    wanted: Sequence[tuple[Matcher, ...]],
    stretch: Stretch,
    everything: bool,
    limits: Limits,
) -> Listing:
    """Series that match any of the selections and had samples in the stretch.

    `everything`: all that is known, whenever it was reported.
    """
    if everything:
        return Listing(_all(source))
    tables: list[Labels] = []
    remarks: set[str] = set()
    for matchers in wanted:
        table, remark = _matching(source, matchers, stretch, limits)
        tables.append(table)
        remarks.update(remark)
    labels = stack(tables) if tables else nothing(source.words)
    return Listing(labels.take(groups(labels)[1]), tuple(sorted(remarks)))


def _all(source: Query) -> Labels:
    """Every column, every site, without saying which has which; every series of others."""
    own = of_rows(source.words, [*derived.NAMES, *register.NAMES])
    columns = source.catalogue.columns
    sites = source.catalogue.sites.labels
    tables = (own, columns, sites, source.catalogue.others)
    return stack([Labels(source.words, t.names, t.codes) for t in tables])


def _matching(
    source: Query, matchers: Sequence[Matcher], stretch: Stretch, limits: Limits
) -> tuple[Labels, list[str]]:
    places = source.catalogue.sites_of(matchers)
    columns = source.catalogue.columns_of(matchers)
    remarks: list[str] = []
    tables = [_derived(source, matchers, places), _theirs(source, matchers, stretch)]
    tables.append(register.labels_of(source.catalogue, source.words, matchers, places))
    if columns and len(places):
        pairs, remarks = _present(source, places, columns, stretch, limits)
        own = source.catalogue.columns.take(pairs[0])
        tables.append(of_sites(source.catalogue, source.words, own, pairs[1]))
    return stack([Labels(source.words, t.names, t.codes) for t in tables]), remarks


def _derived(source: Query, matchers: Sequence[Matcher], places: Ids) -> Labels:
    own = of_rows(source.words, derived.NAMES)
    asked = [matcher for matcher in matchers if matcher.label not in SITE_LABELS]
    rows = np.flatnonzero(rows_of(own, asked))
    table = own.take(np.repeat(rows, len(places)))
    return of_sites(source.catalogue, source.words, table, np.tile(places, len(rows)))


def _theirs(source: Query, matchers: Sequence[Matcher], stretch: Stretch) -> Labels:
    """Series of others that match and have samples on the days of the stretch."""
    rows = others.rows_that(source.catalogue, matchers)
    ids = source.catalogue.other_ids[rows]
    with reading(source.centre.blocks) as connection:
        there = store.others_with_days(connection, ids.tolist(), stretch.start_ms, stretch.end_ms)
    return others.labels_of(source.catalogue, source.words, rows[np.isin(ids, there)])


def _present(
    source: Query, places: Ids, columns: Sequence[int], stretch: Stretch, limits: Limits
) -> tuple[Ids, list[str]]:
    """[2, n]: columns and the places of sites that have them."""
    centre, sites = source.centre, source.catalogue.sites
    start, end = stretch.start_ms / 1000, stretch.end_ms / 1000
    wanted = np.zeros(len(sites.rows) + 1, bool)
    wanted[places] = True
    found: list[Ids] = []
    for column in columns:
        limits.check_time()
        rows = centre.history.window.newest(column, start, end)[0]
        there = sites.by_row(int(rows.max(initial=-1)))[rows]
        there = there[wanted[there]]
        found.append(np.stack([np.full(len(there), column), there]))
    with reading(centre.blocks) as connection:
        rows_there = sites.rows[places].tolist()
        stored = store.rows_with_blocks(connection, rows_there, start, end, late=False)
    remarks = []
    if len(stored) > _MOST_SITES:
        remarks.append(f"of {len(stored):,} sites only what they report now is listed")
        stored = []
    known = set(columns)
    place_of = sites.by_row(0)
    for row in stored:
        limits.check_time()
        names = centre.history.columns_of(row, start, end)
        ids = [i for i in centre.history.columns.find_all(names) if i in known]
        found.append(np.stack([np.array(ids, np.int64), np.full(len(ids), place_of[row])]))
    return np.concatenate(found, axis=1).astype(np.int64), remarks
