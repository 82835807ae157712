"""Pages of the second step: asked for at sign-in, set up and given back on one's own account."""

import logging

import segno
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector.secret import load_secret
from web import entrance, people, second_step, totp
from web.context import centre, enter, me, now
from web.people import User
from web.second_step import Need
from web.tongue import gettext

bp = Blueprint("step", __name__)
log = logging.getLogger(__name__)

_LONGEST = 40
_Answer = str | Response | tuple[str, int]


@bp.get("/login/step")
def ask() -> _Answer:
    """The second page of signing in: the code, or the way to have codes at all."""
    half = entrance.waiting()
    if half is None:
        return redirect(url_for("login.sign_in"), 303)
    return _asking(half[0])


@bp.post("/login/step")
def answer() -> _Answer:
    """In with the right code; wrong, used and locked read the same."""
    half = entrance.waiting()
    if half is None:
        flash(gettext("That took too long: sign in once more."), "bad")
        return redirect(url_for("login.sign_in"), 303)
    user, onward = half
    # pressed twice: the codes that are seen last are those that count
    if (codes := _confirmed(user)) is not None:
        enter(user)
        return render_template("recovery.html", codes=codes, onward=onward)
    if _need(user) is Need.SET_UP:
        flash(_no_match(), "bad")
        return _asking(user), 403
    entered = second_step.answer(centre().store, _secret(), user.name, _code(), now())
    if entered is None:
        log.warning("second step refused: %s, from %s", user.name, request.remote_addr)
        flash(_no_match(), "bad")
        return _asking(user), 403
    enter(entered)
    return redirect(onward, 303)


def _asking(user: User) -> str:
    if _need(user) is not Need.SET_UP:
        return render_template("step.html", action=url_for("step.answer"), secret=None)
    return _setting_up(user, url_for("step.answer"), forced=True)


@bp.post("/account/step/begin")
def begin() -> Response:
    """A new secret for the app, by who knows the password of today."""
    user, store = _mine(), centre().store
    if user.has_password and user.local:
        given = request.form.get("old", "")
        if people.sign_in(store, user.name, given, now()) is None:
            words = gettext("The password of today is another one, or the account is locked.")
            flash(words, "bad")
            return redirect(url_for("account.show"), 303)
    try:
        second_step.begin(store, _secret(), user.name, now())
    except Refused:
        return redirect(url_for("account.show"), 303)
    return redirect(url_for("step.show"), 303)


@bp.get("/account/step")
def show() -> _Answer:
    """The picture for the app, and the field for its first code."""
    user = _mine()
    if second_step.begun(centre().store, _secret(), user.name) is None:
        return redirect(url_for("account.show"), 303)
    return _setting_up(user, url_for("step.confirm"))


@bp.post("/account/step")
def confirm() -> _Answer:
    """The first code: from now on one is asked for."""
    user = _mine()
    codes = _confirmed(user)
    if codes is not None:
        return render_template("recovery.html", codes=codes, onward=url_for("account.show"))
    if second_step.begun(centre().store, _secret(), user.name) is None:
        return redirect(url_for("account.show"), 303)
    flash(_no_match(), "bad")
    return _setting_up(user, url_for("step.confirm")), 403


@bp.post("/account/step/change")
def change() -> _Answer:
    """Other recovery codes, or no second step any more; each by who has a code."""
    user, do = _mine(), request.form.get("do", "")
    if do not in ("codes", "remove"):
        abort(400, gettext("This request cannot be understood"))
    about = (centre().store, _secret(), user.name, _code(), now())
    if do == "codes":
        codes = second_step.fresh_codes(*about, form=request.form.get("form_token", ""))
        if codes is not None:
            return render_template("recovery.html", codes=codes, onward=url_for("account.show"))
    elif second_step.remove(*about):
        flash(gettext("No second step is asked for any more."), "good")
        return redirect(url_for("account.show"), 303)
    flash(_no_match(), "bad")
    return redirect(url_for("account.show"), 303)


def _setting_up(user: User, action: str, forced: bool = False) -> str:
    secret = second_step.begun(centre().store, _secret(), user.name)
    if secret is None:
        abort(403, gettext("That took too long: sign in once more."))
    held = totp.address(secret, user.name, second_step.ISSUER)
    # generated here from our own words; nothing of it came from a form
    drawn = segno.make_qr(held, error="m").svg_inline(border=4, omitsize=True)
    return render_template(
        "step.html",
        action=action,
        secret=totp.spaced(secret),
        picture=Markup(drawn),
        forced=forced,
    )


def _confirmed(user: User) -> list[str] | None:
    form = request.form.get("form_token", "")
    return second_step.confirm(centre().store, _secret(), user.name, _code(), now(), form)


def _need(user: User) -> Need:
    return second_step.need(centre().store, user, centre().settings.totp_roles)


def _code() -> str:
    return request.form.get("code", "")[:_LONGEST]


def _secret() -> bytes:
    return load_secret(centre().settings.folder)


def _mine() -> User:
    user = me()
    if user is None:
        abort(403)
    return user


def _no_match() -> str:
    return gettext("The code does not match, was used before, or the account is locked.")
