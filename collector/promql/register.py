"""Series made of what the tables say: contracts of lines, their interfaces, configurations.

They have the same value at every time that is asked about: what holds now.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from sqlalchemy import Engine

from collector.db import reading
from collector.promql import store
from collector.promql.catalogue import CONTRACT, INTERFACE, SITE_LABELS, Catalogue, of_sites
from collector.promql.derived import as_series, moments
from collector.promql.labels import NAME, Ids, Labels, Words, of_rows, stack
from collector.promql.limits import Limits
from collector.promql.matchers import holds_for, rows_of
from collector.promql.plan import Matcher
from collector.promql.segments import Floats
from collector.promql.vectors import Series, Wanted

CONFIGURATION = "ronda_agent_config_ok"
NAMES = [{NAME: CONTRACT}, {NAME: INTERFACE}, {NAME: CONFIGURATION}]


def select(
    wanted: Wanted,
    catalogue: Catalogue,
    words: Words,
    places: Ids,
    engine: Engine,
    limits: Limits,
) -> list[Series]:
    """Those that match, of the sites at these places."""
    found: list[tuple[Labels, Floats]] = []
    if len(rows := _lines_that(catalogue, wanted.matchers, places)):
        lines = catalogue.lines
        own = _over(words, lines.labels.take(rows))
        found.append((of_sites(catalogue, words, own, lines.places[rows]), lines.values[rows]))
    if len(places) and _asks_configuration(wanted.matchers):
        own = of_rows(words, [{NAME: CONFIGURATION}])
        with reading(engine) as connection:
            refused = store.refused_configurations(connection)
        codes = catalogue.sites.codes(places) if refused else [""] * len(places)
        values = np.array([0.0 if code in refused else 1.0 for code in codes])
        found.append((of_sites(catalogue, words, own, places), values))
    if not found:
        return []
    labels = stack([part for part, _ in found])
    times, remarks = moments(wanted, len(labels))
    limits.check_series(len(labels), len(times))
    values = np.concatenate([part for _, part in found])
    shape = (len(labels), len(times))
    spread = np.broadcast_to(values[:, None], shape)
    return [as_series([(labels, spread, np.ones(shape, bool))], times, remarks)]


def labels_of(
    catalogue: Catalogue, words: Words, matchers: Sequence[Matcher], places: Ids
) -> Labels:
    """The labels of those that match."""
    rows = _lines_that(catalogue, matchers, places)
    own = _over(words, catalogue.lines.labels.take(rows))
    lines = of_sites(catalogue, words, own, catalogue.lines.places[rows])
    if not _asks_configuration(matchers):
        return lines
    one = of_rows(words, [{NAME: CONFIGURATION}])
    return stack([lines, of_sites(catalogue, words, one, places)])


def _lines_that(catalogue: Catalogue, matchers: Sequence[Matcher], places: Ids) -> Ids:
    """Rows of the lines' series for which all matchers hold."""
    lines = catalogue.lines
    if not len(lines.places):
        return lines.places
    asked = [matcher for matcher in matchers if matcher.label not in SITE_LABELS]
    there = rows_of(lines.labels, asked)
    if len(places) < len(catalogue.sites.rows):
        there = there & np.isin(lines.places, places)
    return np.flatnonzero(there).astype(np.int64)


def _asks_configuration(matchers: Sequence[Matcher]) -> bool:
    return _is_configuration(tuple(m for m in matchers if m.label not in SITE_LABELS))


@lru_cache(maxsize=64)
def _is_configuration(asked: tuple[Matcher, ...]) -> bool:
    return holds_for(asked, {NAME: CONFIGURATION})


def _over(words: Words, labels: Labels) -> Labels:
    """Labels of the catalogue over the words of a query, which begin with the catalogue's."""
    return Labels(words, labels.names, labels.codes)
