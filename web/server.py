"""The console's process: /live is answered here, all other pages by Flask in a few threads."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from a2wsgi import WSGIMiddleware
from flask import Flask
from granian.constants import Interfaces
from granian.server.embed import Server
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.test import EnvironBuilder

from collector.db import migrate, open_store
from collector.series.history import History
from collector.settings import Settings, split_address
from web import context
from web.app import create_app
from web.facts import Facts
from web.live import Live
from web.people import User

log = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

THREADS = 8
LARGEST_BODY = 64 * 1024
# a body that trickles in must not hold one of the few threads
_BODY_S = 20.0


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    ready: Callable[[], None] | None = None,
    clock: Callable[[], float] = time.time,
) -> None:
    """Serve the console on `settings.console` until `stop`."""
    await asyncio.to_thread(migrate, settings)
    store, numbers = open_store(settings), History(settings)
    live = Live(store, Facts(store, numbers), clock, ZoneInfo(settings.timezone))
    app = create_app(settings, store, numbers, clock, lambda: len(live.clients))
    host, port = split_address(settings.console)
    server: Any = Server(
        Console(app, live, settings.proxies),
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        log_enabled=False,
        websockets=False,
    )
    serving = asyncio.create_task(server.serve())
    looking = asyncio.create_task(live.run(stop))
    if ready is not None:
        await _until_open(host, port)
        ready()
    await asyncio.wait(
        {serving, looking, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED
    )
    stop.set()
    await looking
    server.stop()
    await serving
    store.dispose()


class Console:
    """The ASGI application."""

    def __init__(self, app: Flask, live: Live, proxies: Sequence[str] = ()) -> None:
        self._app = app
        self._live = live
        self._proxies = frozenset(proxies)
        flask: Any = app
        self._pages: Any = WSGIMiddleware(flask, workers=THREADS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = _headers(scope)
        _believe_proxy(scope, headers, self._proxies)
        if scope["path"] == "/live" and scope["method"] == "GET":
            await self._stream(scope, headers, receive, send)
            return
        try:
            scope["query_string"].decode("ascii")
            body = await asyncio.wait_for(_body(headers, receive), _BODY_S)
        except (UnicodeDecodeError, TimeoutError):
            await _short(send, 400)
        else:
            if body is None:
                await _short(send, 413)
            else:
                await self._pages(scope, _given(body), send)

    async def _stream(
        self, scope: Scope, headers: Mapping[str, str], receive: Receive, send: Send
    ) -> None:
        try:
            user = await asyncio.to_thread(self._reader, headers.get("cookie", ""))
        except SQLAlchemyError:
            await _short(send, 503)
            return
        site = parse_qs(scope["query_string"].decode("latin-1")).get("site", [""])[0]
        if user is None:
            await _short(send, 401)
        elif site and not user.scope.sees(site):
            await _short(send, 404)
        elif (client := self._live.join(user, site)) is None:
            await _short(send, 503)
        else:
            messages = self._live.listen(client)
            gone = asyncio.ensure_future(_until_gone(receive))
            telling = asyncio.ensure_future(_tell(messages.__aiter__(), send))
            await asyncio.wait({gone, telling}, return_when=asyncio.FIRST_COMPLETED)
            for task in (gone, telling):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, SQLAlchemyError):
                    await task
            self._live.clients.discard(client)

    def _reader(self, cookie: str) -> User | None:
        """Whose session is it? The same question, answered by the same code, as for a page."""
        environ = EnvironBuilder("/live", headers=[("Cookie", cookie)]).get_environ()
        with self._app.request_context(environ):
            context.recognise()
            return context.me()


async def _tell(messages: Any, send: Send) -> None:
    kind = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]
    kind += [(b"x-accel-buffering", b"no"), (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": 200, "headers": kind})
    async for message in messages:
        await send({"type": "http.response.body", "body": message.encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_open(host: str, port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _believe_proxy(scope: Scope, headers: Mapping[str, str], proxies: frozenset[str]) -> None:
    """What a listed proxy says of the visitor counts; anybody else's word is left as it came."""
    client = scope.get("client")
    if not client or client[0] not in proxies:
        return
    if visitor := headers.get("x-forwarded-for", "").split(",")[-1].strip():
        scope["client"] = (visitor, 0)
    if headers.get("x-forwarded-proto") in ("http", "https"):
        scope["scheme"] = headers["x-forwarded-proto"]
    hidden = (b"x-forwarded-for", b"x-forwarded-proto", b"forwarded")
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in hidden]


async def _body(headers: Mapping[str, str], receive: Receive) -> bytes | None:
    """The whole body, or None when it is too large."""
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > LARGEST_BODY:
        return None
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > LARGEST_BODY:
            return None
    return b"".join(parts)


def _given(body: bytes) -> Receive:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _short(send: Send, status: int) -> None:
    kind = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": kind})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
