"""The two doors of signing in by a provider: out to it, and back with a code."""

import base64
import hashlib
import hmac
import logging
import math
import os
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from collector.secret_files import first_line
from collector.settings import Settings
from web import bound, entrance
from web.context import centre, now
from web.oidc.asking import ProviderFailed
from web.oidc.provider import Provider
from web.oidc.token import BadToken, Expected, Identity, UnknownKey, identity
from web.tongue import gettext

log = logging.getLogger(__name__)
bp = Blueprint("oidc", __name__)

SECRET = "RONDA_OIDC_CLIENT_SECRET"
# as long as somebody may look for their password there
AWAY_S = 600.0
_KEY = "away"
_LONGEST = 4096
_Answer = Response | tuple[str, int]


def provider_of(settings: Settings, environment: Mapping[str, str] = os.environ) -> Provider | None:
    """The configured one; Refused when its secret cannot be read, or others may read it."""
    if not settings.oidc_issuer:
        return None
    secret = environment.get(SECRET, "") or first_line(
        "oidc_client_secret_file", settings.oidc_client_secret_file
    )
    return Provider(settings.oidc_issuer, settings.oidc_client_id, secret)


@bp.get("/login/oidc")
def leave() -> _Answer:
    """To the provider, with what only this browser will know when it comes back."""
    provider, onward = _provider(), entrance.inside(request.args.get("next", ""))
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    try:
        place = provider.way_in(state, nonce, challenge, _back())
    except ProviderFailed as failed:
        return _away(failed)
    away = {"state": state, "nonce": nonce, "verifier": verifier, "at": now()}
    session[_KEY] = away | {"onward": onward}
    return redirect(place, 303)


@bp.get("/login/oidc/back")
def back() -> _Answer:
    """Back with a code: whose token is it, and is that somebody an administrator let in?"""
    provider, away = _provider(), session.pop(_KEY, None)
    given = request.args.get("state", "").encode()
    if not _is_mine(away, given):
        return _refused(gettext("This sign-in began elsewhere or took too long. Begin again."))
    if "error" in request.args or not request.args.get("code"):
        log.warning("oidc: refused there: %r", request.args.get("error", "")[:100])
        return _refused(gettext("The provider did not let you in."))
    try:
        who = _who(provider, away, request.args["code"][:_LONGEST])
    except ProviderFailed as failed:
        return _away(failed)
    except BadToken as bad:
        log.warning("oidc: token refused: %s", bad)
        return _refused(gettext("The provider's answer does not hold. Tell your administrator."))
    user = bound.by_provider(centre().store, who.subject, who.known_as, now())
    if user is None:
        log.warning("oidc: nobody here, or locked: %r", who.subject[:300])
        return _refused(
            gettext(
                "No account here is open to you by this provider. An administrator has to enter "
                "the e-mail address that it knows you by, or unlock the account."
            )
        )
    return entrance.go_in(user, away["onward"] or url_for("overview.show"))


def _who(provider: Provider, away: Mapping[str, Any], code: str) -> Identity:
    settings = centre().settings
    token = provider.token(code, away["verifier"], _back())
    wanted = Expected(provider.issuer, provider.client, away["nonce"], settings.oidc_claim)
    try:
        return identity(token, provider.keys(), wanted, now())
    except UnknownKey:
        return identity(token, provider.keys(fresh=True), wanted, now())


def _is_mine(away: Any, state: bytes) -> bool:
    return (
        isinstance(away, dict)
        and 0 <= now() - away["at"] <= AWAY_S
        and hmac.compare_digest(away["state"].encode(), state)
    )


def _provider() -> Provider:
    found = centre().provider
    return found if found is not None else abort(404)


def _back() -> str:
    return centre().settings.public_url.rstrip("/") + url_for("oidc.back")


def _away(failed: ProviderFailed) -> tuple[str, int]:
    log.warning("oidc: %s", failed)
    words = gettext(
        "%(name)s does not answer at the moment. Try again later, or sign in with your password.",
        name=centre().settings.oidc_name,
    )
    if failed.again_s:
        words = gettext(
            "%(name)s does not answer, and is asked again in %(seconds)s s. Try again then, or sign"
            " in with your password.",
            name=centre().settings.oidc_name,
            seconds=math.ceil(failed.again_s),
        )
    flash(words, "bad")
    return render_template("login.html", onward=""), 503


def _refused(words: str) -> tuple[str, int]:
    flash(words, "bad")
    return render_template("login.html", onward=""), 403
