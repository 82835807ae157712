"""Something to measure a line with: bytes that nobody can press together, given and taken.

Reports come first. One agent measures at a time (or a few), paced to its share of the centre's own
line and told what that is, for so many seconds, and so many bytes a day. A download goes piece by
piece, each asked for: what a peer does not read is never more than one of them.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from collector.intake.body import Headers, Problem, Reply, Stream, reply_json
from collector.settings import Settings

DOWN = "/api/v1/capacity"
UP = "/api/v1/capacity/up"
MOST_PIECE_BYTES = 1 << 20
# so long an agent has its turn, and loses it when nothing is asked for
LONGEST_S = 15.0
_IDLE_S = 2.0
# two runs of three samples, and what went wrong in between
SAMPLES_A_DAY = 8
_DAY_S = 20 * 3600.0
# who stood still may not catch up all at once
_BURST_S = 0.05
_AGAIN_S = 15
_BUSY_S = 60
_MOST_AGENTS = 100_000
_LIMIT = "x-ronda-limit"


@dataclass(slots=True)
class Turn:
    """One agent's: when it began, was last heard, and up to when the line is taken."""

    began: float
    last: float
    paced: float

    def over(self, now: float) -> bool:
        return now - self.began > LONGEST_S or now - self.last > _IDLE_S


class Capacity:
    """Whose turn it is, and what each agent has had today."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self._bits_per_s = settings.capacity_mbps * 1e6
        self._at_once = settings.capacity_at_once
        self._most_bytes = int(settings.capacity_mb * 1e6)
        self._clock = clock
        self._used: dict[int, tuple[float, int]] = {}
        self._turns: dict[int, Turn] = {}

    async def give(self, agent: int, query: str, busy: str) -> Reply:
        """One piece of a download; Problem 429 or 503 when it is not the time."""
        wanted = _wanted(query)
        turn = self._admit(agent, wanted, busy)
        await self._pace(turn, wanted)
        headers: Headers = [
            ("content-type", "application/octet-stream"),
            ("cache-control", "no-store"),
            *self._limit(),
        ]
        return Reply(200, os.urandom(wanted), headers)

    async def take(self, agent: int, stream: Stream, busy: str) -> Reply:
        """An upload: read, thrown away, and how fast it came told."""
        # what comes is charged as it comes
        turn = self._admit(agent, 0, busy)
        try:
            count, lasted_s = await self._drain(agent, turn, stream)
        except TimeoutError:
            raise Problem(408, f"the body did not come within {LONGEST_S:g} s") from None
        except RuntimeError:
            raise Problem(400, "the connection broke off") from None
        finally:
            self._turns.pop(agent, None)
        rate = count * 8 / lasted_s if lasted_s > 0 else 0.0
        told = {"bytes": count, "seconds": round(lasted_s, 4)}
        return reply_json(told, 200, [("x-ronda-arrived", f"{rate:.0f}"), *self._limit()])

    def _limit(self) -> Headers:
        return [(_LIMIT, f"{self._bits_per_s:.0f}")]

    def _admit(self, agent: int, wanted: int, busy: str) -> Turn:
        """The agent's turn, begun or gone on with."""
        if not self._bits_per_s:
            raise Problem(503, "this centre takes no measurements (capacity_mbps)", 3600)
        if busy:
            raise Problem(503, busy, _BUSY_S)
        now = asyncio.get_running_loop().time()
        self._turns = {who: turn for who, turn in self._turns.items() if not turn.over(now)}
        if agent not in self._turns and len(self._turns) >= self._at_once:
            raise Problem(503, "others are measuring", _AGAIN_S)
        self._charge(agent, wanted)
        return self._turns.setdefault(agent, Turn(now, now, now))

    def _charge(self, agent: int, count: int) -> None:
        now = self._clock()
        since, used = self._used.get(agent, (now, 0))
        if not 0 <= now - since < _DAY_S:
            since, used = now, 0
        if used + count > SAMPLES_A_DAY * self._most_bytes:
            raise Problem(429, "enough measured for today", int(since + _DAY_S - now) + 1)
        self._used.pop(agent, None)
        self._used[agent] = since, used + count
        while len(self._used) > _MOST_AGENTS:
            del self._used[next(iter(self._used))]

    async def _pace(self, turn: Turn, count: int) -> None:
        """Wait until so many bytes more are within what a turn gets of the line."""
        now = asyncio.get_running_loop().time()
        turn.paced = max(turn.paced, now - _BURST_S) + count * 8 / self._bits_per_s
        turn.last = max(now, turn.paced)
        await asyncio.sleep(max(0.0, turn.paced - now))

    async def _drain(self, agent: int, turn: Turn, stream: Stream) -> tuple[int, float]:
        """Bytes after the first piece, and the time that they took."""
        loop = asyncio.get_running_loop()
        began = last = 0.0
        count = 0
        async with asyncio.timeout(LONGEST_S):
            async for piece in _pieces(stream):
                last = loop.time()
                self._charge(agent, len(piece))
                if count + len(piece) > self._most_bytes:
                    raise Problem(413, f"more than {self._most_bytes} bytes")
                if began:
                    count += len(piece)
                began = began or last
                await self._pace(turn, len(piece))
        return count, last - began


async def _pieces(stream: Stream) -> AsyncIterator[bytes]:
    async for piece in stream:
        yield piece


def _wanted(query: str) -> int:
    """`bytes=N`, never more than one piece."""
    text = parse_qs(query).get("bytes", [""])[0]
    if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) > 0):
        raise Problem(400, "bytes: expected a whole number above 0")
    return min(int(text), MOST_PIECE_BYTES)
