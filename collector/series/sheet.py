"""A day of one site as one run of bytes: a head that says what lies where, then the columns.

The head holds axes, as that of a part does (`parts.py`): frames of one list of columns share
their times. A column's bytes follow one another, an axis after the other, so that what is asked
together lies together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from collector.series import dense, varints
from collector.series.codec import read_varint, varint
from collector.series.frames import Frames, Samples, Times, Values, merged
from collector.series.parts import by_columns, read_ids, write_ids


@dataclass(frozen=True, slots=True)
class Axis:
    """How many frames, of which columns; their times less a beat of `beat` milliseconds."""

    n: int
    columns: tuple[int, ...]
    beat: int
    times: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """Where in the body the samples of a column on one axis lie."""

    column: int
    axis: Axis
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the head of a day says: its columns one after the other, and where each ends."""

    axes: list[Axis]
    order: list[tuple[int, Axis]]
    ends: list[int]

    def of(self, wanted: set[int] | None) -> list[Line]:
        """The lines of the wanted columns (None: all)."""
        starts = [0, *self.ends][: len(self.ends)]
        return [
            Line(column, axis, start, end)
            for (column, axis), start, end in zip(self.order, starts, self.ends, strict=True)
            if wanted is None or column in wanted
        ]

    @property
    def columns(self) -> set[int]:
        return {column for column, _ in self.order}


def axes_of(frames: Iterable[Frames]) -> list[Frames]:
    """Frames of the same columns put together in order of time, the longest first."""
    axes = [tidy(together) for together in by_columns([*frames])]
    return sorted(axes, key=lambda axis: (-len(axis.times), axis.columns.tobytes()))


def write(axes: Sequence[Frames]) -> tuple[bytes, bytes, int]:
    """Head and body of what `axes_of` gave, and how many samples it holds."""
    head, lengths, body = varint(len(axes)), b"", b""
    lines: dict[int, list[bytes]] = {}
    for axis in axes:
        ids, (beat, times) = write_ids(axis.columns), _write_times(axis.times)
        head += varint(len(axis.times)) + varint(len(ids)) + ids
        head += varint(beat) + varint(len(times)) + times
        encoded = dense.encode_columns(axis.values)
        for column, line in zip(axis.columns.tolist(), encoded, strict=True):
            lines.setdefault(column, []).append(line)
    for column in sorted(lines):
        lengths += b"".join(varint(len(line)) for line in lines[column])
        body += b"".join(lines[column])
    return head + lengths, body, sum(axis.values.size for axis in axes)


def read_head(head: bytes) -> Sheet:
    axes = []
    count, at = read_varint(head, 0)
    for _ in range(count):
        n, at = read_varint(head, at)
        size, at = read_varint(head, at)
        columns = _ids(head[at : at + size])
        beat, at = read_varint(head, at + size)
        size, at = read_varint(head, at)
        axes.append(Axis(n, columns, beat, head[at : at + size]))
        at += size
    ends = varints.unpack(head[at:]).cumsum().tolist()
    return Sheet(axes, _by_column(axes), ends)


def samples(sheets: Sequence[Sequence[tuple[Line, bytes]]]) -> list[Samples]:
    """Of each sheet the samples of some lines, given with their bytes; many at once cost less."""
    lines = [pair for chosen in sheets for pair in chosen]
    axes = [*{id(line.axis): line.axis for line, _ in lines}.values()]
    told = [(axis.n, axis.times) for axis in axes] + [(line.axis.n, data) for line, data in lines]
    decoded = iter(dense.decode_columns(told))
    times = {id(axis): _read_times(next(decoded), axis.beat) for axis in axes}
    found = []
    for chosen in sheets:
        pieces: dict[int, list[tuple[Times, Values]]] = {}
        for line, _ in chosen:
            pieces.setdefault(line.column, []).append((times[id(line.axis)], next(decoded)))
        found.append(merged(pieces))
    return found


def frames(sheet: Sheet, body: bytes) -> list[Frames]:
    """The frames a day was made of, axis by axis."""
    found, lines = [], sheet.of(None)
    for axis in sheet.axes:
        told = [(axis.n, body[ln.start : ln.end]) for ln in lines if ln.axis is axis]
        beats, *values = dense.decode_columns([(axis.n, axis.times), *told])
        columns = np.array(axis.columns, np.int32)
        times = _read_times(beats, axis.beat)
        found.append(Frames(times, columns, np.column_stack(values)))
    return found


def tidy(frames: Frames) -> Frames:
    """In order of time; a frame that came twice, to the bit, stands once."""
    order = np.argsort(frames.times, kind="stable")
    times, values = frames.times[order], np.ascontiguousarray(frames.values[order])
    keep = np.ones(len(times), bool)
    seen: set[bytes] = set()
    for place in (np.flatnonzero(times[1:] == times[:-1]) + 1).tolist():
        if place < 2 or times[place] != times[place - 2] or not seen:
            seen = {values[place - 1].tobytes()}
        bits = values[place].tobytes()
        keep[place] = bits not in seen
        seen.add(bits)
    return Frames(times[keep], frames.columns, values[keep])


def _write_times(times: Times) -> tuple[int, bytes]:
    """The usual distance of two frames, and how far each is from that beat, if that is shorter."""
    ms = np.rint(times * 1000.0)
    plain = dense.encode_columns(ms[:, None])[0]
    beat = int(np.median(np.diff(ms))) if len(ms) > 2 else 0
    beaten = dense.encode_columns((ms - np.arange(len(ms)) * float(beat))[:, None])[0]
    return (beat, beaten) if len(beaten) < len(plain) else (0, plain)


def _read_times(beats: Values, beat: int) -> Times:
    times: Times = (beats + beat * np.arange(len(beats))) / 1000.0
    return times


def _by_column(axes: Sequence[Axis]) -> list[tuple[int, Axis]]:
    if len(axes) == 1:
        return [(column, axes[0]) for column in axes[0].columns]
    both = [(column, place) for place, axis in enumerate(axes) for column in axis.columns]
    return [(column, axes[place]) for column, place in sorted(both)]


@lru_cache(maxsize=256)
def _ids(data: bytes) -> tuple[int, ...]:
    return tuple(read_ids(data, 0)[0])
