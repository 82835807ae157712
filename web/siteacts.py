"""What people do on the page of a site: have its agent probe now, write a note, change one."""

from enum import StrEnum
from typing import Any

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector import notes
from collector.agents import list_agents
from collector.db import writing
from collector.intake import orders
from collector.inventory import Site
from collector.vocabularies import askable
from web import reasons
from web.context import centre, facts, me, now, role_required
from web.sitepage import ACTING, asking
from web.sites import bp, the_site
from web.tongue import gettext, lazy_gettext


class Told(StrEnum):
    """What became of asking a site's agents to probe now."""

    ASKED = "asked"
    WAITING = "waiting"
    NOBODY = "nobody"
    SCRIPT = "script"


WORDS: dict[Told, Any] = {
    Told.ASKED: lazy_gettext("The agent is told with its next report, and answers a moment later."),
    Told.WAITING: lazy_gettext("It was asked already; the answer is on its way."),
    Told.NOBODY: lazy_gettext("This site has no agent that could be asked."),
    Told.SCRIPT: lazy_gettext(
        "Its agent is a script on a router, which takes no orders. It looks by itself, before each"
        " report."
    ),
}


def probe_now(site: Site) -> Told:
    """Ask the agents of a site to probe everything now; not while they are being waited for."""
    code = site.code
    if not asking(site, facts().last_asking(code), facts().numbers.latest(site.row)).again:
        return Told.WAITING
    with writing(centre().store) as connection:
        able = askable(connection, code)
        for agent in able:
            orders.ask(connection, agent, ["probe_now"], now(), _name())
        scripts = [row for row in list_agents(connection, code) if row["state"] == "active"]
    return Told.ASKED if able else Told.SCRIPT if scripts else Told.NOBODY


def write_note(code: str, text: str, number: int | None = None, seen: int | None = None) -> int:
    """A new note of a site, or another text of one, if `seen` is still its edition; its number."""
    with writing(centre().store) as connection:
        if number is None:
            return notes.add(connection, code, text, _name(), now())
        notes.edit(connection, code, number, text, _name(), now(), seen)
    return number


@bp.post("/<code>/probe")
@role_required(*ACTING)
def probe(code: str) -> Response:
    """Ask its agents to probe, and say what became of it."""
    told = probe_now(the_site(code))
    flash(str(WORDS[told]), "message" if told in (Told.ASKED, Told.WAITING) else "bad")
    return _back(code, "part-hero")


@bp.post("/<code>/notes")
@role_required(*ACTING)
def note(code: str) -> Response:
    """Write a note about a site; with a number, give that note another text."""
    the_site(code)
    number, seen = (_figure(request.form.get(key, "")) for key in ("note", "edition"))
    try:
        write_note(code, request.form.get("text", ""), number, seen)
    except Refused as refused:
        flash(gettext("Not written down: %(why)s", why=reasons.say(refused.problem)), "bad")
    else:
        flash(gettext("Written down."))
    return _back(code, "notes")


def _figure(text: str) -> int | None:
    """A number of a form; None where there is none."""
    if text and not (text.isascii() and text.isdigit() and len(text) < 16):
        abort(404)
    return int(text) if text else None


def _back(code: str, part: str) -> Response:
    return redirect(url_for("sites.show", code=code, _anchor=part), 303)


def _name() -> str:
    user = me()
    assert user is not None, "only roles that were asked for come here"
    return user.name
