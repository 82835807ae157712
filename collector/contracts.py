"""When is a line cut off for money? By the day its bill is due and the day its contract ends."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

# within so many days of a date a provider may have cut the line off
NEAR_DAYS = 5
# the day after bills are usually due; contracts of a budget year end with it
_CUT_DAYS = (20, 21)
# a contract that nobody wrote down ends with the year
_YEAR_END = "contracts often end with the year"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the inventory says of paying for a line: a day of the month, a date as 2026-12-31."""

    bill_day: int | None = None
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A date is near: in plain words, and how much it speaks for a line that was cut off."""

    line: str
    confidence: float
    guessed: bool = False  # nobody wrote the date down


def near(lines: Iterable[Terms], day: date) -> Due | None:
    """The date that speaks loudest for a cut-off on `day`."""
    known = list(lines)
    found = [due for terms in known for due in _of(terms, day)]
    if not any(terms.bill_day or terms.ends for terms in known) and _turn_of_year(day):
        found.append(Due(_YEAR_END, 0.3, guessed=True))
    return max(found, key=lambda due: due.confidence, default=None)


def _of(terms: Terms, day: date) -> Iterator[Due]:
    if terms.bill_day:
        days = min((_days(day, each) for each in _bills(terms.bill_day, day)), key=abs)
        if abs(days) <= NEAR_DAYS:
            typical = 0.1 if day.day in _CUT_DAYS else 0.0
            yield Due(_say("bill", days), (0.35 if days >= 0 else 0.25) + typical)
    if terms.ends:
        days = _days(day, date.fromisoformat(terms.ends))
        if abs(days) <= NEAR_DAYS:
            typical = 0.05 if _turn_of_year(day) else 0.0
            yield Due(_say("contract", days), (0.45 if days >= 0 else 0.25) + typical)


def _bills(bill_day: int, day: date) -> Iterator[date]:
    """The due dates of the month before, this one and the next."""
    first = day.replace(day=1)
    for month in (first - timedelta(days=1), first, first + timedelta(days=32)):
        last = monthrange(month.year, month.month)[1]
        yield month.replace(day=min(bill_day, last))


def _days(day: date, due: date) -> int:
    """How many days ago it was due."""
    return (day - due).days


def _turn_of_year(day: date) -> bool:
    return day.month == 1 and day.day <= NEAR_DAYS


def _say(what: str, days: int) -> str:
    span = "1 day" if abs(days) == 1 else f"{abs(days)} days"
    if what == "bill":
        if days == 0:
            return "the bill is due today"
        return f"the bill was due {span} ago" if days > 0 else f"the bill is due in {span}"
    if days == 0:
        return "the contract ends today"
    return f"the contract ended {span} ago" if days > 0 else f"the contract ends in {span}"
