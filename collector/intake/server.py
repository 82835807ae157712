"""The ingest process: listens to agents, answers when what they told is on disk."""

import asyncio
import contextlib
import logging
import resource
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.server.embed import Server

from agent.strict import Refused
from collector.config import agent_config
from collector.db import migrate, open_store
from collector.intake.body import Given, Headers, Patience, Problem, Reply, Stream, reply_json
from collector.intake.desk import Desk
from collector.intake.reports import Pending
from collector.intake.routes import ROUTES, Request
from collector.intake.ticks import beat, wait
from collector.secret import load_secret
from collector.settings import Settings, split_address

log = logging.getLogger(__name__)

_SPARE_FILES = 256


@dataclass(frozen=True, slots=True)
class Limits:
    """What slow or many clients can take from us.

    `idle_s` bounds the time to a whole request head; hyper starts it when the connection falls
    idle, so it must outlast the report interval of agents that keep their connection.
    """

    idle_s: float = 330.0
    body_s: float = 30.0
    connections: int = 200_000


class Scope(Protocol):
    """A request as granian gives it."""

    method: str
    path: str
    client: str
    headers: Given


class Exchange(Stream, Protocol):
    """The way to the body, and back."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...


class Intake:
    """The RSGI application."""

    def __init__(self, desk: Desk, patience: Patience) -> None:
        self._desk = desk
        self._patience = patience

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        reply = await self._reply(scope, exchange)
        self._desk.requests[scope.path if scope.path in ROUTES else "", reply.status] += 1
        exchange.response_bytes(reply.status, reply.headers, reply.body)

    async def _reply(self, scope: Scope, exchange: Exchange) -> Reply:
        route = ROUTES.get(scope.path)
        if route is None:
            return reply_json({"error": "no such address"}, 404)
        method, answer = route
        if scope.method != method:
            return reply_json({"error": f"only {method}"}, 405, [("allow", method)])
        try:
            return await answer(
                self._desk, Request(scope.headers, scope.client, exchange, self._patience)
            )
        except Problem as problem:
            return problem.reply()
        except Exception:
            # granian would answer 500 and tell nobody
            log.exception("%s %s failed", scope.method, scope.path)
            return reply_json({"error": "the centre has a fault; it is in its log"}, 500)


def nothing_pending(agent: int) -> list[str]:
    return []


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    clock: Callable[[], float] = time.time,
    ready: Callable[[], None] | None = None,
    limits: Limits = Limits(),
    pending: Pending = nothing_pending,
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
) -> None:
    """Take reports on `settings.ingest` until `stop`.

    `pending` tells what an agent is asked to do with its next answer.
    """
    try:
        migrate(settings)
    except Refused as refused:
        # told by healthz as well; the journal can be written all the same
        log.warning("%s", refused)
    desk = Desk(
        settings,
        open_store(settings),
        load_secret(settings.folder),
        clock,
        agent_config,
        pending,
        lambda: free_bytes(settings.journal),
    )
    await desk.open()
    patience = Patience(limits.body_s)
    server = _server(settings, Intake(desk, patience), limits)
    listening = asyncio.create_task(server.serve())
    work = [
        asyncio.create_task(desk.keep_looking(stop)),
        asyncio.create_task(_sweep(patience, stop)),
        asyncio.create_task(beat(desk.commit, clock, desk.accepting, lambda: None, stop)),
    ]
    try:
        if ready is not None:
            await _until_open(settings.ingest, listening)
            ready()
        await asyncio.wait({listening, *work}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        await _stop(server, listening)
        ended = await asyncio.gather(*work, return_exceptions=True)
        await desk.close()
    for end in ended:
        if isinstance(end, BaseException):
            raise end


async def _sweep(patience: Patience, stop: asyncio.Event) -> None:
    while not stop.is_set():
        patience.sweep()
        await wait(stop, 1.0)


def _server(settings: Settings, application: Intake, limits: Limits) -> Server:
    host, port = split_address(settings.ingest)
    return Server(
        application,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=int(limits.idle_s * 1000)),
        backpressure=min(limits.connections, _open_files()),
        backlog=1024,
        log_enabled=False,
        websockets=False,
        ssl_cert=Path(settings.cert) if settings.cert else None,
        ssl_key=Path(settings.key) if settings.key else None,
        # RouterOS 6 knows nothing newer
        ssl_protocol_min=SSLProtocols.tls12,
    )


def _open_files() -> int:
    """As many connections as files the system lets us open; the soft limit is raised to it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return max(64, soft - _SPARE_FILES)


async def _stop(server: Server, listening: "asyncio.Task[None]") -> None:
    stop: Callable[[], None] = server.stop
    stop()
    await listening


async def _until_open(address: str, listening: "asyncio.Task[None]") -> None:
    host, port = split_address(address)
    while not listening.done():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            return
        await asyncio.sleep(0.01)
