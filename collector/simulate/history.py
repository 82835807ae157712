"""The past, filled in through the same door: spools as long as the agents' lives, sent at once."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from heapq import heappop, heappush

import numpy as np

from agent.strict import Refused
from collector.simulate.agents import Agents
from collector.simulate.client import Answer
from collector.simulate.post import Letter, Post
from collector.simulate.spool import Run

_AT_ONCE = 48  # reports under way: enough to keep the centre busy
_TOGETHER = 12  # sites whose frames are made at once
_NAP_S = 0.005
_TROUBLE_S = 1.0
_GIVE_UP_S = 300.0  # without a single batch kept


class Past:
    """Delivers the frames of the last `days`, hour by hour, one batch of each site in turn."""

    def __init__(self, agents: Agents, post: Post) -> None:
        self.agents, self.post = agents, post
        self._turn: deque[int] = deque()
        self._made: deque[tuple[int, list[Run], list[bytes]]] = deque()
        self._told_to_wait: list[tuple[float, int]] = []
        self._under_way = 0
        self._pause_until = 0.0
        self._now = self._kept_at = 0.0

    async def fill(self, clock: Callable[[], float], days: float) -> int:
        """Deliver the past up to the moment of returning; the round it ends before."""
        began = clock()
        first = self._round_at(began - days * 86_400)
        # agents that have lived as long as what they tell of
        oldest = began - days * 86_400 - 3600 - self.agents.place % 3600
        self.agents.boots = np.minimum(self.agents.boots, oldest)
        while first < (last := self._round_at(clock())):
            self._load(first, last)
            await self.drain(clock)
            first = last
        return first

    async def deliver(self, sites: Iterable[int], clock: Callable[[], float]) -> None:
        """Return when what waits in the spools of these sites is kept."""
        self._turn.extend(sites)
        await self.drain(clock)

    def _round_at(self, now: float) -> int:
        return int((now - self.agents.origin) // self.agents.interval_s)

    def _load(self, first: int, last: int) -> None:
        everyone = np.arange(self.agents.count)
        ns = self.agents.numbers(everyone, last - first)
        for site, n in zip(everyone.tolist(), ns.tolist(), strict=True):
            self.agents.spool(site).keep(Run(first, n, last - first))
            self._turn.append(site)

    async def drain(self, clock: Callable[[], float]) -> None:
        """The same of all whose turn it is."""
        sweep_at, self._kept_at = 0.0, clock()
        while self._turn or self._made or self._told_to_wait or self._under_way:
            self._now = clock()
            if self._now > self._kept_at + _GIVE_UP_S:
                raise Refused("--history", f"the centre kept nothing for {_GIVE_UP_S:.0f} s")
            if self._now >= sweep_at:
                self.post.client.sweep()
                sweep_at = self._now + 1.0
            while self._told_to_wait and self._told_to_wait[0][0] <= self._now:
                self._turn.append(heappop(self._told_to_wait)[1])
            if self._may_send():
                self._send()
                # answers get in between two batches
                await asyncio.sleep(0)
            else:
                await asyncio.sleep(_NAP_S)

    def _may_send(self) -> bool:
        waits = bool(self._turn or self._made) and self._now >= self._pause_until
        return waits and self._under_way < _AT_ONCE

    def _send(self) -> None:
        if not self._made:
            self._make()
        site, runs, frames = self._made.popleft()
        if self.post.send(site, self._now, runs, [], self._after, frames):
            self._under_way += 1
        else:
            self._turn.append(site)

    def _make(self) -> None:
        sites = [self._turn.popleft() for _ in range(min(_TOGETHER, len(self._turn)))]
        taken = [self.agents.spool(site).take(self.agents.rounds_an_hour) for site in sites]
        frames = self.agents.frames_of_all([*zip(sites, taken, strict=True)])
        self._made.extend(zip(sites, taken, frames, strict=True))

    def _after(self, letter: Letter, answer: Answer, safe: bool) -> None:
        self._under_way -= 1
        if safe:
            self._kept_at = self._now
        if not self.agents.spools.get(letter.site):
            self.agents.spools.pop(letter.site, None)
        elif answer.retry_after_s and not safe:
            heappush(self._told_to_wait, (self._now + answer.retry_after_s, letter.site))
        else:
            self._turn.append(letter.site)
        if not safe and answer.status != 200:
            # each waits for as long as it was told; the others, too, leave the centre alone a while
            self._pause_until = self._now + _TROUBLE_S
