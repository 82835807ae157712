"""When and how the hours of a site become one day.

A day here is a UTC day. Once it is over, each site's hourly and late parts are merged at the
site's own moment of the day after, or later: a day to which a backlog still adds waits until that
is quiet, so that it is packed once. What comes for a packed day waits longer, or until it is much.
"""

import math
from collections import deque
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Engine

from collector.db import give_back, held_bytes, reading, writing
from collector.series import blocks, days, rollup_store, sheet
from collector.series.blocks import Waiting
from collector.series.frames import Frames, samples
from collector.series.layouts import Columns
from collector.series.rollup_store import DAY_S, HOUR_S
from collector.series.rollups import Table, coarser, is_counter, roll, stack

# the window has handed over all of a day by then, and agents on slow cadences are heard
_AFTER_S = 3 * 3600
_SPREAD_S = 18 * 3600
QUIET_S = 600
QUIET_AGAIN_S = 6 * 3600
# late samples, as a share of a packed day's, that are worth writing it anew at once
_MUCH = 0.1
_MARK_S = 60
_ROUND_S = 300
_SITE_S = 0.05
_LOOKS = 5
# waiting for the disk costs as much as a day
_TOGETHER = 3
_SLACK = 0.005
_SLACK_BYTES = 1 << 20
_GIVEN_BYTES = 1 << 20


def due(row: int, now: float) -> int:
    """The day before which a site's days are to be merged by now."""
    # Knuth's multiplicative hash: neighbours are merged at different times
    late = (row * 2654435761 % 2**32) / 2**32 * _SPREAD_S
    return int((now - _AFTER_S - late) // DAY_S)


def ready(
    waiting: Mapping[int, Waiting], packed: Mapping[int, int], before: int, quiet: int, again: int
) -> list[int]:
    """The days to merge, oldest first.

    `packed` has the samples of days that are sheets already; `before` is the first day not due;
    `quiet` and `again` are the journal positions where it stood so long ago that a day, or a
    packed day, to which nothing was added since is complete.
    """
    return [
        day
        for day, one in sorted(waiting.items())
        if day < before
        and one.part <= (again if day in packed and one.count < _MUCH * packed[day] else quiet)
    ]


class Merging:
    """Makes days of hours, a few a call; counts them, and `again` those that were days before."""

    def __init__(self, engine: Engine, lent: bool = False) -> None:
        """`lent`: numbers that are not here are in an external engine, and come back from there
        to be merged with what is late for them; that is another's work."""
        self._lent = lent
        self.merged = self.again = 0
        self._engine = engine
        self._columns = Columns(engine)
        self._marks: deque[tuple[float, int]] = deque()
        self._queue: deque[tuple[int, int]] = deque()
        self._next = -math.inf
        self._row = -1
        self._looked = 0
        self._loose = False

    def step(self, now: float, position: int) -> bool:
        """Merge a few days that are due, or look for some; False when there is nothing to do.

        `now` is the time of the fold's last tick, `position` what it has committed.
        """
        self._mark(now, position)
        if self._queue:
            some = min(len(self._queue), _TOGETHER)
            self.merge(*(self._queue.popleft() for _ in range(some)))
            return True
        if now >= self._next:
            if self._look(now):
                return True
            self._next = now + _ROUND_S + _SITE_S * self._looked
            self._row, self._looked, self._loose = -1, 0, True
        if self._loose:
            self._loose = self._shrink()
        return self._loose

    def merge(self, *some: tuple[int, int]) -> None:
        """Put all parts of these sites' days into their sheets, in one transaction."""
        with writing(self._engine) as connection:
            done = [self._merge(connection, row, day) for row, day in some]
        self.merged += sum(times > 0 for times in done)
        self.again += sum(times > 1 for times in done)

    def _merge(self, connection: Connection, row: int, day: int) -> int:
        """How often the day has been written by now; 0 if there was nothing to do."""
        keys, parts = blocks.frames_of(connection, row, day * 24, day * 24 + 23)
        if not keys:
            return 0
        axes = sheet.axes_of([*days.frames_of(connection, row, day), *parts])
        blocks.delete_parts(connection, row, keys)
        if rollup_store.days_of(connection, row, HOUR_S, day, day):
            self._add_to_hours(connection, row, day, axes)
            return 1
        rollup_store.put(connection, row, DAY_S, day, self._roll(axes, DAY_S))
        return days.put(connection, row, day, axes)

    def _add_to_hours(
        self, connection: Connection, row: int, day: int, axes: Sequence[Frames]
    ) -> None:
        """A day whose numbers are forgotten: what comes late counts in what is left of it."""
        known = rollup_store.read(connection, row, HOUR_S, day, day)
        hours = coarser(stack([known, self._roll(axes, HOUR_S)]), HOUR_S)
        rollup_store.put(connection, row, HOUR_S, day, hours)
        rollup_store.put(connection, row, DAY_S, day, coarser(hours, DAY_S))

    def _roll(self, axes: Sequence[Frames], step_s: int) -> Table:
        return rolled(axes, step_s, self._columns)

    def _mark(self, now: float, position: int) -> None:
        if not self._marks or now >= self._marks[-1][0] + _MARK_S:
            self._marks.append((now, position))
        while len(self._marks) > 1 and self._marks[1][0] <= now - QUIET_AGAIN_S:
            self._marks.popleft()

    def _position(self, at: float) -> int:
        """What was committed at that time; after a start nothing late is old enough."""
        return max((position for time, position in self._marks if time <= at), default=0)

    def _look(self, now: float) -> bool:
        """Queue what is ready of the next few sites; False when all were looked at."""
        quiet, again = self._position(now - QUIET_S), self._position(now - QUIET_AGAIN_S)
        with reading(self._engine) as connection:
            for _ in range(_LOOKS):
                row = blocks.next_row(connection, self._row)
                if row is None:
                    return bool(self._queue)
                self._row = row
                self._looked += 1
                before = due(row, now)
                waiting = blocks.waiting(connection, row, before * 24)
                packed = days.sizes(connection, row, waiting)
                found = ready(waiting, packed, before, quiet, again)
                if self._lent and found:
                    gone = rollup_store.gone(connection, row, found[0], found[-1])
                    found = [day for day in found if day not in gone]
                self._queue.extend((row, day) for day in found)
        return True

    def _shrink(self) -> bool:
        """Give the disk some of what merging left free; whether there is more."""
        held, free = held_bytes(self._engine)
        if free <= max(_SLACK * held, _SLACK_BYTES):
            return False
        give_back(self._engine, _GIVEN_BYTES)
        return held_bytes(self._engine)[1] < free


def rolled(axes: Sequence[Frames], step_s: int, columns: Columns) -> Table:
    """What the frames of a day come to by the hour or day."""
    line = samples(axes)
    counters = {column for column in line if is_counter(columns.name(column) or "")}
    return roll(line, step_s, counters)
