"""The console as a Flask app: its parts, its guard, its headers, its error pages."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Response, redirect, render_template, request, url_for
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from collector import release
from collector.secret import derive, load_secret
from collector.settings import Settings
from web import (
    assets,
    auditpage,
    centre_page,
    centres,
    checks,
    citizens,
    compiled,
    context,
    duty,
    finishing,
    hands,
    health,
    hooks,
    incident_acts,
    incident_words,
    incidents,
    labels,
    login,
    menu,
    mypage,
    overview,
    passwords,
    peoplepage,
    persons,
    plans,
    posters,
    reasons,
    rules,
    search,
    signins,
    siteacts,
    sitelist,
    sitepage,
    steppages,
    tongue,
    trial,
    uploads,
    wallscreen,
    webhooks,
    words,
)
from web.api import asking, door, problems
from web.api.rates import Rates
from web.bridge import LARGEST_BODY
from web.context import Centre
from web.facts import Facts, Numbers
from web.inventory import pages as inventory_pages
from web.inventory import uploading
from web.oidc import pages as oidc
from web.opendata import pages as data_pages
from web.password import Busy
from web.plain import Plain
from web.playbooks import pages as playbook_pages
from web.prometheus_rules import Followed
from web.public import front, refusals
from web.public import pages as public_pages
from web.reports import pages as report_pages
from web.tongue import gettext
from web.tries import Tries

log = logging.getLogger(__name__)

# how SQLite and PostgreSQL say so
_NO_ROOM = ("database or disk is full", "No space left on device")

# Everything else asks for a sign-in; a page that should be open must be named here.
OPEN = frozenset(
    {
        "assets.show",
        "health.healthz",
        "health.metrics",
        "login.sign_in",
        "login.link",
        "login.language",
        "login.look",
        "oidc.leave",
        "oidc.back",
        "step.ask",
        "step.answer",
    }
)
# What proves who asks by itself, not by a session: no cookie is read or set, no form token asked.
SESSIONLESS = frozenset(
    {
        "api.answer",
        "assets.show",
        "hands.show",
        "hands.act",
        "hands.photo",
        "trial.show",
        "trial.act",
        "hooks.verify",
        "hooks.receive",
        "walls.screen",
    }
)
_PARTS = (  # one line a part of the console
    assets,
    login,
    oidc,
    overview,
    centres,
    search,
    sitelist,
    incidents,
    incident_acts,
    citizens,
    posters,
    rules,
    plans,
    playbook_pages,
    report_pages,
    duty,
    sitepage,
    siteacts,
    checks,
    inventory_pages,
    passwords,
    centre_page,
    webhooks,
    peoplepage,
    persons,
    mypage,
    steppages,
    auditpage,
    wallscreen,
    health,
    hands,
    trial,
    hooks,
    door,
    public_pages,
    data_pages,
)


class Sessions(SecureCookieSessionInterface):
    """Session cookies that are Secure exactly when the page came over TLS.

    Browsers then take them from this host alone: a village's site under the same domain, or
    whoever answers in the clear, cannot plant one.
    """

    def get_cookie_name(self, app: Flask) -> str:
        name: str = app.config["SESSION_COOKIE_NAME"]
        return f"__Host-{name}" if request.is_secure else name

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def create_app(
    settings: Settings,
    store: Engine,
    numbers: Numbers,
    clock: Callable[[], float] = time.time,
    live_clients: Callable[[], int] = lambda: 0,
) -> Flask:
    """The console over these data; `clock` is the only one its pages know."""
    app = unfurnished()
    furnish(app, settings, store, numbers, clock, live_clients)
    return app


def furnish(
    app: Flask,
    settings: Settings,
    store: Engine,
    numbers: Numbers,
    clock: Callable[[], float],
    live_clients: Callable[[], int],
) -> None:
    """Have the console show these data and nothing that it knew before."""
    app.secret_key = derive(load_secret(settings.folder), "console", "session")
    app.extensions.clear()
    app.extensions["ronda"] = Centre(
        settings,
        store,
        Facts(store, numbers),
        clock,
        Followed(settings.data, clock),
        Tries(settings, store, clock),
        live_clients,
        oidc.provider_of(settings),
    )
    app.extensions[asking.RATES] = Rates()


def unfurnished() -> Flask:
    """The console without data: its pages, their words and what happens around each request."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SESSION_COOKIE_NAME="ronda",
        SESSION_COOKIE_SAMESITE="Lax",
        # else every answer would carry the cookie, also those that caches may keep
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=signins.SESSION_S),
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_PARTS=50,
    )
    app.session_interface = Sessions()
    _speak(app)
    # the pages of sites hang on one blueprint
    for blueprint in dict.fromkeys(part.bp for part in _PARTS):
        app.register_blueprint(blueprint)
    app.before_request(_guard)
    app.after_request(finishing.finish)
    app.context_processor(_page_words)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(SQLAlchemyError, _no_database)
    app.register_error_handler(Busy, _busy)
    app.register_error_handler(Exception, _broken)
    return app


