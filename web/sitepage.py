"""One village on one page: its state and why, its history, its lines, checks, devices, people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import numpy as np
from flask import abort, render_template, request

from collector.availability import Interval
from collector.inventory import Contact, Site
from collector.roster import Spell
from collector.series.rollup_store import HOUR_S
from collector.states import CheckState
from web import charts, equipment, hotspot, probing, strips, timeline, uplinks
from web.context import centre, facts, me, now
from web.figures import Figure, figures
from web.freshness import freshness
from web.sites import bp, the_site
from web.tongue import gettext

RANGES = {
    "1h": 3600.0,
    "24h": 86400.0,
    "7d": 7 * 86400.0,
    "30d": 30 * 86400.0,
    "90d": 90 * 86400.0,
}
# who may make an agent probe, and write a note
ACTING = ("village", "technician", "noc", "admin")
_YOUNG_S = 3 * 3600.0
_MOST_INCIDENTS = 8
# numbers older than so many report intervals are said with their age
LATE_INTERVALS = 2.5


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart; `latest` in the family's unit, measured at `at`."""

    wanted: charts.Wanted
    drawing: charts.Drawing | None
    latest: float | None
    at: float | None
    lines: charts.Lines

    @property
    def bad(self) -> bool:
        return self.lines.broken(self.latest)


@dataclass(frozen=True, slots=True)
class Checked:
    """A check with its last day as bars."""

    check: CheckState
    paths: Mapping[str, str]


Latest = Mapping[str, tuple[float, float]]


@bp.get("/<code>")
def show(code: str) -> str:
    """The page."""
    site = the_site(code)
    zone = facts().zone(code, centre().settings.timezone)
    spells = facts().timeline(code, now() - (timeline.DAYS + 1) * 86400, now())
    span = _span(spells)
    latest = facts().numbers.latest(site.row)
    last = facts().numbers.last_report(site.row)
    return render_template(
        "site.html",
        site=site,
        zone=zone,
        span=span,
        ranges=RANGES,
        last=last,
        told=facts().told(code, centre().settings),
        late_s=LATE_INTERVALS * site.report_every_s,
        fresh=freshness(facts().fold(), now()),
        rev=facts().rev(),
        acting=_may_act(),
        **_past(spells, span, zone),
        **_numbers(site, latest, span, zone),
        **_people(site),
        asking=asking(site, latest),
        checks=_checks(code),
    )


def asking(site: Site, latest: Latest) -> probing.Asking:
    """Where the last “probe now” of a site stands."""
    act = facts().last_asking(site.code)
    if act is None or now() - act.at > probing.TOLD_FOR_S:
        return probing.judge("", None, (), site.report_every_s, now())
    # what every agent measures tells when it measured
    names = sorted(latest)[:3]
    lines = facts().numbers.range(site.row, names, act.at, now())
    frames = sorted({float(at) for times, _ in lines.values() for at in times})
    return probing.judge(act.by, act.at, frames, site.report_every_s, now())


def _may_act() -> bool:
    user = me()
    return user is not None and user.role in ACTING


def _span(spells: Sequence[Interval]) -> str:
    """What is asked for; a day, but the last hour where nothing older is known: no empty chart."""
    usual = "24h" if spells and spells[0].since < now() - _YOUNG_S else "1h"
    span = request.args.get("range") or usual
    if span not in RANGES:
        abort(400, gettext("The range must be one of 1h, 24h, 7d, 30d, 90d."))
    return span


def _past(spells: Sequence[Interval], span: str, zone: tzinfo) -> dict[str, Any]:
    near = span if span in ("7d", "30d") else "24h"
    return {
        "state": next((spell for spell in reversed(spells) if spell.until is None), None),
        "near": near,
        "near_strip": timeline.span(spells, RANGES[near], now(), zone),
        "quarter": timeline.quarter(spells, now(), zone),
    }


def _numbers(site: Site, latest: Latest, span: str, zone: tzinfo) -> dict[str, Any]:
    """Everything that is made of what was measured."""
    rows = facts().uplinks(site.code)
    begin, month = hotspot.first_day(now(), zone), uplinks.month_begin(now(), zone)
    counting = hotspot.series_of(latest)
    counters = uplinks.counters(rows, latest) if any(row["quota_gb"] for row in rows) else []
    hours = facts().numbers.steps(site.row, counting, begin, now(), HOUR_S) if counting else {}
    spent = facts().numbers.steps(site.row, counters, month, now(), HOUR_S) if counters else {}
    today = datetime.fromtimestamp(now(), zone).date()
    least = facts().threshold(site.code, "UplinkBelowContract", uplinks.SLOW_SHARE)
    drawn = _charts(site, latest, RANGES[span], rows, least)
    of_lines = [chart for chart in drawn if chart.wanted.family.name.startswith("ronda_uplink_")]
    return {
        "uplinks": uplinks.uplinks(rows, latest, uplinks.grown(spent, month), today, least),
        "line_charts": of_lines,
        "host_charts": [chart for chart in drawn if chart not in of_lines],
        "span_ticks": timeline.ticks(now() - RANGES[span], now(), zone),
        "figures": _figures(latest),
        "crowd": hotspot.crowd(latest, hours, now(), zone),
        "points": hotspot.points(latest),
        "devices": equipment.devices(facts().devices(site.code), latest),
    }


def _figures(latest: Latest) -> list[Figure]:
    return figures(latest, now())


def _charts(
    site: Site, latest: Latest, span_s: float, rows: Sequence[Mapping[str, Any]], least: float
) -> list[Chart]:
    chosen, start = charts.choose(latest), now() - span_s
    found = facts().lines(site.row, [each.series for each in chosen], start, now())
    made = []
    for each in chosen:
        times, values = found.get(each.series, (np.empty(0), np.empty(0)))
        lines = uplinks.lines_of(each.series, rows, least) or _lines(site, each.family)
        known = np.flatnonzero(~np.isnan(values))
        newest = float(values[known[-1]]) if len(known) and known[-1] == len(values) - 1 else None
        if not each.family.rate and each.series in latest:
            # hours tell how it was; what it is now the newest sample tells
            newest = latest[each.series][1]
        drawing = charts.draw(each.family, times, values, start, now(), lines)
        made.append(Chart(each, drawing, newest, latest[each.series][0], lines))
    return made


def _lines(site: Site, family: charts.Family) -> charts.Lines:
    if family.name != "ronda_uplink_optical_rx_dbm":
        return charts.lines_of(family)
    return charts.Lines(
        facts().threshold(site.code, "UplinkOpticalLow", charts.LIGHT_DBM), floor=True
    )


def _people(site: Site) -> dict[str, Any]:
    return {
        "contacts": _contacts(site),
        "incidents": facts().incidents(site.code, _MOST_INCIDENTS),
        "notes": facts().notes(site.code),
    }


def _contacts(site: Site) -> Sequence[Contact] | None:
    """None for those who look on: phone numbers are for those who act."""
    return facts().contacts(site) if _may_act() else None


def _checks(code: str) -> list[Checked]:
    checks = facts().checks(code)
    start = now() - 86400
    days = facts().check_days(code, checks, start, now())
    return [Checked(check, _bars(days[check.name], start)) for check in checks]


def _bars(spells: Sequence[Spell], start: float) -> Mapping[str, str]:
    as_states = {"good": "normal", "bad": "down"}
    told = [
        Interval(each.since, each.until, as_states.get(each.state, "unknown")) for each in spells
    ]
    return strips.paths(strips.hours(told, start, now(), 480))
