"""The past, filled in through the same door: spools as long as the agents' lives, sent at once."""

import asyncio
from collections import deque
from collections.abc import Callable

import numpy as np

from agent.strict import Refused
from collector.simulate.agents import Agents
from collector.simulate.client import Answer
from collector.simulate.post import Letter, Post
from collector.simulate.spool import Run

_AT_ONCE = 48  # reports under way: enough to keep the centre busy
_NAP_S = 0.005
_TROUBLE_S = 1.0
_GIVE_UP_S = 300.0  # without a single batch kept


class Past:
    """Delivers the frames of the last `days`, hour by hour, one batch of each site in turn."""

    def __init__(self, agents: Agents, post: Post) -> None:
        self.agents, self.post = agents, post
        self._turn: deque[int] = deque()
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
            await self._drain(clock)
            first = last
        return first

    def _round_at(self, now: float) -> int:
        return int((now - self.agents.origin) // self.agents.interval_s)

    def _load(self, first: int, last: int) -> None:
        everyone = np.arange(self.agents.count)
        ns = self.agents.numbers(everyone, last - first)
        for site, n in zip(everyone.tolist(), ns.tolist(), strict=True):
            self.agents.spool(site).keep(Run(first, n, last - first))
            self._turn.append(site)

    async def _drain(self, clock: Callable[[], float]) -> None:
        sweep_at, self._kept_at = 0.0, clock()
        while self._turn or self._under_way:
            self._now = clock()
            if self._now > self._kept_at + _GIVE_UP_S:
                raise Refused("--history", f"the centre kept nothing for {_GIVE_UP_S:.0f} s")
            if self._now >= sweep_at:
                self.post.client.sweep()
                sweep_at = self._now + 1.0
            if self._turn and self._under_way < _AT_ONCE and self._now >= self._pause_until:
                self._send(self._turn.popleft())
                # answers get in between two batches
                await asyncio.sleep(0)
            else:
                await asyncio.sleep(_NAP_S)

    def _send(self, site: int) -> None:
        runs = self.agents.spool(site).take(self.agents.rounds_an_hour)
        if self.post.send(site, self._now, runs, [], self._after):
            self._under_way += 1
        else:
            self._turn.append(site)

    def _after(self, letter: Letter, answer: Answer, safe: bool) -> None:
        self._under_way -= 1
        if safe:
            self._kept_at = self._now
        if self.agents.spools.get(letter.site):
            self._turn.append(letter.site)
        else:
            self.agents.spools.pop(letter.site, None)
        if not safe and answer.status != 200:
            self._pause_until = self._now + (answer.retry_after_s or _TROUBLE_S)
