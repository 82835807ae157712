"""The pages where an administrator sees who may enter, lets people in and keeps them out."""

import base64
import re
from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from agent.strict import Refused
from collector.inventory.whereabouts import NO_AREA
from collector.secret import derive, load_secret
from web import account_powers, accounts, mypage, people, reasons, second_step, tokens
from web.context import centre, me, now, role_required
from web.people import ROLES, User
from web.tongue import gettext

bp = Blueprint("people", __name__)

MOST = 100
_LONGEST = 500
_WHY: dict[str, Callable[[], str]] = {
    "area": lambda: gettext("An area is a code such as 35.10 or 35.10.06 inside your own areas."),
    "name": lambda: gettext("A name has 2 to 60 small letters, digits and . _ - @"),
    "role": lambda: gettext("There is no such role."),
    "taken": lambda: gettext("There is an account of this name."),
    "rev": lambda: gettext("Somebody changed this account meanwhile. This is how it is now."),
    "last": lambda: gettext(
        "Nobody could administer the centre any more: make somebody else an administrator first."
    ),
    "email": lambda: gettext("This is no address, or another account has it."),
    "local": lambda: gettext("By this alone nobody could sign in to the account."),
    "locked": lambda: gettext("The account is locked: unlock it first."),
}


@bp.get("/people")
@role_required("admin")
def index() -> str:
    """Accounts of this administrator's areas, and a form for a new one."""
    return _list("")


@bp.post("/people")
@role_required("admin")
def add() -> str | tuple[str, int]:
    """Somebody is invited by a link, shown this once."""
    name, role = (request.form.get(key, "")[:_LONGEST] for key in ("name", "role"))
    admin = _admin()
    try:
        areas = _areas(admin)
        token = _token(admin.name, "add", name, role, *areas)
        path = accounts.add(centre().store, admin, name, role, areas, now(), token)
    except Refused as refused:
        flash(_why(refused), "bad")
        return _list(""), 422
    return _list(_address(path))


@bp.get("/people/<name>")
@role_required("admin")
def show(name: str) -> str:
    """One account and what may be done to it."""
    return _one(name, "")


@bp.post("/people/<name>")
@role_required("admin")
def act(name: str) -> Response | str | tuple[str, int]:
    """Role and areas, lock, unlock, a new password, sign out everywhere."""
    admin, do = _admin(), request.form.get("do", "")
    _known(name)
    if do not in _DO and do != "reset":
        abort(400, gettext("This request cannot be understood"))
    if name == admin.name and do in account_powers.NOT_TO_ONESELF:
        flash(gettext("Not to oneself: ask another administrator."), "bad")
        return _one(name, ""), 422
    given = request.form.get("rev", "")
    rev = int(given) if re.fullmatch(r"[0-9]{1,9}", given) else -1
    try:
        if do == "reset":
            token = _token(admin.name, "reset", name, str(rev))
            path = accounts.reset(centre().store, admin, name, now(), rev, token, _tokens())
            return _one(name, _address(path))
        _DO[do](admin, name, rev)
    except Refused as refused:
        flash(_why(refused), "bad")
        return _one(name, ""), 409 if refused.place == "rev" else 422
    flash(gettext("Saved."), "good")
    return redirect(url_for("people.show", name=name), 303)


def _change(admin: User, name: str, rev: int) -> None:
    role = request.form.get("role", "")[:_LONGEST]
    accounts.change(centre().store, admin, name, role, _areas(admin), now(), rev)


def _identify(admin: User, name: str, rev: int) -> None:
    email, local = request.form.get("email", "")[:_LONGEST], request.form.get("local") == "1"
    identify(admin, name, email, local, rev)


def identify(admin: User, name: str, email: str, local: bool, rev: int) -> None:
    """By what the provider knows somebody; without one a password must open the account."""
    if not local and not centre().settings.oidc_issuer:
        raise Refused("local", "there is no provider")
    accounts.identify(centre().store, admin, name, email, local, now(), rev)


_DO: dict[str, Callable[[User, str, int], object]] = {
    "change": _change,
    "lock": lambda admin, name, rev: accounts.lock(centre().store, admin, name, now(), rev),
    "unlock": lambda admin, name, rev: accounts.unlock(centre().store, admin, name, now(), rev),
    "identify": _identify,
    "no_step": lambda admin, name, rev: accounts.remove_step(
        centre().store, admin, name, now(), rev
    ),
    "sign_out": lambda admin, name, rev: accounts.sign_out(
        centre().store, admin, name, now(), rev, _tokens()
    ),
}


@bp.post("/people/tokens/revoke")
@role_required("admin")
def revoke() -> Response:
    """A token of somebody, or of the centre itself, opens nothing any more."""
    tokens.end(centre().store, _admin(), mypage.given_id(), now())
    flash(gettext("The token opens nothing any more."), "good")
    name = request.form.get("owner", "")
    there = people.is_name(name)
    onward = url_for("people.show", name=name) if there else url_for("people.index")
    return redirect(onward, 303)


def _tokens() -> bool:
    """Do tokens end with the sessions?"""
    return request.form.get("tokens") == "1"


def _admin() -> User:
    user = me()
    assert user is not None
    return user


def _known(name: str) -> User:
    """An account this administrator may see; there is no other."""
    found = people.user(centre().store, name) if people.is_name(name) else None
    if found is None or not account_powers.sees(_admin(), found):
        abort(404, gettext("There is no such account, or it is outside your areas."))
    return found


def _areas(admin: User) -> list[str]:
    """Those of the form; none are all that the administrator has."""
    given = request.form.get("areas", "").replace(",", " ").split()
    return given[:_LONGEST] or list(admin.areas)


def _token(*about: str) -> str:
    """The same for the same form: pressed twice, it makes one link."""
    secret = load_secret(centre().settings.folder)
    made = derive(secret, "account", request.form.get("form_token", ""), *about)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _address(path: str) -> str:
    return (centre().settings.public_url or request.host_url).rstrip("/") + path


def counted(text: str) -> int:
    """How many are left out at the beginning; what is no number ends the request."""
    if not re.fullmatch(r"[0-9]{1,7}", text):
        abort(400, gettext("The page number is not a number."))
    return int(text)


def _list(link: str) -> str:
    asked = request.args.get("q", "").strip().casefold()[:100]
    skip = counted(request.args.get("skip", "0"))
    admin = _admin()
    found = [
        each
        for each in people.all_users(centre().store)
        if account_powers.sees(admin, each) and asked in f"{each.name} {' '.join(each.areas)}"
    ]
    return render_template(
        "people.html",
        accounts=found[skip : skip + MOST],
        total=len(found),
        asked=asked,
        skip=skip,
        most=MOST,
        roles=ROLES,
        link=link,
        tokens=[one for one in tokens.seen(centre().store, admin, now()) if not one.owner],
    )


def _one(name: str, link: str) -> str:
    account = _known(name)
    return render_template(
        "person.html",
        account=account,
        roles=ROLES,
        link=link,
        own=name == _admin().name,
        step=second_step.shown(centre().store, name),
        tokens=tokens.owned(centre().store, name, now()),
    )


def _why(refused: Refused) -> str:
    if NO_AREA in refused.problem:
        return reasons.say(refused.problem)
    return _WHY["taken" if refused.problem.endswith(" is taken") else refused.place]()