def _speak(app: Flask) -> None:
    app.jinja_env.context_class = Plain
    app.jinja_env.bytecode_cache = compiled.kept()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    words_of: Any = app.jinja_env
    words_of.install_gettext_callables(tongue.gettext, tongue.ngettext, newstyle=False)
    app.jinja_env.globals["_"] = tongue.gettext  # the extension's own looks it up at each call


def _guard() -> AnyResponse | None:
    if request.endpoint in uploads.ENDPOINTS:
        request.max_content_length = uploads.LARGEST_BODY
    elif request.endpoint in uploading.ENDPOINTS:
        request.max_content_length = request.max_form_memory_size = uploading.LARGEST_BODY
    if request.endpoint in SESSIONLESS or front.wanted(request.path):
        return None
    context.greet()
    context.check_form_token()
    if request.endpoint in OPEN or request.endpoint is None or context.me():
        return None
    reads = not request.accept_mimetypes or request.accept_mimetypes.accept_html
    if request.method in ("GET", "HEAD") and reads:
        here = request.full_path if request.query_string else request.path
        return redirect(url_for("login.sign_in", next=here), 303)
    return Response(gettext("Please sign in."), 401)


def _page_words() -> dict[str, Any]:
    settings_of = context.centre().settings
    return {
        "asset_url": assets.asset_url,
        "centre_version": release.number(),
        "form_token": context.form_token,
        "home_zone": context.home_zone(),
        "iw": incident_words,
        "labels": labels,
        "language": tongue.spoken(),
        "me": context.me(),
        "provider_name": settings_of.oidc_name if settings_of.oidc_issuer else "",
        "menu": menu,
        "now": context.now(),
        "reason": reasons.say,
        "theme": context.theme,
        "words": words,
    }


def _refused(error: HTTPException) -> tuple[str, int] | AnyResponse:
    code = error.code or 500
    if code < 400:
        return error.get_response()
    said = error.description or ""
    known = said != type(error).description
    return _page(code, said if known else "")


def _no_database(error: SQLAlchemyError) -> tuple[str, int] | Response:
    log.warning("database: %s", error)
    if any(words in str(error) for words in _NO_ROOM):
        said = gettext("The disk is full: nothing can be saved. Agents keep their reports.")
        return _page(503, said)
    return _page(503, gettext("The database cannot be read at the moment. Reports are still kept."))


def _busy(_error: Busy) -> tuple[str, int] | Response:
    return _page(503, gettext("Many people are signing in. Try again in a minute."))


def _broken(error: Exception) -> tuple[str, int] | Response:
    # the rule, not the path: links and hooks carry their secret in it
    log.error("page %s", request.url_rule or request.path, exc_info=error)
    return _page(500, "")


def _page(code: int, said: str) -> tuple[str, int] | Response:
    if problems.wanted(request.path):
        return problems.response(code, said)
    if front.wanted(request.path):
        return refusals.page(code, said)
    titles = {
        400: gettext("This request cannot be understood"),
        401: gettext("Please sign in."),
        403: gettext("Not allowed"),
        404: gettext("There is no such page"),
        405: gettext("This request cannot be understood"),
        413: gettext("Too much was sent"),
        503: gettext("Not available at the moment"),
    }
    ours = gettext("Something broke on our side")
    title = titles.get(code) or (ours if code >= 500 else titles[400])
    return render_template("error.html", title=title, said=said, code=code), code
