"""Part of an hour of one site as a few payloads: a head with the times, columns by eights.

A head holds axes: the frames of one list of columns share their times, which stand once. Group g
holds the columns 8g to 8g+7 of all columns of the part in ascending order (more of them where
there are few frames), each with one piece for every axis it is on. To read one series: the head,
and one group.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from collector.series import codec
from collector.series.frames import Frames, Ids, Samples, Times, Values, merged
from collector.series.runs import Run

GROUP = 8
# so many frames fill a row that holds a group
FULL = 30
HEAD = -1
_AXES_AT_ONCE = 16

Payload = tuple[int, int, bytes]  # group, number of samples, bytes


@dataclass(frozen=True, slots=True)
class Axis:
    """How many frames, of which columns, at which times (still encoded)."""

    n: int
    columns: frozenset[int]
    times: list[Run]


@dataclass(frozen=True, slots=True)
class Head:
    axes: list[Axis]
    columns: list[int]  # of all axes, ascending

    @property
    def width(self) -> int:
        """How many columns a group holds."""
        return group_width(sum(axis.n for axis in self.axes))

    def groups_of(self, wanted: Iterable[int]) -> set[int]:
        """The groups that hold any of these columns."""
        ranks, width = {column: rank for rank, column in enumerate(self.columns)}, self.width
        return {ranks[column] // width for column in wanted if column in ranks}


@dataclass(frozen=True, slots=True)
class Piece:
    """The samples of a column on one axis, still encoded."""

    column: int
    times: list[Run]
    values: list[Run]


def group_width(frames: int) -> int:
    """How many columns a group of a part of so many frames holds: few late frames, few rows."""
    return GROUP * max(1, FULL // max(frames, 1))


def write_parts(parts: Sequence[Sequence[Frames]]) -> list[list[Payload]]:
    """For the frames of each part its payloads, head first. Many at once cost less than each."""
    axes = [[_in_order(together) for together in by_columns(frames)] for frames in parts]
    encoded = iter(_encode([axis for part in axes for axis in part]))
    return [_payloads(part, [next(encoded) for _ in part]) for part in axes]


def _encode(axes: Sequence[Frames]) -> list[list[bytes]]:
    """Of each axis its times and then its columns, encoded beside others of the same length."""
    done: list[list[bytes]] = [[] for _ in axes]
    alike: dict[int, list[int]] = {}
    for place, axis in enumerate(axes):
        alike.setdefault(len(axis.times), []).append(place)
    for places in alike.values():
        for at in range(0, len(places), _AXES_AT_ONCE):
            some = places[at : at + _AXES_AT_ONCE]
            blocks = [(axes[place].times[:, None], axes[place].values) for place in some]
            columns = codec.encode_columns(np.concatenate([b for pair in blocks for b in pair], 1))
            for place in some:
                width = 1 + len(axes[place].columns)
                done[place], columns = columns[:width], columns[width:]
    return done


def _payloads(axes: Sequence[Frames], encoded: Sequence[Sequence[bytes]]) -> list[Payload]:
    columns = sorted({column for axis in axes for column in axis.columns.tolist()})
    head = codec.varint(len(axes))
    pieces: dict[int, bytes] = dict.fromkeys(columns, b"")
    counts = dict.fromkeys(columns, 0)
    for axis, (times, *values) in zip(axes, encoded, strict=True):
        head += codec.varint(len(axis.times)) + write_ids(axis.columns) + times
        for column, value in zip(axis.columns.tolist(), values, strict=True):
            pieces[column] += value
            counts[column] += len(axis.times)
    payloads = [(HEAD, 0, head)]
    width = group_width(sum(len(axis.times) for axis in axes))
    for group, at in enumerate(range(0, len(columns), width)):
        these = columns[at : at + width]
        count = sum(counts[column] for column in these)
        payloads.append((group, count, b"".join(pieces[column] for column in these)))
    return payloads


def read_head(payload: bytes) -> Head:
    axes = []
    count, at = codec.read_varint(payload, 0)
    for _ in range(count):
        n, at = codec.read_varint(payload, at)
        ids, at = read_ids(payload, at)
        times, at = codec.parse(payload, at, n)
        axes.append(Axis(n, frozenset(ids), times))
    columns = axes[0].columns.union(*[axis.columns for axis in axes[1:]]) if axes else frozenset()
    return Head(axes, sorted(columns))


def read_group(payload: bytes, head: Head, group: int, wanted: set[int] | None) -> list[Piece]:
    """The wanted columns (None: all) of one group."""
    found = []
    columns = head.columns[group * head.width : (group + 1) * head.width]
    left = set(columns) if wanted is None else wanted.intersection(columns)
    at = 0
    for column in columns:
        if not left:
            break
        for axis in head.axes:
            if column not in axis.columns:
                continue
            if column in left:
                values, at = codec.parse(payload, at, axis.n)
                found.append(Piece(column, axis.times, values))
            else:
                at = codec.skip(payload, at, axis.n)
        left.discard(column)
    return found


def read_parts(parts: Sequence[Sequence[bytes]]) -> list[Frames]:
    """The frames of parts given as their payloads, head first; many at once cost little more."""
    axes, told = [], []
    for head_payload, *payloads in parts:
        head = read_head(head_payload)
        lines: dict[int, list[list[Run]]] = {id(axis): [axis.times] for axis in head.axes}
        for group, payload in enumerate(payloads):
            at = 0
            for column in head.columns[group * head.width : (group + 1) * head.width]:
                for axis in head.axes:
                    if column in axis.columns:
                        values, at = codec.parse(payload, at, axis.n)
                        lines[id(axis)].append(values)
        axes += head.axes
        told += [lines[id(axis)] for axis in head.axes]
    decoded = iter(codec.decode_columns([runs for lines_of in told for runs in lines_of]))
    found = []
    for axis, lines_of in zip(axes, told, strict=True):
        times, *columns = (next(decoded) for _ in lines_of)
        ids = np.array(sorted(axis.columns), np.int32)
        found.append(Frames(times, ids, np.column_stack(columns)))
    return found


def samples_of(parts: Sequence[Sequence[Piece]]) -> list[Samples]:
    """Of each part its samples; many pieces decoded at once cost little more than one."""
    pieces = [piece for part in parts for piece in part]
    axes = {id(piece.times): piece.times for piece in pieces}
    decoded = iter(codec.decode_columns([*axes.values(), *[piece.values for piece in pieces]]))
    times = {axis: next(decoded) for axis in axes}
    found = []
    for part in parts:
        lines: dict[int, list[tuple[Times, Values]]] = {}
        for piece in part:
            lines.setdefault(piece.column, []).append((times[id(piece.times)], next(decoded)))
        found.append(merged(lines))
    return found


def by_columns(frames: Sequence[Frames]) -> list[Frames]:
    """Frames of the same list of columns put together."""
    alike: dict[bytes, list[Frames]] = {}
    for part in frames:
        if len(part.times) and len(part.columns):
            alike.setdefault(part.columns.tobytes(), []).append(part)
    return [
        parts[0]
        if len(parts) == 1
        else Frames(
            np.concatenate([part.times for part in parts]),
            parts[0].columns,
            np.concatenate([part.values for part in parts]),
        )
        for parts in alike.values()
    ]


def _in_order(frames: Frames) -> Frames:
    order = np.argsort(frames.times, kind="stable")
    return Frames(frames.times[order], frames.columns, frames.values[order])


def write_ids(columns: Ids) -> bytes:
    """Ascending ids as runs of neighbours: how many runs, then gap and length of each."""
    starts = np.flatnonzero(np.diff(columns, prepend=columns[0] - 2) != 1)
    ends = np.append(starts[1:], len(columns))
    out = codec.varint(len(starts))
    last = 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        out += codec.varint(int(columns[start]) - last) + codec.varint(end - start)
        last = int(columns[end - 1]) + 1
    return out


def read_ids(data: bytes, at: int) -> tuple[list[int], int]:
    """What `write_ids` wrote, and where what follows begins."""
    ids: list[int] = []
    runs, at = codec.read_varint(data, at)
    last = 0
    for _ in range(runs):
        gap, at = codec.read_varint(data, at)
        length, at = codec.read_varint(data, at)
        ids.extend(range(last + gap, last + gap + length))
        last += gap + length
    return ids, at
