"""The recent past of every site, written by the engine and mapped read-only by others.

`head` names the folder that holds the arrays and is replaced whenever a writer starts, so that
readers notice; the folder is a new one when what the old one holds cannot be trusted.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.strict import Refused
from collector.series.extra import ExtraLog, Scraps
from collector.series.frames import Ids, Times, Values, to_ms
from collector.series.planes import ROWS, Planes
from collector.series.sets import ColumnSets
from collector.series.window_head import Head, go_on, machine_boot, read_head, write_head

Rows = NDArray[np.int32]

# A page of values serves 512 sites. Few agents are this wide; each alone would keep a page for
# every place and minute, so what is wider goes to the extra log, where frames lie side by side.
WIDEST = 256
_ROOM = 32 << 20
_NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class _Lot:
    """Frames of one list on their way to cells; what can be is worked out for all at once, since a
    country comes as one or two of each group."""

    groups: Rows
    cells: NDArray[np.int64]
    first: NDArray[np.bool_]  # of those for its cell
    packed_s: Times  # before this all of its row is in blocks
    times: Times
    values: Values
    number: int  # of the list

    def by_group(self) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Places of the frames of each group."""
        order = np.argsort(self.groups, kind="stable")
        cuts = np.flatnonzero(np.diff(self.groups[order])) + 1
        begins = [0, *cuts.tolist()] if len(order) else []
        for begin, end in zip(begins, [*begins[1:], len(order)], strict=False):
            yield int(self.groups[order[begin]]), order[begin:end]


