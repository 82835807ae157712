"""Prometheus's HTTP API under /prometheus: who asks, and what of it he may see.

It stands beside the pages of the console: programs ask here, with a token, by POST as by GET, and
get JSON also when they are refused. A person may use the session of the browser.
"""

import base64
import binascii
import ctypes
import gzip
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Request

from collector import prometheus_params as params
from collector.inventory.scope import Scope
from collector.prometheus_api import Api, Reply
from collector.prometheus_params import Params
from collector.promql import rendering
from collector.promql.plan import Matcher
from web import context, tokens
from web.prometheus_rules import RulesApi

PREFIX = "/prometheus/"
_API = f"{PREFIX}api/v1/"
# a page is more urgent than a query
_NICER = 5
# what costs so much took memory worth giving back
_HEAVY_S = 0.2
_WORTH_PACKING = 1024
_LARGEST = 64 * 1024
_FORM = "application/x-www-form-urlencoded"
_ALWAYS = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Vary", "Accept-Encoding"),
)

Environ = dict[str, Any]

log = logging.getLogger(__name__)
_threads = threading.local()


class Prometheus:
    """A WSGI application for the paths under /prometheus/, over the accounts of the console.

    It works in the thread that calls it, with less priority than pages: give it threads of its
    own, as many as queries may run at once.
    """

    def __init__(
        self,
        app: Flask,
        api: Api,
        clock: Callable[[], float] = time.time,
        rules: RulesApi | None = None,
    ) -> None:
        self._app = app
        self._api = api
        self._clock = clock
        self._rules = rules

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        _give_way()
        began = time.thread_time()
        try:
            reply = self._answer(environ)
        except SQLAlchemyError:
            log.warning("query", exc_info=True)
            reply = _refused(503, "unavailable", "the database cannot be read at the moment")
        except HTTPException as error:
            reply = _refused(error.code or 400, "bad_data", str(error.description))
        if time.thread_time() - began > _HEAVY_S:
            _give_back()
        return told(environ, start_response, reply)

    def _answer(self, environ: Environ) -> Reply:
        scope = self._scope(environ)
        if scope is None:
            return _refused(401, "unauthorized", "a token is needed")
        if environ["REQUEST_METHOD"] not in ("GET", "POST"):
            return _refused(405, "bad_data", "GET or POST only")
        whole = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        if not whole.startswith(_API):
            return _refused(404, "not_found", f"no endpoint {whole!r}")
        path, values = whole.removeprefix(_API), asked(environ)
        matchers = matchers_of(scope)
        known = None if self._rules is None else self._rules.answer(path, values, matchers)
        return known or self._api.answer(path, values, matchers, self._clock())

    def _scope(self, environ: Environ) -> Scope | None:
        """What the caller may see; None when nobody knows him."""
        token = _token(environ.get("HTTP_AUTHORIZATION", ""))
        if token is not None:
            known = tokens.find(self._app.extensions["ronda"].store, token, self._clock())
            return None if known is None else known.scope
        with self._app.request_context(environ):
            context.recognise()
            user = context.me()
            return None if user is None else user.scope


def matchers_of(scope: Scope) -> tuple[Matcher, ...]:
    """A scope as matchers: the sites within its areas, and its own."""
    if scope.everything:
        return ()
    # a site's code is its village's, with a suffix for further ones
    areas = [f"{re.escape(area)}(?:[.-].*)?" for area in scope.areas]
    return (Matcher("site", "=~", "|".join([*areas, *map(re.escape, scope.sites)])),)


def _token(header: str) -> str | None:
    """The token of a Bearer or Basic header (there it is the password); None without one."""
    kind, _, rest = header.partition(" ")
    if kind.lower() == "bearer":
        return rest.strip()
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return password or user


def _refused(status: int, kind: str, problem: str) -> Reply:
    return Reply(status, rendering.failure(kind, problem))


def asked(environ: Environ) -> Params:
    """What is asked for: by the address, and with POST by a form.

    Read without werkzeug, to whose forms a fifth of a small answer would go.
    """
    if environ["REQUEST_METHOD"] != "POST":
        return params.read(environ["QUERY_STRING"])
    if not environ.get("CONTENT_TYPE", "").startswith(_FORM):
        request = Request(environ)
        request.max_content_length = request.max_form_memory_size = _LARGEST
        return request.values.to_dict(flat=False)
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > _LARGEST:
        raise RequestEntityTooLarge
    form = environ["wsgi.input"].read(length).decode(errors="replace")
    return params.read(environ["QUERY_STRING"], form)


def told(environ: Environ, start_response: Any, reply: Reply) -> list[bytes]:
    """The reply as WSGI sends it, packed for who takes it packed."""
    headers = [("Content-Type", "application/json"), *_ALWAYS]
    if reply.status == 401:
        headers.append(("WWW-Authenticate", 'Basic realm="ronda"'))
    body = reply.body
    takes = environ.get("HTTP_ACCEPT_ENCODING", "")
    if len(body) >= _WORTH_PACKING and takes and parse_accept_header(takes)["gzip"]:
        body = gzip.compress(body, 1, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", headers)
    return [body]


def _give_back() -> None:
    """Memory that a query took goes back to the system; glibc would keep most of it."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _give_way() -> None:
    """Every thread of Linux has its own priority; this one's is set at its first query."""
    if not hasattr(_threads, "nice"):
        _threads.nice = True
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICER)
