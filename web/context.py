"""What every page stands on: the centre's data, the clock, who asks, and what they may do."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import wraps
from typing import ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from flask import Flask, abort, current_app, g, request, session
from sqlalchemy import Engine

from alerts.rules.rule import RuleSet
from collector.inventory.scope import Scope
from collector.settings import Settings
from web import signins
from web.facts import Facts
from web.oidc.provider import Provider
from web.people import User
from web.signins import SESSION_S
from web.tongue import LANGUAGES, gettext, speak
from web.tries import Tries

# an account that nobody used for this long has to sign in again
IDLE_S = 3 * 86400
# the empty one: as the device has it
THEMES = ("", "light", "dark")

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Centre:
    """What `create_app` was given; pages reach it through the functions below."""

    settings: Settings
    store: Engine
    facts: Facts
    clock: Callable[[], float]
    rules: Callable[[], RuleSet]
    tries: Tries
    live_clients: Callable[[], int] = field(default=lambda: 0)
    # who else may say who somebody is
    provider: Provider | None = None


def centre() -> Centre:
    """The centre this app shows."""
    found: Centre = current_app.extensions["ronda"]
    return found


def of(app: Flask) -> Centre:
    """The same from outside of a request."""
    found: Centre = app.extensions["ronda"]
    return found


def facts() -> Facts:
    """What the centre knows about its sites."""
    return centre().facts


def now() -> float:
    """One moment for the whole request."""
    if "now" not in g:
        g.now = centre().clock()
    moment: float = g.now
    return moment


def home_zone() -> tzinfo:
    """The zone of the control room."""
    return ZoneInfo(centre().settings.timezone)


def me() -> User | None:
    """Who asks, if the session still holds."""
    found: User | None = g.get("user")
    return found


def scope() -> Scope:
    """What the reader may see; only for pages behind a sign-in."""
    user = me()
    if user is None:
        abort(403)
    return user.scope


def recognise() -> None:
    """Before each request: who is it, by a session that was neither ended nor left to lie."""
    g.user = None
    name, number, seen = (session.get(key) for key in ("user", "revocation", "seen"))
    if not isinstance(name, str) or not isinstance(seen, int | float):
        return
    # the cookie is signed anew whenever it is used: its own age never ends it
    ended = now() - seen > IDLE_S or now() - session.get("began", 0.0) > SESSION_S
    key = session.get("key")
    if ended or not isinstance(key, str):
        session.clear()
        return
    user = signins.holder(centre().store, key, name)
    if user is None or user.revocation != number:
        session.clear()
        return
    g.user = replace(user, signin=signins.identity(key))
    if now() - seen > 600:
        session["seen"] = now()


def greet() -> None:
    """Who is it, and in which language; until that is known, in the visitor's."""
    speak(language())
    recognise()
    speak(language())


def enter(user: User) -> None:
    """Begin a session; nothing of the one before it stays but the look of the pages."""
    look = theme()
    session.clear()
    session["theme"] = look
    session.permanent = True
    told = request.headers.get("User-Agent", "")
    key = signins.begin(centre().store, user, request.remote_addr or "", told, now())
    session.update(user=user.name, revocation=user.revocation, seen=now(), began=now(), key=key)
    g.user = replace(user, signin=signins.identity(key))


def role_required(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only these roles; everybody else reads why."""

    def limit(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            user = me()
            if user is None or user.role not in roles:
                abort(403, gettext("Your role does not allow this."))
            return view(*args, **kwargs)

        return guarded

    return limit


def language() -> str:
    """The language of the page: the account's, the visitor's choice, ours.

    Not the browser's: phones that speak English are common among people who do not.
    """
    user = me()
    chosen = user.language if user else session.get("language")
    return str(chosen) if chosen in LANGUAGES else centre().settings.language


def theme() -> str:
    """The look that this browser asked for; empty: as the device has it."""
    chosen = session.get("theme", "")
    return str(chosen) if chosen in THEMES else ""


def form_token() -> str:
    """The token every form carries. Masked anew each time: pages are compressed, and the size of
    a compressed page would otherwise give a constant secret away."""
    secret = session.setdefault("form", secrets.token_hex(16))
    mask = secrets.token_bytes(16)
    return (mask + _xor(mask, bytes.fromhex(secret))).hex()


def check_form_token() -> None:
    """Before each POST: does the form come from a page of ours, in this session?"""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    try:
        given = bytes.fromhex(request.form.get("form_token", ""))
        secret = bytes.fromhex(session.get("form", ""))
    except ValueError:
        given = secret = b""
    if len(given) != 32 or not hmac.compare_digest(_xor(given[:16], given[16:]), secret):
        abort(400, gettext("This form is too old. Go back, load the page again and try once more."))


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
