"""Signing in and out, the one-time link, and the language of the pages."""

import logging
from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from web import accounts, entrance, people, signins, tokens
from web.context import THEMES, centre, me, now
from web.password import LONGEST, SHORTEST
from web.tongue import LANGUAGES, gettext

bp = Blueprint("login", __name__)
log = logging.getLogger(__name__)


@bp.route("/login", methods=["GET", "POST"])
def sign_in() -> str | Response | tuple[str, int]:
    """The form for name and password."""
    onward = entrance.inside(request.values.get("next", ""))
    if request.method != "POST":
        return redirect(onward) if me() else render_template("login.html", onward=onward)
    name, password = request.form.get("name", ""), request.form.get("password", "")
    user = people.sign_in(centre().store, name[:100], password, now())
    if user is None:
        _note(name)
        # wrong, locked and missing read the same: the page must not tell which names exist
        flash(gettext("Name and password do not match, or the account is locked."), "bad")
        return render_template("login.html", onward=onward, name=name[:100]), 403
    return entrance.go_in(user, onward)


def _note(name: str) -> None:
    """For whoever reads the log; a name that is none may be somebody's password, and stays out."""
    known = people.user(centre().store, name[:100])
    log.warning(
        "sign-in refused: %s, from %s", known.name if known else "no account", request.remote_addr
    )


@bp.post("/logout")
def sign_out() -> Response:
    """End this session, here; with `everywhere`, on all devices, with `tokens` those, too."""
    user = me()
    if user and request.form.get("everywhere"):
        ending = request.form.get("tokens") == "1"
        accounts.sign_out(centre().store, user, user.name, now(), tokens=ending)
    elif user:
        signins.end(centre().store, user.name, user.signin, now())
    session.clear()
    return redirect(url_for("login.sign_in"), 303)


@bp.route("/link/<token>", methods=["GET", "POST"])
def link(token: str) -> str | Response | tuple[str, int]:
    """A one-time link: set a password, for the first admin also a name."""
    store = centre().store
    found = people.link(store, token, now())
    if found is None:
        abort(403, gettext("This sign-in link was used or is too old. Ask for a new one."))
    held = tokens.owned(store, found.user, now()) if found.user else ()
    page = {"user": found.user, "shortest": SHORTEST, "tokens": held}
    if request.method != "POST":
        return render_template("link.html", **page)
    name, password = request.form.get("name", ""), request.form.get("password", "")
    if password != request.form.get("again", ""):
        flash(gettext("The two passwords are not the same."), "bad")
        return render_template("link.html", **page, name=name), 400
    before = people.user(store, found.user)
    try:
        ending = request.form.get("tokens") == "1"
        user = people.use_link(store, token, name, password, now(), ending)
    except Refused as refused:
        flash(_why(refused), "bad")
        return render_template("link.html", **page, name=name), 400
    if user is None:
        abort(403, gettext("This sign-in link was used or is too old. Ask for a new one."))
    # who was here before: the row of now would not know what happened since
    seen = before.signed_in_at if before else user.signed_in_at
    return entrance.go_in(replace(user, signed_in_at=seen), url_for("overview.show"))


@bp.post("/language")
def language() -> Response:
    """Pages in the other language, for this account or this browser."""
    wanted = request.form.get("language", "")
    if wanted not in LANGUAGES:
        abort(400, gettext("This language is not there."))
    user = me()
    if user:
        people.set_language(centre().store, user.name, wanted)
    session["language"] = wanted
    return redirect(entrance.inside(request.form.get("next", "")), 303)


@bp.post("/look")
def look() -> Response:
    """Light, dark, or as the device has it, for this browser."""
    wanted = request.form.get("theme", "")
    if wanted not in THEMES:
        abort(400, gettext("This look is not there."))
    session["theme"] = wanted
    return redirect(entrance.inside(request.form.get("next", "")), 303)


def _why(refused: Refused) -> str:
    if refused.place == "name":
        return gettext("A name has 2 to 60 small letters, digits and . _ - @")
    return gettext(
        "The password must have %(least)s to %(most)s characters and not be the name.",
        least=SHORTEST,
        most=LONGEST,
    )
