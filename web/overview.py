"""The whole regency in one look."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from flask import Blueprint, abort, render_template, request, url_for

from collector.inventory.places import AREA_CODE
from collector.inventory.scope import Scope
from web import openings, regency, trend
from web.centres import any_below
from web.context import centre, facts, home_zone, now, scope
from web.crowd_day import Curve
from web.directory import UNKNOWN, Directory
from web.freshness import Freshness, freshness
from web.names import LEVELS, Mask
from web.openings import Openings
from web.regency import Area, Board
from web.tongue import gettext
from web.trend import Trend

bp = Blueprint("overview", __name__)

MOST_ROWS = 12
# two and a half of the usual intervals
LATELY_S = 150.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader sees of the part of the country that is theirs, as of one moment."""

    title: str
    counts: dict[str, int]
    board: Board
    open: Openings
    trend: Trend
    people: int
    counted: int
    counted_at: float
    curve: Curve
    reported: int
    fresh: Freshness
    blind_since: float | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def stale(self) -> bool:
        return self.fresh.stale or self.blind_since is not None


@bp.get("/")
def show() -> str:
    """Counters, the map, open incidents, people online, today; and how true each of it is."""
    within = chosen(request.args.get("area", ""))
    return render_template(
        "overview.html",
        seen=look(scope(), within, coming=True),
        within=within,
        area_url=_area_url,
        below=any_below(facts().directory(), scope()),
        rev=facts().rev(),
    )


def look(
    who: Scope,
    within: str = "",
    shown: Callable[[int], slice] = lambda _: slice(MOST_ROWS),
    coming: bool = False,
) -> Seen:
    """The same for whoever may see this much; with `coming` the map has planned sites, too."""
    directory, cases, blind = facts().regency()
    mask = directory.seen_by(who, within)
    later = directory.planned(who, within) if coming else np.zeros_like(mask)
    settings = centre().settings
    crowd = facts().crowd.look(now())
    rows = directory.names.rows[mask]
    people, counted = crowd.of(rows)
    groups = regency.level_of(directory, mask | later)
    areas = regency.areas_of(directory, mask, groups, later)
    drawing = facts().outline(directory, [area.code for area in areas])
    return Seen(
        _title(directory, mask | later, within),
        directory.counts(mask),
        regency.board(directory, mask, drawing, areas, later),
        openings.openings(cases, directory, mask, who, settings.handled_within_s, now(), shown),
        _trend(directory, mask),
        people,
        counted,
        crowd.at,
        facts().crowd.day.curve(rows, now(), home_zone(), crowd.here(rows)),
        _reported(directory, mask),
        freshness(facts().fold(), now()),
        blind,
    )


def _area_url(area: Area) -> str:
    """A district's sites, or the overview of what is wider."""
    if area.code.count(".") == 2:
        lifecycle = None if area.total else "planned"
        return url_for("sites.index", area=area.code, lifecycle=lifecycle)
    return url_for("overview.show", area=area.code)


def chosen(code: str) -> str:
    """An area that the reader may look into, or none."""
    if code and not AREA_CODE.fullmatch(code):
        abort(400, gettext("The filter asks for an area that does not exist."))
    mine = scope()
    # an area that holds one's own is no secret either
    if code and not (mine.sees(code) or any(each.startswith(f"{code}.") for each in mine.areas)):
        abort(404)
    return code


def _title(directory: Directory, mask: Mask, within: str) -> str:
    """The narrowest area that holds all that is shown."""
    names, found = directory.names, within
    for groups in LEVELS:
        places = directory.among(groups, mask)
        if len(places) == 1:
            area = names.areas[groups][places[0]]
            found = area if len(area) > len(found) else found
    if not found:
        return gettext("All areas")
    return " ".join(filter(None, (names.kinds.get(found), names.called.get(found, found))))


def _trend(directory: Directory, mask: Mask) -> Trend:
    begun = trend.midnight(now(), home_zone())
    before = trend.midnight(begun - 1.0, home_zone())
    told = facts().troubles(directory, begun, now())
    earlier = facts().yesterday(directory, before, begun, now())
    mine, theirs = mask[told.place], mask[earlier.place]
    # what is not normal now; a site that never reported is so since ever
    loud = np.flatnonzero(mask & (directory.state < regency.PLANNED))
    since = np.nan_to_num(directory.since[loud], nan=0.0)
    lasts = np.full(len(loud), np.inf)
    silent = directory.state[loud] == UNKNOWN
    return trend.trend(
        begun,
        now(),
        np.concatenate([earlier.since[theirs], told.since[mine], since]),
        np.concatenate([earlier.until[theirs], told.until[mine], lasts]),
        np.concatenate([earlier.silent[theirs], told.silent[mine], silent]),
        before,
    )


def _reported(directory: Directory, mask: Mask) -> int:
    """How many of these sites were heard lately."""
    heard = directory.last(facts().numbers.last_reports())
    return int((heard[mask] > now() - LATELY_S).sum())
