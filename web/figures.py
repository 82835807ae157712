"""The numbers of host and link as words: the latest of each, few enough to read at a glance."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from agent.report import parse_series
from web import charts, words
from web.tongue import gettext, lazy_gettext

MOST = 16


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its name; `bad`: past the limit people are told of; measured at `at`."""

    title: str
    value: str
    bad: bool = False
    at: float = 0.0


# name, title, unit, limit
_TABLE: tuple[tuple[str, Any, str, float | None], ...] = (
    ("ronda_uplink_link_up", lazy_gettext("Cable"), "up", None),
    ("ronda_uplink_speed_bits_per_second", lazy_gettext("Link speed"), "bit/s", None),
    ("ronda_uplink_dns_seconds", lazy_gettext("DNS answer"), "seconds", None),
    ("ronda_uplink_content_ok", lazy_gettext("Page content"), "content", None),
    ("ronda_host_cpu_ratio", lazy_gettext("Processor"), "ratio", None),
    ("ronda_host_load1", lazy_gettext("Load"), "", None),
    ("ronda_host_memory_used_ratio", lazy_gettext("Memory used"), "ratio", 0.95),
    ("ronda_host_disk_used_ratio", lazy_gettext("Disk used"), "ratio", 0.9),
    ("ronda_host_filesystem_readonly", lazy_gettext("Disk writable"), "writable", None),
    ("ronda_host_temperature_celsius", lazy_gettext("Temperature"), "celsius", 85.0),
    ("ronda_host_boot_timestamp_seconds", lazy_gettext("Running for"), "boot", None),
    ("ronda_host_clock_skew_seconds", lazy_gettext("Clock off by"), "seconds", 60.0),
    ("ronda_agent_spool_entries", lazy_gettext("Waiting at the agent"), "", None),
)


def figures(
    latest: Mapping[str, tuple[float, float]], now: float, drawn: Collection[str] = ()
) -> list[Figure]:
    """The table's numbers that this site has, in the table's order; those `drawn` as charts are
    told there."""
    named: dict[str, list[str]] = {}
    for series in sorted(latest):
        if series not in drawn:
            named.setdefault(series.partition("{")[0], []).append(series)
    found = []
    for name, title, unit, limit in _TABLE:
        for series in named.get(name, ()):
            of = charts.named(parse_series(series)[1])
            if of == "lo":
                continue
            at, value = latest[series]
            bad = _bad(unit, value, limit)
            found.append(Figure(f"{title} {of}".strip(), _say(unit, value, now), bad, at))
    return found[:MOST]


def _bad(unit: str, value: float, limit: float | None) -> bool:
    if unit in ("up", "content"):
        return value == 0
    if unit == "writable":
        return value == 1
    return limit is not None and abs(value) > limit


def _say(unit: str, value: float, now: float) -> str:
    if value != value:
        return gettext("could not be measured")
    if unit == "up":
        return gettext("plugged in") if value else gettext("unplugged")
    if unit == "content":
        return gettext("right") if value else gettext("another page answers")
    if unit == "writable":
        return gettext("no, read-only") if value else gettext("yes")
    if unit == "boot":
        return words.lasted(now - value)
    return words.quantity(value, unit)
