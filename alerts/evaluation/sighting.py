"""One rule looked at once: at each site of a portion, or in general."""

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial

import numpy as np

from alerts.evaluation.cells import Cells, Portion
from alerts.evaluation.live import Live
from alerts.evaluation.looking import Look
from alerts.evaluation.planning import Planned
from alerts.evaluation.standing import Sight, Spot
from alerts.evaluation.tuning import Tuned
from alerts.rules.thresholds import with_threshold
from collector.promql.catalogue import SITE_LABELS
from collector.promql.context import Question
from collector.promql.evaluating import Steps
from collector.promql.labels import NAME, of_rows, say
from collector.promql.limits import Failed, Limits
from collector.promql.plan import Node
from collector.promql.vectors import Scalar, Source, Vector, merged

_STEP_MS = 60_000
_MOST_THRESHOLDS = 20

Labelled = list[tuple[dict[str, str], float]]
Judge = Callable[[Collection[str], Collection[str]], Collection[str]]


def at_sites(planned: Planned, portion: Portion, tuned: Tuned | None) -> Vector:
    """What a rule about each site finds at the sites of a portion: [own labels, site]."""
    assert planned.local is not None
    moved = None
    if tuned is not None and not np.isnan(tuned.thresholds[portion.places]).all():
        if planned.threshold is None:
            raise Failed("has no threshold of its own that a site could replace")
        moved = tuned.moved(portion.places, planned.threshold[1])
    number = None if planned.threshold is None else planned.threshold[0]
    found = _cells(portion, number, moved).vector(planned.local.tree)
    if tuned is not None:
        found = replace(found, present=found.present & ~tuned.off[portion.places])
    return found


def sight_of_sites(planned: Planned, portion: Portion, found: Vector, tuned: Tuned | None) -> Sight:
    """The same as alarms; Failed when two series differ in their name only."""
    found = merged(replace(found, labels=found.labels.drop([NAME])))
    spelling = _Spelling(planned, portion, found)
    rows, sites = np.nonzero(found.present)
    values = found.values[rows, sites].tolist()
    bad = {}
    for row, site, value in zip(rows.tolist(), sites.tolist(), values, strict=True):
        spot = Spot(portion.codes[site], value, partial(spelling.labels, row, site))
        bad[spelling.series(row, site)] = spot
    return Sight(portion.look, bad, portion.place_of, _judge(planned, portion), tuned)


def in_general(planned: Planned, live: Live, tuned: Tuned | None) -> Labelled:
    """Labels, without the name, and value of each series a rule of any kind finds."""
    rule, look = planned.rule, live.look
    rows = _rows(_value(rule.tree, live))
    if tuned is None:
        return rows
    places = [look.place_of.get(labels.get("site", ""), -1) for labels, _ in rows]
    plain = [
        row
        for row, place in zip(rows, places, strict=True)
        if place < 0 or not (tuned.off[place] or tuned.thresholds[place] == tuned.thresholds[place])
    ]
    return plain + _replaced(planned, live, tuned)


def sight_in_general(planned: Planned, live: Live, rows: Labelled, tuned: Tuned | None) -> Sight:
    bad = {}
    for labels, value in rows:
        series = series_of(labels, planned, live.look)
        if series in bad:
            raise Failed("vector contains metrics with the same labelset after its name is gone")
        site = labels.get("site", "")
        bad[series] = Spot(site, value, partial(dict, labels))

    def judged(_missing: Collection[str], _sites: Collection[str]) -> Collection[str]:
        if planned.seen is None:
            return _missing
        there = _rows(_value(planned.seen, live))
        return {series_of(labels, planned, live.look) for labels, _ in there}

    return Sight(live.look, bad, None, judged, tuned)


def series_of(labels: dict[str, str], planned: Planned, look: Look) -> str:
    """What tells an alarm from the others of its rule."""
    if labels.get("site", "") in look.place_of:
        kept = {k: v for k, v in labels.items() if k not in SITE_LABELS or k == "site"}
        return _spelt(kept, planned)
    return _spelt(labels, planned)


