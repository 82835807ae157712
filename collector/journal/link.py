"""The connection to NATS: one thread with a loop of its own, for callers that wait.

It comes back by itself. Whatever goes wrong is told as JournalFailed, by the name of the servers.
"""

import asyncio
import contextlib
import logging
import random
import ssl
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any, TypeVar

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import APIError

from collector.journal.protocol import JournalFailed, JournalFull

log = logging.getLogger(__name__)

T = TypeVar("T")

CONNECT_S = 2
# how long another server may take to take us over
AWAY_S = 1.5
_LOOKS = 50
_RECONNECT_S = 1
_PING_S = 5
# who is gone does not answer a goodbye, for which TLS would wait half a minute
_GOODBYE_S = 1.0
# nothing has worked for longer than servers take to choose a leader: another one may be better off
_LEFT_AFTER_S = 10.0
_MOST_TOLD = 20
# JetStream's own numbers for: no room left, in the account, on the server, in the stream
_FULL = frozenset({10023, 10047, 10077})


@dataclass(frozen=True, slots=True)
class Access:
    """Where the servers are and how we sign in; `password` never appears in words."""

    servers: tuple[str, ...]
    user: str = ""
    password: str = ""
    ca: str = ""

    def __repr__(self) -> str:
        return f"Access({self.place})"

    @property
    def place(self) -> str:
        """The servers, for people."""
        return ", ".join(self.servers)

    def tls(self) -> ssl.SSLContext | None:
        """None: in the clear, which settings allow on this machine only."""
        if not any(server.startswith("tls:") for server in self.servers):
            return None
        return ssl.create_default_context(cafile=self.ca or None)


class _Loop(asyncio.SelectorEventLoop):
    """Parts from a server in good time; the client itself cannot be told to."""

    async def start_tls(self, *args: Any, **given: Any) -> Any:
        return await super().start_tls(*args, ssl_shutdown_timeout=_GOODBYE_S, **given)


async def connected(client: Client) -> None:
    """Wait for another server when one has just gone, but not for long; else TimeoutError.

    What is published while there is none would be sent later, when it has been given up.
    """
    for _ in range(_LOOKS):
        if client.is_connected:
            return
        await asyncio.sleep(AWAY_S / _LOOKS)
    raise TimeoutError("no server can be reached")


class Link:
    """Runs work on a connection that is made when it is first needed."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._client: Client | None = None
        self._told: list[str] = []
        # nothing has worked since then
        self._failing: float | None = None
        # in the order in which they are tried
        self._servers = random.sample(access.servers, len(access.servers))
        self._connecting = asyncio.Lock()
        self._loop = _Loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="nats", daemon=True)
        self._thread.start()

    def call(self, work: Callable[[Client], Awaitable[T]], limit_s: float) -> T:
        """What `work` comes to within `limit_s`, connecting included; else JournalFailed."""
        try:
            done = asyncio.run_coroutine_threadsafe(self._within(work, limit_s), self._loop)
        except RuntimeError as error:
            raise JournalFailed("journal: closed") from error
        try:
            return done.result()
        except CancelledError as error:
            raise JournalFailed("journal: closed") from error

    def begin(
        self,
        work: Callable[[Client], Awaitable[object]],
        limit_s: float,
        done: Callable[[bool], None],
    ) -> None:
        """As `call`, without waiting: `done` is told, in our thread, whether it went well."""

        async def run() -> None:
            try:
                await self._within(work, limit_s)
            except JournalFailed:
                done(False)
            else:
                done(True)

        asyncio.run_coroutine_threadsafe(run(), self._loop)

    def leave(self) -> None:
        """Let go of this server, which is cut off from the others; the next one is asked then."""
        asyncio.run_coroutine_threadsafe(self._leave(), self._loop)

    def close(self) -> None:
        """Let go of the connection; what is under way fails."""
        if self._loop.is_closed():
            return
        ended = asyncio.run_coroutine_threadsafe(self._end(), self._loop)
        with contextlib.suppress(Exception):
            ended.result(CONNECT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _within(self, work: Callable[[Client], Awaitable[T]], limit_s: float) -> T:
        try:
            done = await self._tried(work, limit_s)
        except JournalFull:
            raise
        except JournalFailed:
            now = self._loop.time()
            self._failing = now if self._failing is None else self._failing
            if now - self._failing >= _LEFT_AFTER_S:
                await self._leave()
            raise
        self._failing = None
        return done

    async def _tried(self, work: Callable[[Client], Awaitable[T]], limit_s: float) -> T:
        try:
            async with asyncio.timeout(limit_s):
                return await work(await self._connected())
        except APIError as error:
            kind = JournalFull if error.err_code in _FULL else JournalFailed
            raise kind(f"journal: {self._access.place}: {error.description}") from error
        except TimeoutError as error:
            why = self._why() or "no answer in time"
            raise JournalFailed(f"journal: {self._access.place}: {why}") from error
        except (NatsError, OSError) as error:
            why = str(error) or type(error).__name__
            raise JournalFailed(f"journal: {self._access.place}: {why}") from error

    async def _connected(self) -> Client:
        # one for all: each of many that wait would keep a connection of its own
        async with self._connecting:
            client = self._client
            if client is None or client.is_closed:
                client = self._client = await self._connect()
        await connected(client)
        return client

    async def _leave(self) -> None:
        client, self._client, self._failing = self._client, None, None
        if client is None:
            return
        at = client.connected_url
        if at is not None:
            log.warning("%s does not go on; another server is asked", at.netloc)
            self._servers.sort(key=lambda server: server.endswith(f"//{at.netloc}"))
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CONNECT_S):
                await client.close()

    async def _connect(self) -> Client:
        access, client = self._access, Client()
        try:
            await client.connect(
                servers=list(self._servers),
                dont_randomize=True,
                name="ronda",
                user=access.user or None,
                password=access.password or None,
                tls=access.tls(),
                connect_timeout=CONNECT_S,
                max_reconnect_attempts=-1,
                reconnect_time_wait=_RECONNECT_S,
                ping_interval=_PING_S,
                max_outstanding_pings=1,
                no_echo=True,
                error_cb=self._hear,
                reconnected_cb=self._back,
            )
            # who is let in late hears something else first, which the client takes for no answer:
            # it would stay like that, neither in nor out
            if not client.is_connected:
                raise TimeoutError("let in too late")
        except BaseException:
            # it waits for ever for the end of a connection that never came to speak TLS
            with contextlib.suppress(Exception):
                async with asyncio.timeout(CONNECT_S):
                    await client.close()
            raise
        self._told = []
        return client

    async def _hear(self, error: Exception) -> None:
        # servers that are away are tried every moment: the same is said once
        told = str(error) or type(error).__name__
        if told not in self._told and len(self._told) < _MOST_TOLD:
            self._told.append(told)
            log.warning("%s: %s", self._access.place, told)

    async def _back(self) -> None:
        self._told = []
        log.info("%s: connected again", self._access.place)

    def _why(self) -> str:
        """What was said since it last worked; that we may not sign in says more than the rest."""
        refused = [told for told in self._told if "uthorization" in told]
        return (refused or self._told or [""])[-1]

    async def _end(self) -> None:
        if self._client is not None:
            await self._client.close()
        for task in asyncio.all_tasks(self._loop) - {asyncio.current_task()}:
            task.cancel()
