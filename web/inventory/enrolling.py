"""Villages set to work: codes on sheets to print, and agents that wait to be let in."""

from collections.abc import Mapping
from dataclasses import dataclass

import segno
from flask import abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector import agents, inventory, onboarding
from collector.authority import code_suffix
from collector.db import reading, writing
from collector.inventory import Site
from collector.inventory.places import AREA_CODE, parents, within
from web import reasons
from web.context import centre, home_zone, now, role_required, scope
from web.inventory.desk import EDITORS, bp, by
from web.tongue import gettext, speaking

_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Slip:
    """What one village gets: its code, and the picture that holds the whole command."""

    site: Site
    district: str
    code: str
    command: str
    picture: Markup


@bp.get("/codes")
@role_required(*EDITORS)
def codes() -> str:
    """Sites without an agent, to choose from; by district."""
    return _choosing("")


@bp.post("/codes")
@role_required(*EDITORS)
def sheet() -> str | tuple[str, int]:
    """New codes for the chosen sites, on pages to print; nobody can show them again."""
    settings = centre().settings
    wanted, activate = set(request.form.getlist("site")), request.form.get("activate") == "1"
    approval = request.form.get("approval") == "1"
    try:
        with writing(centre().store) as connection:
            chosen = [site for site in _open_sites(connection) if site.code in wanted]
            days = float(settings.code_days)
            made = onboarding.hand_out(connection, chosen, days, approval, activate, now(), by())
            names = inventory.area_names(connection)
    except Refused as refused:
        return _choosing(reasons.say(refused.problem)), 422
    slips = [_slip(site, code + code_suffix(settings), names) for site, code in made]
    # who reads it is in the village, whatever the reader of the console speaks
    with speaking("id"):
        return render_template(
            "inventory/sheet.html",
            slips=slips,
            address=settings.reports_to,
            until=now() + days * _DAY_S,
            zone=home_zone(),
            approval=approval,
        )


@bp.get("/agents")
@role_required(*EDITORS)
def queue() -> str:
    """Agents that wait to be let in."""
    with reading(centre().store) as connection:
        found = [a for a in onboarding.waiting(connection) if scope().sees(a["site"])]
        there = {s.code: s for s in inventory.sites(connection, only=[a["site"] for a in found])}
    return render_template("inventory/agents.html", agents=found, sites=there)


@bp.post("/agents/<int:number>")
@role_required(*EDITORS)
def answer(number: int) -> Response:
    """Let one in, or send it away."""
    if number >= 1 << 63:
        abort(404)
    let_in = request.form.get("do") == "approve"
    try:
        with writing(centre().store) as connection:
            known = agents.find_agent(connection, number)
            if known is None or not scope().sees(known.site):
                abort(404)
            onboarding.decide(connection, number, let_in, now(), by())
    except Refused as refused:
        flash(reasons.say(refused.problem), "bad")
    else:
        flash(gettext("Let in.") if let_in else gettext("Sent away."), "good")
    return redirect(url_for("inventory.queue"), 303)


def _choosing(problem: str) -> str:
    area = request.values.get("area", "")
    if area and not AREA_CODE.fullmatch(area):
        abort(400, gettext("The filter asks for an area that does not exist."))
    with reading(centre().store) as connection:
        found = _open_sites(connection)
        names = inventory.area_names(connection)
    districts = sorted({parents(site.code)[-1] for site in found})
    shown = [site for site in found if not area or within(site.code, area)]
    return render_template(
        "inventory/codes.html",
        sites=shown[: onboarding.MOST_CODES],
        total=len(shown),
        districts=[(code, names.get(code, code)) for code in districts],
        area=area,
        problem=problem,
        settings=centre().settings,
    )


def _open_sites(connection: Connection) -> list[Site]:
    return [site for site in onboarding.without_agent(connection) if scope().sees(site.code)]


def _slip(site: Site, code: str, names: Mapping[str, str]) -> Slip:
    command = f"/opt/ronda/bin/ronda-agent enrol {centre().settings.reports_to} {code}"
    drawn = segno.make_qr(command, error="m").svg_inline(border=4, omitsize=True)
    district = site.district or names.get(parents(site.code)[-1], "")
    return Slip(site, district, code, command, Markup(drawn))
