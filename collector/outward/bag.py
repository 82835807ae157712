"""What waits for receivers: written by the fold with each commit, bounded, read by senders.

Samples stand in it with the time and columns that history has, so nobody places them a second
time, and the journal need not wait for a receiver that is away. A batch that is folded again after
a crash stands in it twice, with the same times and values.
"""

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from collector.foreign.carrying import unpack
from collector.journal.files import FileReader, FileWriter
from collector.journal.protocol import JournalFailed
from collector.journal.segments import list_segments
from collector.outward import store as rows_of
from collector.outward.outlets import wanted
from collector.outward.parcels import Ended, Entry, Others, Standing, frames, look, pack
from collector.settings import Settings

log = logging.getLogger(__name__)

PARCEL = 1
# what a parcel holds at most before it is compressed, and what one entry is reckoned beside that
_PARCEL_BYTES = 4 << 20
_ENTRY_BYTES = 64
_TIDY_EVERY_S = 5.0
_MOST_SEGMENT = 64 << 20


class Bag(Protocol):
    """Where the fold puts what it placed."""

    takes: bool

    def numbers(
        self,
        rows: NDArray[np.int32],
        times: NDArray[np.float64],
        columns: NDArray[np.int32],
        values: NDArray[np.float64],
        late: bool = False,
    ) -> None: ...

    def others(self, payload: bytes) -> None: ...

    def ended(self, row: int, at: float) -> None: ...

    def standing(
        self,
        at: float,
        rows: NDArray[np.int32],
        states: NDArray[np.int8],
        reports: NDArray[np.float64],
    ) -> None: ...

    def put(self, journal: int, now: float) -> None: ...

    def close(self) -> None: ...


class NoBag:
    """Nobody is told anything."""

    takes = False

    def numbers(self, *_: object) -> None: ...

    def others(self, payload: bytes) -> None: ...

    def ended(self, row: int, at: float) -> None: ...

    def standing(self, *_: object) -> None: ...

    def put(self, journal: int, now: float) -> None: ...

    def close(self) -> None: ...


class OpenBag:
    """Gathers what a batch came to; `put` writes it before the fold's position."""

    takes = True

    def __init__(self, folder: Path, store: Engine, most_bytes: int, floor: tuple[int, int]):
        """`floor`: position and samples that receivers have been told of, whatever lies here."""
        self._folder, self._store = folder, store
        self._most_bytes = most_bytes
        segment = max(1 << 20, min(_MOST_SEGMENT, most_bytes // 16))
        self._writer = FileWriter(folder, segment, at_least=floor[0])
        self.samples = max(floor[1], _last_total(folder))
        self._parcels: list[tuple[int, list[Entry]]] = []
        self._entries: list[Entry] = []
        self._count = self._size = 0
        self._tidied_at = float("-inf")

    @property
    def end(self) -> int:
        return self._writer.end

    def numbers(
        self,
        rows: NDArray[np.int32],
        times: NDArray[np.float64],
        columns: NDArray[np.int32],
        values: NDArray[np.float64],
        late: bool = False,
    ) -> None:
        if values.size:
            self._add(frames(rows, times, columns, values, late), values.size, values.nbytes)

    def others(self, payload: bytes) -> None:
        try:
            lines = unpack(payload)
        except ValueError:
            # whoever keeps it counts it
            return
        size = sum(len(line.labels) + 2 * len(line.times) for line in lines)
        self._add(Others(lines), sum(len(line.times) // 8 for line in lines), size)

    def ended(self, row: int, at: float) -> None:
        self._add(Ended(row, at), 0, 0)

    def standing(
        self,
        at: float,
        rows: NDArray[np.int32],
        states: NDArray[np.int8],
        reports: NDArray[np.float64],
    ) -> None:
        told = rows.astype("<i4").tobytes(), states.tobytes(), reports.astype("<f8").tobytes()
        self._add(Standing(at, *told), 0, 13 * len(rows))

    def put(self, journal: int, now: float) -> None:
        """On disk afterwards, or counted as dropped: a full disk does not stop the fold."""
        self._cut()
        entries = []
        for count, parcel in self._parcels:
            entries.append((PARCEL, now, 0, pack(journal, self.samples, count, parcel)))
            self.samples += count
        self._parcels = []
        try:
            if entries:
                self._writer.append(entries)
        except JournalFailed as failed:
            # the next parcel's head says how many are missing
            log.warning("what waits for receivers cannot be written: %s", failed)
        if not 0 <= now - self._tidied_at < _TIDY_EVERY_S:
            self._tidied_at = now
            self._tidy()

    def close(self) -> None:
        self._writer.close()

    def _add(self, entry: Entry, samples: int, size: int) -> None:
        self._entries.append(entry)
        self._count += samples
        self._size += size + _ENTRY_BYTES
        if self._size >= _PARCEL_BYTES:
            self._cut()

    def _cut(self) -> None:
        if self._entries:
            self._parcels.append((self._count, self._entries))
            self._entries, self._count, self._size = [], 0, 0

    def _tidy(self) -> None:
        """Remove whole segments that everybody has had, and the oldest when there are too many."""
        told = rows_of.least_position(self._store)
        segments = list_segments(self._folder)
        held = sum(segment.stop - segment.start for segment in segments)
        for segment in segments[:-1]:
            if held <= self._most_bytes and segment.stop > told:
                break
            segment.path.unlink(missing_ok=True)
            held -= segment.stop - segment.start


def open_bag(settings: Settings, store: Engine, journal: int, now: float) -> Bag:
    """The bag of a fold that stands at `journal`; nothing of before it is known to receivers that
    are new. Without receivers what waited goes."""
    folder, names = settings.folder / "outward", wanted(settings)
    if not names:
        rows_of.keep_only(store, [])
        shutil.rmtree(folder, ignore_errors=True)
        return NoBag()
    rows_of.keep_only(store, names)
    bag = OpenBag(folder, store, settings.outward_mb << 20, rows_of.furthest(store))
    try:
        rows_of.begin(store, names, bag.end, bag.samples, journal, now)
    except BaseException:
        # whoever tries again opens it again
        bag.close()
        raise
    return bag


def _last_total(folder: Path) -> int:
    """Samples that were ever put in, by the last parcel that is there."""
    reader = FileReader(folder)
    try:
        segments = list_segments(folder)
        for segment in reversed(segments):
            total = _total_after(reader, segment.start)
            if total is not None:
                return total
    finally:
        reader.close()
    return 0


def _total_after(reader: FileReader, position: int) -> int | None:
    total = None
    while records := reader.read(position):
        total = look(records[-1].payload).after
        position = records[-1].next
    return total


def waiting_bytes(folder: Path, position: int) -> int:
    """How much there is behind a position; 0 where there is no bag."""
    segments: Sequence[object] = list_segments(folder) if folder.is_dir() else ()
    if not segments:
        return 0
    reader = FileReader(folder)
    try:
        return max(0, reader.end - max(position, reader.start))
    finally:
        reader.close()
