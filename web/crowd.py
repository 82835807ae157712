"""How many people are online on the villages' hotspots now, by site."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from web.crowd_day import CLIENTS, SESSIONS, Day
from web.renewed import beside

# a number counts as now for as long, or for so many of its site's report intervals
FRESH_S, INTERVALS = 300.0, 2.5
_AGAIN_S = 10.0
# what takes longer is not counted within a page, and so much longer nobody counts again
_DEAR_S, _SHARE = 0.02, 20.0
# access points have names of their own, each a series; what is beyond is told as left out
MOST_SERIES = 400

Fleet = tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]
# by site row
Each = NDArray[np.float64]
_NOBODY: Each = np.zeros(0)


class Newest(Protocol):
    """The part of collector.series.history.History that is asked."""

    def newest(self, name: str, start: float, end: float) -> Fleet: ...

    def named(self, metric: str) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Crowd:
    """People by site row, NaN where nobody counts; `at` is when it was counted."""

    people: Each
    at: float
    left_out: int = 0

    def of(self, rows: NDArray[np.int64]) -> tuple[int, int]:
        """People of these sites, and at how many of the sites somebody counts."""
        here = self.here(rows)
        return int(self.people[here].sum()), len(here)

    def here(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of these sites at which somebody counts."""
        inside = rows[rows < len(self.people)]
        return inside[~np.isnan(self.people[inside])]


class Counter:
    """Counts once in a while for everybody who asks.

    A country takes longer than a page may: then who finds a count old has it made anew beside the
    page and reads the old one. `spent` is a clock of the thread that counts; `slow_s` the report
    intervals of sites that report seldom, by row, 0 for all others.
    """

    def __init__(
        self,
        numbers: Newest,
        spent: Callable[[], float] = time.thread_time,
        beside: Callable[[Callable[[], object]], None] = beside,
        slow_s: Callable[[], Each] = lambda: _NOBODY,
    ) -> None:
        self._numbers, self._slow_s = numbers, slow_s
        self._spent, self._beside = spent, beside
        self._lock = threading.Lock()
        self._last: Crowd | None = None
        self._took_s = 0.0
        self.day = Day()

    def look(self, now: float) -> Crowd:
        """As of a few seconds ago at most; where counting is dear, as of a little longer."""
        last = self._last
        spared_s = _SHARE * self._took_s
        if last is not None and 0 <= now - last.at < max(_AGAIN_S, spared_s):
            return last
        if last is not None and self._lock.locked():
            return last
        very_old_s = 2 * max(FRESH_S, spared_s)
        if last is not None and self._took_s > _DEAR_S and now - last.at < very_old_s:
            self._beside(lambda: self._count(last, now))
            return last
        return self._count(last, now)

    def _count(self, last: Crowd | None, now: float) -> Crowd:
        with self._lock:
            if self._last is None or self._last is last:
                began = self._spent()
                self._last = count(self._numbers, now, self._slow_s())
                self._took_s = self._spent() - began
                self.day.put(now, self._last.people)
            return self._last


def count(numbers: Newest, now: float, slow_s: Each = _NOBODY) -> Crowd:
    """Sessions of the hotspot where it tells them, else the clients of the access points."""
    start = now - max(FRESH_S, INTERVALS * float(slow_s.max(initial=0.0)))
    names = numbers.named(CLIENTS)
    sessions = numbers.newest(SESSIONS, start, now)
    clients = [numbers.newest(name, start, now) for name in names[:MOST_SERIES]]
    size = max((int(rows[-1]) + 1 for rows, _, _ in [sessions, *clients] if len(rows)), default=0)
    since = np.full(size, now - FRESH_S)
    slow = slow_s[:size]
    since[: len(slow)] = np.minimum(since[: len(slow)], now - INTERVALS * slow)
    people = np.full(size, np.nan)
    for rows, times, values in clients:
        told = ~np.isnan(values) & (times >= since[rows])
        here = rows[told]
        people[here] = np.where(np.isnan(people[here]), 0.0, people[here]) + values[told]
    rows, times, values = sessions
    told = ~np.isnan(values) & (times >= since[rows])
    people[rows[told]] = values[told]
    return Crowd(people, now, max(0, len(names) - MOST_SERIES))
