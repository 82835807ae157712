"""Planned work as everybody may hear of it: where, from when until when. Pure.

What is done stands in the staff's own words, with names of devices: that is not told.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from alerts.planned import Window, scope
from collector.inventory import places
from collector.shown import APP_KINDS
from web import words
from web.public.spots import app_name
from web.tongue import gettext

AHEAD_S = 14 * 86400.0
MOST = 10
# stretches of one window that are listed: it may come every night
_MOST_EACH = 2

Kinds = Callable[[str, str], str]
Lying = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Work:
    """One stretch of planned work; `what` is what may not work meanwhile."""

    window: int
    what: str
    begins: float
    ends: float
    sites: Sequence[str]

    def on(self, now: float) -> bool:
        """It goes on now."""
        return self.begins <= now < self.ends

    def span(self, zone: tzinfo) -> str:
        """`23 Nov 21.00 s.d. 23.00`, with the day of its end where that is another one."""
        days = [words.day(at, zone) for at in (self.begins, self.ends)]
        ends = words.clock(self.ends, zone)
        return gettext(
            "%(day)s %(begins)s to %(ends)s",
            day=days[0],
            begins=words.clock(self.begins, zone),
            ends=ends if days[0] == days[1] else f"{days[1]} {ends}",
        )


def works(
    windows: Iterable[Window], here: frozenset[str], lying: Lying, kinds: Kinds, now: float
) -> list[Work]:
    """What is planned for the sites `here` within two weeks, the next first.

    `lying`: the sites on an upstream.
    """
    found: list[Work] = []
    for window in windows:
        told = _where(window, here, lying, kinds)
        if told is None:
            continue
        what, sites = told
        found += [Work(window.id, what, *span, sites) for span in _stretches(window, now)]
    return sorted(found, key=lambda work: work.begins)[:MOST]


def _where(
    window: Window, here: frozenset[str], lying: Lying, kinds: Kinds
) -> tuple[str, Sequence[str]] | None:
    kind, name = scope(window.scope)
    internet = gettext("Internet and free wifi")
    if kind in ("site", "area"):
        mine = sorted(code for code in here if places.within(code, name))
        return (internet, mine) if mine else None
    if kind == "upstream":
        mine = sorted(here.intersection(lying(name)))
        return (internet, mine) if mine else None
    if kind == "check":
        site, _, check = name.partition("/")
        if site not in here or kinds(site, check) not in APP_KINDS:
            return None
        return app_name(check, kinds(site, check)), [site]
    return None


def _stretches(window: Window, now: float) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    span = window.at(now) or window.after(now)
    while span is not None and span.begins <= now + AHEAD_S and len(found) < _MOST_EACH:
        found.append((span.begins, span.ends))
        span = window.after(span.begins)
    return found
