"""Pages about sites: what they share, and the numbers of one as data for charts that answer."""

import math

import numpy as np
from flask import Blueprint, Response, abort, jsonify, request

from collector.db import reading
from collector.inventory import Site, recodes
from web import charts
from web.context import centre, facts, now, scope
from web.tongue import gettext

bp = Blueprint("sites", __name__, url_prefix="/sites")

_LONGEST_S = 400 * 86400.0


def the_site(code: str) -> Site:
    """The site, to a reader who may see it; a site outside their areas is not there."""
    if not scope().sees(code):
        abort(404)
    return facts().site(code) or abort(404)


def renamed(code: str) -> str | None:
    """The code that an old one leads to, for a reader who may see the site."""
    with reading(centre().store) as connection:
        new = recodes.alias(connection, code)
    return new if new is not None and facts().site(new) and scope().sees(new) else None


@bp.get("/<code>/series.json")
def series(code: str) -> tuple[Response, int] | Response:
    """One series as {"name","unit","times","values"}: at most 720 points, null where none is."""
    site = the_site(code)
    name = request.args.get("name", "")
    family = charts.family(name)
    start, end = _moment("from", now() - 86400), _moment("to", now())
    if family is None or not 0 < end - start <= _LONGEST_S:
        abort(400, gettext("This series or stretch of time cannot be drawn."))
    found = facts().samples(site.row, name, start, end)
    if found is None:
        abort(404)
    times, values = charts.thin(*found, charts.FINE_POINTS, family.peak)
    return jsonify(
        name=name,
        unit=family.unit,
        times=np.round(times, 3).tolist(),
        values=[None if math.isnan(value) else float(f"{value:.6g}") for value in values.tolist()],
    )


def _moment(key: str, default: float) -> float:
    try:
        value = float(request.args.get(key, default))
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or not 0 <= value <= 1e11:
        abort(400, gettext("This series or stretch of time cannot be drawn."))
    return value
