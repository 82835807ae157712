"""How far each district is on its way to the day by which all should be ready."""

from datetime import date, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from collector import inventory, onboarding
from collector.db import reading, writing
from web.context import centre, facts, home_zone, now, role_required, scope
from web.inventory.desk import EDITORS, bp, by
from web.tongue import gettext, lazy_gettext

MOST_NAMED = 8
WORDS = {
    "code": lazy_gettext("code given"),
    "enrolled": lazy_gettext("enrolled"),
    "reporting": lazy_gettext("reporting"),
    "contact": lazy_gettext("contact entered"),
    "tested": lazy_gettext("contact tested"),
    "contract": lazy_gettext("contract entered"),
    "checks": lazy_gettext("checks configured"),
}


@bp.get("/readiness")
@role_required(*EDITORS)
def readiness() -> str:
    """By district: of how many sites each step is done, and who lacks it."""
    with reading(centre().store) as connection:
        there = inventory.sites(connection)
        chosen = [s for s in there if s.watched and scope().sees(s.code)]
        last = facts().numbers.last_reports().tolist()
        heard = {row: at for row, at in enumerate(last) if at > 0}
        steps = onboarding.ladder(connection, chosen, heard, now())
        names = inventory.area_names(connection)
        target = onboarding.target(connection)
    today = datetime.fromtimestamp(now(), home_zone()).date()
    found = onboarding.progress(chosen, steps, MOST_NAMED)
    return render_template(
        "inventory/readiness.html",
        progress=found,
        ready=sum(one.ready for one in found),
        total=len(chosen),
        names=names,
        target=target,
        days=(target - today).days if target else None,
        steps=WORDS,
        most=MOST_NAMED,
    )


@bp.post("/readiness")
@role_required("admin")
def set_target() -> Response:
    """Set the day, or take it away."""
    if not scope().everything:
        abort(403, gettext("This place lies outside your areas."))
    text = request.form.get("target", "").strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        flash(gettext("Write the day as 2026-12-31."), "bad")
    else:
        with writing(centre().store) as connection:
            onboarding.set_target(connection, day, now(), by())
        flash(gettext("Saved."), "good")
    return redirect(url_for("inventory.readiness"), 303)
