"""The way from a good password to a session: at once, or by the second step."""

from flask import flash, redirect, session, url_for
from werkzeug.wrappers import Response

from collector.secret import load_secret
from web import people, second_step, words
from web.context import centre, enter, home_zone, now
from web.people import User
from web.second_step import Need
from web.tongue import gettext

# long enough to find an app for the first time
HALF_S = 900
_KEY = "half"


def go_in(user: User, onward: str) -> Response:
    """Into the console, or to the page that asks for what is still missing."""
    store, settings = centre().store, centre().settings
    wanted = second_step.need(store, user, settings.totp_roles)
    if wanted is Need.NOTHING:
        enter(user)
        _tell(user)
        return redirect(onward, 303)
    _tell(user)
    if wanted is Need.SET_UP:
        second_step.begin(store, load_secret(settings.folder), user.name, now())
    half = {"user": user.name, "revocation": user.revocation, "at": now(), "onward": onward}
    session[_KEY] = half
    return redirect(url_for("step.ask"), 303)


def inside(target: str) -> str:
    """A path of ours, or the overview; a link from outside must not lead people elsewhere."""
    plain = target.startswith("/") and not target.startswith("//") and "\\" not in target
    if plain and target.isprintable():
        return target
    return url_for("overview.show")


def waiting() -> tuple[User, str] | None:
    """Who is half signed in here, and where they wanted to go."""
    half = session.get(_KEY)
    if not isinstance(half, dict) or now() - half["at"] > HALF_S:
        return None
    user = people.user(centre().store, half["user"])
    if user is None or user.revocation != half["revocation"]:
        return None
    return user, half["onward"]


def _tell(user: User) -> None:
    """Somebody else took the second step away since this person was here."""
    found = second_step.shown(centre().store, user.name)
    if found.removed_at is not None and found.removed_at > (user.signed_in_at or 0):
        flash(removed_words(found.removed_by, found.removed_at), "bad")


def removed_words(by: str, at: float) -> str:
    """What the person reads about it."""
    return gettext(
        "Your second step was removed by %(who)s, %(when)s. Did you not ask for it? "
        "Tell your administrator, and change your password.",
        who=by or "Ronda",
        when=words.moment(at, home_zone(), now()),
    )
