"""The journal: everything agents told us, in the order of arrival, on disk before the answer.

Positions are bytes since the beginning of time and only grow. One writer, any number of readers;
a reader sees a record when it is durable, never sooner.
"""

import errno
import fcntl
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from collector.journal.framing import Entry, Record, Stop, pack
from collector.journal.protocol import JournalFailed, JournalFull
from collector.journal.segments import (
    Segment,
    SegmentFile,
    end_path,
    format_end,
    list_segments,
    read_end,
    removing,
    segment_path,
)

# enough of the end to tell what time it was last
_TAIL_BYTES = 256 << 10
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FileWriter:
    """Appends groups of records; `append` returns when the disk has them.

    Opening cuts a torn tail (`torn_bytes`) and refuses to share the folder with a second writer.
    No position below `at_least` is given out: what was folded before a restore stays folded.
    """

    def __init__(
        self,
        folder: Path,
        segment_bytes: int = 64 << 20,
        at_least: int = 0,
        sync: Callable[[int], None] = os.fdatasync,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._sync = sync
        self._segment_bytes = segment_bytes
        self._lock = _lock(folder)
        try:
            self._end_fd = os.open(end_path(folder), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._fd, self._start, self.end, self.torn_bytes = _open_last(folder)
            at_least = max(at_least, read_end(folder) or 0)
            if at_least > self.end:
                self._begin_segment(at_least)
            self._publish(self.end)
        except BaseException:
            os.close(self._lock)
            raise

    def append(self, entries: Sequence[Entry]) -> int:
        """Write all of `entries` (kind, time, agent, payload) and return the end position.

        JournalFull or JournalFailed: none of them is kept.
        """
        try:
            if self.end - self._start >= self._segment_bytes:
                self._begin_segment(self.end)
            data = pack(entries, self.end)
            _write_all(self._fd, data, self.end - self._start)
            self._sync(self._fd)
            self._publish(self.end + len(data))
        except OSError as error:
            self._take_back()
            kind = JournalFull if error.errno in _NO_SPACE else JournalFailed
            raise kind(f"journal: {error.strerror}") from error
        self.end += len(data)
        return self.end

    def close(self) -> None:
        for fd in (self._fd, self._end_fd, self._lock):
            os.close(fd)

    def _publish(self, end: int) -> None:
        os.pwrite(self._end_fd, format_end(end), 0)

    def _begin_segment(self, start: int) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        fd = os.open(segment_path(self._folder, start), flags, 0o600)
        _sync_folder(self._folder)
        os.close(self._fd)
        self._fd, self._start, self.end = fd, start, start

    def _take_back(self) -> None:
        # Readers stop at the published end, so half a group was never seen by anyone. After a
        # failed fdatasync the kernel forgets which pages are dirty: a new file is the only cure.
        try:
            os.ftruncate(self._fd, self.end - self._start)
            if self.end > self._start:
                self._begin_segment(self.end)
        except OSError:
            return


class FileReader:
    """Reads records in order, beside a live writer too; `skipped` counts places of damage."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: SegmentFile | None = None
        self._skipped_until = -1
        self.skipped = 0

    @property
    def start(self) -> int:
        """The oldest position that is still there."""
        segments = self._segments()
        return segments[0].start if segments else self.end

    @property
    def end(self) -> int:
        """The durable end."""
        end = read_end(self._folder)
        if end is not None:
            return end
        segments = self._segments()
        return segments[-1].stop if segments else 0

    def read(self, position: int, limit: int = 5000, limit_bytes: int = 8 << 20) -> list[Record]:
        """The records from `position` on, at most `limit` and about `limit_bytes`; [] at the end.

        A position that is gone (dropped) or inside damage means the next record after it.
        """
        records: list[Record] = []
        for segment in self._segments():
            if segment.stop <= position:
                continue
            position = max(position, segment.start)
            stop_at = position + limit_bytes
            try:
                position = self._read_segment(segment, position, stop_at, limit, records)
            except FileNotFoundError:
                # dropped since it was listed
                continue
            limit_bytes = stop_at - position
            if len(records) >= limit or limit_bytes <= 0:
                break
        return records

    def gave_all(self, until: int) -> bool:
        """What is damaged was counted. After a power cut the end that is told may be an old one,
        until the writer tells it anew."""
        return self.end >= until

    def from_time(self, at: float, position: int) -> int:
        """Where to begin for all that came in at `at` or later and lies before `position`.

        By the first record of each segment, the newest one first: where the clock was set back,
        what lies before that with a later time was of a present that never was.
        """
        segments = [one for one in self._segments() if one.start < position]
        for segment in reversed(segments):
            with suppress(FileNotFoundError):
                begun = _begun_at(segment)
                if begun is not None and begun < at:
                    return segment.start
        return self.start

    def newest(self) -> list[Record]:
        """Some of the newest records, in order; [] when there are none."""
        return self.read(max(self.start, self.end - _TAIL_BYTES))

    def waiting(self, position: int) -> str:
        """How much there is from `position` on, in words."""
        return f"{max(0, self.end - position)} bytes"

    def drop_before(self, position: int, older_than: float, now: float) -> int:
        """Remove whole segments that end at or before `position` and are older than `older_than` s.

        A segment is as old as the record that follows it; the last segment stays in any case, and
        all do while a backup is made.
        """
        if not self._folder.is_dir():
            return 0
        with removing(self._folder) as free:
            return self._drop(position, older_than, now) if free else 0

    def _drop(self, position: int, older_than: float, now: float) -> int:
        removed = 0
        segments = self._segments()
        for place, segment in enumerate(segments[:-1]):
            following = segments[place + 1 :]
            if following[0].start > position:
                break
            begun = next((at for one in following if (at := _begun_at(one)) is not None), None)
            if begun is None or now - begun < older_than:
                break
            segment.path.unlink()
            removed += 1
        return removed

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read_segment(
        self, segment: Segment, position: int, stop_at: int, limit: int, into: list[Record]
    ) -> int:
        file = self._open(segment)
        while position < min(segment.stop, stop_at) and len(into) < limit:
            position, why = file.take(position, segment.stop, limit, into)
            if why is Stop.BAD:
                good = file.next_good(position, segment.stop)
                self._count_damage(position, good)
                position = good
        return position

    def _count_damage(self, position: int, good: int) -> None:
        if position >= self._skipped_until:
            self.skipped += 1
            self._skipped_until = good

    def _segments(self) -> list[Segment]:
        # the end first: whatever it covers is in the files that are listed afterwards
        end = read_end(self._folder)
        try:
            segments = list_segments(self._folder)
        except FileNotFoundError:
            return []
        if end is None:
            return segments
        return [Segment(s.path, s.start, min(s.stop, end)) for s in segments]

    def _open(self, segment: Segment) -> SegmentFile:
        if self._file is not None and self._file.start == segment.start:
            return self._file
        self.close()
        self._file = SegmentFile(segment)
        return self._file


def _begun_at(segment: Segment) -> float | None:
    """The time of the first record that is whole; None while there is none."""
    file, position, found = SegmentFile(segment), segment.start, list[Record]()
    try:
        while position < segment.stop and not found:
            position, why = file.take(position, segment.stop, 1, found)
            if why is Stop.BAD:
                position = file.next_good(position, segment.stop)
    finally:
        file.close()
    return found[0].at if found else None


def _lock(folder: Path) -> int:
    fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(fd)
        raise JournalFailed(f"{folder}: another process writes this journal") from error
    return fd


def _open_last(folder: Path) -> tuple[int, int, int, int]:
    """File, start, end and torn bytes of the last segment; its torn tail is gone afterwards."""
    segments = list_segments(folder)
    last = segments[-1] if segments else Segment(segment_path(folder, 0), 0, 0)
    fd = os.open(last.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    end = _last_good_end(last)
    os.ftruncate(fd, end - last.start)
    os.fsync(fd)
    _sync_folder(folder)
    return fd, last.start, end, last.stop - end


def _last_good_end(segment: Segment) -> int:
    file = SegmentFile(segment)
    good, position = segment.start, segment.start
    while position < segment.stop:
        records: list[Record] = []
        position, why = file.take(position, segment.stop, 5000, records)
        good = records[-1].next if records else good
        if why is Stop.BAD:
            position = file.next_good(position, segment.stop)
    file.close()
    return good


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _write_all(fd: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, offset)
        view, offset = view[written:], offset + written
