"""Parcels become pieces of requests: samples with labels, and the ends of series.

A value that is not there ends its series, as it does in our own queries; so does the silence of a
site. Receivers know that by a stale marker, a NaN of its own kind.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from collector.foreign.carrying import Line
from collector.outward.encode import Piece
from collector.outward.parcels import STATES, Ended, Entry, Numbers, Others, Standing

# lists of series that are in mind of a site, and of all
MOST_LISTS, MOST_SHARED = 256, 100_000
STALE = struct.pack("<Q", 0x7FF0000000000002)
_ONE, _ZERO = struct.pack("<d", 1.0), struct.pack("<d", 0.0)
_WORTH = {"normal": _ONE, "slow": _ONE, "down": _ZERO}
# up, age and states, as columns that nobody reports
_DERIVED = struct.pack(f"<{2 + len(STATES)}i", *range(-1, -3 - len(STATES), -1))


class Labels(Protocol):
    """What `Names` tells."""

    def of(self, row: int, columns: bytes) -> Sequence[bytes | None]: ...

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
                    self._stand(entry, into)

    def _numbers(self, entry: Numbers, into: Turned) -> None:
        rows, times = np.frombuffer(entry.rows, "<i4"), np.frombuffer(entry.times, "<f8")
        columns = np.frombuffer(entry.columns, "<i4")
        values = np.frombuffer(entry.values, "<f8").reshape(len(times), len(columns))
        stamps = np.rint(times * 1000.0).astype(np.int64).tolist()
        there = ~np.isnan(values)
        if len(self._shared) >= MOST_SHARED:
            self._shared.clear()
        key = self._shared.setdefault(entry.columns, entry.columns)
        if entry.late:
            self._late(int(rows[0]), np.array(stamps), key, values, there, into)
            return
        for place, row in enumerate(rows.tolist()):
            told = self._sampling(row, float(times[place]), key, values[place], there[place])
            _add(self._labels.of(row, key), (stamps[place],), told, into)

    def _sampling(
        self,
        row: int,
        time: float,
        key: bytes,
        values: NDArray[np.float64],
        there: NDArray[np.bool_],
    ) -> list[bytes | None]:
        """The bytes of each value; of one that is gone the end, None where there was none."""
        raw = values.tobytes()
        told: list[bytes | None] = [raw[at : at + 8] for at in range(0, len(raw), 8)]
        known = self._alive.setdefault(row, {})
        before = known.pop(key, None)
        known[key] = time, there.tobytes()
        if len(known) > MOST_LISTS:
            # of the list that was used least lately receivers see the end by themselves
            del known[next(iter(known))]
        if there.all():
            return told
        # of a single value nobody knows: its series may have come with others
        ends = np.frombuffer(before[1], bool) if before else np.full(len(there), len(there) == 1)
        for at in np.flatnonzero(~there).tolist():
            told[at] = STALE if ends[at] else None
        return told

    def _late(
        self,
        row: int,
        stamps: NDArray[np.int64],
        key: bytes,
        values: NDArray[np.float64],
        there: NDArray[np.bool_],
        into: Turned,
    ) -> None:
        """Frames of a backlog: all samples of a series together."""
        for at, labels in enumerate(self._labels.of(row, key)):
            these = there[:, at]
            if labels is None:
                into.of_nobody += int(these.sum())
            elif these.any():
                piece = Piece(labels, stamps[these].tolist(), values[these, at].tobytes())
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
            series = self._labels.of(entry.row, key)
            for at in np.flatnonzero(np.frombuffer(has, bool)).tolist():
                if (labels := series[at]) is not None:
                    yield Piece(labels, stamp, STALE)

    def _stand(self, entry: Standing, into: Turned) -> None:
        rows, codes = np.frombuffer(entry.rows, "<i4"), np.frombuffer(entry.states, np.int8)
        reports = np.frombuffer(entry.reports, "<f8")
        stamp = (round(entry.at * 1000),)
        found = zip(rows.tolist(), codes.tolist(), reports.tolist(), strict=True)
        for row, code, report in found:
            worth = _WORTH.get(STATES[code])
            age = struct.pack("<d", entry.at - report) if 0 < report <= entry.at else None
            up = worth or (STALE if self._up.get(row) else None)
            self._up[row] = worth is not None
            told = [up, age, *(_ONE if at == code else _ZERO for at in range(len(STATES)))]
            _add(self._labels.of(row, _DERIVED), stamp, told, into)


def _add(
    labels: Sequence[bytes | None],
    stamp: tuple[int, ...],
    values: Sequence[bytes | None],
    into: Turned,
) -> None:
    """One sample of each series that has one."""
    if all(labels) and all(values):
        # map and all: this is done for every sample
        told = cast(Sequence[bytes], values)
        into.live += map(Piece, cast(Sequence[bytes], labels), repeat(stamp), told)
        return
    for name, value in zip(labels, values, strict=True):
        if name is None:
            into.of_nobody += value is not None
        elif value is not None:
            into.live.append(Piece(name, stamp, value))
