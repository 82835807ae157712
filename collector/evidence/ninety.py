"""How a site and its checks did on each of the last ninety days: the figures of the evidence.

What is sealed is read once and kept; from the first day on whose record is another one, or that has
none yet, the days are gathered anew, as a report would.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from collector.availability import State
from collector.evidence import record, seals, sources
from collector.evidence.gather import Gathered, Gathering
from collector.evidence.lines import UPLINK, Line
from collector.evidence.moments import ONE_DAY, Period, local_day, midnight
from collector.evidence.sources import Numbers, Place
from collector.evidence.spells import Spell
from collector.evidence.tally import Tally, tally

DAYS = 90
# a site's past is looked up again after so long
AGAIN_S = 300.0
MOST_SITES = 5000

# kind of line, name, and for checks their kind
Key = tuple[str, str, str]


class Day(NamedTuple):
    """Seconds by state of one line on one day, or on several."""

    normal: int = 0
    slow: int = 0
    down: int = 0
    unknown: int = 0
    maintenance: int = 0
    not_counted: int = 0

    @property
    def share(self) -> float | None:
        """Its availability as reports have it; None: nothing of it is judged."""
        known = self.normal + self.slow + self.down
        return (self.normal + self.slow) / known if known else None

    @property
    def counts(self) -> bool:
        """Somebody was to look at it."""
        return self.unknown > self.not_counted or sum(self[:3]) + self.maintenance > 0


NOTHING = Day()


def total(days: Iterable[Day]) -> Day:
    """The sum of some."""
    return Day(*(sum(each) for each in zip(NOTHING, *days, strict=True)))


@dataclass(frozen=True, slots=True)
class Past:
    """The days of a site, oldest first, the last one being today; of each line one `Day` a day."""

    days: Sequence[date]
    lines: Mapping[Key, Sequence[Day]]

    def total(self, key: Key) -> Day:
        """All days of a line."""
        return total(self.lines.get(key, ()))


class Known(NamedTuple):
    """What is kept of a site: when it was looked up, by day the number of its record, its lines."""

    at: float
    numbers: Mapping[date, int | None]
    told: Mapping[date, Mapping[Key, Day]]


class Ninety:
    """The pasts of the sites that were asked for last; any thread may ask."""

    def __init__(self, timezone: str, numbers: Numbers | None, most: int = MOST_SITES) -> None:
        self._timezone, self._numbers, self._most = timezone, numbers, most
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Known] = OrderedDict()

    def of(self, connection: Connection, codes: Sequence[str], now: float) -> dict[str, Past]:
        """The pasts of these sites, by code; of one that never counted there is none."""
        with self._lock:
            fresh = {code: each for code in codes if (each := self._kept.get(code)) is not None}
        late = [c for c in codes if c not in fresh or not 0 <= now - fresh[c].at < AGAIN_S]
        if late:
            self._read(connection, late, fresh, now)
        made = {}
        for code in codes:
            if code in fresh:
                made[code] = _past(fresh[code])
        return made

    def kept(self, codes: Iterable[str]) -> dict[str, Past]:
        """Those that are kept, however old: whoever shows many waits for none of them."""
        with self._lock:
            found = {code: each for code in codes if (each := self._kept.get(code)) is not None}
        return {code: _past(each) for code, each in found.items()}

    def _read(
        self, connection: Connection, codes: Sequence[str], fresh: dict[str, Known], now: float
    ) -> None:
        seen = sources.known_until(connection, now)
        gathering = Gathering(connection, self._numbers, self._timezone, now, seen)
        former = seals.former_codes(connection)
        for place in sources.sites_of(connection, codes):
            mine = [place.code, *former.get(place.code, ())]
            fresh[place.code] = _renewed(gathering, place, mine, fresh.get(place.code), now)
            with self._lock:
                self._kept[place.code] = fresh[place.code]
                self._kept.move_to_end(place.code)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)


def _renewed(
    gathering: Gathering, place: Place, codes: Sequence[str], before: Known | None, now: float
) -> Known:
    today = local_day(now, place.zone(gathering.timezone))
    period = Period(today - timedelta(days=DAYS - 1), today + ONE_DAY)
    first, after = period.first.isoformat(), period.after.isoformat()
    sealed = seals.known(gathering.connection, record.DAY, codes, first, after)
    numbers = {
        day: sealed[day.isoformat()].number if day.isoformat() in sealed else None
        for day in period.days()
    }
    same = {} if before is None else before.numbers
    changed = [day for day, each in numbers.items() if each is None or same.get(day) != each]
    since = min(changed, default=period.after)
    told = {} if before is None else dict(before.told)
    told = {day: each for day, each in told.items() if period.first <= day < since}
    if since < period.after:
        for gathered in gathering.over([place], Period(since, period.after)):
            told |= _by_day(gathered, Period(since, period.after), gathering.timezone)
    return Known(now, numbers, told)


def _by_day(gathered: Gathered, period: Period, timezone: str) -> dict[date, dict[Key, Day]]:
    zone = gathered.place.zone(timezone)
    days = list(period.days())
    edges = [midnight(day, zone) for day in (*days, period.after)]
    made: dict[date, dict[Key, Day]] = {day: {} for day in days}
    for line in gathered.lines:
        if line.kind == UPLINK:
            continue
        for place, some in _cut(line, edges):
            begin, end = edges[place], min(edges[place + 1], some[-1].end)
            found = _day(tally(some, [(begin, end)], begin))
            if found.counts:
                made[days[place]][line.kind, line.name, line.detail] = found
    return made


def _cut(line: Line, edges: Sequence[int]) -> Iterator[tuple[int, list[Spell]]]:
    """By place of a day, its spells."""
    place, some = 0, list[Spell]()
    for spell in line.spells:
        at = max(spell.begin, edges[0])
        while at < min(spell.end, edges[-1]):
            while edges[place + 1] <= at:
                if some:
                    yield place, some
                place, some = place + 1, []
            end = min(spell.end, edges[place + 1])
            some.append(spell.within(at, end))
            at = end
    if some:
        yield place, some


def _day(found: Tally) -> Day:
    told = found.seconds
    return Day(
        told[State.NORMAL],
        told[State.SLOW],
        told[State.DOWN],
        told[State.UNKNOWN],
        told[State.MAINTENANCE],
        found.not_counted_s,
    )


def _past(known: Known) -> Past:
    days = sorted(known.numbers)
    keys = dict.fromkeys(key for day in days for key in known.told.get(day, ()))
    lines = {key: [known.told.get(day, {}).get(key, NOTHING) for day in days] for key in keys}
    return Past(days, lines)
