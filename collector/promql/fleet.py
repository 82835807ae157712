"""Samples of some columns of some sites, from the window at once or from blocks site by site."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from collector.db import reading
from collector.promql import store
from collector.promql.catalogue import Sites
from collector.promql.labels import Ids
from collector.promql.limits import Limits
from collector.promql.segments import Floats
from collector.series.history import History
from collector.series.rollup_store import DAY_S

# from this many sites on it is quicker to look at all of them together
_TOGETHER = 20
# days of one series that are read at once
_COLUMN_DAYS = 3_000


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Samples: column, place of the site, time (s), value.

    `alone`: they are all there is of one series, each once, in order of time.
    """

    columns: Ids
    places: Ids
    times: Floats
    values: Floats
    alone: bool = False

    def some(self, which: NDArray[np.bool_]) -> "Found":
        return Found(self.columns[which], self.places[which], self.times[which], self.values[which])


def joined(parts: Sequence[Found]) -> Found:
    if not parts:
        none = np.zeros(0, np.int64)
        return Found(none, none, np.zeros(0), np.zeros(0))
    if len(parts) == 1:
        return parts[0]
    return Found(
        np.concatenate([part.columns for part in parts]),
        np.concatenate([part.places for part in parts]),
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.values for part in parts]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """Reads for the sites at `places`; the window reaches `reach_s` back from the last report.

    `silent`: the sites of which nothing is known now, and since when.
    """

    blocks: Engine
    history: History
    silent: Callable[[], Mapping[str, float]]
    sites: Sites
    places: Ids
    reach_s: float
    limits: Limits

    def read(
        self, columns: Sequence[int], start: float, end: float, newest: bool, steps: int
    ) -> list[Found]:
        """Samples with times in [start, end]; with `newest` at least each series' newest one."""
        if len(self.places) < _TOGETHER:
            return self._one_by_one(columns, self.places, start, end, steps)
        found: list[Found] = []
        series = 0
        for column in columns:
            found.append(self._column(column, start, end, newest))
            series += len(np.unique(found[-1].places))
            self.limits.check_series(series, steps)
        more = self._missing(found) if newest else self.places
        # what is older than the window reaches, and what backlogs brought, is in blocks only
        late = start >= self.covered()
        more = self._with_blocks(more, start, end, late)
        # the same samples may be in both
        rest = self._one_by_one(columns, more, start, end, steps)
        return [*found, *(replace(part, alone=False) for part in rest)]

    def silences(self) -> dict[int, float]:
        """By place: when the series of a site ended because it was silent for too long."""
        since = self.silent()
        if not since:
            return {}
        words, column = self.sites.labels.words, self.sites.labels.column("site")[self.places]
        known = {words.find(code): at for code, at in since.items()}
        here = self.places[np.isin(column, [number for number in known if number])]
        limits = self.sites.silent_s[here].tolist()
        codes = self.sites.labels.column("site")[here].tolist()
        return {
            place: known[code] + limit
            for place, code, limit in zip(here.tolist(), codes, limits, strict=True)
        }

    def _column(self, column: int, start: float, end: float, newest: bool) -> Found:
        window = self.history.window
        look = window.newest if newest else window.fleet
        rows, times, values = look(column, start, end)
        of_row = self.sites.by_row(int(rows.max(initial=-1)))
        wanted = np.zeros(len(self.sites.rows) + 1, bool)
        wanted[self.places] = True
        places = of_row[rows]
        these = wanted[places]  # the last one is for rows of no site
        count = int(these.sum())
        return Found(np.full(count, column), places[these], times[these], values[these])

    def covered(self) -> float:
        """From when on the window has everything that came in time."""
        newest = float(self.history.last_reports().max(initial=0.0))
        return newest - self.reach_s if newest else np.inf

    def _missing(self, found: Sequence[Found]) -> Ids:
        """Sites of which no sample is known that must be among the newest."""
        covered = self.covered()
        seen = np.zeros(len(self.sites.rows), np.int64)
        for part in found:
            seen[part.places[part.times >= covered]] += 1
        missing: Ids = self.places[seen[self.places] == 0]
        return missing

    def _one_by_one(
        self, columns: Sequence[int], places: Ids, start: float, end: float, steps: int
    ) -> list[Found]:
        ids = {str(self.history.columns.name(column)): column for column in columns}
        parts: list[Found] = []
        series = samples = 0
        for place in places.tolist():
            lines: dict[str, list[tuple[Floats, Floats]]] = {}
            for since, until in _pieces(start, end, len(ids)):
                row = int(self.sites.rows[place])
                for name, line in self.history.range(row, ids, since, until).items():
                    lines.setdefault(name, []).append(line)
                    samples += len(line[0])
                self.limits.check_samples(samples)
            series += len(lines)
            self.limits.check_series(series, steps)
            for name, pieces in lines.items():
                times, values = _whole(pieces)
                column, at = (_repeated(n, len(times)) for n in (ids[name], place))
                parts.append(Found(column, at, times, values, alone=True))
        # so joined they are in order
        return sorted(parts, key=lambda part: (int(part.columns[0]), int(part.places[0])))

    def _with_blocks(self, places: Ids, start: float, end: float, late: bool) -> Ids:
        """Those of the sites that have blocks then (late: of backlogs)."""
        rows = self.sites.rows[places]
        with reading(self.blocks) as connection:
            there = store.rows_with_blocks(connection, rows.tolist(), start, end, late)
        return places[np.isin(rows, there)]


def _repeated(number: int, length: int) -> Ids:
    """As np.broadcast_to, in a tenth of the time."""
    return np.ndarray((length,), np.int64, np.array([number]), 0, (0,))


def _whole(pieces: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    if len(pieces) == 1:
        return pieces[0]
    times, values = zip(*pieces, strict=True)
    return np.concatenate(times), np.concatenate(values)


def _pieces(start: float, end: float, columns: int) -> list[tuple[float, float]]:
    """The stretch in pieces that are read one after the other, so that too much is seen in time."""
    length = max(1, _COLUMN_DAYS // max(1, columns)) * DAY_S
    if end - start <= length:
        return [(start, end)]
    cuts = [start + length * n for n in range(1, math.ceil((end - start) / length))]
    # times are whole milliseconds, and both ends of a piece belong to it
    firsts = [start, *(math.floor(cut * 1000 + 1) / 1000 for cut in cuts)]
    return list(zip(firsts, [*(math.floor(cut * 1000) / 1000 for cut in cuts), end], strict=True))
