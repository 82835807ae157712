"""Ninety days as a small drawing: a low line is a day that went well, what rises is trouble. Pure.

A day nobody saw is hollow, never red; of a day before anybody was to look there is nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from collector.evidence.ninety import Day, total

WIDE, HIGH = 10, 28
# less than this is no outage that people remember of a day
_FELT_S = 300
_FELT_SLOW = 0.1


@dataclass(frozen=True, slots=True)
class Strip:
    """Paths by kind of day, drawn in a box of `width` by 28; `share` of the time available."""

    width: int
    paths: Sequence[tuple[str, str]]
    share: float | None


def strip(days: Sequence[Day]) -> Strip:
    """The drawing of some days, the oldest first."""
    kinds = [kind(day) for day in days]
    drawn: dict[str, str] = {}
    for name, path in (("n", _low), ("u", _hollow)):
        drawn[name] = _runs(kinds, name, path)
    for name in "msd":
        bars = (
            f"M{place * WIDE + 5} {HIGH}v-{_height(day, name)}"
            for place, day in enumerate(days)
            if kinds[place] == name
        )
        drawn[name] = "".join(bars)
    paths = [(name, drawn[name]) for name in "numsd" if drawn[name]]
    return Strip(len(days) * WIDE, paths, total(days).share)


def kind(day: Day) -> str:
    """n: went well, s: slow, d: down, m: worked on, u: nobody saw it; empty: nobody was to look."""
    if not day.counts:
        return ""
    judged = day.normal + day.slow + day.down
    if judged < day.maintenance:
        return "m"
    if judged * 3 < day.unknown - day.not_counted:
        # most of it nobody saw: the rest does not speak for the day
        return "d" if day.down >= _FELT_S else "u"
    if day.down >= _FELT_S:
        return "d"
    return "s" if day.slow > _FELT_SLOW * judged else "n"


def _height(day: Day, name: str) -> int:
    if name != "d":
        return 9
    return 12 + round((HIGH - 12) * day.down / (day.normal + day.slow + day.down))


def _runs(kinds: Sequence[str], name: str, path: Callable[[int, int], str]) -> str:
    made, at = [], 0
    for each, some in groupby(kinds):
        count = len(list(some))
        if each == name:
            made.append(path(at * WIDE, count * WIDE))
        at += count
    return "".join(made)


def _low(at: int, width: int) -> str:
    return f"M{at + 1} {HIGH - 2}h{width - 2}"


def _hollow(at: int, width: int) -> str:
    return f"M{at + 1} {HIGH - 1}v-13h{width - 2}v13z"
