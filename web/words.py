"""How times, ages, lengths and numbers are written for a reader, in the language of the page."""

import math
from collections.abc import Sequence
from datetime import datetime, tzinfo

from collector.lasting import units_of
from web.tongue import gettext, lazy_gettext, ngettext, spoken

NONE = "-"
_MONTHS = (
    lazy_gettext("Jan"),
    lazy_gettext("Feb"),
    lazy_gettext("Mar"),
    lazy_gettext("Apr"),
    lazy_gettext("May"),
    lazy_gettext("Jun"),
    lazy_gettext("Jul"),
    lazy_gettext("Aug"),
    lazy_gettext("Sep"),
    lazy_gettext("Oct"),
    lazy_gettext("Nov"),
    lazy_gettext("Dec"),
)


def clock(at: float, zone: tzinfo, seconds: bool = False) -> str:
    """`14.05` in Indonesian, `14:05` in English."""
    dot = _dot()
    pattern = f"%H{dot}%M{dot}%S" if seconds else f"%H{dot}%M"
    return datetime.fromtimestamp(at, zone).strftime(pattern)


def moment(at: float | None, zone: tzinfo, now: float) -> str:
    """`14.05` today, `kemarin 14.05`, `20 Nov 14.05`, `20 Nov 2025` when it is another year."""
    if at is None:
        return NONE
    then, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    days = (today.date() - then.date()).days
    if days == 0:
        return clock(at, zone)
    if days == 1:
        return gettext("yesterday %(time)s", time=clock(at, zone))
    if then.year == today.year:
        return f"{day(at, zone)} {clock(at, zone)}"
    return f"{day(at, zone)} {then.year}"


def day(at: float, zone: tzinfo) -> str:
    """`23 Nov`."""
    then = datetime.fromtimestamp(at, zone)
    return f"{then.day} {_MONTHS[then.month - 1]}"


def zone_name(zone: tzinfo, now: float) -> str:
    """`WIB`, `WITA`, `WIT`."""
    return datetime.fromtimestamp(now, zone).strftime("%Z")


def lasted(seconds: float) -> str:
    """`40 dtk`, `9 mnt`, `1 j 08 mnt`, `3 hari 4 j`."""
    days, hours, minutes, left = units_of(seconds)
    if days:
        return gettext("%(d)s d %(h)s h", d=days, h=hours)
    if hours:
        return gettext("%(h)s h %(m)s min", h=hours, m=f"{minutes:02d}")
    return gettext("%(n)s min", n=minutes) if minutes else gettext("%(n)s s", n=left)


def stretch(seconds: float) -> str:
    """A length that somebody chose: `8 jam`, `7 hari`; what is neither as `lasted` has it."""
    chosen = round(seconds)
    if chosen and chosen % 86400 == 0:
        return ngettext("%(num)s day", "%(num)s days", chosen // 86400)
    if chosen and chosen % 3600 == 0:
        return ngettext("%(num)s hour", "%(num)s hours", chosen // 3600)
    return lasted(seconds)


def ago(seconds: float | None) -> str:
    """`8 dtk lalu`; a future or missing time says so."""
    if seconds is None:
        return gettext("never")
    return gettext("%(age)s ago", age=lasted(seconds))


def number(value: float, digits: int = 0) -> str:
    """`1.234,5` in Indonesian, `1,234.5` in English, with a real minus sign."""
    text = f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")
    if not _english():
        text = text.translate({ord(","): ".", ord("."): ","})
    return text


def share(ratio: float, digits: int = 1) -> str:
    """`99,5%`; never rounded up to a clean hundred that it is not."""
    percent = ratio * 100
    if ratio < 1:
        percent = min(percent, 100 - 10**-digits)
    return f"{number(percent, digits)}%"


def quantity(value: float | None, unit: str) -> str:
    """A measured value with its unit, scaled so that a person can read it."""
    if value is None or math.isnan(value):
        return NONE
    scale, suffix, digits = _scaled(abs(value), unit)
    return f"{number(value / scale, digits)}{suffix}"


def axis(ticks: Sequence[float], unit: str) -> list[str]:
    """The numbers beside a chart, all in the unit of the highest, which alone names it."""
    scale, suffix, _ = _scaled(max(abs(tick) for tick in ticks), unit)
    scaled = [tick / scale for tick in ticks]
    digits = next((n for n in (0, 1) if all(abs(t - round(t, n)) < 1e-6 for t in scaled)), 2)
    texts = [number(value, digits) for value in scaled]
    return [*texts[:-1], texts[-1] + suffix]


def sentence(text: str) -> str:
    """The same words with a capital first letter, abbreviations left alone."""
    return text[:1].upper() + text[1:]


def _scaled(size: float, unit: str) -> tuple[float, str, int]:
    if unit == "ratio":
        return 0.01, "%", 1 if size < 0.995 else 0
    if unit == "seconds":
        return (1, " s", 1) if size >= 1 else (0.001, " ms", 0 if size >= 0.01 else 1)
    if unit in ("bit/s", "bytes"):
        letters = "bps" if unit == "bit/s" else "B"
        for step, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
            if size >= step:
                return step, f" {prefix}{letters}", 1 if size < 100 * step else 0
        return 1, f" {letters}", 0
    digits = 0 if size >= 100 or size == int(size) else 1
    suffix = {"celsius": " °C", "dbm": " dBm"}.get(unit, "")
    return 1, suffix, digits


def _english() -> bool:
    return spoken() == "en"


def _dot() -> str:
    return ":" if _english() else "."
