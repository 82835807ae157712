"""All sites on one page: filtered, ordered, with the last 90 days of each; and as CSV."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

import numpy as np
from flask import Response, abort, render_template, request, stream_with_context

from collector.inventory.sheet import escape
from collector.series.frames import Times
from collector.states import SiteState
from web import asked, timeline
from web.context import centre, facts, home_zone, now, scope
from web.directory import Directory
from web.freshness import freshness
from web.labels import STATES
from web.midnights import midnights
from web.sites import bp
from web.tongue import gettext
from web.viewing import my_views

PAGE = 50
# more rows than this are no file that a spreadsheet opens
MOST_EXPORTED = 100_000
_EXPORTED = (
    "code", "name", "district", "regency", "isp", "lifecycle",
    "state", "since", "cause", "last_report", "faulty_checks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One site of the list; `days` are the bars of its last 90 days."""

    code: str
    name: str
    place: str
    lifecycle: str
    state: str
    since: float | None
    held: SiteState | None
    last: float | None
    bad: int
    days: Mapping[str, str]
    available: float | None
    zone: tzinfo


@bp.get("/")
def index() -> str:
    """A page of the list, what it can be filtered by, and how fresh it is."""
    wanted, directory = asked.read(request.args), facts().directory()
    last_reports = facts().numbers.last_reports()
    chosen = directory.choose(wanted, scope(), last_reports, now())
    begin = (wanted.page - 1) * PAGE
    places = chosen.places[begin : begin + PAGE].tolist()
    return render_template(
        "sites.html",
        asked=wanted,
        counts=chosen.counts,
        matching=len(chosen.places),
        pages=max(1, -(-len(chosen.places) // PAGE)),
        rows=_rows(directory, places, last_reports),
        total=int(directory.visible(scope()).sum()),
        states=STATES,
        silences=asked.SILENCES,
        lifecycles=asked.LIFECYCLES,
        sorts=asked.SORTS,
        areas=directory.areas(scope(), wanted.area),
        isps=list(directory.names.isps)[:200],
        views=my_views(),
        days=timeline.DAYS,
        fresh=freshness(facts().fold(), now()),
        rev=facts().rev(),
    )


@bp.get("/sites.csv")
def export() -> Response:
    """Every row that the filter leaves, in its order; times in UTC."""
    wanted, directory = asked.read(request.args), facts().directory()
    last_reports = facts().numbers.last_reports()
    places = directory.choose(wanted, scope(), last_reports, now()).places.tolist()
    if len(places) > MOST_EXPORTED:
        said = gettext("More than %(n)s sites: narrow the filter first.", n=MOST_EXPORTED)
        abort(400, said)
    name = f"ronda-sites-{datetime.fromtimestamp(now(), home_zone()):%Y-%m-%d}.csv"
    lines = _lines(_cells(directory, places, last_reports))
    answer = Response(stream_with_context(lines), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _rows(directory: Directory, places: Sequence[int], last_reports: Any) -> list[Row]:
    codes = [directory.names.codes[place] for place in places]
    home = home_zone()
    edges = [*midnights(now(), home, timeline.DAYS), now()]
    held, bars = facts().held(codes), facts().bars(codes, edges)
    rows = []
    for place, code in zip(places, codes, strict=True):
        site, state = directory.names.sites[place], held.get(code)
        rows.append(
            Row(
                code=code,
                name=site.name,
                place=", ".join(filter(None, (site.district, site.isp.replace("|", ", ")))),
                lifecycle=site.lifecycle,
                state=state.state if state else "unknown",
                since=state.since if state else None,
                held=state,
                last=_last(site.row, last_reports),
                bad=int(directory.bad[place]),
                days=bars[code].paths,
                available=bars[code].available,
                zone=facts().zone(code, centre().settings.timezone),
            )
        )
    return rows


def _cells(directory: Directory, places: Sequence[int], last_reports: Any) -> Iterator[list[str]]:
    # arrays become plain values at once: asked one by one they cost ten times as much
    names, rows = directory.names.sites, last_reports.tolist()
    state, cause = directory.state[places].tolist(), directory.cause[places].tolist()
    since, bad = _utc(directory.since[places]), directory.bad[places].tolist()
    last = [rows[row] if (row := names[place].row) < len(rows) else 0.0 for place in places]
    reported = _utc(np.array([at or np.nan for at in last], np.float64))
    for at, place in enumerate(places):
        site = names[place]
        told = (site.code, site.name, site.district, site.regency, site.isp)
        yield [
            *map(escape, told),
            site.lifecycle,
            STATES[state[at]],
            since[at],
            cause[at],
            reported[at],
            str(bad[at]),
        ]


def _lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The file in pieces of a few hundred rows."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_EXPORTED)
    for number, cells in enumerate(rows):
        writer.writerow(cells)
        if number % 500 == 499:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _utc(moments: Times) -> list[str]:
    """Whole seconds of UTC as ISO 8601; empty for NaN."""
    known = ~np.isnan(moments)
    seconds = np.where(known, moments, 0).astype("datetime64[s]")
    told = np.char.add(np.datetime_as_string(seconds, unit="s"), "Z")
    return [str(text) for text in np.where(known, told, "").tolist()]


def _last(row: int, last_reports: Any) -> float | None:
    at = float(last_reports[row]) if row < len(last_reports) else 0.0
    return at if at > 0 else None
