"""Which refund sheets that are out may come to something else by now, and up to where that is so.

What may change one: a record of a day, what was declared, a provider's ticket. Terms do not: a
sheet keeps those it was issued by.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from collector.evidence import exemptions, moments, record, seals, sources
from collector.evidence.exemptions import Exemption
from collector.evidence.sealing import Looked

# an outage is followed so far beyond the month
BEYOND = timedelta(days=2)
# records that are looked at at once for what they change
NEWS_AT_ONCE = 200
_DAY_S = 86_400.0
Sheet = tuple[str, str]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class News:
    """What there is of it: days of sites, stretches that were declared, stretches with a ticket."""

    days: frozenset[tuple[str, str]]
    declared: Sequence[Exemption] = ()
    tickets: Sequence[tuple[str, float, float]] = ()


def now(connection: Connection, at: float) -> Looked:
    """All there is: nothing of it is news for a sheet that is issued from here on."""
    _, incident = sources.ticketed(connection, 1 << 62)
    return Looked(seals.head(connection).number, exemptions.counted(connection), at, incident)


def goal(connection: Connection, before: Looked, due: str, at: float) -> Looked | None:
    """Up to where is to be looked; None: nothing has come since."""
    there = now(connection, at)
    told = seals.behind(connection, before.record, f"{due}-01", NEWS_AT_ONCE)
    if len(told) == NEWS_AT_ONCE:
        there = replace(there, record=told[-1].number)
    same = replace(there, exempted_at=before.exempted_at)
    return None if same == before else there


def news(connection: Connection, before: Looked, upto: Looked, due: str) -> News:
    """What has come between."""
    told = seals.behind(connection, before.record, f"{due}-01", NEWS_AT_ONCE)
    days = frozenset((each.subject, each.day) for each in told if each.number <= upto.record)
    changed = before.exempted != upto.exempted
    declared = exemptions.changed(connection, before.exempted_at) if changed else []
    tickets = sources.ticketed(connection, before.incident)[0]
    return News(days, declared, tickets)


def touched(connection: Connection, told: News, due: str, zone: ZoneInfo) -> list[Sheet]:
    """Contracts and months, of those issued before `due`, that this may change; in order."""
    if not (told.days or told.declared or told.tickets):
        return []
    former = {old: code for code, mine in seals.former_codes(connection).items() for old in mine}
    days = {(former.get(code, code), month) for code, day in told.days for month in _months(day)}
    spans = [(each.begins, each.ends) for each in told.declared]
    spans += [(begin, end) for _, begin, end in told.tickets]
    found = []
    for contract, month in seals.sheets(connection, due):
        bounds = _bounds(month, zone)
        near = any(each == month for _, each in days) or any(_meet(s, bounds) for s in spans)
        if near and _speaks(_lines(connection, contract, month, former), month, bounds, told, days):
            found.append((contract, month))
    return found


def newest(connection: Connection, key: str, month: str) -> tuple[int, Mapping[str, Any]] | None:
    """The sheet of a contract and month that counts, and its number."""
    found = seals.bodies(connection, record.SHEET, [key], month, f"{month}~").get((key, month))
    return None if found is None else (found.number, found.told)


def _lines(
    connection: Connection, contract: str, month: str, former: Mapping[str, str]
) -> dict[str, str]:
    """Provider by site, as the codes are now, of what a sheet speaks of."""
    told = newest(connection, contract, month)
    terms = [] if told is None else told[1]["terms"]
    return {former.get(line["site"], line["site"]): line["isp"] for line in terms}


def _speaks(
    mine: Mapping[str, str],
    month: str,
    bounds: Span,
    told: News,
    days: Iterable[tuple[str, str]],
) -> bool:
    declared = [each for each in told.declared if _meet((each.begins, each.ends), bounds)]
    ticketed = {site for site, begin, end in told.tickets if _meet((begin, end), bounds)}
    return (
        any((site, month) in days for site in mine)
        or any(one.holds(site, isp) for one in declared for site, isp in mine.items())
        or not ticketed.isdisjoint(mine)
    )


def _bounds(month: str, zone: ZoneInfo) -> Span:
    """A month in any zone, with what an outage across its border may reach."""
    begin, end = moments.month(month).bounds(zone)
    wide = BEYOND.total_seconds() + _DAY_S
    return begin - wide, end + wide


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and one[1] > other[0]


def _months(day: str) -> Iterator[str]:
    """Months in which an outage of a day may count: one across the border is in both."""
    of = date.fromisoformat(day)
    yield from {f"{each:%Y-%m}" for each in (of - BEYOND, of, of + BEYOND)}
