"""To follow a place: by e-mail or Telegram, after one's own yes; and to stop, with one press.

The answer to an address is the same whether it follows already, is asked now or is not asked: who
enters somebody else's learns nothing of them.
"""

from flask import Response, abort, make_response, redirect, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from agent.strict import Refused
from alerts import follow_links, follow_talk, followers
from alerts.channels import config
from alerts.follow_links import JOIN, LEAVE
from alerts.followers import AGREED, EMAIL, TELEGRAM, WAITING, Follower
from collector.db import reading, writing
from collector.inventory import cells
from collector.secret import load_secret
from web import tongue
from web.context import centre, now
from web.public import listing
from web.public.desk import bp, page, page_url
from web.public.moment import look
from web.tongue import gettext


@bp.get("/<code>/follow")
def follow(code: str) -> Response:
    """The ways to hear of a place."""
    return _ways(code, "")


@bp.get("/<code>/follow/asked")
def asked(code: str) -> Response:
    """What comes next; the same for every address."""
    seen = look()
    listing.found(seen, code)
    return page("asked.html", code=code, name=seen.shown.called(code))


@bp.post("/<code>/follow")
def ask(code: str) -> AnyResponse:
    """An address was entered."""
    listing.found(look(), code)
    address = request.form.get("email", "").strip()[: followers.LONGEST]
    try:
        sound = bool(cells.email(address))
    except ValueError:
        sound = False
    if not sound:
        response = make_response(_ways(code, gettext("This is no e-mail address.")), 400)
        response.headers["Cache-Control"] = "no-store"
        return response
    # what no person sees, no person fills in
    if EMAIL in ways() and not request.form.get("website"):
        with writing(centre().store) as connection:
            followers.ask(connection, code, EMAIL, address.lower(), tongue.spoken(), now())
    return redirect(page_url("asked", code=code), 303)


@bp.get(f"/{JOIN}/<token>")
def joining(token: str) -> Response:
    """One big button: looking alone changes nothing, mail programs look, too."""
    return _about(token, JOIN, "")


@bp.post(f"/{JOIN}/<token>")
def join(token: str) -> Response:
    """Yes, I meant it."""
    with writing(centre().store) as connection:
        found = _open(connection, token, JOIN)
        if found.state == WAITING:
            followers.move(connection, found, AGREED, now())
    return _said(found, gettext("Thank you. You hear of %(name)s from now on.", name=_name(found)))


@bp.get(f"/{LEAVE}/<token>")
def leaving(token: str) -> Response:
    """The same for the end."""
    return _about(token, LEAVE, "")


@bp.post(f"/{LEAVE}/<token>")
def leave(token: str) -> Response:
    """No more; mail programs may say it for their readers (RFC 8058)."""
    with writing(centre().store) as connection:
        found = _open(connection, token, LEAVE)
        followers.remove(connection, found.id)
    return _said(found, gettext("You hear no more from us. Your address is forgotten."))


def ways() -> frozenset[str]:
    """How this centre can tell people who follow a place."""
    settings = centre().settings
    if not settings.public_url or settings.demo:
        return frozenset()
    try:
        serving = {line.serves for line in config.load(settings)}
    except Refused:
        return frozenset()
    bot = {TELEGRAM} if settings.public_bot else set()
    return frozenset(serving & ({EMAIL} | bot))


def _ways(code: str, wrong: str) -> Response:
    seen = look()
    listing.found(seen, code)
    bot = centre().settings.public_bot
    return page(
        "follow.html",
        code=code,
        name=seen.shown.called(code),
        ways=ways(),
        bot=bot,
        chat=f"https://t.me/{bot}?start={follow_talk.start_of(code)}",
        wrong=wrong,
    )


def _open(connection: Connection, token: str, action: str) -> Follower:
    number = follow_links.number(token)
    found = None if number is None else followers.find(connection, number)
    secret = load_secret(centre().settings.folder)
    if found is None or not follow_links.holds(secret, token, found, action):
        abort(404, gettext("This link opens nothing any more."))
    tongue.speak(found.language)
    return found


def _about(token: str, action: str, said: str) -> Response:
    with reading(centre().store) as connection:
        found = _open(connection, token, action)
    return _own(found, render_template(
        "public/own.html", name=_name(found), action=action, token=token, said=said
    ))  # fmt: skip


def _said(found: Follower, said: str) -> Response:
    body = render_template(
        "public/own.html", name=_name(found), action="", token="", said=said, code=found.place
    )
    return _own(found, body)


def _own(_found: Follower, body: str) -> Response:
    response = make_response(body)
    # the address is the key: no cache keeps it, no index
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _name(found: Follower) -> str:
    return look().shown.called(found.place)
