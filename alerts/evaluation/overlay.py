"""What recording rules gave last, as series for the rules after them: in memory, bounded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alerts.evaluation.looking import Look
from collector.promql.catalogue import SITE_LABELS, of_sites
from collector.promql.labels import NAME, Ids, Labels, Words, of_rows, say
from collector.promql.limits import Failed
from collector.promql.matchers import holds_for, rows_of
from collector.promql.plan import Matcher
from collector.promql.segments import Floats
from collector.promql.vectors import Millis, Series, Vector, Wanted

MOST_NUMBERS = 8_000_000


@dataclass(slots=True)
class _Grid:
    """One name's series of all sites: own labels by line, values[line, place], NaN for none."""

    own: list[dict[str, str]]
    lines: dict[str, int]
    values: Floats
    keeps: frozenset[str]  # which labels of sites they have


class Overlay:
    """Recorded series by name; those of sites stand by the place of the site."""

    def __init__(self) -> None:
        self._codes: list[str] = []
        self._grids: dict[str, _Grid] = {}
        self._rows: dict[str, list[tuple[dict[str, str], float]]] = {}

    def begin(self, look: Look, names: set[str]) -> None:
        """Forget what is of another inventory, and names that no rule records any more."""
        if look.codes is not self._codes:
            self._codes = look.codes
            self._grids.clear()
        for kept in (self._grids, self._rows):
            for name in kept.keys() - names:
                del kept[name]

    def put_sites(
        self,
        name: str,
        labels: Mapping[str, str],
        keeps: frozenset[str],
        found: Vector,
        places: Ids,
    ) -> None:
        """What a rule about each site came to at these places."""
        grid = self._grids.setdefault(name, _Grid([], {}, np.zeros((0, len(self._codes))), keeps))
        grid.values[:, places] = np.nan
        for row in np.flatnonzero(found.rows()).tolist():
            own = {k: v for k, v in {**found.labels.row(row), **labels, NAME: name}.items() if v}
            line = self._line(grid, own)
            there = found.present[row]
            grid.values[line, places[there]] = found.values[row, there]

    def put_rows(self, name: str, rows: list[tuple[dict[str, str], float]]) -> None:
        """What another rule came to."""
        self._rows[name] = [({**labels, NAME: name}, value) for labels, value in rows]

    def vector(self, matchers: Sequence[Matcher], look: Look, places: Ids) -> Vector | None:
        """What a selector finds at these places; None when it is not about recorded series."""
        grid = self._grids.get(_name(matchers))
        if grid is None:
            return None
        labels, lines = _chosen(look.words, grid, matchers)
        of_them = np.zeros(len(look.codes), bool)
        of_them[look.catalogue.sites_of(matchers)] = True
        values = grid.values[lines][:, places]
        present = ~np.isnan(values) & of_them[places]
        stamps = np.full(values.shape, round(look.at * 1000), np.int64)
        none = np.zeros(len(labels), bool)
        return Vector(labels, np.where(present, values, 0.0), present, none, stamps)

    def series(self, wanted: Wanted, look: Look, words: Words) -> list[Series]:
        """The same for a rule that is not about each site; values hold at the look's time only."""
        at = round(look.at * 1000)
        if not wanted.start_ms <= at <= wanted.end_ms:
            return []
        found = [s for grid in self._grids.values() if (s := _of_grid(grid, wanted, look, words))]
        rows = [row for rows in self._rows.values() for row in rows]
        rows = [(labels, value) for labels, value in rows if holds_for(wanted.matchers, labels)]
        if rows:
            labels = of_rows(words, [labels for labels, _ in rows])
            found.append(_at_once(labels, np.array([value for _, value in rows]), at))
        return found

    def _line(self, grid: _Grid, own: dict[str, str]) -> int:
        key = say(own)
        if key not in grid.lines:
            numbers = sum(other.values.size for other in self._grids.values())
            if numbers + len(self._codes) > MOST_NUMBERS:
                raise Failed(f"recording rules came to more than {MOST_NUMBERS:,} numbers")
            grid.lines[key] = len(grid.own)
            grid.own.append(own)
            grid.values = np.vstack([grid.values, np.full((1, len(self._codes)), np.nan)])
        return grid.lines[key]


def _name(matchers: Sequence[Matcher]) -> str:
    return next((m.value for m in matchers if m.label == NAME and m.op == "="), "")


def _chosen(words: Words, grid: _Grid, matchers: Sequence[Matcher]) -> tuple[Labels, Ids]:
    labels = of_rows(words, grid.own)
    asked = [matcher for matcher in matchers if matcher.label not in SITE_LABELS]
    lines = np.flatnonzero(rows_of(labels, asked)).astype(np.int64)
    return labels.take(lines), lines


def _of_grid(grid: _Grid, wanted: Wanted, look: Look, words: Words) -> Series | None:
    labels, lines = _chosen(words, grid, wanted.matchers)
    places = look.catalogue.sites_of(wanted.matchers)
    values = grid.values[lines][:, places]
    which, sites = np.nonzero(~np.isnan(values))
    if not len(which):
        return None
    whole = of_sites(look.catalogue, words, labels.take(which), places[sites])
    kept = whole.drop(SITE_LABELS - grid.keeps)
    return _at_once(kept, values[which, sites], round(look.at * 1000))


def _at_once(labels: Labels, values: Floats, at: int) -> Series:
    many = len(labels)
    times: Millis = np.full(many, at, np.int64)
    return Series(labels, times, values, np.arange(many + 1), np.full(many, 1, np.int64))
