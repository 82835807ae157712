"""The window as other processes (and packing) see it: read-only, following the writer."""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from collector.series.extra_reader import ExtraReader
from collector.series.frames import Frames, Ids, Times, Values
from collector.series.planes import ROWS, Planes, head_path
from collector.series.sets import ColumnSets
from collector.series.window import Rows
from collector.series.window_head import Head, read_head
from collector.series.window_part import WindowPart

Fleet = tuple[Rows, Times, Values]


class WindowReader:
    """Queries over what the writer has in its window; before there is one they find nothing.

    Samples that are also in blocks are told apart by `packed.until`, which is the caller's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._head = folder, folder / "head"
        self._lock = threading.Lock()
        self._mark: tuple[int, int, int] | None = None
        self._view: _View | None = None

    def frames(
        self, row: int, start: float, end: float, wanted: Iterable[int] | None = None
    ) -> list[Frames]:
        """What one site has of the wanted columns (None: all) in [start, end], in no order."""
        view = self._look()
        want = None if wanted is None else np.array(sorted(wanted), np.int32)
        return [] if view is None else view.frames(row, start, end, want)

    def fleet(self, column: int, start: float, end: float) -> Fleet:
        """One column of all sites with times in [start, end], by row and time."""
        view = self._look()
        rows, times, values = _joined([] if view is None else view.column(column, start, end))
        order = np.lexsort((times, rows))
        return rows[order], times[order], values[order]

    def newest(self, column: int, start: float, end: float) -> Fleet:
        """The newest sample in [start, end] of one column of every site that has one, by row."""
        view = self._look()
        if view is None:
            return _joined([])
        times, values = view.newest(column, start, end)
        rows = np.flatnonzero(times > 0).astype(np.int32)
        return rows, times[rows], values[rows]

    def part(self, rows: NDArray[np.int64]) -> WindowPart | None:
        """What is held of these rows, which ascend; None before there is a window.

        For the writer's own thread.
        """
        view = self._look()
        if view is None:
            return None
        return WindowPart(view.groups, view.minutes, view.sets, view.extra, rows)

    def holders(self, column: int) -> Iterator[Rows]:
        """The rows that have any sample of a column, some at a time, without reading values."""
        view = self._look()
        return iter(()) if view is None else view.holders(column)

    def last_reports(self) -> Times:
        """By site row: when it last reported, by the collector's clock; 0 for never."""
        view = self._look()
        if view is None or not view.groups:
            return np.zeros(0)
        return np.concatenate([planes.seen for planes in view.groups])

    def length_s(self) -> float:
        """From the newest report back, the time that it is made for; 0 without a window."""
        view = self._look()
        return 0.0 if view is None else (view.minutes - 1) * 60.0

    def reach_s(self) -> float:
        """The same, as far as everything of that time is here: a journal that was filled in again
        may have begun later."""
        length_s, view = self.length_s(), self._view
        if view is None or not view.since:
            return length_s
        newest = float(self.last_reports().max(initial=0.0))
        return max(0.0, min(length_s, newest - view.since))

    def position(self) -> int:
        """The journal position before which everything is in."""
        view = self._look()
        try:
            return 0 if view is None else int.from_bytes(view.position_file.read_bytes(), "little")
        except FileNotFoundError:
            return 0

    def _look(self) -> "_View | None":
        with self._lock:
            try:
                found = os.stat(self._head)
            except FileNotFoundError:
                return self._view
            mark = (found.st_ino, found.st_mtime_ns, found.st_size)
            if mark != self._mark:
                head = read_head(self._folder)
                if head is not None and (self._folder / head.folder / "sets").exists():
                    self._view, self._mark = _View(self._folder / head.folder, head), mark
            if self._view is not None:
                self._view.catch_up()
            return self._view


