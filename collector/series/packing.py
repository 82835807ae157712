"""When and how what the window holds of a site goes into blocks.

The window is cut into slices (an hour each, where it reaches back two); each site's slice is
packed at its own moment after it ended, so that the work is spread evenly.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from collector.db import reading, writing
from collector.series import blocks
from collector.series.frames import Frames
from collector.series.window import WindowWriter
from collector.series.window_reader import WindowReader

# frames of agents on a five-minute cadence count as live for so long after they were sampled
_GRACE_MINUTES = 13
# a transaction costs more than a site in it
_EVERY_S = 20
_AT_ONCE = 50
_DIVISORS = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)


def slice_minutes(window: int) -> int:
    """The length of a slice: the longest part of an hour that is half the window or less."""
    return max(d for d in _DIVISORS if d <= max(window // 2, 1))


def targets(rows: NDArray[np.int64], now: float, window: int) -> NDArray[np.int64]:
    """For each row: the minute before which all should be in blocks by now."""
    length = slice_minutes(window)
    grace = min(_GRACE_MINUTES, window // 6)
    spread = max(window - length - grace - 1, 0)
    # Knuth's multiplicative hash: neighbours are packed at different times
    late = (rows * 2654435761 % 2**32) / 2**32 * spread
    target: NDArray[np.int64] = np.floor((now / 60 - grace - late) / length).astype(np.int64)
    return target * length


def due(now: float, packed: NDArray[np.int64], filled: NDArray[np.int64], window: int) -> list[int]:
    """The rows with something to pack, those furthest behind first.

    By row: all before minute `packed` is in blocks, the newest sample is of minute `filled`.
    """
    behind = targets(np.arange(len(packed)), now, window) - packed
    found = np.flatnonzero((behind > 0) & (filled >= packed))
    rows: list[int] = found[np.argsort(-behind[found], kind="stable")].tolist()
    return rows


def unpacked_since(window: WindowWriter, newest: int) -> int:
    """The oldest minute of which anything is in the window and in no block; `newest` when none."""
    waits = window.waits
    return int(waits[window.filled >= waits].min(initial=newest))


class Packing:
    """Brings slices from the window into blocks, a few sites a call."""

    def __init__(self, engine: Engine, writer: WindowWriter, reader: WindowReader) -> None:
        self._engine = engine
        self._writer = writer
        self._reader = reader
        self._queue: list[int] = []
        self._next = -math.inf

    def step(self, now: float, limit: int = 50) -> int:
        """Pack up to `limit` sites that are due; how many were. Call it after the fold's commit.

        `now` is the time of the fold's last tick.
        """
        if not self._queue and now >= self._next:
            # a site that has just begun has nothing in the slices before
            self._queue = due(now, self._writer.waits, self._writer.filled, self._writer.minutes)
            self._next = now + _EVERY_S
            self._writer.drop_extra(int(now // 60 - self._writer.minutes) // 60)
        rows, self._queue = self._queue[:limit], self._queue[limit:]
        until = targets(np.array(rows, np.int64), now, self._writer.minutes)
        self.pack(dict(zip(rows, until.tolist(), strict=True)))
        return len(rows)

    def set_back(self, was: float, at: float, position: int) -> None:
        """The clock was set back from `was` to `at`: what stands ahead goes into blocks, and its
        cells are free for the present.

        Call it after a commit of `position`; after a crash do it again.
        """
        # a whole hour more: files of the extra log go only when all of their hour is packed
        until = (int(was // 3600) + 2) * 60
        rows = self._writer.ahead(at)
        for begin in range(0, len(rows), _AT_ONCE):
            self.pack(dict.fromkeys(rows[begin : begin + _AT_ONCE], until))
        self._writer.drop_extra(until // 60)
        self._writer.set_back(at)
        minute = int(at // 60)
        with reading(self._engine) as connection:
            rows = blocks.packed_beyond(connection, minute)
        for begin in range(0, len(rows), _AT_ONCE):
            with writing(self._engine) as connection:
                blocks.unpack(connection, rows[begin : begin + _AT_ONCE], minute, position)
        self._writer.unpack(minute)

    def pack(self, until: Mapping[int, int]) -> None:
        """Put everything of these rows before the given minutes into blocks, in one transaction."""
        parts: dict[tuple[int, int, int], list[Frames]] = {}
        for row, minute in until.items():
            parts.update(self._parts(row, minute))
        if parts:
            full = {row: until[row] for row, _, _ in parts}
            with writing(self._engine) as connection:
                blocks.put(connection, parts)
                blocks.set_packed(connection, full)
        for row, minute in until.items():
            self._writer.packed_until(row, minute)

    def _parts(self, row: int, minute: int) -> dict[tuple[int, int, int], list[Frames]]:
        """What of this row is to be packed, by slice."""
        length = slice_minutes(self._writer.minutes)
        packed = int(self._writer.packed[row])
        parts: dict[tuple[int, int, int], list[Frames]] = {}
        # times are whole milliseconds: the last one before the minute
        for frames in self._reader.frames(row, packed * 60.0, minute * 60 - 0.001):
            starts = np.floor(frames.times / 60).astype(np.int64) // length * length
            for start in np.unique(starts).tolist():
                these = starts == start
                cut = Frames(frames.times[these], frames.columns, frames.values[these])
                begin = max(start, packed)
                # the minute of the hour at which it begins, from 0 down: slices of another
                # window length never meet, since all before `packed` is refused
                parts.setdefault((row, begin // 60, -(begin % 60)), []).append(cut)
        return parts
