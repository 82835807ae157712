"""When somebody is in the office: `24h`, `Sen-Jum 07.30-15.30`, `Sen-Kam 07.30-16.00, Jum ...`."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

DAYS = ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min")
_EXAMPLE = "expected 24h or days and times like Sen-Jum 07.30-15.30"
_PART = re.compile(
    r"([A-Za-z]{3})(?:\s*-\s*([A-Za-z]{3}))?\s+"
    r"(\d{1,2})[.:](\d{2})\s*-\s*(\d{1,2})[.:](\d{2})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the day, in minutes after midnight, on days counted from Monday = 0."""

    days: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours in local time; without spans always open."""

    spans: tuple[Span, ...] = ()

    def covers(self, local: datetime) -> bool:
        """Is this local moment within the hours?"""
        minute = local.hour * 60 + local.minute
        return not self.spans or any(
            local.weekday() in span.days and span.start <= minute < span.end for span in self.spans
        )

    def __str__(self) -> str:
        return ", ".join(map(_say, self.spans)) or "24h"


@lru_cache(maxsize=1024)
def parse(text: str) -> Hours:
    """Hours from the words of the inventory; ValueError says what is wrong."""
    if text.strip().lower() in ("24h", "24 h", "24 jam"):
        return Hours()
    return Hours(tuple(_span(part.strip()) for part in text.split(",")))


def _span(part: str) -> Span:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"{_EXAMPLE}, got {part!r}")
    first = _day(match[1])
    last = _day(match[2] or match[1])
    start, end = _minutes(match[3], match[4]), _minutes(match[5], match[6])
    if last < first or end <= start:
        raise ValueError(f"the end lies before the start in {part!r}")
    return Span(tuple(range(first, last + 1)), start, end)


def _day(name: str) -> int:
    try:
        return DAYS.index(name.capitalize())
    except ValueError:
        raise ValueError(f"{name!r} is not one of {', '.join(DAYS)}") from None


def _minutes(hour: str, minute: str) -> int:
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > 24 * 60:
        raise ValueError(f"{hour}.{minute} is not a time of day")
    return total


def _say(span: Span) -> str:
    first, last = DAYS[span.days[0]], DAYS[span.days[-1]]
    days = first if first == last else f"{first}-{last}"
    return f"{days} {_clock(span.start)}-{_clock(span.end)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}.{minutes % 60:02d}"