def _spelt(labels: dict[str, str], planned: Planned) -> str:
    return say(labels) + (f"#{planned.ordinal}" if planned.ordinal else "")


class _Spelling:
    """Label sets of the cells of one answer, made when asked for."""

    def __init__(self, planned: Planned, portion: Portion, found: Vector) -> None:
        self._planned, self._portion, self._found = planned, portion, found
        self._own: dict[int, dict[str, str]] = {}

    def own(self, row: int) -> dict[str, str]:
        if row not in self._own:
            self._own[row] = self._found.labels.row(row)
        return self._own[row]

    def series(self, row: int, site: int) -> str:
        return _spelt({**self.own(row), "site": self._portion.codes[site]}, self._planned)

    def labels(self, row: int, site: int) -> dict[str, str]:
        assert self._planned.local is not None
        place = int(self._portion.places[site])
        of_site = self._portion.look.catalogue.sites.labels.row(place)
        kept = {k: v for k, v in of_site.items() if k in self._planned.local.labels}
        return {**kept, **self.own(row)}


def _judge(planned: Planned, portion: Portion) -> Judge:
    def judged(missing: Collection[str], sites: Collection[str]) -> Collection[str]:
        if planned.seen_local is None:
            return missing
        there = _cells(portion, None, None).value(planned.seen_local)
        if not isinstance(there, Vector):
            return missing
        there = replace(there, labels=there.labels.drop([NAME]))
        spelling = _Spelling(planned, portion, there)
        found: set[str] = set()
        for site in [portion.place_of[code] for code in sites]:
            rows = np.flatnonzero(there.present[:, site]).tolist()
            found.update(spelling.series(row, site) for row in rows)
        return found

    return judged


def _cells(portion: Portion, threshold: Node | None, moved: np.ndarray | None) -> Cells:
    times = np.full(len(portion.places), portion.now_ms, np.int64)
    question = _question(portion, portion.look)
    return Cells(question, times, portion, threshold, moved)


def _question(source: Source, look: Look) -> Question:
    now = round(look.at * 1000)
    limits = Limits(series=5_000_000, points=50_000_000, samples=50_000_000)
    return Question(source, now, now, _STEP_MS, limits, words=look.words)


def _value(tree: Node, live: Live) -> Vector:
    question = _question(live, live.look)
    found = Steps(question, np.array([question.start_ms], np.int64)).value(tree)
    if isinstance(found, Scalar):
        one = of_rows(live.look.words, [{}])
        return Vector(one, found.values[None, :], np.ones((1, 1), bool), np.zeros(1, bool))
    if not isinstance(found, Vector):
        raise Failed("is neither an instant vector nor a scalar")
    return found


def _rows(found: Vector) -> Labelled:
    there = np.flatnonzero(found.present[:, 0])
    labels = found.labels.drop([NAME]).take(there)
    values = found.values[there, 0].tolist()
    return [(labels.row(row), value) for row, value in enumerate(values)]


def _replaced(planned: Planned, live: Live, tuned: Tuned) -> Labelled:
    """The rows of sites with thresholds of their own: evaluated once for each threshold."""
    wanted = np.unique(tuned.thresholds[~np.isnan(tuned.thresholds) & ~tuned.off]).tolist()
    if wanted and planned.threshold is None:
        raise Failed("has no threshold of its own that a site could replace")
    if len(wanted) > _MOST_THRESHOLDS:
        raise Failed(f"has {len(wanted)} different thresholds, more than {_MOST_THRESHOLDS}")
    look, found = live.look, []
    for number in wanted:
        for labels, value in _rows(_value(with_threshold(planned.rule, number).tree, live)):
            place = look.place_of.get(labels.get("site", ""))
            if place is not None and tuned.thresholds[place] == number and not tuned.off[place]:
                found.append((labels, value))
    return found
