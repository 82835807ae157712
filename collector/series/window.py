"""The recent past of every site, written by the engine and mapped read-only by others.

`head` names the folder that holds the arrays and is replaced whenever a writer starts, so that
readers notice; the folder is a new one when what the old one holds cannot be trusted.
"""

import errno
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agent.strict import Refused
from collector.series.extra import ExtraLog
from collector.series.frames import Ids, Times, Values, to_ms
from collector.series.planes import ROWS, Planes
from collector.series.sets import ColumnSets

Rows = NDArray[np.int32]

# A page of values serves 512 sites. Few agents are this wide; each alone would keep a page for
# every place and minute, so what is wider goes to the extra log, where frames lie side by side.
WIDEST = 256
_VERSION = 1
_ROOM = 32 << 20
# after a smaller step back of the clock, cells of later minutes are met again before long
FAR_S = 600.0
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Head:
    """What readers must know before they map anything."""

    version: int
    boot: str
    minutes: int
    folder: str
    session: str
    whole: bool  # a rebuild that was broken off is begun again


def window_minutes(sites: int) -> int:
    """How far the window should reach back for so many sites."""
    if sites <= 5_000:
        return 120
    return 60 if sites <= 20_000 else 30


def machine_boot() -> str:
    """Changes when the machine restarts; files written through maps may then be incomplete."""
    return _BOOT.read_text().strip() if _BOOT.exists() else ""


def _go_on(old: Head | None, minutes: int, boot: str, last: str) -> Head:
    """The old window where all is in it, else a new one."""
    name, session = f"w-{secrets.token_hex(4)}", secrets.token_hex(4)
    fresh = Head(_VERSION, boot, minutes, name, session, False)
    if old is None or last not in ("", old.folder):
        # another engine has folded since: what it took in is not here
        return fresh
    same = old == replace(fresh, folder=old.folder, session=old.session, whole=True)
    return replace(old, session=session) if same else fresh


class WindowWriter:
    """The one writer.

    `rebuild` says that the window began empty: read the journal again, up to the position given to
    `open`, and then `sync` that position.
    """

    def __init__(self, folder: Path, head: Head, position: int, lock: int) -> None:
        self.rebuild = not head.whole
        self.minutes = head.minutes
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
            head = _go_on(read_head(folder), minutes, boot, last)
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
        _write_head(folder, head)
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
        if len(columns) > WIDEST:
            self._add(rows[taken], times[taken], columns, values[taken], position)
            return taken
        groups = rows // ROWS
        for group in np.unique(groups[taken]).tolist():
            these = np.flatnonzero(taken & (groups == group))
            over = these[self._fill(group, rows[these], times[these], columns, values[these])]
            if len(over):
                self._add(rows[over], times[over], columns, values[over], position)
        return taken

    def extra(self, row: int, time: float, columns: Ids, values: Values, position: int) -> bool:
        """Take in one sampling of a few columns, such as a finding; False as in `write`."""
        rows, times = np.array([row], np.int32), to_ms(np.array([time]))
        taken = bool(self._taken(rows, times)[0])
        if taken:
            self._add(rows, times, columns, values.reshape(1, -1), position)
        return taken

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
        if not self._head.whole and position >= self._begun_at:
            self._head = replace(self._head, whole=True)
            _write_head(self._home, self._head)
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

    @property
    def packed(self) -> NDArray[np.int64]:
        """By row: the minute before which everything is in blocks."""
        return self._packed

    @property
    def filled(self) -> NDArray[np.int64]:
        """By row: the minute of the newest sample that was taken in."""
        return self._filled

    def set_back(self, at: float, far: bool) -> None:
        """The clock was set back to `at`: nobody reported later. After a step that is `far` no cell
        holds anything later either; the caller has it in blocks."""
        minute = int(at // 60)
        for planes in self._planes:
            np.minimum(planes.seen, at, out=planes.seen)
            if far:
                planes.lists[planes.times > at] = 0
        if far:
            self._packed = np.minimum(self._packed, minute)
            self._filled = np.minimum(self._filled, minute)

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

    def _add(self, rows: Rows, times: Times, columns: Ids, values: Values, position: int) -> None:
        self._extra.add(rows, times, self._sets.number(columns), values, position)

    def _fill(
        self, group: int, rows: Rows, times: Times, columns: Ids, values: Values
    ) -> NDArray[np.int64]:
        """Write what has a free cell; the places of frames whose cell holds another one."""
        planes = self._planes[group]
        planes.widen(len(columns))
        number = self._sets.number(columns)
        minutes = np.floor(times / 60.0).astype(np.int64)
        cells = minutes % self.minutes * ROWS + rows % ROWS
        free = self._is_free(planes, cells, rows)
        first = np.zeros(len(rows), bool)
        first[np.unique(cells, return_index=True)[1]] = True
        put = np.flatnonzero(free & first)
        at = cells[put]
        planes.lists[at] = 0
        planes.values[: len(columns), at] = values[put].T
        planes.times[at] = times[put]
        planes.lists[at] = number
        rest = np.flatnonzero(~(free & first))
        return rest[~self._is_there(planes, cells[rest], times[rest], number, values[rest])]

    def _is_free(self, planes: Planes, cells: NDArray[np.int64], rows: Rows) -> NDArray[np.bool_]:
        # an older minute that no block holds yet stays; the newcomer goes to the extra log
        free: NDArray[np.bool_] = planes.lists[cells] == 0
        free |= planes.times[cells] < self._packed[rows] * 60.0
        return free

    def _is_there(
        self,
        planes: Planes,
        cells: NDArray[np.int64],
        times: Times,
        number: int,
        values: Values,
    ) -> NDArray[np.bool_]:
        """Which frames stand in their cells already: a redo after a crash."""
        there: NDArray[np.bool_] = (planes.times[cells] == times) & (planes.lists[cells] == number)
        for at in np.flatnonzero(there).tolist():
            held = planes.values[: values.shape[1], cells[at]]
            there[at] = held.tobytes() == values[at].tobytes()
        return there

    def _reach(self, row: int) -> None:
        while row >= len(self._planes) * ROWS:
            self._grow()
            self._packed = np.concatenate([self._packed, np.zeros(ROWS, np.int64)])
            self._filled = np.concatenate([self._filled, np.full(ROWS, -1)])

    def _grow(self) -> None:
        self._planes.append(Planes(self._folder, len(self._planes), self.minutes, write=True))


def read_head(folder: Path) -> Head | None:
    """What the writer said of its window; None before there is one."""
    try:
        return Head(**json.loads((folder / "head").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _write_head(folder: Path, head: Head) -> None:
    new = folder / "head.new"
    new.write_text(json.dumps(asdict(head)))
    new.replace(folder / "head")
