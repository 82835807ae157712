"""What people do on the page of a site: have its agent probe now, write a note, change one."""

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector import notes
from collector.agents import list_agents
from collector.db import writing
from collector.intake import orders
from web import reasons
from web.context import centre, facts, me, now, role_required
from web.sitepage import ACTING, asking
from web.sites import bp, the_site
from web.tongue import gettext


@bp.post("/<code>/probe")
@role_required(*ACTING)
def probe(code: str) -> Response:
    """Ask the agents of a site to probe everything now; not while they are being waited for."""
    site = the_site(code)
    if not asking(site, facts().last_asking(code), facts().numbers.latest(site.row)).again:
        flash(gettext("It was asked already; the answer is on its way."))
        return _back(code, "part-hero")
    with writing(centre().store) as connection:
        active = [row["id"] for row in list_agents(connection, code) if row["state"] == "active"]
        for agent in active:
            orders.ask(connection, agent, ["probe_now"], now(), _name())
    if active:
        flash(gettext("The agent is told with its next report, and answers a moment later."))
    else:
        flash(gettext("This site has no agent that could be asked."), "bad")
    return _back(code, "part-hero")


@bp.post("/<code>/notes")
@role_required(*ACTING)
def note(code: str) -> Response:
    """Write a note about a site; with a number, give that note another text."""
    the_site(code)
    number, text = request.form.get("note", ""), request.form.get("text", "")
    if number and not (number.isascii() and number.isdigit() and len(number) < 16):
        abort(404)
    try:
        with writing(centre().store) as connection:
            if number:
                notes.edit(connection, code, int(number), text, _name(), now())
            else:
                notes.add(connection, code, text, _name(), now())
    except Refused as refused:
        flash(gettext("Not written down: %(why)s", why=reasons.say(refused.problem)), "bad")
    else:
        flash(gettext("Written down."))
    return _back(code, "notes")


def _back(code: str, part: str) -> Response:
    return redirect(url_for("sites.show", code=code, _anchor=part), 303)


def _name() -> str:
    user = me()
    assert user is not None, "only roles that were asked for come here"
    return user.name
