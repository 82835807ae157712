"""Pages about one site: its state and why, its history, its checks and numbers, whom to call."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import numpy as np
from flask import Blueprint, Response, abort, jsonify, render_template, request

from collector.availability import Interval, seconds
from collector.inventory import Contact, Site
from web import charts, strips, words
from web.context import centre, facts, me, now, scope
from web.figures import Figure, figures
from web.freshness import freshness
from web.tongue import gettext

bp = Blueprint("sites", __name__, url_prefix="/sites")

RANGES = {"1h": 3600.0, "24h": 86400.0, "7d": 7 * 86400.0, "30d": 30 * 86400.0}
DAYS = 90
_LONGEST_S = 400 * 86400.0
_MOST_EVENTS = 6
_YOUNG_S = 3 * 3600.0


@dataclass(frozen=True, slots=True)
class Strip:
    """One history strip with what is written beside it."""

    paths: Mapping[str, str]
    ticks: Sequence[str]
    available: float | None
    unknown_s: float
    events: Sequence[Interval]
    more: int


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart; `latest` in the family's unit."""

    wanted: charts.Wanted
    drawing: charts.Drawing | None
    latest: float | None


@bp.get("/<code>")
def show(code: str) -> str:
    """One village on one page."""
    site = _site(code)
    zone = facts().zone(code, centre().settings.timezone)
    spells = facts().timeline(code, now() - (DAYS + 1) * 86400, now())
    span = request.args.get("range") or _usual_range(spells)
    if span not in RANGES:
        abort(400, gettext("The range must be one of 1h, 24h, 7d, 30d."))
    latest = facts().numbers.latest(site.row)
    return render_template(
        "site.html",
        site=site,
        state=next((spell for spell in reversed(spells) if spell.until is None), None),
        day=_day_strip(spells, zone),
        quarter=_quarter_strip(spells, zone),
        checks=facts().checks(code),
        uplinks=facts().uplinks(code),
        figures=_figures(latest),
        charts=_charts(site.row, latest, RANGES[span]),
        span=span,
        ranges=RANGES,
        span_ticks=_ticks(now() - RANGES[span], now(), zone),
        contacts=_contacts(site),
        told=facts().told(code, centre().settings),
        last=facts().numbers.last_report(site.row),
        fresh=freshness(facts().fold(), now()),
        rev=facts().rev(),
        zone=zone,
    )


@bp.get("/<code>/series.json")
def series(code: str) -> tuple[Response, int] | Response:
    """One series as {"name","unit","times","values"}: at most 720 points, null where none is."""
    site = _site(code)
    name = request.args.get("name", "")
    family = charts.family(name)
    start, end = _moment("from", now() - 86400), _moment("to", now())
    if family is None or not 0 < end - start <= _LONGEST_S:
        abort(400, gettext("This series or stretch of time cannot be drawn."))
    found = facts().numbers.range(site.row, [name], start, end).get(name)
    if found is None:
        abort(404)
    times, values = charts.thin(*charts.shown(family, *found), charts.FINE_POINTS, family.peak)
    return jsonify(
        name=name,
        unit=family.unit,
        times=np.round(times, 3).tolist(),
        values=[None if math.isnan(value) else float(f"{value:.6g}") for value in values.tolist()],
    )


def _site(code: str) -> Site:
    # a site outside the reader's areas looks like one that is not there
    if not scope().sees(code):
        abort(404)
    return facts().site(code) or abort(404)


def _usual_range(spells: Sequence[Interval]) -> str:
    """A day, but the last hour where nothing older is known: a new site is no empty chart."""
    return "24h" if spells and spells[0].since < now() - _YOUNG_S else "1h"


def _moment(key: str, default: float) -> float:
    try:
        value = float(request.args.get(key, default))
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or not 0 <= value <= 1e11:
        abort(400, gettext("This series or stretch of time cannot be drawn."))
    return value


def _day_strip(spells: Sequence[Interval], zone: tzinfo) -> Strip:
    start = now() - 86400
    bars = strips.hours(spells, start, now(), 1440)
    return _strip(spells, start, bars, _ticks(start, now(), zone))


def _quarter_strip(spells: Sequence[Interval], zone: tzinfo) -> Strip:
    edges = _midnights(zone)
    bars = strips.days(spells, edges, 10)
    ticks = [words.day(edges[place], zone) for place in (0, 30, 60)]
    return _strip(spells, edges[0], bars, [*ticks, gettext("today")])


def _strip(
    spells: Sequence[Interval], start: float, bars: Sequence[strips.Bar], ticks: Sequence[str]
) -> Strip:
    spent = seconds(spells, start, now())
    told = [s for s in spells if s.state != "normal" and (s.until or now()) > start]
    told.reverse()
    more = max(0, len(told) - _MOST_EVENTS)
    unknown_s = spent.get("unknown", 0.0)
    return Strip(
        strips.paths(bars), ticks, strips.available(spent), unknown_s, told[:_MOST_EVENTS], more
    )


def _midnights(zone: tzinfo) -> list[float]:
    today = datetime.fromtimestamp(now(), zone).replace(hour=0, minute=0, second=0, microsecond=0)
    edges = [(today - timedelta(days=back)).timestamp() for back in range(DAYS - 1, -1, -1)]
    return [*edges, now()]


def _ticks(start: float, end: float, zone: tzinfo) -> list[str]:
    moments = [start + (end - start) * part / 4 for part in range(5)]
    if end - start <= 2 * 86400:
        return [words.clock(at, zone) for at in moments]
    return [words.day(at, zone) for at in moments]


def _figures(latest: Mapping[str, tuple[float, float]]) -> list[Figure]:
    return figures({name: value for name, (_, value) in latest.items()}, now())


def _charts(row: int, latest: Mapping[str, tuple[float, float]], span_s: float) -> list[Chart]:
    chosen = charts.choose(latest)
    start = now() - span_s
    found = facts().numbers.range(row, [each.series for each in chosen], start, now())
    made = []
    for each in chosen:
        times, values = found.get(each.series, (np.empty(0), np.empty(0)))
        times, values = charts.shown(each.family, times, values)
        last = float(values[-1]) if len(values) and not math.isnan(values[-1]) else None
        made.append(Chart(each, charts.draw(each.family, times, values, start, now()), last))
    return made


def _contacts(site: Site) -> Sequence[Contact] | None:
    """None for those who look on: phone numbers are for those who act."""
    user = me()
    if user is None or user.role == "viewer":
        return None
    return facts().contacts(site)
