"""Something to measure a line with: bytes that nobody can press together, given and taken.

Reports come first. One measurement at a time (or a few), each paced to its share of the centre's
own line and told what that is, bounded in bytes and seconds, and so many bytes an agent and day.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from collector.intake.body import Problem, Reply, Stream, reply_json
from collector.settings import Settings

DOWN = "/api/v1/capacity"
UP = "/api/v1/capacity/up"
PIECE_BYTES = 32 << 10
LONGEST_S = 15.0
# two runs of three samples, and what went wrong in between
SAMPLES_A_DAY = 8
_DAY_S = 20 * 3600.0
_BURST_S = 0.1
_AGAIN_S = 15
_BUSY_S = 60
_MOST_AGENTS = 100_000
_LIMIT = "x-ronda-limit"


class Capacity:
    """Who measures now, and what each agent has had today."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._bits_per_s = settings.capacity_mbps * 1e6
        self._at_once = settings.capacity_at_once
        self._most_bytes = int(settings.capacity_mb * 1e6)
        self._clock = clock
        self._used: dict[int, tuple[float, int]] = {}
        self.running = 0

    def give(self, agent: int, query: str, busy: str) -> Reply:
        """Bytes for a download; Problem 429 or 503 when it is not the time."""
        wanted = _wanted(query, self._most_bytes)
        self._admit(agent, wanted, busy)
        headers = [
            ("content-type", "application/octet-stream"),
            ("cache-control", "no-store"),
            (_LIMIT, f"{self._bits_per_s:.0f}"),
        ]

        async def pour(send: Callable[[bytes], Awaitable[object]]) -> None:
            with self._turn():
                await self._pour(send, wanted)

        return Reply(200, b"", headers, pour)

    async def take(self, agent: int, stream: Stream, busy: str) -> Reply:
        """An upload: read, thrown away, and how fast it came told."""
        self._admit(agent, self._most_bytes, busy)
        with self._turn():
            try:
                count, lasted_s = await self._drain(stream)
            except TimeoutError:
                words = f"the body did not come within {LONGEST_S:g} s"
                raise Problem(408, words) from None
        rate = count * 8 / lasted_s if lasted_s > 0 else 0.0
        told = [("x-ronda-arrived", f"{rate:.0f}"), (_LIMIT, f"{self._bits_per_s:.0f}")]
        return reply_json({"bytes": count, "seconds": round(lasted_s, 4)}, 200, told)

    def _admit(self, agent: int, wanted: int, busy: str) -> None:
        if not self._bits_per_s:
            raise Problem(503, "this centre takes no measurements (capacity_mbps)", 3600)
        if busy:
            raise Problem(503, busy, _BUSY_S)
        now = self._clock()
        since, used = self._used.get(agent, (now, 0))
        if not 0 <= now - since < _DAY_S:
            since, used = now, 0
        if used + wanted > SAMPLES_A_DAY * self._most_bytes:
            raise Problem(429, "enough measured for today", int(since + _DAY_S - now) + 1)
        if self.running >= self._at_once:
            raise Problem(503, "others are measuring", _AGAIN_S)
        self._used.pop(agent, None)
        self._used[agent] = since, used + wanted
        while len(self._used) > _MOST_AGENTS:
            del self._used[next(iter(self._used))]

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1

    async def _pour(self, send: Callable[[bytes], Awaitable[object]], wanted: int) -> None:
        loop = asyncio.get_running_loop()
        began, sent = loop.time(), 0
        ends = began + LONGEST_S
        # a peer that does not read must not hold the place
        async with asyncio.timeout(LONGEST_S):
            while sent < wanted and loop.time() < ends:
                piece = os.urandom(min(PIECE_BYTES, wanted - sent))
                await send(piece)
                sent += len(piece)
                # who stood still may not catch up all at once
                began = max(began, loop.time() - sent * 8 / self._bits_per_s - _BURST_S)
                ahead_s = sent * 8 / self._bits_per_s - (loop.time() - began)
                # always: whoever reports comes between two pieces
                await asyncio.sleep(max(0.0, ahead_s))

    async def _drain(self, stream: Stream) -> tuple[int, float]:
        """Bytes after the first piece, and the time that they took."""
        loop = asyncio.get_running_loop()
        began = last = 0.0
        count = 0
        async with asyncio.timeout(LONGEST_S):
            async for piece in _pieces(stream):
                last = loop.time()
                if not began:
                    began = last
                    continue
                count += len(piece)
                if count > self._most_bytes:
                    raise Problem(413, f"more than {self._most_bytes} bytes")
                ahead_s = count * 8 / self._bits_per_s - (last - began)
                await asyncio.sleep(max(0.0, ahead_s))
        return count, last - began


async def _pieces(stream: Stream) -> AsyncIterator[bytes]:
    async for piece in stream:
        yield piece


def _wanted(query: str, most: int) -> int:
    """`bytes=N`, never more than may be given."""
    text = parse_qs(query).get("bytes", [""])[0]
    if not text:
        return most
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) > 0):
        raise Problem(400, "bytes: expected a whole number above 0")
    return min(int(text), most)
