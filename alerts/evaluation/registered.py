"""Series made of what the tables say, at the sites of a portion: contracts, interfaces."""

from collections.abc import Sequence

import numpy as np

from alerts.evaluation.looking import Look
from collector.promql.catalogue import SITE_LABELS
from collector.promql.labels import NAME, Ids, Labels, groups, of_rows
from collector.promql.limits import Failed
from collector.promql.matchers import rows_of
from collector.promql.plan import Matcher
from collector.promql.register import CONFIGURATION
from collector.promql.segments import Floats
from collector.promql.vectors import Bools, Vector

# sites times lines of different names
_MOST = 20_000_000


def vectors(look: Look, places: Ids, matchers: Sequence[Matcher], there: Bools) -> list[Vector]:
    """Those that match, [own labels, site]; `there`: sites that the matchers hold for."""
    asked = [matcher for matcher in matchers if matcher.label not in SITE_LABELS]
    return [*_lines(look, places, asked, there), *_configuration(look, places, asked, there)]


def at_once(labels: Labels, values: Floats, present: Bools, now_ms: int) -> Vector:
    """Values that hold now."""
    stamps = np.full(values.shape, now_ms, np.int64)
    none = np.zeros(len(labels), bool)
    return Vector(labels, np.where(present, values, 0.0), present, none, stamps)


def _lines(look: Look, places: Ids, asked: Sequence[Matcher], there: Bools) -> list[Vector]:
    lines = look.catalogue.lines
    site = np.full(len(look.codes), -1, np.int64)
    site[places[there]] = np.flatnonzero(there)
    rows = np.flatnonzero(rows_of(lines.labels, asked))
    rows = rows[site[lines.places[rows]] >= 0]
    if not len(rows):
        return []
    kinds, first = groups(lines.labels.take(rows))
    shape = (len(first), len(places))
    if shape[0] * shape[1] > _MOST:
        raise Failed(f"{len(first):,} lines of different names are too many")
    values, present = np.zeros(shape), np.zeros(shape, bool)
    at = site[lines.places[rows]]
    values[kinds, at], present[kinds, at] = lines.values[rows], True
    own = lines.labels.take(rows[first])
    labels = Labels(look.words, own.names, own.codes)
    return [at_once(labels, values, present, round(look.at * 1000))]


def _configuration(look: Look, places: Ids, asked: Sequence[Matcher], there: Bools) -> list[Vector]:
    own = of_rows(look.words, [{NAME: CONFIGURATION}])
    if not rows_of(own, asked).any():
        return []
    values = np.where(look.refused[places], 0.0, 1.0)[None, :]
    return [at_once(own, values, there[None, :], round(look.at * 1000))]
