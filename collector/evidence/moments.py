"""Days and months as a site's clocks show them, in whole seconds of UTC."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from agent.strict import Refused

ONE_DAY = timedelta(days=1)
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, `first` up to before `after`; where the clocks differ they begin elsewhere."""

    first: date
    after: date

    @property
    def month(self) -> str:
        """2026-10 where it is that month and nothing else; else empty."""
        whole = self.first.day == 1 and self.after == following(self.first)
        return f"{self.first:%Y-%m}" if whole else ""

    def days(self) -> Iterator[date]:
        """Each of its days, in order."""
        day = self.first
        while day < self.after:
            yield day
            day += ONE_DAY

    def bounds(self, zone: tzinfo) -> tuple[int, int]:
        """Its first second and the first one after it."""
        return midnight(self.first, zone), midnight(self.after, zone)


def whole(at: float) -> int:
    """The whole second a moment is counted as; every boundary goes through here, once."""
    return int((at + 0.5) // 1)


def midnight(day: date, zone: tzinfo) -> int:
    """The second with which a day begins."""
    return int(datetime.combine(day, time(), zone).timestamp())


def local_day(at: float, zone: tzinfo) -> date:
    """The day a moment lies in."""
    return datetime.fromtimestamp(at, zone).date()


def following(day: date) -> date:
    """The first day of the month after the one `day` lies in."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def iso(at: float | None) -> str | None:
    """A moment as ISO 8601 in UTC."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def month(text: str, place: str = "--month") -> Period:
    """2026-10 as days; Refused says what is wrong with it."""
    found = _MONTH.fullmatch(text)
    try:
        if found is not None:
            first = date(int(found[1]), int(found[2]), 1)
            return Period(first, following(first))
    except (ValueError, OverflowError):
        pass
    raise Refused(place, f"expected a month such as 2026-10, got {text!r}")


def day(text: str, place: str) -> date:
    """2026-10-31 as a day; Refused says what is wrong with it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(place, f"expected a date such as 2026-10-31, got {text!r}") from None
