"""Everybody's own account: its sessions, its password, its tokens."""

import base64
import re
from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector.secret import derive, load_secret
from web import people, second_step, signins, tokens
from web.account_powers import within
from web.context import centre, enter, me, now
from web.entrance import removed_words
from web.password import LONGEST, SHORTEST
from web.people import ROLES, User
from web.tongue import gettext

bp = Blueprint("account", __name__)

_LONGEST = 100
_WHY: dict[str, Callable[[], str]] = {
    "name": lambda: gettext("A name has 1 to 60 characters."),
    "role": lambda: gettext("A token has at most your own role."),
    "area": lambda: gettext("An area is a code such as 35.10 or 35.10.06 inside your own areas."),
    "days": lambda: gettext("A token ends after 7, 30, 90 or 365 days."),
    "most": lambda: gettext("You have as many tokens as there may be; revoke one first."),
}


@bp.get("/account")
def show() -> str:
    """What the reader's account has open."""
    return _page("")


@bp.post("/account/sessions/end")
def end() -> Response:
    """One session, on whichever device, ends."""
    user = _mine()
    signins.end(centre().store, user.name, given_id(), now())
    flash(gettext("The session ended."), "good")
    return redirect(url_for("account.show"), 303)


@bp.post("/account/password")
def password() -> Response | tuple[str, int]:
    """Another password; every session but this one ends."""
    user = _mine()
    old, new, again = (request.form.get(key, "") for key in ("old", "password", "again"))
    if new != again:
        flash(gettext("The two passwords are not the same."), "bad")
        return _page(""), 422
    try:
        ending = request.form.get("tokens") == "1"
        changed = people.change_password(centre().store, user.name, old, new, now(), ending)
    except Refused:
        flash(
            gettext(
                "The password must have %(least)s to %(most)s characters and not be the name.",
                least=SHORTEST,
                most=LONGEST,
            ),
            "bad",
        )
        return _page(""), 422
    if changed is None:
        flash(gettext("The password of today is another one, or the account is locked."), "bad")
        return _page(""), 403
    enter(changed)
    flash(gettext("The password is changed; other devices have to sign in again."), "good")
    return redirect(url_for("account.show"), 303)


@bp.post("/account/tokens")
def give() -> str | tuple[str, int]:
    """A new token, shown this once."""
    user = _mine()
    name, role, area = (request.form.get(key, "")[:_LONGEST] for key in ("name", "role", "area"))
    days = request.form.get("days", type=int, default=0)
    secret = load_secret(centre().settings.folder)
    # the same for the same form: pressed twice, it makes one token
    made = derive(secret, "token", request.form.get("form_token", ""), user.name, name, role, area)
    text = base64.urlsafe_b64encode(made).decode().rstrip("=")
    try:
        tokens.give(centre().store, user, name, role, area.strip(), days, now(), text)
    except Refused as refused:
        flash(_WHY[refused.place](), "bad")
        return _page(""), 422
    return _page(text)


@bp.post("/account/tokens/revoke")
def revoke() -> Response:
    """A token opens nothing any more."""
    tokens.revoke(centre().store, _mine().name, given_id(), now())
    flash(gettext("The token opens nothing any more."), "good")
    return redirect(url_for("account.show"), 303)


def given_id() -> str:
    """Which session or token a form names; what cannot be one is none."""
    given = request.form.get("id", "")
    return given if re.fullmatch(r"[0-9a-f]{64}", given) else ""


def _mine() -> User:
    user = me()
    if user is None:
        abort(403)
    return user


def _page(token: str) -> str:
    user = _mine()
    return render_template(
        "account.html",
        sessions=signins.of(centre().store, user.name, now()),
        tokens=tokens.owned(centre().store, user.name, now()),
        token=token,
        roles=[role for role in ROLES if within(role, user.role)],
        days=tokens.DAYS,
        shortest=SHORTEST,
        step=second_step.shown(centre().store, user.name),
        removed_words=removed_words,
    )
