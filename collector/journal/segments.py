"""The files of the journal: named by the position of their first byte, read in big pieces."""

import fcntl
import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from collector.journal.framing import MAGIC, Record, Stop, bytes_wanted, take

_NAME = re.compile(r"([0-9a-f]{16})\.seg")
_END = struct.Struct("<Q")
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Segment:
    """One file; `stop` is the position after its last byte that counts."""

    path: Path
    start: int
    stop: int


def segment_path(folder: Path, start: int) -> Path:
    return folder / f"{start:016x}.seg"


def list_segments(folder: Path) -> list[Segment]:
    """All segments, oldest first; what a file holds beyond the next one's start is not counted."""
    starts = sorted(int(m[1], 16) for m in map(_NAME.fullmatch, os.listdir(folder)) if m)
    found = []
    for place, start in enumerate(starts):
        path = segment_path(folder, start)
        try:
            stop = start + path.stat().st_size
        except FileNotFoundError:
            continue
        if place + 1 < len(starts):
            stop = min(stop, starts[place + 1])
        found.append(Segment(path, start, stop))
    return found


def end_path(folder: Path) -> Path:
    """The file that holds the durable end: what lies beyond was never answered for."""
    return folder / "end"


def read_end(folder: Path) -> int | None:
    try:
        return parse_end(end_path(folder).read_bytes())
    except FileNotFoundError:
        return None


def parse_end(data: bytes) -> int | None:
    position: int | None = _END.unpack(data)[0] if len(data) == _END.size else None
    return position


def format_end(position: int) -> bytes:
    return _END.pack(position)


def keep_all(folder: Path) -> int:
    """A descriptor: until it is closed, or its process ends, no segment is removed."""
    return _locked(folder, fcntl.LOCK_SH)


@contextmanager
def removing(folder: Path) -> Iterator[bool]:
    """May segments be removed now?"""
    try:
        held = _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
        return
    try:
        yield True
    finally:
        os.close(held)


def _locked(folder: Path, how: int) -> int:
    descriptor = os.open(folder / "held", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, how)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


class SegmentFile:
    """Reads the records of one segment; passes over damage and tells where it was."""

    def __init__(self, segment: Segment) -> None:
        self.start = segment.start
        self._fd = os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC)
        self._base = segment.start
        self._buffer = b""

    def close(self) -> None:
        os.close(self._fd)

    def take(self, position: int, stop: int, limit: int, into: list[Record]) -> tuple[int, Stop]:
        """Whole records from `position` into `into`, about one chunk of them at most.

        Returns where it ended and why: LIMIT (ask again), BAD (no record stands there; a record
        that would reach beyond `stop` is bad too, since `stop` lies between records).
        """
        self._load(position, stop, 1)
        offset, why = take(self._buffer, self._base, position - self._base, limit, into)
        position = self._base + offset
        if why is not Stop.SHORT or position >= stop:
            return position, Stop.LIMIT if why is Stop.SHORT else why
        wanted = bytes_wanted(self._buffer[offset : offset + 12])
        if position + wanted > stop:
            return position, Stop.BAD
        self._load(position, stop, wanted)
        return position, Stop.LIMIT

    def next_good(self, position: int, stop: int) -> int:
        """Where the next whole record begins after `position`, or `stop`."""
        position += 1
        while position < stop:
            self._load(position, stop, min(CHUNK_BYTES, stop - position))
            offset = self._buffer.find(MAGIC, position - self._base)
            if offset < 0:
                # a magic may lie across the edge of two chunks
                reached = self._base + len(self._buffer)
                position = stop if reached >= stop else reached - len(MAGIC) + 1
                continue
            position = self._base + offset
            if self._is_good(position, stop):
                return position
            position += 1
        return stop

    def _is_good(self, position: int, stop: int) -> bool:
        head = os.pread(self._fd, 12, position - self.start)
        wanted = bytes_wanted(head)
        if position + wanted > stop:
            return False
        data = os.pread(self._fd, wanted, position - self.start)
        found: list[Record] = []
        take(data, position, 0, 1, found)
        return bool(found)

    def _load(self, position: int, stop: int, wanted: int) -> None:
        have = self._base + len(self._buffer)
        if self._base <= position and position + wanted <= min(have, stop):
            return
        size = min(max(CHUNK_BYTES, wanted), stop - position)
        self._buffer = os.pread(self._fd, size, position - self.start)
        self._base = position
