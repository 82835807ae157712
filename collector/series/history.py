"""Every number of a site over time, wherever it is kept: days, hours, window, extra.

The way in for pages, commands and the query language; any process may hold one.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from sqlalchemy import Connection, Engine

from collector.db import open_history, reading
from collector.series import blocks, days, rollup_store
from collector.series.frames import Frames, Samples, Times, Values, merged, samples
from collector.series.layouts import Columns
from collector.series.rollup_store import DAY_S, HOUR_S
from collector.series.rollups import Rollup, Table, by_series, coarser, is_counter, roll, stack
from collector.series.window_reader import Fleet, WindowReader
from collector.settings import Settings

_DAYS_AT_ONCE = 31


class History:
    """Times are UTC epoch seconds of whole milliseconds; a value of NaN is "could not be measured"
    and stands among the samples; where nothing was reported there is no sample.
    """

    def __init__(self, settings: Settings, engine: Engine | None = None) -> None:
        self._engine = open_history(settings) if engine is None else engine
        self.columns = Columns(self._engine, at_once=False)
        self.window = WindowReader(settings.window)

    def columns_of(self, site_row: int, start: float, end: float) -> list[str]:
        """The series of which the site has a sample in an hour, or packed day, that [start, end]
        touches."""
        found = {
            column
            for frames in self.window.frames(site_row, start, end)
            for column in frames.columns.tolist()
        }
        with reading(self._engine) as connection:
            # hours before days: what is merged meanwhile is then in the days
            for head in blocks.read_heads(connection, site_row, start, end).values():
                found.update(head.columns)
            found |= days.columns_of(connection, site_row, start, end)
        return sorted(name for name in map(self.columns.name, found) if name is not None)

    def range(
        self, site_row: int, names: Iterable[str], start: float, end: float
    ) -> dict[str, tuple[Times, Values]]:
        """Samples with times in [start, end] of those of the series that have any."""
        wanted = self.columns.find_all(names)
        found = self._samples(site_row, start, end, wanted)
        return {wanted[column]: line for column, line in found.items()}

    def rollup(
        self, site_row: int, names: Iterable[str], start: float, end: float, step_s: int
    ) -> dict[str, Rollup]:
        """What those of the series that have any numbers came to, in the steps that begin at
        multiples of `step_s` and touch [start, end).

        Days come from what is kept by day. Shorter steps are worked out of the samples, which is
        as quick as reading them; where those are forgotten, there is one value for each hour.
        """
        wanted = self.columns.find_all(names)
        since = int(start // step_s) * step_s
        # the step before says where counters stood
        first, last = days.span(since - step_s, np.nextafter(end, -np.inf))
        if not wanted or end <= start:
            return {}
        counters = {column for column, name in wanted.items() if is_counter(name)}
        kept, fresh = self._kept(site_row, wanted, first, last, step_s)
        tables = [coarser(kept, step_s)]
        for begin, stop in _spans(fresh):
            samples = self._samples(site_row, begin * DAY_S, stop * DAY_S - 0.001, wanted)
            tables.append(roll(samples, step_s, counters))
        table = coarser(stack(tables), step_s)
        return by_series(table.take(table.start < end), wanted, since, counters)

    def latest(self, site_row: int) -> dict[str, tuple[float, float]]:
        """The newest sample of each series, as time and value: of what the window holds of the
        site, or of its last hour, or packed day, when that is nothing.
        """
        found = samples(self.window.frames(site_row, -np.inf, np.inf))
        if not found:
            with reading(self._engine) as connection:
                hour = blocks.last_hour(connection, site_row)
                day = days.last_day(connection, site_row)
                if hour is not None and (day is None or hour >= day * 24 + 24):
                    found = blocks.read(connection, site_row, hour * 3600, hour * 3600 + 3600)
                elif day is not None:
                    found = self._older(connection, site_row, day * DAY_S, day * DAY_S + DAY_S)
        return {
            name: (float(times[-1]), float(values[-1]))
            for column, (times, values) in sorted(found.items())
            if (name := self.columns.name(column)) is not None
        }

    def newest(self, name: str, start: float, end: float) -> Fleet:
        """Site rows, times and values: each site's newest sample in [start, end] of one series.

        It reaches as far back as the window does.
        """
        column = self.columns.find(name)
        if column is None:
            return np.zeros(0, np.int32), np.zeros(0), np.zeros(0)
        return self.window.newest(column, start, end)

    def last_report(self, site_row: int) -> float | None:
        """When the site last reported, by the collector's clock."""
        seen = self.last_reports()
        return float(seen[site_row]) if site_row < len(seen) and seen[site_row] > 0 else None

    def last_reports(self) -> Times:
        """By site row: when it last reported, 0 for never; rows beyond the end never did."""
        return self.window.last_reports()

    def in_time(self, site_row: int, start: float, end: float, wanted: Iterable[int]) -> Samples:
        """Samples by column, without what a backlog brought to hours that are not merged yet."""
        return self._samples(site_row, start, end, wanted, late=False)

    def _samples(
        self,
        site_row: int,
        start: float,
        end: float,
        wanted: Iterable[int],
        late: bool = True,
    ) -> Samples:
        want = set(wanted)
        if not want:
            return {}
        # the window first: what is packed meanwhile is then in the blocks that are read after it
        recent = self.window.frames(site_row, start, end, want)
        with reading(self._engine) as connection:
            until = blocks.packed_until(connection, site_row) * 60
            older = self._older(connection, site_row, start, end, want, late)
        return _joined([older, samples(_since(frames, until) for frames in recent)])

    def _kept(
        self, site_row: int, wanted: Mapping[int, str], first: int, last: int, step_s: int
    ) -> tuple[Table, set[int]]:
        """Roll-ups of days that serve the step, and the days whose samples must be read."""
        recent = self._recent_days(site_row, first, last)
        with reading(self._engine) as connection:
            hours = blocks.waiting(connection, site_row, last * 24 + 24)
            fresh = recent | {day for day in hours if day >= first}
            numbers = days.sizes(connection, site_row, range(first, last + 1)).keys()
            if step_s % DAY_S:
                table = rollup_store.read(connection, site_row, HOUR_S, first, last, wanted)
                return table, fresh | numbers
            kept = rollup_store.days_of(connection, site_row, DAY_S, first, last)
            table = rollup_store.read(connection, site_row, DAY_S, first, last, wanted)
        # where the numbers are forgotten, what came late is joined with what is left of them
        stale = np.isin(table.start // DAY_S, [*(fresh & numbers)])
        return table.take(~stale), fresh | (numbers - kept)

    def _recent_days(self, site_row: int, first: int, last: int) -> set[int]:
        """The days of what the window holds."""
        with reading(self._engine) as connection:
            until = blocks.packed_until(connection, site_row) * 60
        begin = max(until, first * DAY_S)
        found = self.window.frames(site_row, begin, last * DAY_S + DAY_S - 0.001)
        return {int(day) for frames in found for day in np.unique(frames.times // DAY_S)}

    def _older(
        self,
        connection: Connection,
        site_row: int,
        start: float,
        end: float,
        wanted: set[int] | None = None,
        late: bool = True,
    ) -> Samples:
        # hours before days: what is merged meanwhile is then in the days
        hours = blocks.read(connection, site_row, start, end, wanted, late)
        return _joined([days.read(connection, site_row, start, end, wanted), hours])


def _spans(chosen: set[int]) -> list[tuple[int, int]]:
    """Runs of days as first and first beyond, none so long that its samples fill the memory."""
    spans: list[tuple[int, int]] = []
    for day in sorted(chosen):
        if spans and spans[-1][1] == day and day - spans[-1][0] < _DAYS_AT_ONCE:
            spans[-1] = (spans[-1][0], day + 1)
        else:
            spans.append((day, day + 1))
    return spans


def _joined(parts: Sequence[Samples]) -> Samples:
    both: dict[int, list[tuple[Times, Values]]] = {}
    for part in parts:
        for column, line in part.items():
            both.setdefault(column, []).append(line)
    return merged(both)


def _since(frames: Frames, start: float) -> Frames:
    late = frames.times >= start
    return Frames(frames.times[late], frames.columns, frames.values[late])
