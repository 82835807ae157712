"""Planned work and mutes: is this fault told now, and if not, by what and until when? Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from agent.strict import Refused
from alerts import spans
from alerts.spans import Pattern, Span
from collector.inventory import places

MODES = ("skip", "mute", "run")
KINDS = ("site", "area", "rule", "check", "upstream", "incident")
# a place of the inventory: what lies in it can be in maintenance
OF_SITES = ("site", "area", "upstream")
LONGEST_MUTE_S = 7 * 86400.0
_SHOWN = "site:CODE, area:CODE, rule:NAME, check:CODE/NAME, upstream:NAME or incident:ID"


class Why(StrEnum):
    MUTE = "somebody asked for silence"
    WINDOW = "planned work"


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told, as far as scopes look at it; `incident` 0: it has no number yet."""

    site: str = ""
    rule: str = ""
    check: str = ""
    upstreams: tuple[str, ...] = ()
    incident: int = 0


@dataclass(frozen=True, slots=True)
class Mute:
    """Silence for a while, asked for by a person."""

    id: int
    scope: str
    by: str
    why: str
    begins: float
    ends: float
    lifted_at: float | None = None

    def holds(self, at: float) -> bool:
        return self.begins <= at < self.ends and self.lifted_at is None


@dataclass(frozen=True, slots=True)
class Window:
    """Planned work: once, or again and again at the same local time.

    `begins` is local (2026-11-28T22:00); `repeats` is empty, daily, weekly:1,3 or monthly:15.
    """

    id: int
    scope: str
    title: str
    mode: str
    begins: str
    minutes: int
    repeats: str = ""
    zone: str = "Asia/Jakarta"
    last_day: str = ""
    by: str = ""
    cancelled_at: float | None = None

    def at(self, moment: float) -> Span | None:
        """The stretch of it that holds at a moment."""
        return None if self.cancelled_at is not None else pattern(self).at(moment)

    def after(self, moment: float) -> Span | None:
        """The next stretch of it."""
        return None if self.cancelled_at is not None else pattern(self).after(moment)

    def check(self) -> None:
        """Refused names the field that cannot be."""
        kind, _ = scope(self.scope)
        if self.mode not in MODES:
            raise Refused("mode", f"expected one of {', '.join(MODES)}, got {self.mode!r}")
        if self.mode == "skip" and kind not in OF_SITES:
            raise Refused("scope", f"only a site, an area or an upstream is in maintenance: {kind}")
        if not 1 <= self.minutes <= spans.LONGEST_MINUTES:
            raise Refused("minutes", f"must be 1 to {spans.LONGEST_MINUTES}")
        if not self.title.strip():
            raise Refused("title", "say what is done")
        found = pattern(self)
        begins = _begins(self.begins, found.zone)
        if found.after(begins.timestamp() - 60) is None:
            raise Refused("repeats", "it never comes: see last_day and the day of the month")


@dataclass(frozen=True, slots=True)
class Muted:
    """Why a fault is not told now; ask again at `until`: it is told then if it still lasts."""

    why: Why
    until: float
    by: str
    note: str
    scope: str
    number: int

    def __str__(self) -> str:
        what = "mute" if self.why is Why.MUTE else "window"
        return f"{self.why} ({what} {self.number} by {self.by}: {self.note})"


def muted(told: Told, mutes: Iterable[Mute], windows: Iterable[Window], now: float) -> Muted | None:
    """What keeps this from being told now; of several the one that ends last. None: tell it.

    A window of mode skip silences, too: what is worked on tells nobody.
    """
    found = [
        Muted(Why.MUTE, mute.ends, mute.by, mute.why, mute.scope, mute.id)
        for mute in mutes
        if mute.holds(now) and covers(mute.scope, told)
    ]
    for window, span in holding(windows, now):
        if window.mode != "run" and covers(window.scope, told):
            by = (window.by, window.title, window.scope, window.id)
            found.append(Muted(Why.WINDOW, span.ends, *by))
    return max(found, key=lambda one: one.until, default=None)


