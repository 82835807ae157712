"""People online by the hour, today over yesterday: kept as counted, the past from the history."""

import math
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from hashlib import blake2b
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from collector.series.steps import Steps
from web import trend
from web.midnights import midnights

SESSIONS, CLIENTS = "ronda_hotspot_sessions", "ronda_wifi_clients"
HOUR_S = 3600
HOURS = 24
# an hour of a country is 330 kB
MOST_HOURS = 50
# whose sums are kept: an hour that is over is not summed again for them
MOST_READERS = 64
# an hour in which fewer of the sites count than before would be drawn as a fall in use
MOST_MISSING = 0.1
# of more sites the past is not read, it comes by itself within two days
MOST_SITES = 2000

Rows = NDArray[np.int64]
People = NDArray[np.float32]
# people, None where nobody counted them; at how many sites they were counted
Sum = tuple[int | None, int]


class Past(Protocol):
    """The part of collector.series.history.History that is asked."""

    def steps(
        self, site_row: int, names: Sequence[str], start: float, end: float, step_s: int
    ) -> Mapping[str, Steps]: ...

    def latest(self, site_row: int) -> Mapping[str, tuple[float, float]]: ...


@dataclass(frozen=True, slots=True)
class Curve:
    """People by hour, None where nobody or too few counted; the last of `today` is now.

    `part`: how much of that hour is over; `usual`: at how many sites people were counted within
    a day; `then`: how many there were yesterday in the hour that is now, at the sites asked for.
    """

    today: Sequence[int | None]
    yesterday: Sequence[int | None]
    part: float = 1.0
    usual: int = 0
    then: int | None = None

    @property
    def known(self) -> bool:
        """Is there more to draw than the number that stands beside it?"""
        return sum(each is not None for each in (*self.today, *self.yesterday)) > 1

    @property
    def top(self) -> int:
        told = [each for each in (*self.today, *self.yesterday) if each is not None]
        return trend.rounded(max([*told, 1]))

    @property
    def most(self) -> tuple[int, int] | None:
        """The busiest hour of today and its people."""
        told = [(hour, people) for hour, people in enumerate(self.today) if people is not None]
        return max(told, key=lambda each: each[1], default=None)

    def line(self, height: int = 40) -> str:
        """Today in a box 24 wide, up to now."""
        last = len(self.today) - 1
        places = [(hour + (self.part if hour == last else 0.5)) for hour in range(len(self.today))]
        return self._drawn(list(zip(places, self.today, strict=True)), height)

    def before(self, height: int = 40) -> str:
        """Yesterday in the same box."""
        return self._drawn([(hour + 0.5, n) for hour, n in enumerate(self.yesterday)], height)

    def _drawn(self, points: Sequence[tuple[float, int | None]], height: int) -> str:
        drawn, pen = "", "M"
        for x, people in points:
            if people is not None:
                drawn += f"{pen}{x:.4g} {height - height * people / self.top:.4g}"
            pen = "M" if people is None else "L"
        return drawn


