"""Series of others in history.db: blocks by series and day, and the way to read them.

Times are whole milliseconds, as they were sent; a value is its 64 bits, stale markers included. Of
several values of one series at one time the first that came is kept, as Prometheus does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Engine, delete, exists, func, insert, select

from collector.db import reading, upsert
from collector.foreign.carrying import key_of
from collector.schema import foreign_blocks, foreign_series
from collector.series import codec

Millis = NDArray[np.int64]
Floats = NDArray[np.float64]
Slot = tuple[int, int]  # series, day
Run = tuple[Millis, Floats]

DAY_MS = 86_400_000
_AT_ONCE = 500
_b = foreign_blocks.c
_COUNT = select(func.count()).select_from(foreign_series.alias("every")).scalar_subquery()
# made once: putting a statement together costs more than asking it
_NEWEST = (
    select(foreign_series.c.id, foreign_series.c.key, _COUNT)
    .order_by(foreign_series.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Table:
    """Every series: ids ascending, and the labels of each, `__name__` among them."""

    ids: NDArray[np.int32]
    labels: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Found:
    """Samples in order of series and time; `series[i]` is the id of the i-th."""

    series: NDArray[np.int32]
    times_ms: Millis
    values: Floats


class Foreign:
    """The way in for the query language; any process may hold one, threads may share it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._table = Table(np.zeros(0, np.int32), [])
        self._mark: tuple[int, int, bytes] = (0, 0, b"")

    def table(self) -> Table:
        """The series there are now; read again only when there are others."""
        with reading(self._engine) as connection:
            mark = _mark(connection)
            if mark != self._mark:
                rows = _series(connection)
                ids = np.array([number for number, _ in rows], np.int32)
                self._table = Table(ids, [_labels(labels) for _, labels in rows])
                self._mark = mark
            return self._table

    def count(self, ids: Sequence[int], start_ms: int, end_ms: int) -> int:
        """About how many samples `read` would give, never less: what limits are judged by."""
        total = 0
        with reading(self._engine) as connection:
            for some in _portions(ids):
                query = select(func.sum(_b.count)).where(*_within(some, start_ms, end_ms))
                total += int(connection.execute(query).scalar() or 0)
        return total

    def read(self, ids: Sequence[int], start_ms: int, end_ms: int) -> Found:
        """The samples of these series with times in [start_ms, end_ms]."""
        found: list[tuple[int, Millis, Floats]] = []
        with reading(self._engine) as connection:
            for some in _portions(ids):
                within = _within(some, start_ms, end_ms)
                for (series, _), run in read_slots(connection, within).items():
                    times, values = run
                    inside = slice(*np.searchsorted(times, [start_ms, end_ms + 1]))
                    found.append((series, times[inside], values[inside]))
        return _joined(found)


def known(connection: Connection) -> dict[bytes, int]:
    """Ids by key."""
    query = select(foreign_series.c.key, foreign_series.c.id)
    return {bytes(key): number for key, number in connection.execute(query)}


def add(connection: Connection, made: Mapping[int, bytes]) -> None:
    """Labels of new series by id; again after a crash changes nothing."""
    rows = [{"id": n, "key": key_of(labels), "labels": labels} for n, labels in made.items()]
    upsert(foreign_series, rows, connection)


def put(connection: Connection, position: int, runs: Mapping[Slot, Run]) -> None:
    """Store samples under the position at which their batch began, in place of what a batch that
    began there stored before."""
    rows = [
        {
            "series": series,
            "day": day,
            "part": position + 1,
            "count": len(times),
            "payload": times.astype("<i8").tobytes() + values.astype("<f8").tobytes(),
        }
        for (series, day), (times, values) in runs.items()
    ]
    upsert(foreign_blocks, rows, connection)


def loose(connection: Connection) -> dict[Slot, int]:
    """Days that are not packed, and in how many parts they lie."""
    counted = select(_b.series, _b.day, func.count()).where(_b.part > 0)
    found = connection.execute(counted.group_by(_b.series, _b.day))
    return {(series, day): parts for series, day, parts in found}


