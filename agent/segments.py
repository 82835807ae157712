"""One file of the spool: the entries of up to an hour of one run, and how it is written."""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from agent import chunks
from agent.entries import Batch, Finding, Frame, Names, Ranges
from agent.ground import BINARY, sync_folder

SUFFIX = ".seg"
NEW = ".new"
_BLOCK = 4096


@dataclass(slots=True)
class Segment:
    """What is known of one file without unpacking it."""

    path: str
    sequence: int
    spool: str
    boot: str
    size: int = 0
    first: int = 0
    last: int = 0
    frames: int = 0
    findings: int = 0
    # how often this file was thinned
    thinned: int = 0
    # entries not yet delivered
    left: int = 0
    acked: Ranges = field(default_factory=Ranges)
    notes: chunks.Chunk | None = None

    @property
    def blocks_bytes(self) -> int:
        """What the file takes on the disk."""
        return -(-self.size // _BLOCK) * _BLOCK

    def count(self, first: int, last: int, frames: int, findings: int) -> None:
        """Take in entries that were appended."""
        self.first = min(self.first or first, first)
        self.last = max(self.last, last)
        self.frames += frames
        self.findings += findings
        self.left += frames + findings

    def settle(self, numbers: Iterable[int]) -> int:
        """Mark entries as delivered; how many of them were not yet."""
        fresh = [n for n in numbers if self.first <= n <= self.last and n not in self.acked]
        for n in fresh:
            self.acked.add(n, n)
        self.left -= len(fresh)
        if self.left <= 0:
            self.left = 0
            self.acked = Ranges([(self.first, self.last)])
        return len(fresh)

    def forget_delivery(self) -> None:
        """Every entry still here counts as not delivered."""
        self.acked = Ranges()
        self.left = self.frames + self.findings


def file_name(folder: str, sequence: int) -> str:
    return os.path.join(folder, f"{sequence:08d}{SUFFIX}")


def head(segment: Segment) -> bytes:
    return chunks.note(
        chunks.HEAD,
        {"spool": segment.spool, "boot": segment.boot, "thinned": segment.thinned},
    )


def body(frames: Sequence[Frame], findings: Sequence[Finding], layouts: dict[str, Names]) -> bytes:
    """Findings first: should the file rot, they are what matters."""
    parts = [chunks.finding_chunk(findings)] if findings else []
    parts += [chunks.layout_chunk(layout, names) for layout, names in layouts.items()]
    parts += chunks.frame_chunks(frames)
    return b"".join(parts)


def open_segments(folder: str) -> tuple[list[Segment], int]:
    """All files of the folder, oldest first, and the bytes that were cut off or passed over."""
    found: list[Segment] = []
    damaged = 0
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.endswith(NEW):
            # half of a file that was about to take another's place
            remove(path)
        if not name.endswith(SUFFIX) or not name.removesuffix(SUFFIX).isdecimal():
            continue
        try:
            segment, bad = _open(path, int(name.removesuffix(SUFFIX)))
        except OSError:
            # a card that is dying: what can still be read counts
            segment, bad = None, os.path.getsize(path)
        damaged += bad
        if segment is None:
            remove(path)
        else:
            found.append(segment)
    return found, damaged


def read(segment: Segment) -> Batch:
    """All entries of a file that can still be read."""
    sound, _, _ = chunks.scan(_content(segment.path))
    frames: list[Frame] = []
    findings: list[Finding] = []
    layouts: dict[str, Names] = {}
    for chunk in sound:
        if chunk.kind == chunks.FRAMES:
            frames += chunks.read_frames(chunk)
        elif chunk.kind == chunks.FINDINGS:
            findings += chunks.read_findings(chunk)
        elif chunk.kind == chunks.LAYOUT:
            layout, *names = chunks.read_note(chunk)
            layouts[layout] = tuple(names)
    return Batch(segment.spool, segment.boot, tuple(frames), tuple(findings), layouts)


def append(segment: Segment, blob: bytes) -> None:
    """Add to the file, safe on the disk on return; OSError leaves it as it was."""
    existed = segment.size > 0
    # a first write is the beginning of the file, whatever a dying card kept under this name
    how = os.O_APPEND if existed else os.O_TRUNC
    descriptor = os.open(segment.path, os.O_WRONLY | os.O_CREAT | how | BINARY, 0o600)
    try:
        _write_all(descriptor, blob)
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, segment.size)
        raise
    finally:
        os.close(descriptor)
    segment.size += len(blob)
    if not existed:
        sync_folder(os.path.dirname(segment.path))


def replace(segment: Segment, blob: bytes) -> None:
    """Put `blob` in the place of the file, whole or not at all."""
    new = segment.path + NEW
    try:
        write_whole(new, blob)
        os.replace(new, segment.path)
    except OSError:
        remove(new)
        raise
    segment.size = len(blob)
    sync_folder(os.path.dirname(segment.path))


def write_whole(path: str, blob: bytes, mode: int = 0o600) -> None:
    """A file with this content, on the disk on return."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | BINARY, mode)
    try:
        _write_all(descriptor, blob)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: str) -> None:
    """The file away, if it is there and the disk can be written."""
    with suppress(OSError):
        os.unlink(path)


def _open(path: str, sequence: int) -> tuple[Segment | None, int]:
    blob = _content(path)
    sound, end, bad = chunks.scan(blob)
    bad += len(blob) - end
    about = _first_head(sound)
    if about is None:
        return None, len(blob)
    if end < len(blob):
        # a disk that turned read-only can still be read from
        with suppress(OSError):
            os.truncate(path, end)
    segment = Segment(path, sequence, about["spool"], about["boot"], end, thinned=about["thinned"])
    for chunk in sound:
        if chunk.kind == chunks.FRAMES:
            segment.count(chunk.first, chunk.last, chunk.entries, 0)
        elif chunk.kind == chunks.FINDINGS:
            segment.count(chunk.first, chunk.last, 0, chunk.entries)
        elif chunk.kind == chunks.NOTES:
            segment.notes = chunk
    return segment, bad


def _first_head(sound: Sequence[chunks.Chunk]) -> dict[str, Any] | None:
    for chunk in sound:
        if chunk.kind == chunks.HEAD:
            return dict(chunks.read_note(chunk))
    return None


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _write_all(descriptor: int, blob: bytes) -> None:
    rest = memoryview(blob)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