class Day:
    """The hours of two days, by site row; for all threads of a console.

    While `filling`, some sites are missing: then there is no curve, since their sum is of nothing.
    """

    def __init__(self) -> None:
        self.filling = False
        self._lock = threading.Lock()
        self._hours: dict[int, People] = {}
        # by hour the number of its last change, and what it came to then for whoever asked
        self._turn = 0
        self._turns: dict[int, int] = {}
        self._sums: OrderedDict[bytes, dict[int, tuple[int, Sum]]] = OrderedDict()

    def put(self, now: float, people: NDArray[np.float64]) -> None:
        """What was counted in the hour of `now`: a site's last count of an hour is its number."""
        if not len(people) or np.isnan(people).all():
            return
        hour = int(now // HOUR_S)
        with self._lock:
            self._hold(hour, _over(self._hours.get(hour), people.astype(np.float32)))
            for hour in sorted(self._hours)[:-MOST_HOURS]:
                del self._hours[hour], self._turns[hour]

    def remember(self, past: Past, row: int, start: float, now: float) -> None:
        """Fill one site's hours since `start` in where nobody counted."""
        names = [name for name in past.latest(row) if _metric(name) in (SESSIONS, CLIENTS)]
        if not names:
            return
        found = past.steps(row, names, start, now, HOUR_S)
        with self._lock:
            for hour, people in _summed(found):
                held = _reaching(self._hours.get(hour), row)
                if math.isnan(held[row]):
                    held[row] = people
                self._hold(hour, held)

    def _hold(self, hour: int, people: People) -> None:
        self._hours[hour] = people
        self._turn += 1
        self._turns[hour] = self._turn

    def gaps(self, rows: Iterable[int], start: float, now: float) -> list[int]:
        """Those of these sites of which some hour since `start`, that is over, has no number."""
        told = [self._hours.get(h) for h in range(int(start // HOUR_S), int(now // HOUR_S))]
        return [
            row
            for row in rows
            if any(each is None or row >= len(each) or math.isnan(each[row]) for each in told)
        ]

    def curve(self, rows: Rows, now: float, zone: tzinfo, here: Rows | None = None) -> Curve:
        """The people of these sites; `then` of those `here`, where not of all."""
        before, begun = midnights(now, zone, 2)
        hours = int(min(HOURS, (now - begun) // HOUR_S + 1))
        known = self._known(rows)
        today = [self._of(rows, begun + hour * HOUR_S, known) for hour in range(hours)]
        yesterday = [self._of(rows, before + hour * HOUR_S, known) for hour in range(HOURS)]
        drawn = _drawable([*yesterday, *today])
        lately = [*yesterday[hours - 1 :], *today]
        usual = max(sites for _, sites in lately)
        then = yesterday[hours - 1]
        if here is not None and len(here) < usual:
            then = self._of(here, before + (hours - 1) * HOUR_S, {})
        part = (now - begun) / HOUR_S - (hours - 1)
        return Curve(drawn[HOURS:], drawn[:HOURS], part, usual, then[0])

    def _known(self, rows: Rows) -> dict[int, tuple[int, Sum]]:
        """What is known of these sites by hour: with the turn that it was counted in."""
        key = blake2b(np.ascontiguousarray(rows).data, digest_size=16).digest()
        with self._lock:
            known = self._sums.setdefault(key, {})
            self._sums.move_to_end(key)
            if len(self._sums) > MOST_READERS:
                self._sums.popitem(last=False)
            for gone in known.keys() - self._hours.keys():
                del known[gone]
            return known

    def _of(self, rows: Rows, at: float, known: dict[int, tuple[int, Sum]]) -> Sum:
        hour = int(at // HOUR_S)
        with self._lock:
            people, turn = self._hours.get(hour), self._turns.get(hour, 0)
        if self.filling or people is None:
            return None, 0
        found = known.get(hour)
        if found is None or found[0] != turn:
            found = known[hour] = (turn, _sum(people, rows))
        return found[1]


def _sum(people: People, rows: Rows) -> Sum:
    told = people[rows[rows < len(people)]]
    known = told[~np.isnan(told)]
    return (round(float(known.sum())) if len(known) else None), len(known)


def _drawable(hours: Sequence[Sum]) -> list[int | None]:
    """The people of each hour, None where a part of the sites that counted before did not."""
    drawn, most = list[int | None](), 0
    for people, sites in hours:
        drawn.append(people if sites >= (1 - MOST_MISSING) * most else None)
        most = max(most, sites)
    return drawn


def _over(held: People | None, people: People) -> People:
    """What was counted now, else what was counted before in the same hour."""
    if held is None:
        return people
    whole = np.full(max(len(held), len(people)), np.nan, np.float32)
    whole[: len(held)] = held
    told = np.flatnonzero(~np.isnan(people))
    whole[told] = people[told]
    return whole


def _summed(found: Mapping[str, Steps]) -> Iterator[tuple[int, float]]:
    """By hour the sessions where they are told, else the clients: as people are counted now."""
    clients: dict[int, float] = {}
    sessions: dict[int, float] = {}
    for name, each in found.items():
        hours = sessions if _metric(name) == SESSIONS else clients
        for start, mean in zip(each.starts.tolist(), each.mean.tolist(), strict=True):
            if mean == mean:
                hour = int(start // HOUR_S)
                hours[hour] = hours.get(hour, 0.0) + mean
    yield from (clients | sessions).items()


def _metric(name: str) -> str:
    return name.partition("{")[0]


def _reaching(people: People | None, row: int) -> People:
    """The same, or a longer one that holds `row`."""
    if people is not None and row < len(people):
        return people
    told = 0 if people is None else len(people)
    held = np.full(max(row + 1, 2 * told), np.nan, np.float32)
    if people is not None:
        held[:told] = people
    return held