class WindowWriter:
    """The one writer.

    `rebuild` says that the window began empty: read the journal again, up to the position given to
    `open`, and then `sync` that position.
    """

    def __init__(self, folder: Path, head: Head, position: int, lock: int) -> None:
        self.rebuild = not head.whole
        self.minutes = head.minutes
        # a rebuild says here what the oldest record is of that it read
        self.since = head.since
        self._head = head
        self._begun_at = position
        self._lock = lock
        self._home = folder
        self._folder = folder / head.folder
        self._folder.mkdir(exist_ok=True)
        self._sets = ColumnSets(self._folder / "sets", write=True)
        self._extra = ExtraLog(self._folder / "extra", self._sets.widths)
        self._planes: list[Planes] = []
        while (self._folder / f"{len(self._planes):04x}.heads").exists():
            self._grow()
        self._packed: NDArray[np.int64] = np.zeros(len(self._planes) * ROWS, np.int64)
        self._filled: NDArray[np.int64] = np.full(len(self._planes) * ROWS, -1)
        self._waits: NDArray[np.int64] = np.full(len(self._planes) * ROWS, _NEVER)

    @classmethod
    def open(
        cls,
        folder: Path,
        minutes: int,
        position: int,
        packed: Mapping[int, int] | None = None,
        last: str = "",
        boot: str | None = None,
    ) -> "WindowWriter":
        """Carry on from the journal position that the fold has committed.

        `packed` gives for each row the minute before which everything is in blocks; `last` is the
        `name` of the window that the position was reached with, where that is known.
        Refused when another process writes this window.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise Refused(str(folder), "another process writes this window") from None
        boot = machine_boot() if boot is None else boot
        try:
            head = go_on(read_head(folder), minutes, boot, last)
            return cls._carry_on(folder, head, position, packed or {}, lock)
        except BaseException:
            # whoever waits for a full disk and tries again is no other process
            os.close(lock)
            raise

    @classmethod
    def _carry_on(
        cls,
        folder: Path,
        head: Head,
        position: int,
        packed: Mapping[int, int],
        lock: int,
    ) -> "WindowWriter":
        writer = cls(folder, head, position, lock)
        writer._recover(position)
        for row, minute in packed.items():
            writer.packed_until(row, minute)
        write_head(folder, head)
        for other in folder.glob("w-*"):
            if other.name != head.folder:
                shutil.rmtree(other, ignore_errors=True)
        return writer

    @property
    def name(self) -> str:
        """Of this window, among those of all engines that there ever were."""
        return self._head.folder

    def close(self) -> None:
        self._extra.close()
        os.close(self._lock)

    def write(
        self, rows: Rows, times: Times, columns: Ids, values: Values, position: int
    ) -> NDArray[np.bool_]:
        """Take in frames `values[k, c]`, of one list of ascending columns, one for each row.

        `position`: any journal position of the batch being folded. False stands where the minute
        is already in blocks: the caller keeps that frame as a late one. OSError: disk full.
        """
        self._need_room()
        times = to_ms(times)
        taken = self._taken(rows, times)
        if not taken.all():
            rows, times, values = rows[taken], times[taken], values[taken]
        if len(columns) > WIDEST:
            self._add(rows, times, columns, values, position)
            return taken
        lot = self._lot(rows, times, columns, values)
        for group, these in lot.by_group():
            over = self._fill(group, lot, these)
            if len(over):
                self._add(rows[over], times[over], columns, values[over], position)
        return taken

    def takes(self, row: int, time: float) -> bool:
        """Is this minute of the row not yet in blocks?"""
        return row >= len(self._packed) or _ms(time) >= self._packed.item(row) * 60.0

    def extras(self, scraps: Scraps, position: int) -> None:
        """Take in samplings of a few columns each, such as findings, all of which it `takes`."""
        rows, times = np.array(scraps.rows, np.int32), to_ms(np.array(scraps.times))
        self._taken(rows, times)
        found = map(self._sets.number, scraps.columns)
        numbers = np.fromiter(found, np.uint32, len(rows))
        self._extra.add_all(rows, times, numbers, scraps.values, position)

    def touch(self, rows: Rows, times: Times) -> None:
        """Note when these sites last reported, by the collector's clock."""
        if not len(rows):
            return
        self._reach(int(rows.max()))
        order = np.argsort(times, kind="stable")  # the newest of a row is stored last
        for group in np.unique(rows // ROWS).tolist():
            these = order[(rows[order] // ROWS) == group]
            seen, at = self._planes[group].seen, rows[these] % ROWS
            seen[at] = np.maximum(seen[at], times[these])

    def sync(self, position: int) -> None:
        """Tell readers that everything before this journal position is in."""
        whole = replace(self._head, whole=True, since=self.since)
        if self._head != whole and position >= self._begun_at:
            self._head = whole
            write_head(self._home, self._head)
        path = self._folder / "position"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, position.to_bytes(8, "little"))
        finally:
            os.close(file)

    def packed_until(self, row: int, minute: int) -> None:
        """Everything of this row before `minute` is in blocks: its cells are free again."""
        self._reach(row)
        self._packed[row] = max(self._packed[row], minute)
        if self._waits[row] < minute:
            self._waits[row] = minute

    @property
    def packed(self) -> NDArray[np.int64]:
        """By row: the minute before which everything is in blocks."""
        return self._packed

    @property
    def waits(self) -> NDArray[np.int64]:
        """By row: the minute before which there is nothing that is not in blocks."""
        return np.maximum(self._packed, self._waits)

    @property
    def filled(self) -> NDArray[np.int64]:
        """By row: the minute of the newest sample that was taken in."""
        return self._filled

    def ahead(self, at: float) -> list[int]:
        """The rows that hold anything sampled later than `at`."""
        found = [rows[times > at].astype(np.int64) for rows, times in self._extra.kept()]
        for group, planes in enumerate(self._planes):
            later = (planes.lists > 0) & (planes.times > at)
            found.append(np.flatnonzero(later.reshape(-1, ROWS).any(axis=0)) + group * ROWS)
        ahead: list[int] = np.unique(np.concatenate(found)).tolist() if found else []
        return ahead

    def set_back(self, at: float) -> None:
        """The clock was set back to `at`: nobody reported later, and nothing later is held."""
        for planes in self._planes:
            np.minimum(planes.seen, at, out=planes.seen)
            planes.lists[planes.times > at] = 0
        self._extra.set_back(at)
        self.since = min(self.since, at)
        self._filled = np.minimum(self._filled, int(at // 60))

    def unpack(self, minute: int) -> None:
        """This minute and what follows can be packed once more."""
        self._packed = np.minimum(self._packed, minute)

    def drop_extra(self, before_hour: int) -> list[int]:
        """Remove extra files of past hours that are wholly in blocks."""
        return self._extra.drop(before_hour, self._packed)

    def _need_room(self) -> None:
        # a full disk answers the touch of a mapped hole by killing the process
        there = os.statvfs(self._folder)
        if there.f_bavail * there.f_frsize < _ROOM:
            raise OSError(errno.ENOSPC, "too little room for the window", str(self._folder))

    def _taken(self, rows: Rows, times: Times) -> NDArray[np.bool_]:
        if not len(rows):
            return np.zeros(0, bool)
        self._reach(int(rows.max()))
        taken: NDArray[np.bool_] = times >= self._packed[rows] * 60.0
        minutes = np.floor(times[taken] / 60.0).astype(np.int64)
        np.maximum.at(self._filled, rows[taken], minutes)
        np.minimum.at(self._waits, rows[taken], minutes)
        return taken

    def _recover(self, position: int) -> None:
        self._extra.cut(position)
        for group, planes in enumerate(self._planes):
            times = np.where(planes.lists > 0, planes.times, -60.0).reshape(-1, ROWS)
            newest = np.floor(times.max(axis=0) / 60.0).astype(np.int64)
            self._filled[group * ROWS : (group + 1) * ROWS] = newest
        for rows, times in self._extra.kept():
            self._reach(int(rows.max()))
            np.maximum.at(self._filled, rows, np.floor(times / 60.0).astype(np.int64))
        self._waits[self._filled >= 0] = 0

    def _add(self, rows: Rows, times: Times, columns: Ids, values: Values, position: int) -> None:
        self._extra.add(rows, times, self._sets.number(columns), values, position)

    def _lot(self, rows: Rows, times: Times, columns: Ids, values: Values) -> _Lot:
        minutes = np.floor(times / 60.0).astype(np.int64)
        groups, cells = rows // ROWS, minutes % self.minutes * ROWS + rows % ROWS
        first = np.zeros(len(rows), bool)
        cell_of_all = groups * (self.minutes * ROWS) + cells
        first[np.unique(cell_of_all, return_index=True)[1]] = True
        packed_s = np.multiply(self._packed[rows], 60.0, dtype=np.float64)
        return _Lot(groups, cells, first, packed_s, times, values, self._sets.number(columns))

    def _fill(self, group: int, lot: _Lot, these: NDArray[np.int64]) -> NDArray[np.int64]:
        """Write what has a free cell; the places of frames whose cell holds another one."""
        planes, width = self._planes[group], lot.values.shape[1]
        planes.widen(width)
        cells = lot.cells[these]
        # an older minute that no block holds yet stays; the newcomer goes to the extra log
        free = planes.lists[cells] == 0
        free |= planes.times[cells] < lot.packed_s[these]
        free &= lot.first[these]
        put, at = these[free], cells[free]
        planes.lists[at] = 0
        planes.values[:width, at] = lot.values[put].T
        planes.times[at] = lot.times[put]
        planes.lists[at] = lot.number
        rest: NDArray[np.int64] = these[~free]
        return rest[~_is_there(planes, lot, rest)] if len(rest) else rest

    def _reach(self, row: int) -> None:
        while row >= len(self._planes) * ROWS:
            self._grow()
            self._packed = np.concatenate([self._packed, np.zeros(ROWS, np.int64)])
            self._filled = np.concatenate([self._filled, np.full(ROWS, -1)])
            self._waits = np.concatenate([self._waits, np.full(ROWS, _NEVER)])

    def _grow(self) -> None:
        self._planes.append(Planes(self._folder, len(self._planes), self.minutes, write=True))


def _is_there(planes: Planes, lot: _Lot, these: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which frames stand in their cells already: a redo after a crash."""
    cells = lot.cells[these]
    there: NDArray[np.bool_] = planes.times[cells] == lot.times[these]
    there &= planes.lists[cells] == lot.number
    for at in np.flatnonzero(there).tolist():
        held = planes.values[: lot.values.shape[1], cells[at]]
        there[at] = held.tobytes() == lot.values[these[at]].tobytes()
    return there


def _ms(time: float) -> float:
    """`to_ms` of a single one, which is asked for each finding."""
    return round(time * 1000.0) / 1000.0
