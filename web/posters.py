"""Posters that hang in villages: a QR code and a line to type, to report what does not work."""

from collections.abc import Mapping
from dataclasses import dataclass

import segno
from flask import Blueprint, abort, render_template, request
from markupsafe import Markup

from alerts.citizens import said
from alerts.message import place
from collector import console_address, inventory
from collector.db import reading
from collector.inventory import Site
from collector.inventory.places import AREA_CODE, SITE_CODE, parents, within
from web import words
from web.context import centre, facts, role_required, scope
from web.public import PREFIX
from web.public.moment import desk
from web.tongue import gettext, speaking

bp = Blueprint("posters", __name__, url_prefix="/posters")

MAKERS = ("village", "noc", "admin")
# so many pages at once
MOST = 200
_AREA_CODE_CHARS = 20


@dataclass(frozen=True, slots=True)
class Poster:
    """What hangs in one village; `picture` holds the address."""

    site: Site
    place: str
    district: str
    regency: str
    address: str
    picture: Markup
    # what to write where there is no internet
    line: str


@bp.get("")
@role_required(*MAKERS)
def choose() -> str:
    """The sites of an area, one by one or all on pages to print."""
    area, sites, names = _asked()
    return render_template(
        "posters.html",
        sites=sites[:MOST],
        total=len(sites),
        most=MOST,
        area=area,
        districts=_districts(names),
        problem=_problem(),
    )


@bp.get("/print")
@role_required(*MAKERS)
def sheets() -> str:
    """The posters of an area, or of one site, a page each."""
    if _problem():
        abort(409, _problem())
    _, sites, names = _asked()
    # who reads it is in the village, whatever the reader of the console speaks
    with speaking("id"):
        return render_template(
            "poster.html",
            posters=[_poster(site, names) for site in sites[:MOST]],
            number=centre().settings.citizen_number,
            hours=words.stretch(centre().settings.handled_within_s),
        )


def _asked() -> tuple[str, list[Site], Mapping[str, str]]:
    """The area asked for, its sites that are in service and may be shown, names of areas."""
    area, code = request.args.get("area", "").strip(), request.args.get("site", "").strip()
    if area and not (len(area) <= _AREA_CODE_CHARS and AREA_CODE.fullmatch(area)):
        abort(400, gettext("The filter asks for an area that does not exist."))
    if code and not (SITE_CODE.fullmatch(code) and scope().sees(code)):
        abort(404)
    hidden = centre().settings.public_hides
    with reading(centre().store) as connection:
        found = inventory.sites(connection, only=[code] if code else [])
        names = inventory.area_names(connection)
    sites = [
        site
        for site in found
        if site.lifecycle == "active"
        and scope().sees(site.code)
        and (not area or within(site.code, area))
        and not any(within(site.code, each) for each in hidden)
    ]
    if code and not sites:
        abort(404)
    return area, sites, names


def _districts(names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Districts of which the reader sees something, by code."""
    inside = (code for code in names if code.count(".") == 2)
    own = scope().areas
    return [
        (code, names[code])
        for code in sorted(inside)
        if scope().sees(code) or any(within(each, code) for each in own)
    ]


def _problem() -> str:
    """Why a poster would lead nowhere; "" where it does not."""
    settings = centre().settings
    if not (settings.public and settings.citizens):
        return gettext("Nobody can report yet: set public and citizens in the centre's settings.")
    if not settings.public_url or console_address.leads_home(settings.public_url):
        return gettext("Set public_url to the address that people reach from outside.")
    return ""


def _poster(site: Site, names: Mapping[str, str]) -> Poster:
    address = f"{centre().settings.public_url.rstrip('/')}{PREFIX}/lapor/{site.code}"
    # hung in the sun, torn at a corner: a quarter of it may be gone
    drawn = segno.make_qr(address, error="q").svg_inline(border=2, omitsize=True)
    district = site.district or names.get(parents(site.code)[-1], "")
    where = (place(site.code, site.name), district, _regency(site.code, names))
    return Poster(site, *where, address, Markup(drawn), said.example(site.code))


def _regency(code: str, names: Mapping[str, str]) -> str:
    """Who asks to be told, as people know it; "" where nobody gave a name."""
    regency = parents(code)[1]
    if not names.get(regency):
        return ""
    directory, _, _ = facts().regency()
    return desk().of(directory.names, centre().settings.public_hides).called(regency)
