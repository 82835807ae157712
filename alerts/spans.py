"""Stretches of local time that come again: a shift, quiet hours, planned work; pure arithmetic."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.strict import Refused

DAY_MINUTES = 1440
LONGEST_MINUTES = 14 * DAY_MINUTES
# far enough for the 31st of a month and for 29 February
_FAR_DAYS = 1500

Days = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Span:
    """From `begins` up to, not including, `ends`; UTC epoch seconds."""

    begins: float
    ends: float

    def holds(self, at: float) -> bool:
        return self.begins <= at < self.ends


@dataclass(frozen=True, slots=True)
class Pattern:
    """On each of `days` one stretch begins at local time `clock` and lasts `minutes`."""

    days: Days
    clock: time
    minutes: int
    zone: ZoneInfo
    first: date = date.min

    def at(self, moment: float) -> Span | None:
        """The stretch that holds now; of several that began, the one that ends last."""
        today = datetime.fromtimestamp(moment, self.zone).date()
        back = self.minutes // DAY_MINUTES + 1
        begun = (today - timedelta(days=days) for days in range(back, -1, -1))
        spans = [self._on(day) for day in begun if self.days(day)]
        return max((s for s in spans if s.holds(moment)), key=lambda s: s.ends, default=None)

    def after(self, moment: float) -> Span | None:
        """The next stretch that begins after a moment; None: it does not come again."""
        today = max(datetime.fromtimestamp(moment, self.zone).date(), self.first)
        for ahead in range(_FAR_DAYS):
            day = today + timedelta(days=ahead)
            if self.days(day) and (span := self._on(day)).begins > moment:
                return span
        return None

    def _on(self, day: date) -> Span:
        begins = datetime.combine(day, self.clock, self.zone).timestamp()
        return Span(begins, begins + self.minutes * 60)


def clock(place: str, text: str) -> time:
    """07:00 or 07.00; Refused names the place."""
    hour, _, minute = text.replace(".", ":").partition(":")
    if hour.isascii() and minute.isascii() and hour.isdigit() and minute.isdigit():
        try:
            return time(int(hour), int(minute))
        except ValueError:
            pass
    raise Refused(place, f"expected a time of day like 07:00, got {text!r}")


def minutes_between(begins: time, ends: time) -> int:
    """How long from one time of day to the next such; the same time means a whole day."""
    length = (ends.hour - begins.hour) * 60 + ends.minute - begins.minute
    return length % DAY_MINUTES or DAY_MINUTES


def weekdays(place: str, text: str) -> frozenset[int]:
    """1,3,5 as numbers, 1 is Monday; nothing means every day."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if any(part not in {"1", "2", "3", "4", "5", "6", "7"} for part in parts):
        raise Refused(place, f"expected days like 1,3,5 (1 is Monday), got {text!r}")
    return frozenset(int(part) for part in parts) or frozenset(range(1, 8))


def day(place: str, text: str) -> date:
    """2026-11-28."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(place, f"expected a day like 2026-11-28, got {text!r}") from None