def planned(told: Told, windows: Iterable[Window], now: float) -> Window | None:
    """The window in which work goes on here while people are told as ever (mode run)."""
    running = (window for window, _ in holding(windows, now) if window.mode == "run")
    return next((window for window in running if covers(window.scope, told)), None)


def holding(windows: Iterable[Window], now: float) -> list[tuple[Window, Span]]:
    """The windows that hold now, each with its stretch."""
    found = ((window, window.at(now)) for window in windows)
    return [(window, span) for window, span in found if span is not None]


def covers(text: str, told: Told) -> bool:
    """Does a scope speak of this?"""
    kind, name = scope(text)
    match kind:
        case "site":
            return told.site == name
        case "area":
            return bool(told.site) and places.within(told.site, name)
        case "rule":
            return bool(told.rule) and told.rule == name
        case "check":
            return bool(told.check) and f"{told.site}/{told.check}" == name
        case "upstream":
            return name in told.upstreams
        case _:
            return told.incident == int(name)


def scope(text: str) -> tuple[str, str]:
    """Kind and name; Refused says what is expected."""
    kind, colon, name = text.partition(":")
    name = name.strip()
    if not colon or kind not in KINDS or not name or not name.isprintable() or len(name) > 200:
        raise Refused("scope", f"expected {_SHOWN}, got {text!r}")
    code = name.partition("/")[0]
    sound = {
        "site": places.SITE_CODE.fullmatch(name),
        "area": places.AREA_CODE.fullmatch(name),
        "check": places.SITE_CODE.fullmatch(code) and name.partition("/")[2],
        "incident": name.isascii() and name.isdigit() and 0 < int(name) < 2**63,
    }.get(kind, True)
    if not sound:
        raise Refused("scope", f"expected {_SHOWN}, got {text!r}")
    return kind, name


def pattern(window: Window) -> Pattern:
    """When a window comes; Refused names the field that cannot be."""
    try:
        zone = ZoneInfo(window.zone)
    except (KeyError, ValueError, OSError):
        raise Refused("zone", f"there is no zone {window.zone!r}") from None
    begins = _begins(window.begins, zone)
    last = spans.day("last_day", window.last_day) if window.last_day else date.max
    first = begins.date()
    days = _days(window.repeats, first, last)
    return Pattern(days, begins.time(), window.minutes, zone, first)


def _begins(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    plain = found is not None and found.tzinfo is None and "T" in text
    if found is None or not plain or not 2000 <= found.year < 2200:
        raise Refused("begins", f"expected local time like 2026-11-28T22:00, got {text!r}")
    return found.replace(second=0, microsecond=0, tzinfo=zone)


def _days(repeats: str, first: date, last: date) -> spans.Days:
    kind, _, which = repeats.partition(":")
    if kind == "":
        return lambda day: day == first
    if kind == "daily" and not which:
        return lambda day: first <= day <= last
    if kind == "weekly" and which:
        weekdays = spans.weekdays("repeats", which)
        return lambda day: first <= day <= last and day.isoweekday() in weekdays
    if kind == "monthly" and which.isascii() and which.isdigit() and 1 <= int(which) <= 31:
        return lambda day: first <= day <= last and day.day == int(which)
    raise Refused("repeats", f"expected daily, weekly:1,3 or monthly:15, got {repeats!r}")


@dataclass(frozen=True, slots=True)
class Maintenance:
    """What is due to be written as an act: these sites are worked on from `since` to `until`."""

    window: int
    sites: tuple[str, ...]
    since: float
    until: float
    why: str = field(default="")

    @property
    def body(self) -> dict[str, Any]:
        return {
            "sites": list(self.sites),
            "since": self.since,
            "until": self.until,
            "why": self.why,
        }


def maintenance_due(
    windows: Iterable[Window],
    sites: Sequence[Told],
    written: frozenset[tuple[int, float]],
    now: float,
) -> list[Maintenance]:
    """Stretches of mode skip that hold now and were not written; `written`: window and since."""
    found = []
    for window, span in holding(windows, now):
        if window.mode == "skip" and (window.id, span.begins) not in written:
            codes = tuple(one.site for one in sites if covers(window.scope, one))
            if codes:
                found.append(Maintenance(window.id, codes, span.begins, span.ends, window.title))
    return found
