"""One run from start to goodbye: the past if wanted, the load, the centre's figures."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from collector.simulate import centre
from collector.simulate.agents import Agents, Enrolled
from collector.simulate.beacons import Beacons
from collector.simulate.client import Answer, Client
from collector.simulate.fate import Fate
from collector.simulate.figures import Figures
from collector.simulate.history import Past
from collector.simulate.live import Live
from collector.simulate.post import Post
from collector.simulate.scenario import Scenario

_SETTLED_LAG_S = 1.0
_SETTLE_S = 10.0
_ANSWERS_S = 10.0
_KNOWN_S = 15.0
_GOODBYE_S = 60.0
_GOODBYES_AT_ONCE = 64


@dataclass(frozen=True)
class Plan:
    """What to simulate; times in seconds, `data` is the centre's folder."""

    url: str
    interval_s: float
    duration_s: float
    series: int
    seed: int
    scenario: Scenario
    history_days: float
    data: Path
    cafile: str = ""
    backlog_per_s: float = 8.0
    goodbye: bool = True
    beacons: bool = False


async def run(plan: Plan, fleet: Enrolled, clock: Callable[[], float]) -> Figures:
    """Carry the plan out; the figures are of everything but the goodbyes."""
    figures = Figures(sites=len(fleet.tokens))
    client = Client(plan.url, plan.cafile)
    before = centre.cpu_s(plan.data)
    try:
        await be_known(client, fleet.tokens[-1], clock)
        start = clock()
        fate = Fate(plan.scenario, fleet.villages, start, plan.seed)
        agents = Agents(fleet, fate, plan.seed, plan.series, plan.interval_s, start)
        post = Post(agents, client, figures)
        await _load(plan, agents, post, clock)
        await _until(lambda: client.under_way == 0, client, _ANSWERS_S, clock)
        figures.fold_lag_s = await centre.fold_lag_s(client)
        await _settle(figures, client, clock)
        figures.centre_cpu_s = centre.spent_s(before, centre.cpu_s(plan.data))
        if plan.goodbye:
            await _say_goodbye(agents, post, clock)
    finally:
        await client.close()
    return figures


async def _load(plan: Plan, agents: Agents, post: Post, clock: Callable[[], float]) -> None:
    filled = None
    if plan.history_days:
        filled = await Past(agents, post).fill(clock, plan.history_days)
    if plan.duration_s:
        first = plan.scenario.first_findings
        live = Live(agents, post, plan.seed, plan.backlog_per_s, first)
        began = clock()
        agents.fate.move(began)
        live.begin(began, filled)
        if plan.beacons and agents.fleet.signers:
            signers = agents.fleet.signers
            live.beacons = Beacons(plan.url, signers, agents.fate, plan.seed, began, live.confirm)
        try:
            await live.run(clock, began + plan.duration_s)
        finally:
            if live.beacons is not None:
                live.beacons.close()
                post.figures.beacons = (live.beacons.sent, live.beacons.echoed)


async def be_known(client: Client, token: str, clock: Callable[[], float]) -> None:
    """Wait for the centre to have read the rows of agents that were made just now."""
    until = clock() + _KNOWN_S
    while (await client.get("/api/v1/config", token)).status == 401 and clock() < until:
        await asyncio.sleep(0.2)


async def _settle(figures: Figures, client: Client, clock: Callable[[], float]) -> None:
    """Let the fold come near, so that its CPU time for this load is counted with it."""
    until = clock() + _SETTLE_S
    lag_s = figures.fold_lag_s
    while lag_s is not None and lag_s > _SETTLED_LAG_S and clock() < until:
        await asyncio.sleep(0.5)
        lag_s = await centre.fold_lag_s(client)


async def _say_goodbye(agents: Agents, post: Post, clock: Callable[[], float]) -> None:
    """Every agent that can announces its shutdown, so that nobody calls it silent."""
    now = clock()
    everyone = np.arange(agents.count)
    heard = everyone[~agents.fate.silent(everyone, np.full(agents.count, now))].tolist()
    left = set(heard)

    def answered(site: int, answer: Answer) -> None:
        if answer.status in (429, 503):
            heard.append(site)
        elif answer.status == 200:
            left.discard(site)

    until = now + _GOODBYE_S
    while (heard or post.client.under_way) and clock() < until:
        while heard and post.client.under_way < _GOODBYES_AT_ONCE:
            site = heard.pop()
            post.say_goodbye(site, clock(), partial(answered, site))
        post.client.sweep()
        await asyncio.sleep(0.002)
    if left:
        post.figures.failures["goodbye not taken"] += len(left)


async def _until(
    done: Callable[[], bool], client: Client, limit_s: float, clock: Callable[[], float]
) -> None:
    until = clock() + limit_s
    while not done() and clock() < until:
        client.sweep()
        await asyncio.sleep(0.01)
