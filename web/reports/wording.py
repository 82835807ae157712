"""How a report writes months, shares, lengths of time and money, in the language spoken."""

from datetime import date, datetime, tzinfo
from fractions import Fraction
from typing import Any

from collector.evidence import faults, moments, refund
from collector.evidence.dates import Warned, What
from collector.evidence.forms import percent
from collector.evidence.moments import ONE_DAY, Period
from collector.evidence.seals import Head
from web import reasons, words
from web.tongue import gettext, lazy_gettext

NONE = words.NONE
_MONTHS = (
    lazy_gettext("January"),
    lazy_gettext("February"),
    lazy_gettext("March"),
    lazy_gettext("April"),
    lazy_gettext("May (month)"),
    lazy_gettext("June"),
    lazy_gettext("July"),
    lazy_gettext("August"),
    lazy_gettext("September"),
    lazy_gettext("October"),
    lazy_gettext("November"),
    lazy_gettext("December"),
)
FAULT: dict[str, Any] = {
    faults.ISP: lazy_gettext("the provider (ISP)"),
    faults.POWER: lazy_gettext("the power company (PLN)"),
    faults.VILLAGE: lazy_gettext("equipment in the village"),
    faults.PAYER: lazy_gettext("who did not pay the bill"),
    faults.OWNER: lazy_gettext("who runs the service"),
    faults.REGENCY: lazy_gettext("the regency's servers"),
    faults.OTHERS: lazy_gettext("others (theft)"),
    faults.PLANNED: lazy_gettext("planned work"),
    faults.NOBODY_KNOWN: lazy_gettext("not known"),
}
WHY: dict[str, Any] = {
    refund.Why.COUNTED: lazy_gettext("counted"),
    refund.Why.SHORT: lazy_gettext("too short"),
    refund.Why.EXCLUDED: lazy_gettext("excluded"),
    refund.Why.NO_TICKET: lazy_gettext("no ticket"),
    refund.Why.LATE_TICKET: lazy_gettext("ticket after the end"),
    refund.Why.NOT_YET: lazy_gettext("outside the contract"),
}
WHAT: dict[str, Any] = {
    What.BILL: lazy_gettext("the bill is due"),
    What.END: lazy_gettext("the contract ends"),
    What.ENDED: lazy_gettext("the contract has ended"),
    What.SLA: lazy_gettext("worked less than promised this month"),
    What.GAP: lazy_gettext("terms are missing"),
}
PART: dict[str, Any] = {
    "waiting": lazy_gettext("waiting for its turn"),
    "villages": lazy_gettext("reading villages"),
    "refunds": lazy_gettext("working out refunds"),
    "wifi": lazy_gettext("reading the use of wifi"),
    "pdf": lazy_gettext("drawing the paper"),
    "xlsx": lazy_gettext("writing the workbook"),
    "files": lazy_gettext("writing files"),
}
FORM: dict[str, Any] = {
    "pdf": lazy_gettext("paper (PDF)"),
    "xlsx": lazy_gettext("workbook (XLSX)"),
    "csv": lazy_gettext("table (CSV)"),
    "json": lazy_gettext("data (JSON)"),
    "zip": lazy_gettext("evidence pack for SPBE/Pemdi (ZIP)"),
}


def named(text: str) -> str:
    """A month that is written 2026-10, in words."""
    return month(moments.month(text, "month"))


def month(period: Period) -> str:
    """`Oktober 2026`; of other days `1 Okt 2026 - 15 Nov 2026`."""
    if period.month:
        name = str(_MONTHS[period.first.month - 1]).partition(" (")[0]
        return f"{name} {period.first.year}"
    return f"{day(period.first)} - {day(period.after - ONE_DAY)}"


def day(one: date) -> str:
    """`31 Oktober 2026`."""
    name = str(_MONTHS[one.month - 1]).partition(" (")[0]
    return f"{one.day} {name} {one.year}"


def at(moment: float, zone: tzinfo) -> str:
    """`3 November 2026 08.00 WIB`."""
    then = datetime.fromtimestamp(moment, zone)
    clock = words.clock(moment, zone)
    return f"{day(then.date())} {clock} {words.zone_name(zone, moment)}"


def when(text: str, zone: tzinfo) -> str:
    """A moment of the figures, 2026-11-03T01:00:00Z, as `at` has it."""
    return at(datetime.fromisoformat(text).timestamp(), zone)


def short_at(moment: float, zone: tzinfo) -> str:
    """`05-10 08.30.00`: a moment of a table, to the second."""
    return f"{datetime.fromtimestamp(moment, zone):%d-%m} {words.clock(moment, zone, seconds=True)}"


def share(ratio: Fraction | None, digits: int = 2) -> str:
    """`99,79%`: cut and not rounded, so that 100% never failed."""
    if ratio is None:
        return NONE
    whole, _, part = percent(ratio).partition(".")
    number = float(f"{whole}.{part[:digits]}")
    return f"{words.number(number, digits)}%"


def part(percent_told: float | None, digits: int = 2) -> str:
    """The same of a percentage of the figures, which has four decimals."""
    told = None if percent_told is None else Fraction(round(10_000 * percent_told), 1_000_000)
    return share(told, digits)


def span(seconds: float | None) -> str:
    """`127:05:30`: hours, minutes, seconds; they add up."""
    if seconds is None:
        return NONE
    whole = abs(round(seconds))
    sign = "\N{MINUS SIGN}" if seconds < 0 else ""
    return f"{sign}{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def more(seconds: int) -> str:
    """`+2.700`: seconds more or less than were told."""
    return ("+" if seconds > 0 else "") + words.number(seconds)


def detail(warned: Warned) -> str:
    """What is missing; of a promise how much it works and what was promised."""
    if warned.what is not What.SLA:
        return reasons.say(warned.detail) if warned.detail else ""
    works, promised = map(float, warned.detail.split())
    return f"{part(works)} < {words.number(promised, 2)}%"


def rupiah(amount: int) -> str:
    """`Rp 1.700.000`."""
    return f"Rp {words.number(amount)}"


def head(one: Head) -> str:
    """The head of the chain as it is printed and can be asked for again."""
    return f"{one.number}:{one.link}" if one.number else gettext("nothing is sealed yet")


def command(number: int, link: str) -> str:
    """What is typed to look for a head: all of it, for who has the key can seek another chain in
    which eight characters are the same."""
    return f"ronda report verify --head {number}:{link}"


def short_head(one: Head) -> str:
    """As it stands on each sheet."""
    return f"{one.number}:{one.link[:8]}" if one.number else NONE


def verifying() -> tuple[str, str]:
    """What the head is for, in two sentences."""
    return (
        gettext(
            "Every day of every village is sealed two days later in a signed chain whose newest "
            "record is the head; a changed, missing or inserted record changes every head after it."
        ),
        gettext(
            "Whoever wrote this head down elsewhere asks years later whether it is still in the "
            "chain: then nothing before it was changed."
        ),
    )
