"""Many agents' requests over few sockets: HTTP/1.1, kept alive, one request at a time on each."""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from agent.strict import Refused

MAX_CONNECTIONS = 512
MAX_WAITING = 4096
TIMEOUT_S = 30.0
_MAX_ANSWER = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `status` is 0 when nothing did, `problem` then says why."""

    status: int
    seconds: float  # since it was handed over, waiting for a free socket included
    body: bytes = b""
    retry_after_s: float | None = None
    problem: str = ""


Done = Callable[[Answer], None]


@dataclass(slots=True)
class _Waiting:
    request: bytes
    done: Done
    since: float


class Client:
    """Shared sockets to one server. Everything happens on the event loop it was made in."""

    def __init__(
        self,
        url: str,
        cafile: str = "",
        limit: int = MAX_CONNECTIONS,
        # the event loop's own clock is no finer than a millisecond
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused("--ingest", f"expected http://HOST:PORT, got {url!r}")
        self.host = parts.netloc
        self.base = parts.path.rstrip("/")
        self._name = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = None
        if parts.scheme == "https":
            self._tls = ssl.create_default_context(cafile=cafile or None)
        self._limit = min(limit, MAX_CONNECTIONS)
        self.now = stopwatch
        self._loop = asyncio.get_running_loop()
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._queue: deque[_Waiting] = deque()
        self._closed = False

    @property
    def waiting(self) -> int:
        """Requests that have no socket yet."""
        return len(self._queue)

    @property
    def under_way(self) -> int:
        """Requests without an answer."""
        return len(self._queue) + len(self._open) - len(self._idle)

    def send(self, request: bytes, done: Done) -> bool:
        """Hand a request over; False when too many wait already. `done` is called once."""
        if len(self._queue) >= MAX_WAITING:
            return False
        item = _Waiting(request, done, self.now())
        if self._idle and not self._queue:
            self._idle.pop().begin(item)
            return True
        self._queue.append(item)
        self._dial()
        return True

    async def get(self, path: str, token: str = "", limit_s: float = 5.0) -> Answer:
        """One GET; a failure is an answer of status 0."""
        answer: asyncio.Future[Answer] = self._loop.create_future()
        known = f"Authorization: Bearer {token}\r\n" if token else ""
        head = f"GET {self.base}{path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: 0\r\n"
        self.send(f"{head}{known}\r\n".encode(), lambda got: _give(answer, got))
        try:
            return await asyncio.wait_for(answer, limit_s)
        except TimeoutError:
            return Answer(0, limit_s, problem="no answer in time")

    def sweep(self) -> None:
        """Give up on requests older than the time limit; call about once a second."""
        oldest = self.now() - TIMEOUT_S
        for connection in list(self._open):
            if connection.busy_since is not None and connection.busy_since < oldest:
                connection.abort("no answer in time")
        while self._queue and self._queue[0].since < oldest:
            self.fail(self._queue.popleft(), "no free connection in time")

    async def close(self) -> None:
        """Close all sockets; requests under way are answered with status 0."""
        self._closed = True
        for task in list(self._opening):
            task.cancel()
        for connection in list(self._open):
            connection.abort("closed")
        while self._queue:
            self.fail(self._queue.popleft(), "closed")
        await asyncio.sleep(0)

    def next_for(self, connection: "_Connection") -> None:
        """A socket has become free."""
        if self._queue:
            connection.begin(self._queue.popleft())
        else:
            self._idle.append(connection)

    def joined(self, connection: "_Connection") -> None:
        self._open.add(connection)
        self.next_for(connection)

    def lost(self, connection: "_Connection") -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    def fail(self, item: _Waiting, problem: str) -> None:
        item.done(Answer(0, self.now() - item.since, problem=problem))

    def _dial(self) -> None:
        """Open as many sockets as wait for one, within the limit."""
        while (
            len(self._opening) < len(self._queue)
            and len(self._open) + len(self._opening) < self._limit
        ):
            task = self._loop.create_task(self._connect())
            self._opening.add(task)
            task.add_done_callback(self._dialled)

    def _dialled(self, task: asyncio.Task[None]) -> None:
        self._opening.discard(task)
        if not self._closed:
            self._dial()

    async def _connect(self) -> None:
        try:
            await asyncio.wait_for(
                self._loop.create_connection(
                    lambda: _Connection(self), self._name, self._port, ssl=self._tls
                ),
                TIMEOUT_S,
            )
        except OSError as error:  # TimeoutError and ssl.SSLError are among them
            problem = error.strerror or type(error).__name__
            # the others who wait may have it from an open socket, or fail with their own
            if self._queue:
                self.fail(self._queue.popleft(), problem)


def _give(answer: asyncio.Future[Answer], got: Answer) -> None:
    if not answer.done():
        answer.set_result(got)


class _Connection(asyncio.Protocol):
    """One socket and the request that is on it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._transport: asyncio.Transport | None = None
        self._item: _Waiting | None = None
        self._buffer = b""
        self.busy_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes
        self._transport = cast(asyncio.Transport, transport)
        self._client.joined(self)

    def begin(self, item: _Waiting) -> None:
        self._item, self._buffer = item, b""
        self.busy_since = item.since
        assert self._transport is not None
        self._transport.write(item.request)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        item = self._item
        if item is None or len(self._buffer) > _MAX_ANSWER:
            self.abort("an answer nobody asked for, or too long")
            return
        try:
            found = read_response(self._buffer)
        except ValueError as error:
            self.abort(f"not HTTP: {error}")
            return
        if found is None:
            return
        status, head, body = found
        self._item = self.busy_since = None
        if b"connection: close" in head:
            self.abort("")
        else:
            self._client.next_for(self)
        seconds = self._client.now() - item.since
        item.done(Answer(status, seconds, body, retry_after(head)))

    def connection_lost(self, exc: Exception | None) -> None:
        self._client.lost(self)
        self._give_up("the connection was lost")

    def abort(self, problem: str) -> None:
        self._client.lost(self)
        self._give_up(problem)
        if self._transport is not None:
            self._transport.abort()

    def _give_up(self, problem: str) -> None:
        item, self._item, self.busy_since = self._item, None, None
        if item is not None:
            self._client.fail(item, problem)


def read_response(text: bytes) -> tuple[int, bytes, bytes] | None:
    """Status, lower-case head and body of a whole answer; None while some is missing.

    ValueError for what is not an answer of known length.
    """
    end = text.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = text[:end].lower()
    if not head.startswith(b"http/1."):
        raise ValueError(f"it begins with {text[:20]!r}")
    status = int(head[9:12])
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        raise ValueError("no content-length")
    length = int(head[at + 17 :].partition(b"\r\n")[0])
    if len(text) < end + 4 + length:
        return None
    return status, head, text[end + 4 : end + 4 + length]


def retry_after(head: bytes) -> float | None:
    """Seconds of a Retry-After header in a lower-case head; a date or nonsense counts as none."""
    at = head.find(b"\r\nretry-after:")
    if at < 0:
        return None
    try:
        return max(0.0, float(head[at + 14 :].partition(b"\r\n")[0]))
    except ValueError:
        return None