def pack(connection: Connection, slots: Sequence[Slot]) -> None:
    """Make one part of all that these days have."""
    for series, day in slots:
        mine = (_b.series == series, _b.day == day)
        for times, values in read_slots(connection, mine).values():
            packed = codec.encode(times.astype(np.float64), values[:, None])
            connection.execute(delete(foreign_blocks).where(*mine))
            row = {"series": series, "day": day, "part": 0, "count": len(times)}
            connection.execute(insert(foreign_blocks).values(**row, payload=packed))


def forget(connection: Connection, before_day: int) -> None:
    """Drop days before this one, and the series of which nothing is left."""
    connection.execute(delete(foreign_blocks).where(_b.day < before_day))
    left = exists().where(_b.series == foreign_series.c.id)
    connection.execute(delete(foreign_series).where(~left))


def by_day(times: Millis, values: Floats) -> dict[int, Run]:
    """Samples by the day they are of."""
    first, last = int(times.min()) // DAY_MS, int(times.max()) // DAY_MS
    if first == last:
        return {first: (times, values)}
    days = times // DAY_MS
    return {
        day: (times[these], values[these])
        for day in np.unique(days).tolist()
        if len(these := np.flatnonzero(days == day))
    }


def merged(runs: Iterable[Run]) -> Run:
    """In order of time; of several at one time the first."""
    pieces = list(runs)
    if len(pieces) == 1 and len(pieces[0][0]) == 1:
        return pieces[0]
    times = np.concatenate([times for times, _ in pieces])
    values = np.concatenate([values for _, values in pieces])
    # the place of the first of each time, since np.unique sorts stably
    times, first = np.unique(times, return_index=True)
    return times, values[first]


def read_slots(connection: Connection, where: Sequence[ColumnElement[bool]]) -> dict[Slot, Run]:
    """All that the blocks hold, by series and day, in this order."""
    query = select(_b.series, _b.day, _b.part, _b.payload)
    ordered = query.where(*where).order_by(_b.series, _b.day, _b.part)
    pieces: dict[Slot, list[Run]] = {}
    for series, day, part, payload in connection.execute(ordered):
        pieces.setdefault((series, day), []).append(_run(part, payload))
    return {slot: merged(runs) for slot, runs in pieces.items()}


def _run(part: int, payload: bytes) -> Run:
    if part == 0:
        times, values = codec.decode(payload)
        return times.astype(np.int64), values[:, 0]
    half = len(payload) // 2
    return np.frombuffer(payload[:half], "<i8"), np.frombuffer(payload[half:], "<f8")


def _within(ids: Sequence[int], start_ms: int, end_ms: int) -> tuple[ColumnElement[bool], ...]:
    return _b.series.in_(ids), _b.day.between(start_ms // DAY_MS, end_ms // DAY_MS)


def _portions(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))


def _joined(found: list[tuple[int, Millis, Floats]]) -> Found:
    series = np.repeat(
        np.array([series for series, _, _ in found], np.int32),
        [len(times) for _, times, _ in found],
    )
    times = np.concatenate([np.zeros(0, np.int64), *(times for _, times, _ in found)])
    values = np.concatenate([np.zeros(0), *(values for _, _, values in found)])
    return Found(series, times, values)


def _mark(connection: Connection) -> tuple[int, int, bytes]:
    """Something that changes when series come or go; ids may be given again after a restart."""
    found = connection.execute(_NEWEST).first()
    if found is None:
        return 0, 0, b""
    number, key, count = found
    return int(count), number, bytes(key)


def _series(connection: Connection) -> list[tuple[int, bytes]]:
    query = select(foreign_series.c.id, foreign_series.c.labels).order_by(foreign_series.c.id)
    return [(number, labels) for number, labels in connection.execute(query)]


def _labels(spelled: bytes) -> dict[str, str]:
    return msgspec.json.decode(spelled, type=dict[str, str])
