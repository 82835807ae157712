"""The ingest process: listens to agents, answers when what they told is on disk."""

import asyncio
import gc
import logging
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from agent.strict import Refused
from collector.config import agent_config
from collector.db import migrate, open_store
from collector.doors import claim, until_open
from collector.intake.beacons import Beacons
from collector.intake.body import Given, Headers, Patience, Problem, Reply, Stream, reply_json
from collector.intake.desk import Desk
from collector.intake.listen import Limits, Listener
from collector.intake.routes import ROUTES, Request
from collector.intake.ticks import beat, wait
from collector.journal.opening import free_bytes as room
from collector.journal.protocol import JournalFailed
from collector.secret import load_secret
from collector.settings import Settings, split_address

log = logging.getLogger(__name__)


class Scope(Protocol):
    """A request as granian gives it."""

    method: str
    path: str
    query_string: str
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
        # monitors like to ask by HEAD; the server leaves the body out
        if scope.method != method and (scope.method, method) != ("HEAD", "GET"):
            return reply_json({"error": f"only {method}"}, 405, [("allow", method)])
        try:
            return await answer(
                self._desk,
                Request(scope.headers, scope.client, exchange, self._patience, scope.query_string),
            )
        except Problem as problem:
            return problem.reply()
        except Exception:
            # granian would answer 500 and tell nobody
            log.exception("%s %s failed", scope.method, scope.path)
            return reply_json({"error": "the centre has a fault; it is in its log"}, 500)


LIMITS = Limits()
_NEW_OBJECTS = 10_000


async def serve(
    settings: Settings,
    stop: asyncio.Event,
    clock: Callable[[], float] = time.time,
    ready: Callable[[], None] | None = None,
    limits: Limits = LIMITS,
    free_bytes: Callable[[Path], int] | None = None,
) -> None:
    """Take reports on `settings.ingest` until `stop`; Refused when the address is taken."""
    claim("ingest", settings.ingest)
    _migrate(settings)
    store, secret = open_store(settings), load_secret(settings.folder)
    try:
        desk = Desk(settings, store, secret, clock, agent_config, room(settings, free_bytes))
    except JournalFailed as error:
        store.dispose()
        raise Refused("journal" if settings.journal else "data", str(error)) from error
    try:
        await desk.open()
        await _work(desk, stop, limits, ready or (lambda: None))
    finally:
        await desk.close()


async def serve_alone(settings: Settings, stop: asyncio.Event) -> None:
    """The same as all that a process does."""
    _stay_on_one_core(split_address(settings.ingest)[1])
    await serve(settings, stop, ready=_look_for_little_garbage)


def _stay_on_one_core(number: int) -> None:
    """One of those that we may have, for all threads that there are and those they begin.

    Three threads hand each report on to one another: where each wakes another core, that costs two
    thirds of all the rest. Others may use this core, too; ingests at ports that follow one another
    take several.
    """
    mine = sorted(os.sched_getaffinity(0))
    try:
        for thread in Path("/proc/self/task").iterdir():
            os.sched_setaffinity(int(thread.name), {mine[number % len(mine)]})
    except OSError as error:
        # a container may forbid it: reports are taken all the same, they only cost more
        log.warning("ingest cannot keep to one core: %s", error.strerror)


def _look_for_little_garbage() -> None:
    """What was read at the start stays, and a report leaves no cycles: to look for some among its
    few hundred objects again and again took a quarter of all the work, and kept others waiting."""
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 100)


def _migrate(settings: Settings) -> None:
    try:
        migrate(settings)
    except Refused as refused:
        # told by healthz as well; the journal can be written all the same
        log.warning("%s", refused)


async def _work(desk: Desk, stop: asyncio.Event, limits: Limits, ready: Callable[[], None]) -> None:
    patience = Patience(limits.body_s)
    beacons = Beacons(desk.settings.ingest, desk.heard)
    listener = Listener(desk.settings, Intake(desk, patience), limits)
    beside = [
        asyncio.create_task(desk.keep_looking(stop)),
        asyncio.create_task(_sweep(patience, stop)),
        asyncio.create_task(_look_out(desk, stop)),
        asyncio.create_task(
            beat(
                desk.commit,
                beacons,
                desk.clock,
                desk.accepting,
                desk.outlook.uplink,
                stop,
                desk.set_back,
                ingest_name(desk.settings),
            )
        ),
    ]
    try:
        await until_open(desk.settings.ingest, listener.serving)
        ready()
        await asyncio.wait({listener.serving, *beside}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.set()
        ended = await asyncio.gather(listener.stop(), *beside, return_exceptions=True)
        beacons.close()
    for end in ended:
        if isinstance(end, BaseException):
            raise end


def ingest_name(settings: Settings) -> str:
    """By which the fold tells ingests apart; of files there can be one only."""
    return f"{socket.gethostname()}:{split_address(settings.ingest)[1]}" if settings.journal else ""


async def _sweep(patience: Patience, stop: asyncio.Event) -> None:
    while not stop.is_set():
        patience.sweep()
        await wait(stop, 1.0)


async def _look_out(desk: Desk, stop: asyncio.Event) -> None:
    """Watch the centre's own uplink; without targets there is nothing to do until the end."""
    await desk.outlook.keep_looking(stop)
    await stop.wait()
