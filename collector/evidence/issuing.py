"""Issues refund sheets: one a contract and month, seven days after its end, then supplements.

A sheet is a sealed record: whoever reads the chain finds that it was issued, when, and what of it
was changed since. The engine is the only one that issues.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from collector.evidence import (
    exemptions,
    lines,
    moments,
    record,
    seals,
    sheets,
    sources,
    standing,
    touched,
)
from collector.evidence.exemptions import Exemption
from collector.evidence.gather import Gathering
from collector.evidence.hindsight import ISSUE_AFTER
from collector.evidence.moments import (
    ONE_DAY,
    Period,
    following,
    local_day,
    midnight,
    whole,
)
from collector.evidence.refund import Ticket, owed
from collector.evidence.sealing import Looked, Mark
from collector.evidence.seals import Draft
from collector.evidence.sheets import Contract
from collector.evidence.sources import Numbers, Place
from collector.evidence.terms import Terms
from collector.evidence.touched import BEYOND
from collector.settings import Settings

# contracts of one step
AT_ONCE = 10
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
            there = touched.now(connection, now)
            return Issued([], replace(mark, sheets=(first[:7], ""), looked=there))
        period = moments.month(month)
        if seen < midnight(period.after + ISSUE_AFTER, self._zone()):
            return None
        today = local_day(seen, self._zone())
        held = standing.contracts(connection, period, today)
        contracts = [each for each in held if each.key > after][:AT_ONCE]
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
        if touched.newest(connection, contract.key, period.month) is not None:
            # a crash came behind it, or the contract was there under this key before
            return
        works = self.work(connection, contract, period, now)
        if works:
            kept = replace(contract, terms=tuple(work.owed.terms for work in works))
            told = sheets.sheet(kept, period.month, works, None)
            yield Draft(record.SHEET, contract.key, period.month, told)

    def _later(self, connection: Connection, mark: Mark, now: float) -> Issued | None:
        """Sheets that records, tickets, or what was declared changed since they were issued; a
        few of them at a time, for a flood may touch those of a whole regency."""
        due = mark.sheets[0]
        if mark.looked == Looked():
            # a mark of before such looks were kept
            return Issued([], replace(mark, looked=touched.now(connection, now), looking=None))
        upto = mark.looking or touched.goal(connection, mark.looked, due, now)
        if upto is None:
            return None
        news = touched.news(connection, mark.looked, upto, due)
        found = touched.touched(connection, news, due, self._zone())
        some = [each for each in found if each > mark.behind_sheet]
        drafts = [
            draft
            for key, month in some[:AT_ONCE]
            for draft in self._supplement(connection, key, month, now)
        ]
        if len(some) > AT_ONCE:
            behind = replace(mark, looking=upto, behind_sheet=some[AT_ONCE - 1])
            return Issued(drafts, behind)
        return Issued(drafts, replace(mark, looked=upto, looking=None, behind_sheet=("", "")))

    def _supplement(
        self, connection: Connection, key: str, month: str, now: float
    ) -> Iterator[Draft]:
        newest = touched.newest(connection, key, month)
        if newest is None:
            return
        number, before = newest
        contract = sheets.contract_of(key, before)
        works = self.work(connection, contract, moments.month(month), now)
        told = sheets.sheet(contract, month, works, before)
        if sheets.differs(told, before):
            yield Draft(record.SHEET, key, month, told, number)

    def _line(
        self,
        connection: Connection,
        told: Terms,
        place: Place,
        period: Period,
        declared: Sequence[Exemption],
        now: float,
    ) -> Iterator[sheets.Work]:
        wide = Period(period.first - BEYOND, period.after + BEYOND)
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
        wide = BEYOND.total_seconds()
        return [
            Ticket(
                whole(row["down_since"]),
                whole(now if row["resolved_at"] is None else row["resolved_at"]) + 1,
                whole(row["ticket_at"]),
                row["ticket"],
            )
            for row in sources.tickets_of(connection, site, month[0] - wide, month[1] + wide)
        ]

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings.timezone)


def _running(told: Terms, zone: tzinfo) -> tuple[int, int]:
    begins = midnight(date.fromisoformat(told.begins), zone) if told.begins else 0
    ends = midnight(date.fromisoformat(told.ends) + ONE_DAY, zone) if told.ends else _FOREVER
    return begins, ends
