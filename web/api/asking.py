"""Who asks: a token of the console's, and nothing else, so that no page can ask for anybody."""

import hashlib
import math

from flask import current_app, g, request

from web import tokens
from web.api.problems import No
from web.api.rates import Rates
from web.api.table import Endpoint
from web.context import centre, me, now, scope
from web.people import User
from web.tongue import LANGUAGES, speak

RATES = "ronda_api_rates"


def recognise() -> None:
    """From here on the token's role and areas are those of whoever asks."""
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    text = text.strip()
    found = tokens.find(centre().store, text, now()) if kind.lower() == "bearer" and text else None
    if found is None:
        raise No(401, "a token is needed: Authorization: Bearer ...")
    # one of the centre's own is nobody's: no account has a colon in its name
    name = found.owner or f"token:{found.name}"
    g.user = User(name, found.role, found.scope.areas, request_language(), sites=found.scope.sites)
    g.token = found
    rates: Rates = current_app.extensions[RATES]
    if wait := rates.take(hashlib.sha256(text.encode()).digest(), now()):
        after = {"Retry-After": str(math.ceil(wait))}
        raise No(429, f"too many requests: wait {wait:.1f} s", headers=after)


def request_language() -> str:
    """What problems are said in: English, unless Indonesian is asked for first."""
    return request.accept_languages.best_match(["en", *LANGUAGES], "en") or "en"


def greet() -> None:
    """Problems are said in the language that is asked for."""
    speak(request_language())


def permit(endpoint: Endpoint) -> None:
    """Refuses a role that may not, before anything is looked for."""
    user = me()
    if user is None or user.role not in endpoint.roles:
        raise No(403, f"only for {', '.join(endpoint.roles)}")
    if endpoint.everywhere and not scope().everything:
        raise No(403, "only for who sees every area")
