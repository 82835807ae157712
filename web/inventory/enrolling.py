"""Villages set to work: codes on sheets to print, and agents that wait to be let in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import segno
from flask import abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector import agent_acts, agents, console_address, inventory, onboarding
from collector.authority import code_suffix
from collector.db import reading, writing
from collector.inventory import Site
from collector.inventory.places import AREA_CODE, parents, within
from web import reasons
from web.context import centre, home_zone, me, now, role_required, scope
from web.inventory.desk import EDITORS, bp, by
from web.tongue import gettext, speaking

_DAY_S = 86400.0
_LONGEST = 60


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
    wanted, activate = request.form.getlist("site"), request.form.get("activate") == "1"
    swapped = request.form.get("swap", "").strip()
    approval = request.form.get("approval") == "1"
    try:
        with writing(centre().store) as connection:
            chosen = _chosen(connection, wanted, swapped)
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
            swapped=swapped,
            leads_home=console_address.leads_home(settings.reports_to),
        )


@bp.get("/agents")
@role_required(*EDITORS)
def queue() -> str:
    """Agents that wait to be let in; with `?site=CODE` also those that serve a site."""
    asked = request.args.get("site", "").strip()[:_LONGEST]
    with reading(centre().store) as connection:
        found = [a for a in onboarding.waiting(connection) if scope().sees(a["site"])]
        # of no codes it would be all of them
        named = inventory.sites(connection, only=[a["site"] for a in found]) if found else []
        serving = _serving(connection, asked)
    return render_template(
        "inventory/agents.html",
        agents=found,
        sites={s.code: s for s in named},
        asked=asked,
        serving=serving,
    )


@bp.post("/agents/<int:number>")
@role_required(*EDITORS)
def answer(number: int) -> Response:
    """Let one in, or send it away."""
    if number >= 1 << 63:
        abort(404)
    do = request.form.get("do")
    if do not in ("approve", "refuse", "end"):
        abort(400, gettext("This request cannot be understood"))
    if do == "end":
        return _end(number)
    let_in = do == "approve"
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


def _end(number: int) -> Response:
    """The box of a village is swapped, broken or stolen: its token is void at once."""
    user = me()
    if user is None or user.role != "admin":
        abort(403, gettext("Your role does not allow this."))
    with writing(centre().store) as connection:
        known = agents.find_agent(connection, number)
        if known is None or not scope().sees(known.site):
            abort(404)
        # it cannot be taken back: somebody has to go there
        sure = request.form.get("sure") == "1"
        if sure and known.state != "revoked":
            agent_acts.revoke(connection, number, now(), by())
    if sure:
        flash(gettext("Ended: it is not listened to any more."), "good")
    else:
        flash(gettext("Tick first that you are sure: this cannot be taken back."), "bad")
    return redirect(url_for("inventory.queue", site=known.site), 303)


def _serving(connection: Connection, site: str) -> list[dict[str, Any]]:
    """Agents of a site of the reader's that are listened to, the newest first."""
    known = agents.list_agents(connection, site) if site and scope().sees(site) else []
    return sorted((a for a in known if a["state"] == "active"), key=lambda a: -a["id"])


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
        leads_home=console_address.leads_home(centre().settings.reports_to),
    )


def _chosen(connection: Connection, wanted: Sequence[str], swapped: str) -> list[Site]:
    """Of sites without an agent those that were chosen, and one whose box is to be another."""
    if swapped:
        return [s for s in onboarding.to_equip(connection, [swapped]) if scope().sees(s.code)]
    return [site for site in _open_sites(connection) if site.code in set(wanted)]


def _open_sites(connection: Connection) -> list[Site]:
    return [site for site in onboarding.without_agent(connection) if scope().sees(site.code)]


def _slip(site: Site, code: str, names: Mapping[str, str]) -> Slip:
    command = f"python3 ronda-agent.pyz install {centre().settings.reports_to} {code}"
    drawn = segno.make_qr(command, error="m").svg_inline(border=4, omitsize=True)
    district = site.district or names.get(parents(site.code)[-1], "")
    return Slip(site, district, code, command, Markup(drawn))
