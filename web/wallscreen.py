"""The screen on the wall of a control room, and the page where its links are made and revoked.

The link itself proves who asks: no session, so nothing signs out.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector.secret import derive, load_secret
from web import tongue, walls, words
from web.account_powers import covers
from web.context import THEMES, centre, facts, home_zone, now, role_required, scope
from web.inventory.desk import by
from web.overview import look
from web.tongue import LANGUAGES, gettext, lazy_gettext
from web.walls import Wall

bp = Blueprint("walls", __name__)

# what is readable at three metres on one screen; the rest comes in turn
ROWS, TURN_S = 6, 15
ROLES = ("noc", "admin")
_WEEKDAYS = (
    lazy_gettext("Monday"),
    lazy_gettext("Tuesday"),
    lazy_gettext("Wednesday"),
    lazy_gettext("Thursday"),
    lazy_gettext("Friday"),
    lazy_gettext("Saturday"),
    lazy_gettext("Sunday"),
)


@bp.get(f"{walls.PATH}<token>")
def screen(token: str) -> str | tuple[str, int]:
    """The screen, or why the link shows nothing."""
    wall = walls.find(centre().store, token)
    tongue.speak(wall.language if wall else centre().settings.language)
    if wall is None or wall.revoked_at is not None:
        return render_template("wall_refused.html", wall=wall, **_look()), 403
    sheets = 1

    def turn(rows: int) -> slice:
        nonlocal sheets
        sheets = max(1, -(-rows // ROWS))
        return slice(ROWS * (_turn() % sheets), ROWS * (_turn() % sheets + 1))

    seen = look(wall.scope, shown=turn)
    return render_template(
        "wall.html",
        wall=wall,
        seen=seen,
        sheet=_turn() % sheets + 1,
        sheets=sheets,
        turn_s=TURN_S,
        rev=facts().rev(),
        live=f"/live?wall={token}",
        today=_today(),
        **_look(),
    )


@bp.get("/walls")
@role_required(*ROLES)
def index() -> str:
    """The links of this reader's areas, and a form for a new one."""
    return _page("")


@bp.post("/walls")
@role_required(*ROLES)
def make() -> str | tuple[str, int]:
    """A new link, shown this once."""
    areas = request.form.get("areas", "").replace(",", " ").split()
    name, language = (request.form.get(key, "") for key in ("name", "language"))
    try:
        _, link = hang(name, areas, language, _token(by(), name, language, *areas))
    except Refused as refused:
        flash(why(refused), "bad")
        return _page(""), 400
    return _page(link)


def hang(name: str, areas: Sequence[str], language: str, token: str = "") -> tuple[int, str]:
    """A new link within the reader's areas (none: all of them): its number and its address."""
    areas = areas or scope().areas
    if not covers(scope(), areas):
        raise Refused("area", "is not yours")
    number, path = walls.add(centre().store, name, areas, language, by(), now(), token)
    base = centre().settings.public_url or request.host_url
    return number, base.rstrip("/") + path


@bp.post("/walls/<int:number>/revoke")
@role_required(*ROLES)
def revoke(number: int) -> Response:
    """The screen goes dark within seconds."""
    mine = {wall.id: wall for wall in seen()}
    if number not in mine:
        abort(404)
    walls.revoke(centre().store, number, now())
    flash(gettext("“%(name)s” shows nothing any more.", name=mine[number].name))
    return redirect(url_for("walls.index"), 303)


def _token(*about: str) -> str:
    """The same for the same form: pressed twice, or loaded again, it makes one link."""
    secret = load_secret(centre().settings.folder)
    made = derive(secret, "wall", request.form.get("form_token", ""), *about)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _look() -> dict[str, Any]:
    """`?theme=dark` at the end of the link; no session is asked."""
    wanted = request.args.get("theme", "")
    return {"size": "wall", "theme": lambda: wanted if wanted in THEMES else ""}


def _turn() -> int:
    """By the time, so that a screen that begins anew goes on where the others are."""
    return int(now() // TURN_S)


def _page(link: str) -> str:
    found = seen()
    return render_template(
        "walls.html",
        walls=[wall for wall in found if wall.revoked_at is None],
        revoked=[wall for wall in found if wall.revoked_at is not None],
        link=link,
        languages=LANGUAGES,
    )


def seen() -> list[Wall]:
    """Links that show no more than this reader may see."""
    return [wall for wall in walls.listing(centre().store) if covers(scope(), wall.areas)]


def why(refused: Refused) -> str:
    """Why there is no new link, in words."""
    if refused.place == "area":
        return gettext("An area is a code such as 35.10 or 35.10.06 inside your own areas.")
    if refused.place == "wall":
        return gettext("The link of this form was revoked. Fill the form in again.")
    if "already" in refused.problem:
        return gettext("There are too many wall screens; revoke one first.")
    return gettext("A name has 1 to 60 characters.")


def _today() -> str:
    """`Senin, 23 Nov 2026` in the control room's zone."""
    today = datetime.fromtimestamp(now(), home_zone())
    return f"{_WEEKDAYS[today.weekday()]}, {words.day(now(), home_zone())} {today.year}"
