"""One village on one page: its state and why, its history, its lines, checks, devices, people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import numpy as np
from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alerts.citizens import listing
from collector.acts import Act
from collector.availability import Interval
from collector.db import reading
from collector.inventory import Site
from collector.roster import Spell
from collector.series.rollup_store import HOUR_S
from collector.series.steps import Steps
from collector.states import CheckState
from web import charts, equipment, hotspot, probing, sitefile, strips, timeline, uplinks
from web.citizens import READERS
from web.context import centre, facts, me, now, scope
from web.facts import Recent
from web.figures import figures
from web.freshness import freshness
from web.playbooks import here
from web.playbooks.here import Here
from web.sitefile import SiteFile
from web.sites import bp, renamed
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


@dataclass(frozen=True, slots=True)
class Looked:
    """What the database tells the page; `reports`: open ones of citizens, for who may read them."""

    file: SiteFile
    remote: Here
    reports: int


Latest = Mapping[str, tuple[float, float]]


@bp.get("/<code>")
def show(code: str) -> str | Response:
    """The page; an old code leads to the new one's."""
    since = now() - (timeline.DAYS + 1) * 86400
    looked = _look(code, since) if scope().sees(code) else None
    if looked is None:
        return redirect(url_for("sites.show", code=renamed(code) or abort(404)), 301)
    file, zone = looked.file, facts().zone(code, centre().settings.timezone)
    span = _span(file.spells)
    recent = facts().numbers.recent(file.site.row)
    latest = facts().numbers.latest(file.site.row, recent)
    return render_template(
        "site.html",
        site=file.site,
        zone=zone,
        span=span,
        ranges=RANGES,
        last=facts().numbers.last_report(file.site.row),
        told=file.told,
        late_s=LATE_INTERVALS * file.site.report_every_s,
        fresh=freshness(file.fold, now()),
        rev=file.rev,
        remote=looked.remote,
        reports=looked.reports,
        acting=_may_act(),
        # phone numbers are for those who act
        contacts=file.contacts if _may_act() else None,
        incidents=file.incidents,
        notes=file.notes,
        asking=asking(file.site, file.asked, latest),
        checks=[Checked(check, _bars(file.days[check.name])) for check in file.checks],
        **_past(file.spells, span, zone),
        **_numbers(file, latest, recent, RANGES[span], zone),
    )


def _look(code: str, since: float) -> Looked | None:
    """All in one transaction; None when there is no such site."""
    user = me()
    role = user.role if user else ""
    with reading(centre().store) as connection:
        file = sitefile.look(connection, code, centre().settings, since, now())
        if file is None:
            return None
        remote = here.of_site(connection, scope(), role, code)
        reports = listing.open_at(connection, code) if role in READERS else 0
    return Looked(file, remote, reports)


def asking(site: Site, act: Act | None, latest: Latest) -> probing.Asking:
    """Where the last “probe now” of a site stands."""
    every_s = site.report_every_s
    if act is None or now() - act.at > probing.TOLD_FOR_S:
        return probing.judge("", None, (), every_s, now())
    # what every agent measures tells when it measured
    names = sorted(latest)[:3]
    lines = facts().numbers.range(site.row, names, act.at, now())
    frames = sorted({float(at) for times, _ in lines.values() for at in times})
    return probing.judge(act.by, act.at, frames, every_s, now())


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


def _numbers(
    file: SiteFile, latest: Latest, recent: Recent, span_s: float, zone: tzinfo
) -> dict[str, Any]:
    """Everything that is made of what was measured."""
    rows, row = file.uplinks, file.site.row
    month = uplinks.month_begin(now(), zone)
    counters = uplinks.counters(rows, latest) if any(each["quota_gb"] for each in rows) else []
    spent = facts().numbers.steps(row, counters, month, now(), HOUR_S) if counters else {}
    today = datetime.fromtimestamp(now(), zone).date()
    least = file.threshold("UplinkBelowContract", uplinks.SLOW_SHARE)
    week = hotspot.first_day(now(), zone)
    drawn, hours = _charts(file, latest, recent, span_s, least, week)
    of_lines = [chart for chart in drawn if chart.wanted.family.name.startswith("ronda_uplink_")]
    return {
        "uplinks": uplinks.uplinks(rows, latest, uplinks.grown(spent, month), today, least),
        "line_charts": of_lines,
        "host_charts": [chart for chart in drawn if chart not in of_lines],
        "span_ticks": timeline.ticks(now() - span_s, now(), zone),
        "figures": figures(latest, now(), {chart.wanted.series for chart in drawn}),
        "crowd": hotspot.crowd(latest, hours, now(), zone),
        "points": hotspot.points(latest),
        "devices": equipment.devices(file.devices, latest),
    }


def _charts(
    file: SiteFile, latest: Latest, recent: Recent, span_s: float, least: float, week: float
) -> tuple[list[Chart], Mapping[str, Steps]]:
    """The charts, and the hours since `week` of what counts users: read together."""
    chosen, start = charts.choose(latest), now() - span_s
    names, counting = [each.series for each in chosen], hotspot.series_of(latest)
    found, hours = facts().lines(file.site.row, names, counting, start, week, now(), recent)
    light = file.threshold("UplinkOpticalLow", charts.LIGHT_DBM)
    made = []
    for each in chosen:
        times, values = found.get(each.series, (np.empty(0), np.empty(0)))
        lines = uplinks.lines_of(each.series, file.uplinks, least) or _lines(light, each.family)
        known = np.flatnonzero(~np.isnan(values))
        newest = float(values[known[-1]]) if len(known) and known[-1] == len(values) - 1 else None
        if not each.family.rate and each.series in latest:
            # hours tell how it was; what it is now the newest sample tells
            newest = latest[each.series][1]
        drawing = charts.draw(each.family, times, values, start, now(), lines)
        made.append(Chart(each, drawing, newest, latest[each.series][0], lines))
    return made, hours


def _lines(light: float, family: charts.Family) -> charts.Lines:
    if family.name != "ronda_uplink_optical_rx_dbm":
        return charts.lines_of(family)
    return charts.Lines(light, floor=True)


def _bars(spells: Sequence[Spell]) -> Mapping[str, str]:
    start = now() - 86400
    as_states = {"good": "normal", "bad": "down"}
    told = [
        Interval(each.since, each.until, as_states.get(each.state, "unknown")) for each in spells
    ]
    return strips.paths(strips.hours(told, start, now(), 480))
