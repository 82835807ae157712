"""Issues refund sheets: one a contract and month, seven days after its end, then supplements.

A sheet is a sealed record: whoever reads the chain finds that it was issued, when, and what of it
was changed since. The engine is the only one that issues.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from collector.evidence import exemptions, lines, moments, record, seals, sheets, sources
from collector.evidence.exemptions import Exemption
from collector.evidence.gather import Gathering
from collector.evidence.hindsight import ISSUE_AFTER
from collector.evidence.moments import ONE_DAY, Period, following, midnight, whole
from collector.evidence.refund import Ticket, owed
from collector.evidence.sealing import Mark
from collector.evidence.seals import Draft
from collector.evidence.sheets import Contract
from collector.evidence.sources import Numbers, Place
from collector.evidence.terms import Terms
from collector.settings import Settings

# contracts of one step, and records that are looked at for what they change
AT_ONCE, NEWS_AT_ONCE = 10, 200
# an outage is followed so far beyond the month
_BEYOND = timedelta(days=2)
_FOREVER = 1 << 40


class Enough(Exception):
    """There is no time for more; nothing was made, and it is begun again."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What a step makes: sheets, and how far that came."""

    drafts: Sequence[Draft]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Issuing:
    """Works out sheets from what is sealed."""

    settings: Settings
    numbers: Numbers | None
    enough: Callable[[], bool] = lambda: False

    def step(self, connection: Connection, mark: Mark, seen: float, now: float) -> Issued | None:
        """The next sheets that are due, then supplements; None: there are none."""
        return self._first(connection, mark, seen, now) or self._later(connection, mark, now)

    def work(
        self, connection: Connection, contract: Contract, period: Period, now: float
    ) -> list[sheets.Work]:
        """What each line of a contract comes to in a month, by what is known now."""
        told = exemptions.listing(connection)
        former = seals.former_codes(connection)
        newest = {old: code for code, mine in former.items() for old in mine}
        codes = [newest.get(code, code) for code in contract.sites]
        found = {place.code: place for place in sources.sites_of(connection, codes)}
        works: list[sheets.Work] = []
        for each in contract.terms:
            if self.enough():
                raise Enough
            if (place := found.get(newest.get(each.site, each.site))) is not None:
                works += self._line(connection, each, place, period, told, now)
        return works

    def _first(self, connection: Connection, mark: Mark, seen: float, now: float) -> Issued | None:
        month, after = mark.sheets
        if not month:
            first = seals.first_day(connection)
            if first is None:
                return None
            head = seals.head(connection).number
            return Issued([], replace(mark, sheets=(first[:7], ""), mended=head, exempted_at=now))
        period = moments.month(month)
        if seen < midnight(period.after + ISSUE_AFTER, self._zone()):
            return None
        contracts = [c for c in sources.contracts(connection) if c.key > after][:AT_ONCE]
        drafts = [
            draft for each in contracts for draft in self._sheet(connection, each, period, now)
        ]
        if len(contracts) < AT_ONCE:
            next_month = f"{following(period.first):%Y-%m}"
            return Issued(drafts, replace(mark, sheets=(next_month, "")))
        return Issued(drafts, replace(mark, sheets=(month, contracts[-1].key)))

    def _sheet(
        self, connection: Connection, contract: Contract, period: Period, now: float
    ) -> Iterator[Draft]:
        if self._newest(connection, contract.key, period.month) is not None:
            # a crash came behind it, or the contract was there under this key before
            return
        running = [each for each in contract.terms if runs(each, period)]
        works = self.work(connection, replace(contract, terms=tuple(running)), period, now)
        if works:
            kept = replace(contract, terms=tuple(work.owed.terms for work in works))
            told = sheets.sheet(kept, period.month, works, None)
            yield Draft(record.SHEET, contract.key, period.month, told)

    def _later(self, connection: Connection, mark: Mark, now: float) -> Issued | None:
        """Sheets that records, or what was declared, changed since they were issued."""
        head = seals.head(connection).number
        told = list(seals.behind(connection, record.DAY, mark.mended, NEWS_AT_ONCE))
        declared = exemptions.changed(connection, mark.exempted_at)
        upto = told[-1].number if len(told) == NEWS_AT_ONCE else head
        if upto == mark.mended and not declared:
            return None
        affected = {(each.subject, month) for each in told for month in _months(each.day)}
        drafts = [
            draft
            for key, month in self._touched(connection, affected, declared, mark.sheets[0])
            for draft in self._supplement(connection, key, month, now)
        ]
        newest = max([mark.exempted_at, *(_when(each) for each in declared)])
        return Issued(drafts, replace(mark, mended=upto, exempted_at=newest))

    def _touched(
        self,
        connection: Connection,
        affected: set[tuple[str, str]],
        declared: Sequence[Exemption],
        due: str,
    ) -> list[tuple[str, str]]:
        """Contracts and months whose sheets may be others, of those that are issued."""
        if not affected and not declared:
            return []
        former = {
            old: code for code, mine in seals.former_codes(connection).items() for old in mine
        }
        months = {(former.get(code, code), month) for code, month in affected}
        found: set[tuple[str, str]] = set()
        for each in seals.sheets(connection, due):
            contract, month = each
            told = self._newest(connection, contract, month)
            terms = [] if told is None else told[1]["terms"]
            mine = {former.get(line["site"], line["site"]): line["isp"] for line in terms}
            changed = any((site, month) in months for site in mine)
            bounds = moments.month(month).bounds(self._zone())
            exempt = any(
                one.holds(site, isp) and one.begins < bounds[1] and one.ends > bounds[0]
                for one in declared
                for site, isp in mine.items()
            )
            if changed or exempt:
                found.add(each)
        return sorted(found)

    def _supplement(
        self, connection: Connection, key: str, month: str, now: float
    ) -> Iterator[Draft]:
        newest = self._newest(connection, key, month)
        if newest is None:
            return
        number, before = newest
        contract = sheets.contract_of(key, before)
        works = self.work(connection, contract, moments.month(month), now)
        told = sheets.sheet(contract, month, works, before)
        if sheets.differs(told, before):
            yield Draft(record.SHEET, key, month, told, number)

    def _newest(
        self, connection: Connection, key: str, month: str
    ) -> tuple[int, Mapping[str, Any]] | None:
        after = f"{month}~"
        found = seals.bodies(connection, record.SHEET, [key], month, after).get((key, month))
        return None if found is None else (found.number, found.told)

    def _line(
        self,
        connection: Connection,
        told: Terms,
        place: Place,
        period: Period,
        declared: Sequence[Exemption],
        now: float,
    ) -> Iterator[sheets.Work]:
        wide = Period(period.first - _BEYOND, period.after + _BEYOND)
        known = sources.known_until(connection, now)
        gathering = Gathering(connection, self.numbers, self.settings.timezone, now, known)
        zone = place.zone(self.settings.timezone)
        for gathered in gathering.over([place], wide):
            mine = [
                # by its name alone: providers are spelled anew, and `begins` says who it is now
                line.spells
                for line in gathered.lines
                if line.kind == lines.UPLINK and line.name == told.uplink
            ]
            month = period.bounds(zone)
            if not mine:
                continue
            spells = [spell for each in mine for spell in each if spell.counts]
            spells.sort(key=lambda spell: spell.begin)
            running = _running(told, zone)
            exempt = exemptions.of_line(declared, place.code, told.isp)
            tickets = self._tickets(connection, place.code, month, now)
            found = owed(told, spells, month, running, exempt, tickets)
            yield sheets.Work(found, gathered.records, zone)

    def _tickets(
        self, connection: Connection, site: str, month: tuple[int, int], now: float
    ) -> list[Ticket]:
        since = month[0] - 31 * 86400.0
        return [
            Ticket(
                whole(row["down_since"]),
                whole(now if row["resolved_at"] is None else row["resolved_at"]) + 1,
                whole(row["ticket_at"]),
                row["ticket"],
            )
            for row in sources.incidents_of(connection, [site], since, float(month[1]))
            if row["ticket_at"] is not None
        ]

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.timezone)


def runs(told: Terms, period: Period) -> bool:
    """Did the contract hold on any day of the month?"""
    begun = not told.begins or date.fromisoformat(told.begins) < period.after
    return begun and (not told.ends or date.fromisoformat(told.ends) >= period.first)


def _running(told: Terms, zone: tzinfo) -> tuple[int, int]:
    begins = midnight(date.fromisoformat(told.begins), zone) if told.begins else 0
    ends = midnight(date.fromisoformat(told.ends) + ONE_DAY, zone) if told.ends else _FOREVER
    return begins, ends


def _months(day: str) -> set[str]:
    """Months in which an outage of a day may count: one across the border is in both."""
    of = date.fromisoformat(day)
    return {f"{each:%Y-%m}" for each in (of - _BEYOND, of, of + _BEYOND)}


def _when(one: Exemption) -> float:
    return max(one.at, one.withdrawn_at or 0.0)
