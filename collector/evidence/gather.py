"""The timelines of sites over a period: what is sealed from its records, the rest as it is now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import groupby

from sqlalchemy import Connection

from collector.evidence import record, seals, sources
from collector.evidence.lines import SITE, Line
from collector.evidence.moments import ONE_DAY, Period, midnight, whole
from collector.evidence.record import Record
from collector.evidence.sources import Numbers, Place
from collector.evidence.spells import Spell, filled

# records that are held at once, read: each takes some 10 kB
_AT_ONCE = 1600
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Gathered:
    """A site's timelines from a day before the period to its end, or to `as_of`; how many of its
    days are not sealed yet, and the records of the others by day."""

    place: Place
    begin: int
    end: int
    lines: tuple[Line, ...]
    records: Mapping[str, int]
    unsealed: int


@dataclass(frozen=True, slots=True)
class Gathering:
    """How to read: `known` is up to when the centre has seen, `as_of` when it is asked."""

    connection: Connection
    numbers: Numbers | None
    timezone: str
    as_of: float
    known: float

    def over(self, places: Sequence[Place], period: Period) -> Iterator[Gathered]:
        """Each site in turn; those that are retired and did not count then are left out."""
        former = seals.former_codes(self.connection)
        first = (period.first - ONE_DAY).isoformat()
        sites = max(1, _AT_ONCE // ((period.after - period.first).days + 1))
        for begin in range(0, len(places), sites):
            some = places[begin : begin + sites]
            codes = {code: [code, *former.get(code, ())] for code in (p.code for p in some)}
            every = [code for mine in codes.values() for code in mine]
            found = seals.bodies(
                self.connection, record.DAY, every, first, period.after.isoformat()
            )
            for place in some:
                days = {
                    day: each
                    for code in reversed(codes[place.code])
                    for day, each in _of(found, code)
                }
                if (made := self._one(place, period, days)) is not None:
                    yield made

    def _one(self, place: Place, period: Period, days: Mapping[str, Record]) -> Gathered | None:
        zone = place.zone(self.timezone)
        begin, end = period.bounds(zone)
        end = min(end, max(begin, whole(self.as_of)))
        wanted = Period(period.first - ONE_DAY, period.after).days()
        pieces: dict[_Key, list[Spell]] = {}
        for sealed, run in groupby(wanted, key=lambda day: day.isoformat() in days):
            listed = list(run)
            told = (
                (line for day in listed for line in record.lines_of(days[day.isoformat()].told))
                if sealed
                else self._live(place, listed, zone, end)
            )
            for line in told:
                pieces.setdefault((line.kind, line.name, line.detail), []).extend(line.spells)
        since = midnight(period.first - ONE_DAY, zone)
        lines = [Line(*key, tuple(filled(spells, since, end))) for key, spells in pieces.items()]
        lines = [line for line in lines if _counts(line.spells, begin)]
        if not lines and place.lifecycle == "active":
            # one that never reported is missed by whoever reads the list, so it stands there
            lines = [Line(SITE, "", "", tuple(filled((), since, end)))] if begin < end else []
        if not lines:
            return None
        begun = [day.isoformat() for day in period.days() if midnight(day, zone) < end]
        numbers = {day: days[day].number for day in begun if day in days}
        return Gathered(place, begin, end, tuple(lines), numbers, len(begun) - len(numbers))

    def _live(self, place: Place, days: Sequence[date], zone: tzinfo, end: int) -> Iterable[Line]:
        begin, until = midnight(days[0], zone), min(midnight(days[-1] + ONE_DAY, zone), end)
        if begin >= until:
            return ()
        return sources.lines_of(self.connection, self.numbers, place, begin, until, self.known)


def _of(found: Mapping[tuple[str, str], Record], code: str) -> Iterator[tuple[str, Record]]:
    return ((day, each) for (subject, day), each in found.items() if subject == code)


def _counts(spells: Sequence[Spell], begin: int) -> bool:
    return any(spell.counts and spell.end > begin for spell in spells)
