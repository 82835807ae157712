"""Parcels become pieces of requests: samples with labels, and the ends of series.

A value that is not there ends its series, as it does in our own queries; so does the silence of a
site. Receivers know that by a stale marker, a NaN of its own kind.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from collector.foreign.carrying import Line
from collector.outward.encode import Piece
from collector.outward.parcels import STATES, Ended, Entry, Numbers, Others, Standing

STALE = struct.pack("<Q", 0x7FF0000000000002)
_ONE, _ZERO = struct.pack("<d", 1.0), struct.pack("<d", 0.0)
_WORTH = {"normal": _ONE, "slow": _ONE, "down": _ZERO}
# columns that nobody reports, as Names has them
_UP, _AGE, _STATE = -1, -2, -3


class Labels(Protocol):
    """What `Names` tells."""

    def of(self, row: int, column: int) -> bytes | None: ...

    def other(self, labels: bytes) -> bytes: ...


@dataclass(slots=True)
class Turned:
    """Pieces for a receiver; `late` ones may be refused by one that wants samples in order."""

    live: list[Piece] = field(default_factory=list)
    late: list[Piece] = field(default_factory=list)
    # samples of sites that are not in the inventory any more
    of_nobody: int = 0


class Turning:
    """Remembers of each site which series have a value, so that it can end them."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        # row -> columns -> when the newest sampling of them was, and which of them had a value
        self._alive: dict[int, dict[bytes, tuple[float, bytes]]] = {}
        self._shared: dict[bytes, bytes] = {}
        self._up: dict[int, bool] = {}

    def turn(self, entries: Iterable[Entry], into: Turned) -> None:
        """Add what these entries are to `into`."""
        for entry in entries:
            match entry:
                case Numbers():
                    self._numbers(entry, into)
                case Others():
                    into.live += (piece for line in entry.lines if (piece := self._other(line)))
                case Ended():
                    into.live += self._end(entry)
                case Standing():
                    into.live += self._stand(entry)

    def _numbers(self, entry: Numbers, into: Turned) -> None:
        rows, times = np.frombuffer(entry.rows, "<i4"), np.frombuffer(entry.times, "<f8")
        columns = np.frombuffer(entry.columns, "<i4")
        values = np.frombuffer(entry.values, "<f8").reshape(len(times), len(columns))
        stamps = np.rint(times * 1000.0).astype(np.int64).tolist()
        there = ~np.isnan(values)
        key = self._shared.setdefault(entry.columns, entry.columns)
        listed = columns.tolist()
        if entry.late:
            self._late(int(rows[0]), stamps, listed, values, there, into)
            return
        for place, row in enumerate(rows.tolist()):
            has = there[place]
            before = self._alive.setdefault(row, {}).get(key)
            self._alive[row][key] = float(times[place]), has.tobytes()
            gone = np.frombuffer(before[1], bool) & ~has if before else ~has
            raw = values[place].tobytes()
            whole = bool(has.all())
            places = range(len(listed)) if whole else np.flatnonzero(has | gone).tolist()
            stamp = (stamps[place],)
            for at in places:
                labels = self._labels.of(row, listed[at])
                if labels is None:
                    into.of_nobody += 1
                    continue
                value = raw[8 * at : 8 * at + 8] if whole or has[at] else STALE
                into.live.append(Piece(labels, stamp, value))

    def _late(
        self,
        row: int,
        stamps: Sequence[int],
        columns: Sequence[int],
        values: NDArray[np.float64],
        there: NDArray[np.bool_],
        into: Turned,
    ) -> None:
        """Frames of a backlog: all samples of a series together."""
        times = np.array(stamps)
        for at, column in enumerate(columns):
            these = there[:, at]
            labels = self._labels.of(row, column)
            if labels is None:
                into.of_nobody += int(these.sum())
            elif these.any():
                piece = Piece(labels, times[these].tolist(), values[these, at].tobytes())
                into.late.append(piece)

    def _other(self, line: Line) -> Piece | None:
        """In order of time: others send as they like."""
        times = line.times_ms
        if not len(times):
            return None
        labels = self._labels.other(line.labels)
        if len(times) == 1 or bool((times[1:] > times[:-1]).all()):
            return Piece(labels, times.tolist(), line.values)
        order = np.argsort(times, kind="stable")
        values = np.frombuffer(line.values, "<u8")[order]
        return Piece(labels, times[order].tolist(), values.tobytes())

    def _end(self, entry: Ended) -> Iterator[Piece]:
        stamp = (round(entry.at * 1000),)
        for key, (newest, has) in self._alive.pop(entry.row, {}).items():
            if newest >= entry.at:
                continue
            for at in np.flatnonzero(np.frombuffer(has, bool)).tolist():
                column = int.from_bytes(key[4 * at : 4 * at + 4], "little")
                labels = self._labels.of(entry.row, column)
                if labels is not None:
                    yield Piece(labels, stamp, STALE)

    def _stand(self, entry: Standing) -> Iterator[Piece]:
        rows, codes = np.frombuffer(entry.rows, "<i4"), np.frombuffer(entry.states, np.int8)
        reports = np.frombuffer(entry.reports, "<f8")
        stamp = (round(entry.at * 1000),)
        found = zip(rows.tolist(), codes.tolist(), reports.tolist(), strict=True)
        for row, code, report in found:
            worth = _WORTH.get(STATES[code])
            told = [(_STATE - at, _ONE if at == code else _ZERO) for at in range(len(STATES))]
            if worth is not None or self._up.get(row):
                told.append((_UP, worth or STALE))
            self._up[row] = worth is not None
            if 0 < report <= entry.at:
                told.append((_AGE, struct.pack("<d", entry.at - report)))
            for column, value in told:
                labels = self._labels.of(row, column)
                if labels is not None:
                    yield Piece(labels, stamp, value)
