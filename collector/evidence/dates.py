"""The contract calendar: bills, ends, promises that were not kept, with warnings ahead. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from collector.evidence import terms
from collector.evidence.moments import following

# so many days ahead each is warned of; an end nobody sees coming cuts a whole programme off
BILL_AHEAD, END_AHEAD = 7, (90, 60, 30, 14, 7, 3, 1)


class What(StrEnum):
    BILL = "bill"
    END = "end"
    ENDED = "ended"
    SLA = "sla"  # the month so far is under what is promised
    GAP = "gap"  # something is not entered that a refund goes by


@dataclass(frozen=True, slots=True)
class Warned:
    """One date, or one thing amiss, of a line; `step`: warn again when it is another one.

    `days`: until then, less than 0 when it is past; None where it is no date. Of SLA `detail` is
    the availability so far and what is promised, of a gap what is missing.
    """

    what: What
    site: str
    uplink: str
    isp: str
    contract_no: str
    day: str
    days: int | None
    step: int
    detail: str = ""


def warned(
    rows: Iterable[Mapping[str, Any]],
    today: date,
    works: Mapping[tuple[str, str], float | None] | None = None,
) -> list[Warned]:
    """What is to be said today of these rows of uplinks, what is nearest first.

    `works`: percent of the time that a line has worked this month, by site and name.
    """
    found = [each for row in rows for each in _of(row, today, works or {})]
    return sorted(found, key=lambda each: (each.days is None, each.days or 0, each.site))


def next_bill(bill_day: int, today: date) -> date:
    """The next day a bill is due, today included; in a short month the last day."""
    due = _in_month(today, bill_day)
    return due if due >= today else _in_month(following(today), bill_day)


def _of(
    row: Mapping[str, Any], today: date, works: Mapping[tuple[str, str], float | None]
) -> Iterator[Warned]:
    named = (row["site"], row["name"], row["isp"], row["contract_no"])
    if row["bill_day"]:
        due = next_bill(row["bill_day"], today)
        if (days := (due - today).days) <= BILL_AHEAD:
            yield Warned(What.BILL, *named, due.isoformat(), days, BILL_AHEAD)
    if row["ends"]:
        yield from _end(named, row["ends"], today)
    share = works.get((row["site"], row["name"]))
    if share is not None and row["sla"] and share < row["sla"]:
        detail = f"{share:.4f} {row['sla']:g}"
        yield Warned(What.SLA, *named, "", None, 0, detail)
    try:
        terms.read(row)
    except ValueError as missing:
        if row["fee_rp"] is not None or row["contract_no"]:
            yield Warned(What.GAP, *named, "", None, 0, str(missing))


def _end(named: tuple[str, str, str, str], day: str, today: date) -> Iterator[Warned]:
    days = (date.fromisoformat(day) - today).days
    if days < 0:
        yield Warned(What.ENDED, *named, day, days, 0)
    elif days <= END_AHEAD[0]:
        step = min(ahead for ahead in END_AHEAD if days <= ahead)
        yield Warned(What.END, *named, day, days, step)


def _in_month(day: date, number: int) -> date:
    return day.replace(day=min(number, monthrange(day.year, day.month)[1]))
