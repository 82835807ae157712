"""The console's process: /live is answered here, all other pages by Flask in a few threads."""

import asyncio
import contextlib
import itertools
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from flask import Flask
from granian.constants import Interfaces
from granian.server.embed import Server
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.test import EnvironBuilder

from collector import release
from collector.db import Away, migrate, open_history, open_store
from collector.doors import claim, open_files, until_open
from collector.prometheus_api import Api
from collector.promql.source import Centre
from collector.secret import load_secret
from collector.series.history import History
from collector.settings import Settings, split_address
from web import context, health, remote_write, uploads, walls
from web.api import problems
from web.api.gate import Gate
from web.app import create_app
from web.bridge import Answer, Bridge, Receive, Scope, Send, headers_of, tell
from web.facts import Facts
from web.inventory import uploading
from web.inventory.table_door import TableDoor
from web.live import Live
from web.people import User
from web.photo_door import PhotoDoor
from web.prometheus import Prometheus
from web.prometheus_rules import Followed, RulesApi
from web.public import front, remembering
from web.public.front import Front
from web.remote_write import RemoteWrite
from web.seats import Full
from web.walls import Wall
from web.warming import fill_in, warm

log = logging.getLogger(__name__)

# browsers try again by themselves; meanwhile the page asks for itself
_FULL = {
    why: Answer(status, ((b"content-type", b"text/plain"), (b"retry-after", b"60")), why.encode())
    for why, status in ((Full.OWN, 429), (Full.ALL, 503))
}

Asked = Callable[[Scope, Receive, Send], Awaitable[None]]

THREADS = 8
# as many queries run at once; they share the machine with ingest
QUERY_THREADS = 2
WRITE_THREADS = 2
_LAST_PAGES_S = 3.0
_CONNECTIONS = 20_000
_COUNT_EVERY_S = 300.0
# after so many counts, hours that nobody counted are looked up: backlogs come late, and the whole
# past of a demo comes while somebody looks
_LATE_ROUNDS, _LATE_ROUNDS_OF_A_DEMO = 12, 1


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    ready: Callable[[], None] | None = None,
    clock: Callable[[], float] = time.time,
) -> None:
    """Serve the console on `settings.console` until `stop`; Refused when the address is taken."""
    host, port = split_address(settings.console)
    claim("console", settings.console)
    await asyncio.to_thread(_migrate, settings)
    store, history = open_store(settings), open_history(settings)
    numbers = health.watched(History(settings, history))
    live = Live(store, Facts(store, numbers), clock, ZoneInfo(settings.timezone))
    app = create_app(settings, store, numbers, clock, lambda: len(live.clients))
    api = Api(Centre(settings, store, history, numbers), time.monotonic, release.number())
    writes = RemoteWrite(settings, store, history, load_secret(settings.folder), clock)
    rules = RulesApi(store, Followed(settings.data, clock), settings.rules_every_s)
    queries = Prometheus(app, api, clock, rules)
    console = Console(app, live, queries, writes, settings.proxies)
    server: Any = Server(
        console,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        log_enabled=False,
        websockets=False,
        backlog=1024,
        # it counts connections, idle ones and live pages too: few of them would shut everybody out
        backpressure=min(_CONNECTIONS, open_files()),
    )
    serving = asyncio.create_task(server.serve())
    looking = asyncio.create_task(_look(live, app, clock, stop))
    if ready is not None:
        await until_open(settings.console, serving)
        ready()
    await asyncio.wait(
        {serving, looking, asyncio.create_task(stop.wait())}, return_when=asyncio.FIRST_COMPLETED
    )
    stop.set()
    await looking
    server.stop()
    await serving
    await console.close()
    store.dispose()
    history.dispose()


async def _look(live: Live, app: Flask, clock: Callable[[], float], stop: asyncio.Event) -> None:
    """All that the console does by itself, until `stop`."""
    await asyncio.gather(
        live.run(stop),
        asyncio.to_thread(warm, app, stop.is_set),
        _count(app, clock, stop),
        remembering.keep_up(app, stop),
    )


