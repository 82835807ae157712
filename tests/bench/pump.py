"""Prepared requests over kept connections, as fast as they are answered, at little of its own."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

CONNECTIONS = 256


class Line(asyncio.Protocol, ABC):
    """One kept connection on which one request at a time is on its way."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.sent_at = 0.0
        self._status = 0
        self._left = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not say that they are asyncio's
        self.transport = cast(asyncio.Transport, transport)

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._left:
            self._left -= len(data)
        else:
            # a head is a few hundred bytes and comes in one piece
            head, _, body = data.partition(b"\r\n\r\n")
            self._status = int(head.split(b" ", 2)[1])
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            self._left = int(length or 0) - len(body)
        if not self._left:
            self.answered(self._status)

    @abstractmethod
    def answered(self, status: int) -> None:
        """What comes next."""


@dataclass
class Taken:
    """What a server made of all of it; `waits`: seconds of each answer."""

    took_s: float = 0.0
    waits: list[float] = field(default_factory=list)
    failed: int = 0


class _Carrier(Line):
    """Sends what lies on a heap until nothing is left of it."""

    def __init__(self, taken: Taken) -> None:
        super().__init__()
        self._taken = taken
        self._heap: list[bytes] = []
        self._empty: asyncio.Future[None] | None = None

    def carry(self, heap: list[bytes], empty: asyncio.Future[None]) -> None:
        self._heap, self._empty = heap, empty
        if self.transport.is_closing():
            self.connection_lost(None)
        else:
            self._next()

    def answered(self, status: int) -> None:
        self._taken.waits.append(time.perf_counter() - self.sent_at)
        self._taken.failed += status not in (200, 204)
        self._next()

    def connection_lost(self, why: Exception | None) -> None:
        if self._empty is not None and not self._empty.done():
            self._empty.set_exception(why or ConnectionError("it hung up"))

    def _next(self) -> None:
        assert self._empty is not None
        if self._heap:
            self.send(self._heap.pop())
        elif not self._empty.done():
            self._empty.set_result(None)


async def pump(address: str, rounds: Iterable[Sequence[bytes]]) -> Taken:
    """Send all of one round before the next begins; a round is asked for when its time has come."""
    host, _, port = address.rpartition(":")
    loop, taken = asyncio.get_running_loop(), Taken()
    lines = [
        (await loop.create_connection(lambda: _Carrier(taken), host, int(port)))[1]
        for _ in range(CONNECTIONS)
    ]
    began = time.monotonic()
    for requests in rounds:
        heap, ends = list(requests), [loop.create_future() for _ in lines]
        for line, end in zip(lines, ends, strict=True):
            line.carry(heap, end)
        await asyncio.gather(*ends)
    taken.took_s = time.monotonic() - began
    for line in lines:
        line.transport.close()
    return taken


def request(path: str, body: bytes, headers: str) -> bytes:
    """One request of HTTP/1.1; each line of `headers` ends with CR LF."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
