"""Every number of a site over time, wherever it is kept: days, hours, window, extra.

The way in for pages, commands and the query language; any process may hold one.
"""

from collections.abc import Callable, Collection, Iterable, Sequence, Set
from dataclasses import replace

import numpy as np
from sqlalchemy import Connection, Engine

from collector.db import open_history, reading
from collector.series import blocks, days, rollup_store
from collector.series.frames import Frames, Samples, Times, Values, joined, samples, within
from collector.series.heads import Packed
from collector.series.kept import Kept
from collector.series.layouts import Columns
from collector.series.recent import cut, days_in, last_of, later, newest_of
from collector.series.rollup_store import DAY_S, HOUR_S
from collector.series.rollups import EMPTY, Table, is_counter, roll, singles, stack
from collector.series.shelf import Shelf
from collector.series.spans import Cuts, Spans
from collector.series.steps import Steps, by_name
from collector.series.window_reader import Fleet, WindowReader
from collector.settings import Settings

# days of one series that are read at once
_DAYS_AT_ONCE = 300


class History:
    """Times are UTC epoch seconds of whole milliseconds; a value of NaN is "could not be measured"
    and stands among the samples; where nothing was reported there is no sample.
    """

    def __init__(self, settings: Settings, engine: Engine | None = None) -> None:
        self._engine = open_history(settings) if engine is None else engine
        self.shelf = Shelf()
        self._packed = Packed(self._engine, self.shelf)
        self._tables = Kept[Table]()
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

    def recent(self, site_row: int) -> list[Frames]:
        """All that the window holds of a site, for who asks several things of one moment."""
        return self.window.frames(site_row, -np.inf, np.inf)

    def range(
        self,
        site_row: int,
        names: Iterable[str],
        start: float,
        end: float,
        recent: Sequence[Frames] | None = None,
    ) -> dict[str, tuple[Times, Values]]:
        """Samples with times in [start, end] of those of the series that have any."""
        wanted = self.columns.find_all(names)
        found = self._samples(site_row, start, end, wanted, recent=recent)
        return {wanted[column]: line for column, line in found.items()}

    def spans(
        self,
        site_row: int,
        names: Iterable[str],
        start_ms: int,
        end_ms: int,
        cuts: Cuts,
        fold: bool = False,
        check: Callable[[int], None] = lambda steps: None,
    ) -> Spans:
        """What those of the series came to in (start, end], in steps that none of the cuts divides.

        Days come from what is kept by day, or, where numbers are forgotten, by the hour; what a
        cut divides is worked out of the samples. With `fold` samples are joined to the longest
        steps that the cuts allow; what comes out is the same and takes less memory. `check` is
        told now and then how many steps there are, and may raise.
        """
        wanted = self.columns.find_all(names)
        first, last = days.span(start_ms / 1000, end_ms / 1000)
        if not wanted or end_ms <= start_ms:
            return Spans(EMPTY)
        kept = self._kept(site_row, wanted, first, last, cuts)
        counters = {column for column, name in wanted.items() if is_counter(name)}
        tables = [kept.table]
        for begin, stop in _runs(kept.read, max(1, _DAYS_AT_ONCE // len(wanted))):
            since = max(begin * DAY_S, (start_ms + 1) / 1000)
            until = min(stop * DAY_S - 0.001, end_ms / 1000)
            line = self._samples(site_row, since, until, wanted)
            fold_s = cuts.step_s if fold else 0
            tables.append(roll(line, fold_s, counters) if fold_s else singles(line))
            check(sum(len(table) for table in tables))
        table = stack(tables)
        inside = (table.end > start_ms) & (table.begin <= end_ms)
        return replace(kept, table=table.take(inside))

    def steps(
        self,
        site_row: int,
        names: Iterable[str],
        start: float,
        end: float,
        step_s: int,
        recent: Sequence[Frames] | None = None,
    ) -> dict[str, Steps]:
        """What those of the series that have any came to by the hour, or by the day, on the days
        (UTC) that [start, end] touches.

        Days that are over come from what is kept in such steps, the others are worked out.
        """
        wanted = self.columns.find_all(names)
        if not wanted or end <= start:
            return {}
        first, last = days.span(start, end)
        recent = self._recent(site_row, first, last, wanted, recent)
        fresh = days_in(recent)
        with reading(self._engine) as connection:
            fresh |= blocks.waiting(connection, site_row, last * 24 + 24).keys()
            numbers = days.sizes(connection, site_row, range(first, last + 1)).keys()
            kept, table = rollup_store.there(
                connection, site_row, step_s, first, last, fresh, wanted, self._tables
            )
            worked = ((fresh | numbers) - kept) & set(range(first, last + 1))
            marks = days.marks(connection, site_row, worked - fresh)
        counters = {column for column, name in wanted.items() if is_counter(name)}
        asked = np.array(sorted(wanted), np.int64).tobytes()
        known = {
            day: found
            for day, mark in marks.items()
            if (found := self._tables.get((site_row, day, step_s, asked), mark)) is not None
        }
        for begin, stop in _runs(worked - known.keys(), max(1, _DAYS_AT_ONCE // len(wanted))):
            until = stop * DAY_S - 0.001
            line = self._samples(site_row, begin * DAY_S, until, wanted, recent=recent)
            for day in range(begin, stop):
                one = within(line, day * DAY_S, day * DAY_S + DAY_S - 0.001)
                rolled = known[day] = roll(one, step_s, counters)
                if day in marks:
                    key = (site_row, day, step_s, asked)
                    self._tables.put(key, marks[day], rolled, rolled.size + len(marks[day][1]))
        return by_name([table, *known.values()], wanted, step_s)

    def forgetful(self, site_rows: Sequence[int], start: float, end: float) -> set[int]:
        """Which of these sites have days in [start, end] of which only roll-ups are left."""
        first, last = days.span(start, end)

        def ask() -> set[int]:
            with reading(self._engine) as connection:
                return rollup_store.without_numbers(connection, site_rows, first, last)

        key = ("forgetful", tuple(site_rows), first, last)
        return self._packed.unchanged.asked(key, ask, lambda found: 8 * len(site_rows))

    def forgotten(self, site_row: int, names: Iterable[str], start: float, end: float) -> set[int]:
        """The days in [start, end] of which only roll-ups of these series are left."""
        wanted = self.columns.find_all(names)
        first, last = days.span(start, end)
        with reading(self._engine) as connection:
            numbers = days.sizes(connection, site_row, range(first, last + 1)).keys()
            table = rollup_store.read(connection, site_row, DAY_S, first, last, wanted)
        return _days(table) - numbers

    def latest(
        self, site_row: int, recent: Sequence[Frames] | None = None
    ) -> dict[str, tuple[float, float]]:
        """The newest sample of each series, as time and value: of what the window holds of the
        site, or of its last hour, or packed day, when that is nothing.
        """
        newest = newest_of(self.recent(site_row) if recent is None else recent)
        if not newest:
            found: Samples = {}
            with reading(self._engine) as connection:
                hour = blocks.last_hour(connection, site_row)
                day = days.last_day(connection, site_row)
                if hour is not None and (day is None or hour >= day * 24 + 24):
                    found = blocks.read(connection, site_row, hour * 3600, hour * 3600 + 3600)
                elif day is not None:
                    found = days.read(connection, site_row, day * DAY_S, day * DAY_S + DAY_S, None)
            newest = last_of(found)
        return {
            name: sample
            for column, sample in sorted(newest.items())
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

    def named(self, metric: str) -> list[str]:
        """The series of one metric that any site ever had, sorted."""
        self.columns.refresh()
        return sorted(name for name in self.columns.names() if name.partition("{")[0] == metric)

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
        recent: Sequence[Frames] | None = None,
    ) -> Samples:
        """`recent`: what the window held of these columns, and of later times, too."""
        want = set(wanted)
        if not want:
            return {}
        # the window first: what is packed meanwhile is then in the blocks that are read after it
        if recent is None:
            recent = self.window.frames(site_row, start, end, want)
        else:
            recent = cut(recent, start, end, want)
        until, older = self._packed.samples(site_row, start, end, want, late)
        return joined([older, samples(later(frames, until * 60) for frames in recent)])

    def _kept(
        self, site_row: int, wanted: Collection[int], first: int, last: int, cuts: Cuts
    ) -> Spans:
        """The roll-ups that serve, by day and by hour, and the days that must be read instead."""
        recent = days_in(self._recent(site_row, first, last))
        with reading(self._engine) as connection:
            waiting = blocks.waiting(connection, site_row, last * 24 + 24)
            fresh = recent | {day for day in waiting if day >= first}
            numbers = days.sizes(connection, site_row, range(first, last + 1)).keys()
            by_day = rollup_store.days_of(connection, site_row, DAY_S, first, last)
            by_hour = rollup_store.days_of(connection, site_row, HOUR_S, first, last)
            gone = (by_day | by_hour) - numbers
            whole = by_day - (fresh & numbers) - cuts.days
            parts = (gone & by_hour) - whole
            lost = (gone - whole - parts) | (parts & cuts.days_of_hours)
            chosen = [
                _of_days(connection, site_row, step_s, some, wanted)
                for step_s, some in ((DAY_S, whole), (HOUR_S, parts))
            ]
            # of days on which these series said nothing nothing is lost
            lost = _days(_of_days(connection, site_row, DAY_S, lost, wanted))
        return Spans(stack(chosen), whole, parts, lost, (numbers | fresh) - whole - parts)

    def _recent(
        self,
        site_row: int,
        first: int,
        last: int,
        wanted: Collection[int] | None = None,
        recent: Sequence[Frames] | None = None,
    ) -> list[Frames]:
        """What the window holds of these days of the wanted columns (None: all)."""
        begin, end = max(self._packed.until(site_row) * 60, first * DAY_S), last * DAY_S + DAY_S
        if recent is None or wanted is None:
            return self.window.frames(site_row, begin, end - 0.001, wanted)
        return cut(recent, begin, end - 0.001, wanted)


def _days(table: Table) -> set[int]:
    """The days whose samples the steps are made of."""
    return set(np.unique(table.end // (DAY_S * 1000)).tolist())


def _of_days(
    connection: Connection,
    site_row: int,
    step_s: int,
    chosen: set[int],
    wanted: Collection[int],
) -> Table:
    """The roll-ups of some days; a step belongs to the day whose samples it is made of."""
    if not chosen:
        return EMPTY
    first, last = min(chosen), max(chosen)
    table = rollup_store.read(connection, site_row, step_s, first, last, wanted)
    return table.take(np.isin(table.end // (DAY_S * 1000), [*chosen]))


def _runs(chosen: Set[int], most: int) -> list[tuple[int, int]]:
    """Runs of at most so many days, as first and first beyond."""
    spans: list[tuple[int, int]] = []
    for day in sorted(chosen):
        if spans and spans[-1][1] == day and day - spans[-1][0] < most:
            spans[-1] = (spans[-1][0], day + 1)
        else:
            spans.append((day, day + 1))
    return spans
