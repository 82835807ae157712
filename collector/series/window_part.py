"""Some columns of some sites out of the window, all at once: what rules look at in each round.

For the process that writes the window, in the thread that does: nothing changes while it reads.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collector.series.extra_reader import ExtraReader
from collector.series.frames import Ids, Times, Values
from collector.series.planes import ROWS, Planes
from collector.series.sets import ColumnSets

Places = NDArray[np.int64]
# column and row (as places), time, value
Flat = tuple[Places, Places, Times, Values]


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Frames of one minute or of an extra hour: of which row, when, of which list, where from.

    The value in place p of a frame is `values[p, at]`, or `values[at + p]` of an extra hour.
    """

    rows: Places  # places among the rows that were asked for, ascending in time where one repeats
    times: Times
    lists: NDArray[np.int64]
    at: Places
    values: Values

    def take(self, some: NDArray[np.bool_]) -> "_Cells":
        return _Cells(
            self.rows[some], self.times[some], self.lists[some], self.at[some], self.values
        )

    def read(self, places: Places, frames: Places) -> Values:
        at = self.at[frames]
        flat = self.values.ndim == 1
        found: Values = self.values[at + places] if flat else self.values[places, at]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class WindowPart:
    """The window of the sites of these `rows`, which ascend; an answer speaks of their places."""

    groups: Sequence[Planes]
    minutes: int
    sets: ColumnSets
    extra: ExtraReader
    rows: Places

    def columns(self, start: float, end: float) -> Ids:
        """Which columns there are in frames of [start, end]."""
        numbers = {
            number for cells in self._frames(start, end) for number in set(cells.lists.tolist())
        }
        found = [self.sets.columns(number) for number in numbers]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int32)

    def newest(self, columns: Ids, start: float, end: float) -> tuple[Times, Values]:
        """[column, row]: time and value of the newest sample in [start, end]; time 0 for none.

        `columns` ascend.
        """
        shape = (len(columns), len(self.rows))
        times, values = np.zeros(shape), np.zeros(shape)
        done = np.zeros(len(self.rows), np.int64)
        for cells in self._frames(start, end):
            if cells.values.ndim == 2:
                # the same list in an older minute has nothing that is newer
                new = cells.lists != done[cells.rows]
                done[cells.rows] = cells.lists
                cells = cells.take(new) if not new.all() else cells
            which, frames, found = self._wanted(cells, columns)
            rows, stamps = cells.rows[frames], cells.times[frames]
            newer = stamps > times[which, rows]
            if not newer.all():
                which, rows, stamps, found = which[newer], rows[newer], stamps[newer], found[newer]
            # of a row that stands here twice the last one is kept: the newest
            times[which, rows], values[which, rows] = stamps, found
        return times, values

    def samples(self, columns: Ids, start: float, end: float) -> Flat:
        """All samples in [start, end]: column and row (as places), time, value; in no order."""
        parts: list[Flat] = []
        for cells in self._frames(start, end):
            which, frames, found = self._wanted(cells, columns)
            parts.append((which, cells.rows[frames], cells.times[frames], found))
        return joined(parts)

    def _wanted(self, cells: _Cells, columns: Ids) -> tuple[Places, Places, Values]:
        """Every wanted sample of these frames: which column, which frame, its value."""
        kind = cells.lists[:0]
        numbers = cells.lists[:1]
        if (cells.lists != cells.lists[:1]).any():
            numbers, kind = np.unique(cells.lists, return_inverse=True)
        which: list[Places] = []
        frames: list[Places] = []
        places: list[Places] = []
        for i, number in enumerate(numbers.tolist()):
            chosen, there = self.sets.choose(number, columns)
            if not len(chosen):
                continue
            these = np.flatnonzero(kind == i) if len(numbers) > 1 else np.arange(len(cells.rows))
            which.append(np.repeat(np.searchsorted(columns, chosen), len(these)))
            frames.append(np.tile(these, len(chosen)))
            places.append(np.repeat(there, len(these)))
        if not which:
            none = np.zeros(0, np.int64)
            return none, none, np.zeros(0)
        at, place = np.concatenate(frames), np.concatenate(places)
        return np.concatenate(which), at, cells.read(place, at)

    def _frames(self, start: float, end: float) -> Iterator[_Cells]:
        """The frames in [start, end]: the cells from the newest minute on, then the extra ones."""
        for group, planes in enumerate(self.groups):
            low, high = np.searchsorted(self.rows, [group * ROWS, (group + 1) * ROWS])
            if low == high:
                continue
            rows = np.arange(low, high)
            for slot in self._slots(start, end):
                at = slot * ROWS + self.rows[low:high] - group * ROWS
                lists, times = planes.lists[at].astype(np.int64), planes.times[at]
                there = (lists > 0) & (times >= start) & (times <= end)
                if there.any():
                    yield _Cells(rows[there], times[there], lists[there], at[there], planes.values)
        yield from self._extras(start, end)

    def _slots(self, start: float, end: float) -> list[int]:
        """Minutes as slots, from the newest to the oldest."""
        if end - start >= (self.minutes - 1) * 60:
            last = int(end // 60)
            return [minute % self.minutes for minute in range(last, last - self.minutes, -1)]
        minutes = range(int(end // 60), int(start // 60) - 1, -1)
        return [minute % self.minutes for minute in minutes]

    def _extras(self, start: float, end: float) -> Iterator[_Cells]:
        place = np.full(int(self.rows[-1]) + 2 if len(self.rows) else 1, -1, np.int64)
        place[self.rows] = np.arange(len(self.rows))
        for records, values in self.extra.between(start, end):
            rows = place[np.minimum(records["row"], len(place) - 1)]
            times = records["time"]
            some = np.flatnonzero((rows >= 0) & (times >= start) & (times <= end))
            if not len(some):
                continue
            some = some[np.argsort(times[some], kind="stable")]
            lists = records["list"][some].astype(np.int64)
            yield _Cells(rows[some], times[some], lists, records["start"][some], values)


def joined(parts: Sequence[Flat]) -> Flat:
    """One after the other."""
    if not parts:
        none = np.zeros(0, np.int64)
        return none, none, np.zeros(0), np.zeros(0)
    which, rows, times, values = zip(*parts, strict=True)
    return (
        np.concatenate(which),
        np.concatenate(rows),
        np.concatenate(times),
        np.concatenate(values),
    )
