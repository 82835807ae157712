"""Prometheus's HTTP API under /prometheus: who asks, and what of it he may see.

It stands before the pages of the console: programs ask here, with a token, by POST as by GET, and
get JSON also when they are refused. A person may use the session of the browser.
"""

import base64
import binascii
import gzip
import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Request, Response

from collector.prometheus_api import Api, Reply
from collector.promql import rendering
from collector.promql.plan import Matcher
from web import context, people
from web.scope import Scope

PREFIX = "/prometheus/"
_API = f"{PREFIX}api/v1/"
_AT_ONCE = 2
_WAITING = 32
# a page is more urgent than a query
_NICER = 5
_WORTH_PACKING = 1024
_LARGEST = 64 * 1024

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Prometheus:
    """A WSGI application: the API for its own paths, `pages` for every other."""

    def __init__(
        self,
        app: Flask,
        api: Api,
        pages: Wsgi | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._app = app
        self._api = api
        self._pages = pages or app.wsgi_app
        self._clock = clock
        self._work = ThreadPoolExecutor(_AT_ONCE, "query", initializer=_give_way)
        self._room = threading.BoundedSemaphore(_AT_ONCE + _WAITING)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(PREFIX):
            return self._pages(environ, start_response)
        request = Request(environ)
        request.max_content_length = request.max_form_memory_size = _LARGEST
        response = self._answer(request)
        return response(environ, start_response)

    def close(self) -> None:
        self._work.shutdown(wait=False, cancel_futures=True)

    def _answer(self, request: Request) -> Response:
        try:
            scope = self._scope(request)
        except SQLAlchemyError:
            return _json(request, Reply(503, rendering.failure("unavailable", "no database")))
        if scope is None:
            refused = _json(
                request, Reply(401, rendering.failure("unauthorized", "a token is needed"))
            )
            refused.headers["WWW-Authenticate"] = 'Basic realm="ronda"'
            return refused
        if request.method not in ("GET", "POST"):
            return _json(request, Reply(405, rendering.failure("bad_data", "GET or POST only")))
        if not request.path.startswith(_API):
            return _json(request, Reply(404, rendering.failure("not_found", request.path)))
        return _json(request, self._asked(request, matchers_of(scope)))

    def _asked(self, request: Request, scope: tuple[Matcher, ...]) -> Reply:
        values = request.values.to_dict(flat=False)
        if not self._room.acquire(blocking=False):
            return Reply(503, rendering.failure("unavailable", "too many queries are waiting"))
        try:
            path = request.path.removeprefix(_API)
            return self._work.submit(self._api.answer, path, values, scope, self._clock()).result()
        except SQLAlchemyError as error:
            return Reply(503, rendering.failure("unavailable", f"no database: {error.__class__}"))
        finally:
            self._room.release()

    def _scope(self, request: Request) -> Scope | None:
        """What the caller may see; None when nobody knows him."""
        token = _token(request.headers.get("Authorization", ""))
        if token is not None:
            known = people.token(context_store(self._app), token)
            return None if known is None else known.scope
        with self._app.request_context(request.environ):
            context.recognise()
            user = context.me()
            return None if user is None else user.scope


def context_store(app: Flask) -> Any:
    """The database of the centre an app shows."""
    return app.extensions["ronda"].store


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


def _json(request: Request, reply: Reply) -> Response:
    response = Response(reply.body, reply.status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.vary.add("Accept-Encoding")
    if len(reply.body) >= _WORTH_PACKING and request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(reply.body, 1, mtime=0))
        response.content_encoding = "gzip"
    return response


def _give_way() -> None:
    """Every thread of Linux has its own priority."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICER)
