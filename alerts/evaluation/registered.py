"""Series made of what the tables say, at the sites of a portion: contracts, interfaces."""

import numpy as np

from alerts.evaluation.looking import Look
from alerts.evaluation.meaning import Meaning
from collector.promql.labels import NAME, Ids, Labels, groups, of_rows
from collector.promql.limits import Failed
from collector.promql.register import CONFIGURATION
from collector.promql.segments import Floats
from collector.promql.vectors import Bools, Vector

# sites times lines of different names
_MOST = 20_000_000


def vectors(look: Look, places: Ids, meaning: Meaning, there: Bools) -> list[Vector]:
    """Those that a selector means, [own labels, site], of the sites that are `there`."""
    found = _lines(look, places, meaning.lines, there) if len(meaning.lines) else []
    if meaning.configuration:
        own = of_rows(look.words, [{NAME: CONFIGURATION}])
        values = np.where(look.refused[places], 0.0, 1.0)[None, :]
        found.append(at_once(own, values, there[None, :], round(look.at * 1000)))
    return found


def at_once(labels: Labels, values: Floats, present: Bools, now_ms: int) -> Vector:
    """Values that hold now."""
    stamps = np.full(values.shape, now_ms, np.int64)
    none = np.zeros(len(labels), bool)
    return Vector(labels, np.where(present, values, 0.0), present, none, stamps)


def _lines(look: Look, places: Ids, rows: Ids, there: Bools) -> list[Vector]:
    lines = look.catalogue.lines
    site = np.full(len(look.codes), -1, np.int64)
    site[places[there]] = np.flatnonzero(there)
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
