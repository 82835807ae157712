"""Refund sheets as people ask for them: what was issued of a month, or what it would be today."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from collector.availability import State
from collector.evidence import dates, seals, sheets, sources, standing
from collector.evidence.build import build
from collector.evidence.dates import Warned
from collector.evidence.issuing import Issuing
from collector.evidence.moments import ONE_DAY, Period
from collector.evidence.record import Record
from collector.evidence.report import UPLINK, Order, Report
from collector.evidence.sources import Numbers
from collector.inventory import places
from collector.settings import Settings


@dataclass(frozen=True, slots=True)
class Claim:
    """One contract's month. `issued`: the sheet and its supplements, in order; none: `told` is
    worked out of what is known today, and nobody was told it yet."""

    contract: str
    month: str
    told: Mapping[str, Any]
    issued: tuple[Record, ...] = ()


def claims(
    connection: Connection,
    settings: Settings,
    numbers: Numbers | None,
    order: Order,
    now: float,
) -> list[Claim]:
    """The claims of a month, by contract; of contracts with a line in the area and of the
    provider, where those are asked for."""
    issued: dict[str, list[Record]] = {}
    for number in seals.sheets_of(connection, order.period.month):
        if (found := seals.one(connection, number)) is not None:
            issued.setdefault(found.subject, []).append(found)
    made = [
        Claim(key, order.period.month, mine[-1].told, tuple(mine)) for key, mine in issued.items()
    ]
    made += _previews(connection, settings, numbers, order, now, set(issued))
    return sorted((c for c in made if _asked_for(c.told, order)), key=lambda c: c.contract)


def calendar(
    connection: Connection, settings: Settings, numbers: Numbers | None, now: float
) -> list[Warned]:
    """What is to be said today of all contracts: bills, ends, promises not kept, gaps."""
    today = datetime.fromtimestamp(now, places.zone("", settings.timezone)).date()
    month = Period(today.replace(day=1), today + ONE_DAY)
    report = build(connection, settings, Order(month), now, numbers)
    return dates.warned(sources.uplink_rows(connection), today, works(report))


def works(report: Report) -> dict[tuple[str, str], float | None]:
    """Percent of the time that each line worked, by site and name."""
    found: dict[tuple[str, str], float | None] = {}
    for row in report.of(UPLINK):
        if row.schedule == "24h":
            share = row.tally.share(State.NORMAL, State.SLOW)
            found[row.site, row.name] = None if share is None else float(100 * share)
    return found


def _previews(
    connection: Connection,
    settings: Settings,
    numbers: Numbers | None,
    order: Order,
    now: float,
    have: set[str],
) -> Iterator[Claim]:
    issuing = Issuing(settings, numbers)
    today = datetime.fromtimestamp(now, places.zone("", settings.timezone)).date()
    for mine in standing.contracts(connection, order.period, today):
        asked = _asked_for({"isp": mine.isp, "sites": mine.sites}, order)
        if mine.key in have or not asked:
            continue
        if found := issuing.work(connection, mine, order.period, now):
            told = sheets.sheet(mine, order.period.month, found, None)
            yield Claim(mine.key, order.period.month, told)


def _asked_for(told: Mapping[str, Any], order: Order) -> bool:
    here: Sequence[str] = told["sites"]
    isp = not order.isp or str(told["isp"]).casefold() == order.isp.casefold()
    return isp and (not order.area or any(places.within(code, order.area) for code in here))
