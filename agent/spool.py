"""All readings until the collector has them: in RAM for five minutes, then on flash.

One run of the agent on one boot is one spool with a random id; its entries are numbered from 1,
so no number is ever used twice, whatever a power cut took. Frames wait in RAM and go to flash in
one write; findings go at once and take the waiting frames along. Once an hour the small pieces
are replaced by one compact file, in place of the write that was due anyway.
"""

import errno
import os
import threading
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from agent import chunks, room, segments
from agent.entries import Batch, Finding, Frame, Names, Ranges
from agent.segments import Segment

LIMIT_BYTES = 16 << 20
FLUSH_EVERY_S = 300.0
_SEAL_FRAMES = 60
_SEAL_AFTER_S = 3600.0
# a disk that cannot be written must not fill the memory instead
_RAM_FRAMES = 600
_URGENT = 100
_LISTED = 64
# room for what the next write adds
_MARGIN = 64 << 10
_FULL = (errno.ENOSPC, errno.EDQUOT)
# a report carries 8 layouts at most
_LAYOUTS = 8


# at, up, check, verdict, reason
# wall clock, uptime, check, verdict, reason, and the site if it is not the agent's own
News = tuple[float, float, str, str, str] | tuple[float, float, str, str, str, str]


class Spool:
    """Safe to use from several threads. `now` is any steady clock in seconds."""

    def __init__(
        self,
        folder: str,
        boot: str,
        limit_bytes: int = LIMIT_BYTES,
        keep_hours: int = room.KEEP_HOURS,
        spool: str = "",
    ) -> None:
        self.spool = spool or os.urandom(4).hex()
        self.boot = boot
        self.folder = folder
        self._limit_bytes, self._keep_hours = limit_bytes, keep_hours
        self._lock = threading.RLock()
        self.trouble = ""
        self._closed: list[Segment] = []
        self.torn_bytes = 0
        self._open()
        self.notes: dict[str, Any] = {}
        self.dropped_total = 0
        self.dropped_untold = 0
        self._recall()
        # the newest number given out, and the newest on flash
        self._last_n = self._saved_n = 0
        self._newest: Frame | None = None
        self._urgent: list[Finding] = []
        self._layouts: dict[str, Names] = {}
        # of the file being filled: its first entry, and the first that is not on flash
        self._began = self._waits_since = 0.0
        self._begin()

    def resize(self, limit_bytes: int, keep_hours: int) -> None:
        """Other bounds, from the next write on."""
        self._limit_bytes, self._keep_hours = limit_bytes, keep_hours

    def append_frame(
        self, now: float, at: float, up: float, layout: str, names: Names, values: "array[float]"
    ) -> int:
        """Take in a frame; it is on flash at the next flush. Returns its number."""
        with self._lock:
            self._layouts[layout] = names
            frame = Frame(self._number(now), round(at, 2), round(up, 2), layout, values)
            self._frames.append(frame)
            self._segment.count(frame.n, frame.n, 1, 0)
            self._newest = frame
            if len(self._frames) > _RAM_FRAMES:
                self._thin_ram()
            return frame.n

    def append_findings(self, now: float, news: Iterable[News]) -> list[int]:
        """Take in what changed; it is on flash when this returns."""
        with self._lock:
            made = []
            for at, up, *words in news:
                n = self._number(now)
                made.append(Finding(n, round(at, 2), round(up, 2), *words))
                self._segment.count(n, n, 0, 1)
            self._findings += made
            self._urgent = [*self._urgent, *made][-_URGENT:]
            if made:
                self.flush(now)
            return [f.n for f in made]

    def flush_due(self) -> float:
        """When frames that wait in RAM must go to flash; infinity when none wait."""
        with self._lock:
            waits = self._saved_n < self._last_n
            return self._waits_since + FLUSH_EVERY_S if waits else float("inf")

    def flush(self, now: float) -> None:
        """Everything to flash. A disk that is full or read-only is said in `trouble`."""
        with self._lock:
            if self._saved_n == self._last_n:
                return
            frames_due = len(self._frames) >= _SEAL_FRAMES
            seal = frames_due or now - self._began >= _SEAL_AFTER_S
            self._closed, lost = room.aged(self._closed, self._keep_hours)
            self._lose(lost)
            if self._write(seal):
                self._after_flush(seal)
            else:
                self._waits_since = now

    def fresh(self) -> Batch | None:
        """The findings of this run and the newest frame, as far as not delivered."""
        with self._lock:
            frames = (self._newest,) if self._newest else ()
            if not frames and not self._urgent:
                return None
            layouts = {f.layout: self._layouts[f.layout] for f in frames}
            return Batch(self.spool, self.boot, frames, tuple(self._urgent), layouts)

    def has_findings(self) -> bool:
        """Does a finding of this run wait?"""
        with self._lock:
            return bool(self._urgent)

    def backlog(self, limit: int = _SEAL_FRAMES) -> Batch | None:
        """The oldest entries not delivered, of one spool, up to `limit`."""
        with self._lock:
            for segment in [*self._closed, self._segment]:
                if segment.left:
                    batch = self._content(segment).without(segment.acked)
                    if len(batch):
                        return _few_layouts(batch.first(limit))
                    segment.left = 0
            return None

    def settle(self, spool: str, numbers: Sequence[int]) -> None:
        """These are with the collector for good; they go when space is needed."""
        with self._lock:
            for segment in [*self._closed, self._segment]:
                if segment.spool == spool:
                    segment.settle(numbers)
            if spool == self.spool:
                told = set(numbers)
                self._urgent = [f for f in self._urgent if f.n not in told]
                if self._newest and self._newest.n in told:
                    self._newest = None

    def drop(self, spool: str, numbers: Sequence[int]) -> None:
        """The collector will never take these: counted, and not offered again."""
        with self._lock:
            self.settle(spool, numbers)
            self._lose(len(numbers))

    def told_dropped(self, count: int) -> None:
        """The collector knows of `count` lost entries."""
        with self._lock:
            self.dropped_untold = max(0, self.dropped_untold - count)

    def offer_again(self) -> None:
        """The collector was restored from a backup: everything still here goes once more."""
        with self._lock:
            for segment in [*self._closed, self._segment]:
                segment.forget_delivery()

    @property
    def entries(self) -> int:
        """How many wait for delivery."""
        with self._lock:
            return sum(s.left for s in self._closed) + self._segment.left

    @property
    def disk_bytes(self) -> int:
        with self._lock:
            return sum(s.blocks_bytes for s in self._closed) + self._segment.blocks_bytes

    def _open(self) -> None:
        """What earlier runs left; a disk that cannot be read or written must not keep us silent."""
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            self._closed, self.torn_bytes = segments.open_segments(self.folder)
        except OSError as error:
            self.trouble = f"the spool cannot be opened: {error}"

    def _begin(self) -> None:
        """A new file for what comes; it is made when first written to."""
        sequence = self._closed[-1].sequence + 1 if self._closed else 1
        path = segments.file_name(self.folder, sequence)
        self._segment = Segment(path, sequence, self.spool, self.boot)
        self._frames: list[Frame] = []
        self._findings: list[Finding] = []
        self._written_layouts: set[str] = set()

    def _number(self, now: float) -> int:
        if not self._frames and not self._findings:
            self._began = now
        if self._saved_n == self._last_n:
            self._waits_since = now
        self._last_n += 1
        return self._last_n

    def _write(self, seal: bool) -> bool:
        """True when it is on the disk; a full disk is tried once more with less on it."""
        blob = self._sealed() if seal else self._piece()
        needed = len(blob) + _MARGIN
        for limit in (self._limit_bytes, self.disk_bytes - needed):
            self._closed, lost = room.make_room(
                self._closed, limit - needed - self._segment.blocks_bytes
            )
            self._lose(lost)
            try:
                os.makedirs(self.folder, mode=0o700, exist_ok=True)
                (segments.replace if seal else segments.append)(self._segment, blob)
            except OSError as error:
                self.trouble = f"the spool cannot be written: {error}"
                if error.errno not in _FULL:
                    return False
            else:
                self.trouble = ""
                return True
        return False

    def _sealed(self) -> bytes:
        used = {f.layout for f in self._frames}
        layouts = {key: names for key, names in self._layouts.items() if key in used}
        content = segments.body(self._frames, self._findings, layouts)
        return segments.head(self._segment) + content + self._notes_chunk()

    def _piece(self) -> bytes:
        """What came since the last write."""
        frames = [f for f in self._frames if f.n > self._saved_n]
        findings = [f for f in self._findings if f.n > self._saved_n]
        new = {f.layout for f in frames} - self._written_layouts
        layouts = {key: self._layouts[key] for key in new}
        front = b"" if self._segment.size else segments.head(self._segment)
        return front + segments.body(frames, findings, layouts) + self._notes_chunk()

    def _after_flush(self, seal: bool) -> None:
        self._saved_n = self._last_n
        self._written_layouts |= {f.layout for f in self._frames}
        if seal:
            newest = self._newest.layout if self._newest else ""
            self._layouts = {k: v for k, v in self._layouts.items() if k == newest}
            self._closed.append(self._segment)
            self._begin()

    def _content(self, segment: Segment) -> Batch:
        if segment is not self._segment:
            try:
                return segments.read(segment)
            except (OSError, ValueError):
                self._lose(segment.left)
                return Batch(segment.spool, segment.boot)
        frames, findings = tuple(self._frames), tuple(self._findings)
        return Batch(self.spool, self.boot, frames, findings, self._layouts)

    def _thin_ram(self) -> None:
        """The disk has refused for hours: keep every second frame."""
        gone = [f.n for f in self._frames[:-1:2]]
        self._lose(self._segment.settle(gone))
        self._segment.frames -= len(gone)
        self._frames = [*self._frames[1:-1:2], self._frames[-1]]

    def _lose(self, count: int) -> None:
        self.dropped_total += count
        self.dropped_untold += count

    def _notes_chunk(self) -> bytes:
        waiting = [s for s in self._closed if s.left]
        before = waiting[0].sequence if waiting else self._segment.sequence
        partly = [s for s in [*waiting, self._segment] if len(s.acked)]
        state = {
            "delivered_before": before,
            "acked": [[s.sequence, *pair] for s in partly[-_LISTED:] for pair in s.acked],
            "dropped": [self.dropped_total, self.dropped_untold],
        }
        return chunks.note(chunks.NOTES, {**self.notes, **state})

    def _recall(self) -> None:
        """What the newest file says was delivered; what it forgot is offered twice, harmless."""
        chunk = next((s.notes for s in reversed(self._closed) if s.notes), None)
        for segment in self._closed:
            segment.notes = None
        if chunk is None:
            return
        self.notes = chunks.read_note(chunk)
        before = self.notes.pop("delivered_before")
        acked = self.notes.pop("acked")
        self.dropped_total, self.dropped_untold = self.notes.pop("dropped")
        for segment in self._closed:
            pairs = [(a, b) for sequence, a, b in acked if sequence == segment.sequence]
            if segment.sequence < before:
                pairs = [(segment.first, segment.last)]
            segment.acked = Ranges(pairs)
            covered = sum(b - a + 1 for a, b in segment.acked)
            segment.left = max(0, segment.left - covered)


def _few_layouts(batch: Batch) -> Batch:
    """Cut before the ninth layout."""
    seen: set[str] = set()
    for place, n in enumerate(batch.numbers):
        seen |= {f.layout for f in batch.frames if f.n == n}
        if len(seen) > _LAYOUTS:
            return batch.first(place)
    return batch
