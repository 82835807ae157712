"""The states of one site over a day, a week, a month, ninety days: bars, and words beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from collector.availability import Interval, seconds
from web import strips, words
from web.midnights import midnights
from web.tongue import gettext

DAYS = 90
_MOST_EVENTS = 6
_WIDTH = 1440


@dataclass(frozen=True, slots=True)
class Strip:
    """One history strip with what is written beside it; `width` is that of its picture."""

    width: int
    paths: Mapping[str, str]
    ticks: Sequence[str]
    available: float | None
    unknown_s: float
    events: Sequence[Interval]
    more: int


def span(spells: Sequence[Interval], length_s: float, now: float, zone: tzinfo) -> Strip:
    """The last `length_s`, in proportion to time."""
    start = now - length_s
    near = [spell for spell in spells if spell.end > start]
    drawn, spent = strips.paths(strips.hours(near, start, now, _WIDTH)), seconds(near, start, now)
    return _strip(near, start, _WIDTH, drawn, spent, ticks(start, now, zone))


def quarter(spells: Sequence[Interval], now: float, zone: tzinfo) -> Strip:
    """The last ninety days, a bar for each."""
    edges = [*midnights(now, zone, DAYS), now]
    table = strips.by_day(spells, edges)
    drawn = strips.day_paths(table, 10)
    told = [words.day(edges[place], zone) for place in (0, 30, 60)]
    spent = strips.total(table)
    return _strip(spells, edges[0], DAYS * 10, drawn, spent, [*told, gettext("today")])


def ticks(start: float, end: float, zone: tzinfo) -> list[str]:
    """Five moments as they are written under a chart."""
    moments = [start + (end - start) * part / 4 for part in range(5)]
    if end - start <= 2 * 86400:
        return [words.clock(at, zone) for at in moments]
    return [words.day(at, zone) for at in moments]


def _strip(
    spells: Sequence[Interval],
    start: float,
    width: int,
    drawn: Mapping[str, str],
    spent: Mapping[str, float],
    told: Sequence[str],
) -> Strip:
    events = [s for s in spells if s.state != "normal" and s.end > start]
    events.reverse()
    more = max(0, len(events) - _MOST_EVENTS)
    unknown_s = spent.get("unknown", 0.0)
    available = strips.available(spent)
    return Strip(width, drawn, told, available, unknown_s, events[:_MOST_EVENTS], more)
