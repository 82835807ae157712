"""What became of earlier months since the report before this one, in seconds and rupiah. A store.

A month's report is out seven days after its end. What is sealed behind that moment is told by the
next month's report, and so on: every change to an earlier month stands in exactly one of them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from collector.evidence import lines, record, seals
from collector.evidence.moments import Period, midnight, whole
from collector.evidence.record import Record
from collector.evidence.report import Change, Order, Paid
from collector.inventory import places
from collector.settings import Settings

ISSUE_AFTER = timedelta(days=7)


def window(period: Period, zone: str, now: float) -> tuple[int, int]:
    """From when until when records are told by the report of a period."""
    first, after = period.first + ISSUE_AFTER, period.after + ISSUE_AFTER
    if not period.month:
        first = period.first
    where = places.zone("", zone)
    return midnight(first, where), min(midnight(after, where), whole(now) + 1)


def changes(
    connection: Connection, settings: Settings, period: Period, codes: Sequence[str], now: float
) -> Iterator[Change]:
    """Records of earlier months that replaced others, of these sites, in the order they came."""
    since, until = window(period, settings.timezone, now)
    former = seals.former_codes(connection)
    mine = {old: code for code in codes for old in (code, *former.get(code, ()))}
    before = period.first.isoformat()
    found = seals.replacing(connection, record.DAY, since, until, before)
    for number, replaces, subject, day in found:
        if subject not in mine:
            continue
        new, old = seals.one(connection, number), seals.one(connection, replaces)
        if new is None or old is None:
            continue
        spent = difference(old, new)
        yield Change(day[:7], day, mine[subject], number, replaces, spent)


def paid(connection: Connection, settings: Settings, order: Order, now: float) -> Iterator[Paid]:
    """Supplements to refund sheets of earlier months, that the order asks for, likewise."""
    since, until = window(order.period, settings.timezone, now)
    before = f"{order.period.first:%Y-%m}"
    found = seals.replacing(connection, record.SHEET, since, until, before)
    for number, replaces, contract, month in found:
        new = seals.one(connection, number)
        if new is not None and _asked_for(new, order):
            sites = tuple(map(str, new.told["sites"]))
            yield Paid(month, contract, number, replaces, int(new.told["change_rp"]), sites)


def difference(old: Record, new: Record) -> dict[str, int]:
    """Seconds by state of the site itself that a record has more, or less, than another."""
    spent: Counter[str] = Counter()
    for told, sign in ((new, 1), (old, -1)):
        for line in record.lines_of(told.told):
            if line.kind == lines.SITE:
                for spell in line.spells:
                    spent[spell.state] += sign * spell.seconds
    return {state: seconds for state, seconds in sorted(spent.items()) if seconds}


def _asked_for(sheet: Record, order: Order) -> bool:
    isp = str(sheet.told["isp"])
    here = [str(code) for code in sheet.told["sites"]]
    return (not order.isp or isp.casefold() == order.isp.casefold()) and (
        not order.area or any(places.within(code, order.area) for code in here)
    )