async def _count(app: Flask, clock: Callable[[], float], stop: asyncio.Event) -> None:
    """Count the people online now and then: an hour nobody looked at has its number, too."""
    centre = app.extensions["ronda"]
    rounds = _LATE_ROUNDS_OF_A_DEMO if centre.settings.demo else _LATE_ROUNDS
    for number in itertools.count(1):
        await asyncio.to_thread(centre.facts.crowd.look, clock())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _COUNT_EVERY_S)
        if stop.is_set():
            return
        if number % rounds == 0:
            await asyncio.to_thread(fill_in, app, stop.is_set)


class Console:
    """The ASGI application."""

    def __init__(
        self,
        app: Flask,
        live: Live,
        queries: Prometheus,
        writes: RemoteWrite,
        proxies: Sequence[str] = (),
    ) -> None:
        self._app = app
        self._live = live
        self._proxies = frozenset(proxies)
        self._pages = Bridge(app, THREADS)
        self._queries = Bridge(queries, QUERY_THREADS)
        self._writes = Bridge(writes, WRITE_THREADS, remote_write.LARGEST_BODY)
        self._photos = PhotoDoor(app)
        self._tables = TableDoor(app)
        self._programs = Gate(app)
        self._public = Front(app)

    async def close(self) -> None:
        """Let what is being answered end."""
        await self._pages.close(_LAST_PAGES_S)
        await self._queries.close(_LAST_PAGES_S)
        await self._writes.close(_LAST_PAGES_S)
        await self._photos.close(_LAST_PAGES_S)
        await self._tables.close(_LAST_PAGES_S)
        await self._programs.close(_LAST_PAGES_S)
        await self._public.close(_LAST_PAGES_S)
        await asyncio.to_thread(context.of(self._app).tries.close)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = headers_of(scope)
        _believe_proxy(scope, headers, self._proxies)
        if scope["path"] == "/live" and scope["method"] == "GET":
            await self._stream(scope, headers, receive, send)
        else:
            await self._way(scope["method"], scope["path"])(scope, receive, send)

    def _way(self, method: str, path: str) -> Asked:
        """Who answers: each has threads of their own."""
        tables = uploading.brings_tables(method, path) or uploading.reads_tables(path)
        ways: tuple[tuple[bool, Asked], ...] = (
            (front.wanted(path), self._public),
            (uploads.brings_photo(method, path), self._photos),
            (tables, self._tables),
            (path == remote_write.PATH, self._writes),
            (problems.wanted(path), self._programs),
            (path.startswith("/prometheus/"), self._queries),
        )
        return next((way for mine, way in ways if mine), self._pages)

    async def _stream(
        self, scope: Scope, headers: Mapping[str, str], receive: Receive, send: Send
    ) -> None:
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        site, screen = (asked.get(name, [""])[0] for name in ("site", "wall"))
        try:
            user = await asyncio.to_thread(self._reader, headers.get("cookie", ""), screen)
        except SQLAlchemyError:
            await tell(send, Answer(503))
            return
        if user is None:
            await tell(send, Answer(401))
        elif site and not user.scope.sees(site):
            await tell(send, Answer(404))
        elif isinstance(client := self._live.join(user, site, *_followed(asked)), Full):
            health.REFUSED.labels(client.name.lower()).inc()
            await tell(send, _FULL[client])
        else:
            messages = self._live.listen(client)
            gone = asyncio.ensure_future(_until_gone(receive))
            telling = asyncio.ensure_future(_tell(messages.__aiter__(), send))
            await asyncio.wait({gone, telling}, return_when=asyncio.FIRST_COMPLETED)
            for task in (gone, telling):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, SQLAlchemyError):
                    await task
            self._live.leave(client)

    def _reader(self, cookie: str, screen: str) -> User | Wall | None:
        """Whose session is it, or which wall screen? Answered by the same code as for a page."""
        if screen:
            wall = walls.find(self._live.store, screen)
            return wall if wall is not None and wall.revoked_at is None else None
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


def _followed(asked: Mapping[str, Sequence[str]]) -> tuple[int | None, int | None]:
    """The incident and the run that a page follows; 0 all of them, None: it follows none."""
    return _number(asked, "incident"), _number(asked, "run")


def _number(asked: Mapping[str, Sequence[str]], name: str) -> int | None:
    if f"{name}s" in asked:
        return 0
    text = asked.get(name, [""])[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _migrate(settings: Settings) -> None:
    try:
        migrate(settings)
    except Away as away:
        # every page says so until it is back; the engine brings it up to date then
        log.warning("%s", away)


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
