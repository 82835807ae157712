"""The readers' side of what found no free cell in the window."""

import mmap
import os
import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from collector.series.extra import HEAD, RECORD, hours_in, index_path, value_path
from collector.series.frames import Frames, Ids, Times, Values
from collector.series.sets import ColumnSets

_UNSORTED = 1024


class ExtraReader:
    """Follows the files while the writer appends."""

    def __init__(self, folder: Path, sets: ColumnSets) -> None:
        self._folder = folder
        self._sets = sets
        self._hours: dict[int, _Hour] = {}
        self._lock = threading.Lock()

    def of_row(self, row: int, start: float, end: float, wanted: Ids | None = None) -> list[Frames]:
        """Frames of one site with times in [start, end], cut down to the wanted columns."""
        found = []
        for hour in self._between(start, end):
            records = hour.of_row(row)
            if not len(records):
                continue
            times = records["time"]
            records = records[(times >= start) & (times <= end)]
            for number in sorted(set(records["list"].tolist())):
                these = records[records["list"] == number]
                columns, places = self._sets.choose(number, wanted)
                if len(columns):
                    at = these["start"][:, None] + places
                    found.append(Frames(these["time"], columns, hour.values[at]))
        return found

    def of_column(
        self, column: int, start: float, end: float
    ) -> list[tuple[NDArray[np.int32], Times, Values]]:
        """Samples of one column of all sites with times in [start, end]: rows, times, values."""
        found = []
        for hour in self._between(start, end):
            records = hour.records
            if not len(records):
                continue
            if int(records["list"].max()) >= len(self._sets):
                self._sets.refresh()
            place = self._sets.places(column)[records["list"]]
            times = records["time"]
            these = np.flatnonzero((place >= 0) & (times >= start) & (times <= end))
            at = records["start"][these] + place[these]
            found.append((records["row"][these], times[these], hour.values[at]))
        return found

    def between(self, start: float, end: float) -> list[tuple[NDArray[np.void], Values]]:
        """Records of the hours that [start, end] touches, each with the values they point to."""
        hours = [hour for hour in self._between(start, end) if len(hour.records)]
        if any(int(hour.records["list"].max()) >= len(self._sets) for hour in hours):
            self._sets.refresh()
        return [(hour.records, hour.values) for hour in hours]

    def _between(self, start: float, end: float) -> list["_Hour"]:
        with self._lock:
            there = set(hours_in(self._folder))
            for gone in self._hours.keys() - there:
                del self._hours[gone]
            chosen = []
            for number in sorted(there):
                if number * 3600 <= end and (number + 1) * 3600 > start:
                    hour = self._hours.get(number)
                    if hour is None or hour.is_behind():
                        hour = self._open(number, hour)
                    if hour is not None:
                        chosen.append(hour)
            return chosen

    def _open(self, number: int, before: "_Hour | None") -> "_Hour | None":
        try:
            hour = _Hour(self._folder, number, before)
        except FileNotFoundError:  # packed and removed meanwhile
            return None
        self._hours[number] = hour
        return hour


class _Hour:
    """One hour's records as they were when it was made."""

    def __init__(self, folder: Path, number: int, before: "_Hour | None") -> None:
        index, size = _map(index_path(folder, number))
        # the writer goes on: the count may already speak of records behind the end of the map
        count = int.from_bytes(index[:8], "little")
        count = max(min(count, (size - HEAD) // RECORD.itemsize), 0)
        values, size = _map(value_path(folder, number))
        self._head: NDArray[np.int64] = np.frombuffer(index, np.int64, 1 if count else 0)
        self.records = np.frombuffer(index, RECORD, count, HEAD if count else 0)
        self.values: Values = np.frombuffer(values, np.float64, size // 8)
        self._sorted = self._sort(before)

    def is_behind(self) -> bool:
        """Has the writer added or cut records since?"""
        return not len(self._head) or int(self._head[0]) != len(self.records)

    def was_cut(self) -> bool:
        return bool(len(self._head)) and int(self._head[0]) < len(self.records)

    def of_row(self, row: int) -> NDArray[np.void]:
        order, rows = self._sorted
        low, high = np.searchsorted(rows, [row, row + 1])
        late = np.flatnonzero(self.records["row"][len(order) :] == row) + len(order)
        found: NDArray[np.void] = self.records[np.concatenate([order[low:high], late])]
        return found

    def _sort(self, before: "_Hour | None") -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """The first records by row; a few newest may be left to be looked through one by one."""
        count = len(self.records)
        # one that was removed, and is there again, has another order
        if before is not None and not before.was_cut():
            behind = count - len(before._sorted[0])
            if 0 <= behind <= _UNSORTED + count // 4:
                return before._sorted
        order = np.argsort(self.records["row"], kind="stable")
        return order, self.records["row"][order]


def _map(path: Path) -> tuple[mmap.mmap | bytes, int]:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        size = os.fstat(file).st_size
        return (mmap.mmap(file, size, access=mmap.ACCESS_READ) if size else b""), size
    finally:
        os.close(file)
