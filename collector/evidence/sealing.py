"""Which of a site's days are to be sealed, or sealed anew, and what for. Pure.

A day is sealed when its next day is over too, by the clocks of the site: what a late backlog or a
person says behind that moment makes a record of its own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, tzinfo
from zoneinfo import ZoneInfo

import msgspec

from collector.evidence import lines
from collector.evidence.lines import Line
from collector.evidence.moments import ONE_DAY, local_day, midnight

# a day is sealed so many days after it began
SEALED_AFTER = 2
# more days than this are behind only while a centre of long standing begins, or something is wrong
LATE_DAYS = 1
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Looked:
    """Up to where was looked for what may change sheets that are out: a record, what was declared
    (how many, how many of them withdrawn) and when, a change of incidents."""

    record: int = 0
    exempted: tuple[int, int] = (0, 0)
    exempted_at: float = 0.0
    incident: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """How far sealing has come: in each zone the day that is next and the site it comes behind;
    the newest position of states and verdicts that was looked at, and how many rows were of it;
    the head that acts tell of."""

    rev: int = 0
    same: int = 0
    days: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    told: int = 0
    told_at: float = 0.0
    # the month whose refund sheets are under way, and the contract they come behind
    sheets: tuple[str, str] = ("", "")
    # refund sheets that are out were looked at again
    looked: Looked = field(default_factory=Looked)
    # such a look is under way: up to where it goes, and the contract and month it comes behind
    looking: Looked | None = None
    behind_sheet: tuple[str, str] = ("", "")
    # terms of contracts are looked at again on this day, and of sites behind this one
    terms: tuple[str, str] = ("", "")
    # the newest record that was written: who cuts the tail alone leaves it here
    head: tuple[int, str] = (0, "")

    def text(self) -> str:
        return json.dumps(asdict(self))

    def next_day(self, zone: str, site: str) -> date | None:
        """The first day of a site that is not sealed yet; None: its zone has not begun."""
        if zone not in self.days:
            return None
        day, after = self.days[zone]
        # within the day that is under way, sites up to `after` are through
        return date.fromisoformat(day) + (ONE_DAY if site <= after else ONE_DAY * 0)

    def known_before(self) -> float:
        """The moment before which something is sealed of some site; a second more, as in
        `days_of`."""
        ends = [
            midnight(date.fromisoformat(day) + ONE_DAY * bool(after), ZoneInfo(zone)) + 1.0
            for zone, (day, after) in self.days.items()
        ]
        return max(ends, default=float("-inf"))

    def sealed(self) -> str:
        """The newest day that is sealed of every site, in the zone that is furthest behind."""
        first = min(day for day, _ in self.days.values())
        return (date.fromisoformat(first) - ONE_DAY).isoformat()

    def behind(self, seen: float) -> int:
        """Days whose time has come and that are not sealed, in the zone that has most of them."""
        due = [
            (sealed_before(seen, ZoneInfo(zone)) - date.fromisoformat(day)).days
            for zone, (day, _) in self.days.items()
        ]
        return max(0, *due)

    def moved(self, zone: str, day: str, after: str) -> "Mark":
        """Sealing in a zone goes on at this day, behind this site."""
        return replace(self, days={**self.days, zone: (day, after)})


def mark(text: str) -> Mark | None:
    """A mark from its text; None: sealing has not begun."""
    if not text:
        return None
    return msgspec.json.decode(text, type=Mark)


def due(day: date, zone: tzinfo, seen: float) -> bool:
    """May a day be sealed by what the centre has seen?"""
    return seen >= midnight(date.fromordinal(day.toordinal() + SEALED_AFTER), zone)


def sealed_before(seen: float, zone: tzinfo) -> date:
    """The first day that is not to be sealed yet."""
    return date.fromordinal(local_day(seen, zone).toordinal() - SEALED_AFTER + 1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something changed of a site between two moments."""

    site: str
    begin: float
    end: float


def days_of(stretch: Stretch, zone: tzinfo, first: date, next_day: date) -> tuple[date, date]:
    """The days from `first` to before `next_day` that a stretch touches, as a range."""
    # a second more on both sides: a boundary may be rounded into the day beside it
    begin = max(local_day(stretch.begin - 1, zone), first)
    last = min(stretch.end + 1, float(midnight(next_day, zone)))
    end = min(local_day(last, zone) + ONE_DAY, next_day)
    return (begin, end) if begin < end else (first, first)


def amended(old: Sequence[Line], new: Sequence[Line]) -> list[Line]:
    """What a new record of a day tells, by what is known now and what was told before.

    Lines stay those of that day, with their provider: the inventory may have changed since. A line
    whose samples are not kept any more stays as it was sealed.
    """
    before, fresh = lines.by_name(old), lines.by_name(new)
    made = []
    for line in new:
        was = before.get((line.kind, line.name))
        if line.kind == lines.UPLINK and was is None and _has_uplinks(old):
            continue
        if was is not None:
            lost = line.kind == lines.UPLINK and _derived(line, new) and not _derived(was, old)
            line = was if lost else replace(line, detail=was.detail)
        made.append(line)
    made += [was for key, was in before.items() if was.kind != lines.SITE and key not in fresh]
    # as sources tell them: the site, its uplinks as they were, checks by name
    kinds, places = (lines.SITE, lines.UPLINK, lines.CHECK), list(before)
    return sorted(
        made,
        key=lambda line: (
            kinds.index(line.kind),
            _place(places, line),
            line.name,
        ),
    )


def _place(places: Sequence[Key], line: Line) -> int:
    key = (line.kind, line.name)
    return places.index(key) if line.kind == lines.UPLINK and key in places else 0


def _has_uplinks(told: Sequence[Line]) -> bool:
    return any(line.kind == lines.UPLINK for line in told)


def _derived(line: Line, told: Sequence[Line]) -> bool:
    """It says what the site itself says, and no sample of its own was known."""
    site = next(each.spells for each in told if each.kind == lines.SITE)
    main = next((each.name for each in told if each.kind == lines.UPLINK), "")
    as_site = lines.only_uplink if line.name == main else lines.unseen_uplink
    return line.spells == as_site(site)
