"""What found no free cell in the window: second frames of a minute, findings, very wide frames.

One pair of files for each hour of sample time: fixed records, and the values they point to. A
record carries the journal position it comes from; after a crash the files are cut back to the
position the fold had committed, so that the redo writes the rest again.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from collector.series.frames import Ids, Times, Values

RECORD = np.dtype(
    [
        ("time", np.float64),
        ("position", np.int64),
        ("start", np.int64),  # of its first value, counted in values
        ("row", np.int32),
        ("list", np.uint32),
    ]
)
# The first record's space holds the number of records that count: files never shrink, since a
# reader that has them mapped would be killed for touching what was cut off.
HEAD = RECORD.itemsize
_OPEN_FILES = 8


class Scraps:
    """Samplings of a few columns each, to be written together in the order they came."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.times: list[float] = []
        self.columns: list[Ids] = []
        self.values: list[Values] = []

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, row: int, time: float, columns: Ids, values: Values) -> None:
        """`columns` ascend, `values[c]` are of one moment."""
        self.rows.append(row)
        self.times.append(time)
        self.columns.append(columns)
        self.values.append(values)


class ExtraLog:
    """The writer's side."""

    def __init__(self, folder: Path, widths: Callable[[], NDArray[np.int64]]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._widths = widths
        self._files: dict[int, _HourFile] = {}

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()

    def add(
        self, rows: NDArray[np.int32], times: Times, number: int, values: Values, position: int
    ) -> None:
        """Append frames `values[k, c]` of one list of columns."""
        self.add_all(rows, times, np.full(len(rows), number, np.uint32), [*values], position)

    def add_all(
        self,
        rows: NDArray[np.int32],
        times: Times,
        numbers: NDArray[np.uint32],
        values: Sequence[Values],
        position: int,
    ) -> None:
        """Append frames in this order; `values[k]` are those of the list `numbers[k]`."""
        hours = (times // 3600).astype(np.int64)
        for hour in np.unique(hours).tolist():
            these = np.flatnonzero(hours == hour)
            records = np.zeros(len(these), RECORD)
            records["time"] = times[these]
            records["position"] = position
            records["row"] = rows[these]
            records["list"] = numbers[these]
            self._file(hour).append(records, [values[place] for place in these.tolist()])

    def cut(self, position: int) -> None:
        """Forget every record of this journal position or a later one."""
        for hour in hours_in(self._folder):
            self._file(hour).cut(position)

    def kept(self) -> Iterator[tuple[NDArray[np.int32], Times]]:
        """Rows and times of all records, file by file."""
        for hour in hours_in(self._folder):
            records = _there(self._file(hour).records())
            if len(records):
                yield records["row"], records["time"]

    def set_back(self, at: float) -> None:
        """Forget what was sampled later than `at`."""
        for hour in hours_in(self._folder):
            if hour * 3600 > at:
                self._file(hour).cut(0)
                self._remove(hour)
            elif (hour + 1) * 3600 > at:
                self._file(hour).blot(at)

    def drop(self, before_hour: int, packed: NDArray[np.int64]) -> list[int]:
        """Remove the files of past hours whose every record is in blocks; return their hours.

        `packed[row]` is the minute up to which the row is in blocks.
        """
        gone = []
        for hour in hours_in(self._folder):
            if hour < before_hour:
                records = _there(self._file(hour).records())
                if bool((packed[records["row"]] >= (hour + 1) * 60).all()):
                    gone.append(hour)
        for hour in gone:
            self._remove(hour)
        return gone

    def _remove(self, hour: int) -> None:
        self._files.pop(hour).close()
        value_path(self._folder, hour).unlink()
        index_path(self._folder, hour).unlink()

    def _file(self, hour: int) -> "_HourFile":
        file = self._files.pop(hour, None)
        if file is None:
            file = _HourFile(self._folder, hour, self._widths)
            if len(self._files) >= _OPEN_FILES:
                self._files.pop(next(iter(self._files))).close()
        self._files[hour] = file
        return file


class _HourFile:
    def __init__(self, folder: Path, hour: int, widths: Callable[[], NDArray[np.int64]]) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._values = os.open(value_path(folder, hour), flags, 0o600)
        self._index = os.open(index_path(folder, hour), flags, 0o600)
        head = os.pread(self._index, 8, 0)
        self._count = int.from_bytes(head, "little")
        self._end = 0
        if self._count:
            last = self.records()[-1]
            self._end = int(last["start"]) + int(widths()[last["list"]])

    def close(self) -> None:
        os.close(self._values)
        os.close(self._index)

    def records(self) -> NDArray[np.void]:
        data = os.pread(self._index, self._count * RECORD.itemsize, HEAD)
        return np.frombuffer(data, RECORD)

    def append(self, records: NDArray[np.void], values: Sequence[Values]) -> None:
        widths = np.fromiter(map(len, values), np.int64, len(values))
        ends = self._end + np.cumsum(widths)
        records["start"] = ends - widths
        os.pwrite(self._values, np.concatenate(values).tobytes(), self._end * 8)
        os.pwrite(self._index, records.tobytes(), HEAD + self._count * RECORD.itemsize)
        self._end = int(ends[-1])
        self._set_count(self._count + len(records))

    def cut(self, position: int) -> None:
        records = self.records()
        keep = int(np.searchsorted(records["position"], position))
        if keep < self._count:
            self._end = int(records["start"][keep])
            self._set_count(keep)

    def blot(self, at: float) -> None:
        """Of what was sampled later only the place stays, under no time: readers that follow know
        records by their places."""
        records = self.records().copy()
        records["time"][records["time"] > at] = np.nan
        os.pwrite(self._index, records.tobytes(), HEAD)

    def _set_count(self, count: int) -> None:
        os.pwrite(self._index, count.to_bytes(8, "little").ljust(HEAD, b"\0"), 0)
        self._count = count


def _there(records: NDArray[np.void]) -> NDArray[np.void]:
    there: NDArray[np.void] = records[~np.isnan(records["time"])]
    return there


def index_path(folder: Path, hour: int) -> Path:
    return folder / f"{hour}.index"


def value_path(folder: Path, hour: int) -> Path:
    return folder / f"{hour}.values"


def hours_in(folder: Path) -> Iterator[int]:
    """The hours (since the epoch) for which there are files, ascending."""
    names = os.listdir(folder) if folder.exists() else []
    return iter(sorted(int(name[:-6]) for name in names if name.endswith(".index")))