class _View:
    """The maps of one session of the writer."""

    def __init__(self, folder: Path, head: Head) -> None:
        self.position_file = folder / "position"
        self._folder = folder
        self.minutes, self.since = head.minutes, head.since
        self.sets = ColumnSets(folder / "sets")
        self.extra = ExtraReader(folder / "extra", self.sets)
        self.groups: list[Planes] = []
        # where the next group of sites will be
        self._next = head_path(folder, 0)

    def catch_up(self) -> None:
        while self._next.exists():
            try:
                self.groups.append(Planes(self._folder, len(self.groups), self.minutes))
            except (FileNotFoundError, ValueError):  # the writer is just making it
                break
            self._next = head_path(self._folder, len(self.groups))
        # a writer that began anew may have removed the folder: what is mapped stays readable
        with suppress(FileNotFoundError):
            for planes in self.groups:
                planes.catch_up()
            self.sets.refresh()

    def frames(self, row: int, start: float, end: float, wanted: Ids | None) -> list[Frames]:
        found = self.extra.of_row(row, start, end, wanted)
        group, place = divmod(row, ROWS)
        if group < len(self.groups):
            found += self._cells(self.groups[group], place, start, end, wanted)
        return found

    def _cells(
        self, planes: Planes, place: int, start: float, end: float, wanted: Ids | None
    ) -> list[Frames]:
        cells = np.arange(self.minutes) * ROWS + place
        times, lists = planes.times[cells], planes.lists[cells]
        these = (lists > 0) & (times >= start) & (times <= end)
        cells, times, lists = cells[these], times[these], lists[these]
        found = []
        for number in sorted(set(lists.tolist())):
            columns, places = self.sets.choose(number, wanted)
            if not len(columns):
                continue
            self._reach(planes, int(places[-1]) + 1)
            at, read = cells[lists == number], times[lists == number]
            values = planes.values[places[:, None], at].T
            whole = (planes.times[at] == read) & (planes.lists[at] == number)
            found.append(Frames(read[whole], columns, values[whole]))
        return found

    def column(self, column: int, start: float, end: float) -> list[Fleet]:
        return self.extra.of_column(column, start, end) + self._minutes_of(column, start, end)

    def newest(self, column: int, start: float, end: float) -> tuple[Times, Values]:
        """By row: time and value of the newest sample; time 0 where there is none."""
        newest, best = np.zeros(len(self.groups) * ROWS), np.zeros(len(self.groups) * ROWS)
        found = self._minutes_of(column, start, end)
        for rows, times, values in self.extra.of_column(column, start, end):
            order = np.argsort(times, kind="stable")  # a row may stand twice: the last is kept
            order = order[rows[order] < len(newest)]
            found.append((rows[order], times[order], values[order]))
        for rows, times, values in found:
            newer = times > newest[rows]
            newest[rows[newer]], best[rows[newer]] = times[newer], values[newer]
        return newest, best

    def holders(self, column: int) -> Iterator[Rows]:
        places = self.sets.places(column)
        for group, planes in enumerate(self.groups):
            lists = planes.lists.reshape(self.minutes, ROWS)
            # a list this reader has not read yet is newer than the question
            known = places[np.where(lists < len(places), lists, 0)] >= 0
            yield (np.flatnonzero(known.any(axis=0)) + group * ROWS).astype(np.int32)

    def _minutes_of(self, column: int, start: float, end: float) -> list[Fleet]:
        """What the cells hold of a column: for each group and minute, rows at most once."""
        found = []
        places = self.sets.places(column)
        for group, planes in enumerate(self.groups):
            for slot in self._slots(start, end):
                at, times, values = self._slot(planes, slot, places, start, end)
                found.append(((at + group * ROWS).astype(np.int32), times, values))
        return found

    def _slots(self, start: float, end: float) -> range | list[int]:
        if end - start >= (self.minutes - 1) * 60:
            return range(self.minutes)
        minutes = range(int(start // 60), int(end // 60) + 1)
        return [minute % self.minutes for minute in minutes]

    def _slot(
        self, planes: Planes, slot: int, places: NDArray[np.int32], start: float, end: float
    ) -> tuple[NDArray[np.int64], Times, Values]:
        """What one minute of 4096 sites holds of a column: rows in the group, times, values."""
        span = slice(slot * ROWS, (slot + 1) * ROWS)
        lists, times = planes.lists[span].copy(), planes.times[span].copy()
        # a list this reader has not read yet is newer than the question
        place = places[np.where(lists < len(places), lists, 0)]
        at = np.flatnonzero((place >= 0) & (times >= start) & (times <= end))
        place = place[at]
        if len(at):
            self._reach(planes, int(place.max()) + 1)
        values = planes.values[place, span.start + at]
        whole = (planes.times[span][at] == times[at]) & (planes.lists[span][at] == lists[at])
        return at[whole], times[at[whole]], values[whole]

    def _reach(self, planes: Planes, places: int) -> None:
        if places > len(planes.values):
            planes.catch_up()


def _joined(found: list[Fleet]) -> Fleet:
    if not found:
        return np.zeros(0, np.int32), np.zeros(0), np.zeros(0)
    rows, times, values = zip(*found, strict=True)
    return np.concatenate(rows), np.concatenate(times), np.concatenate(values)
