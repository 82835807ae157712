"""The run itself: reports spread evenly over the interval, and what the scenario makes of them."""

import asyncio
import heapq
from collections.abc import Callable
from random import Random

import numpy as np
from numpy.typing import NDArray

from collector.simulate.agents import Agents
from collector.simulate.beacons import Beacons
from collector.simulate.client import Answer
from collector.simulate.fate import Span
from collector.simulate.post import Letter, Post
from collector.simulate.scenario import Kind
from collector.simulate.spool import BATCH_FRAMES, Finding, Run

TICK_S = 0.02
_BATCHES_A_TICK = 8
_FRAMES_A_TICK = 1000


class Live:
    """Drives the agents by the clock; one `tick` does all that is due."""

    def __init__(
        self, agents: Agents, post: Post, seed: int, backlog_per_s: float, first_findings: bool
    ) -> None:
        self.agents, self.post = agents, post
        self.beacons: Beacons | None = None
        self._fate = agents.fate
        self._lots = Random(seed)
        self._backlog_per_s = backlog_per_s
        self._first_findings = first_findings
        self._cursor = 0  # which report of all comes next
        self._now = 0.0
        # span starts and ends, as (time, order, begins, span)
        self._turns: list[tuple[float, int, bool, Span]] = []
        self._verdicts: list[tuple[float, int, str, str, str]] = []  # time, site, check, ...
        self._backlogs: list[tuple[float, int]] = []
        self._backlog_at: dict[int, float] = {}

    def begin(self, now: float, filled: int | None = None) -> None:
        """Set out from `now`; `filled` is the round before which the past is told already."""
        self._now, self._cursor = now, self._cursor_at(now)
        for number, span in enumerate(self._fate.spans):
            self._turns.append((span.start, 2 * number, True, span))
            self._turns.append((span.end, 2 * number + 1, False, span))
        heapq.heapify(self._turns)
        if filled is None:
            self._absent(now)
        else:
            self._catch_up(filled)

    async def run(self, clock: Callable[[], float], until: float) -> None:
        """Tick until `until` by `clock`."""
        sweep_at = 0.0
        while (now := clock()) < until:
            busy = self.tick(now)
            if now >= sweep_at:
                self.post.client.sweep()
                sweep_at = now + 1.0
            # a turn of the event loop even when behind: the answers must get in
            await asyncio.sleep(0 if busy else max(0.0, TICK_S - (clock() - now)))

    def tick(self, now: float) -> bool:
        """Do what is due; True when more is due already."""
        self._now = now
        self._turn(now)
        self._tell(now)
        self._deliver(now)
        if self.beacons is not None:
            self.beacons.tick(now)
        return self._report(now)

    def confirm(self, site: int, now: float) -> None:
        """A short report: the site's echoes are missing."""
        self.post.send(site, now, [], [], self._after, [])

    def _report(self, now: float) -> bool:
        agents = self.agents
        due = self._cursor_at(now)
        end = min(due, self._cursor + min(_FRAMES_A_TICK, agents.count))
        if end <= self._cursor:
            return False
        turn = np.arange(self._cursor, end)
        self._late(now, self._cursor)
        self._cursor = end
        sites, rounds = agents.order[turn % agents.count], turn // agents.count
        alive = ~self._fate.dead(sites, agents.times(sites, rounds))
        self._sample(sites[alive], rounds[alive], now)
        return end < due

    def _sample(self, sites: NDArray[np.int64], rounds: NDArray[np.int64], now: float) -> None:
        agents = self.agents
        times = agents.times(sites, rounds)
        told = self._first(sites, times)
        ns, errors = agents.numbers(sites), agents.clock_errors(sites, times)
        silent = self._fate.silent(sites, times)
        for i in np.flatnonzero(silent).tolist():
            run = Run(int(rounds[i]), int(ns[i]), 1, float(errors[i]))
            agents.spool(int(sites[i])).keep(run)
        heard = ~silent
        frames = agents.frames(sites[heard], times[heard], ns[heard], errors[heard])
        for i, frame in zip(np.flatnonzero(heard).tolist(), frames, strict=True):
            site = int(sites[i])
            run = Run(int(rounds[i]), int(ns[i]), 1, float(errors[i]))
            findings = told.get(site, [])
            if site in agents.spools:
                findings = agents.spools[site].take_findings()
            self.post.send(site, now, [run], findings, self._after, [frame])

    def _first(
        self, sites: NDArray[np.int64], times: NDArray[np.float64]
    ) -> dict[int, list[Finding]]:
        """First verdicts of agents that have just begun; where the line is dead they wait."""
        if not self._first_findings:
            return {}
        new = np.flatnonzero(~self.agents.told[sites])
        found = {}
        for i in new.tolist():
            site, at = int(sites[i]), float(times[i])
            found[site] = self.agents.first_findings(site, at)
            dark = self._fate.silent(sites[i : i + 1], times[i : i + 1])[0]
            if dark or site in self.agents.spools:
                for finding in found[site]:
                    self.agents.spool(site).keep_finding(finding)
        return found

    def _after(self, letter: Letter, answer: Answer, safe: bool) -> None:
        site = letter.site
        spool = self.agents.spools.get(site)
        if not spool:
            self.agents.spools.pop(site, None)
            self._backlog_at.pop(site, None)
            return
        count = max(1, min(spool.frames, BATCH_FRAMES))
        wait_s = count / self._backlog_per_s * self._lots.uniform(0.8, 1.2)
        if not safe:
            wait_s = self._lots.uniform(0.2, 1.0) * self.agents.interval_s
        if answer.retry_after_s is not None:
            wait_s = answer.retry_after_s * self._lots.uniform(1.0, 1.5)
        self._schedule(site, self._now + wait_s)

    def _schedule(self, site: int, at: float) -> None:
        if site not in self._backlog_at:
            self._backlog_at[site] = at
            heapq.heappush(self._backlogs, (at, site))

    def _deliver(self, now: float) -> None:
        """Backlog batches that are due, a few a tick so that fresh reports stay on time."""
        for _ in range(_BATCHES_A_TICK):
            if not self._backlogs or self._backlogs[0][0] > now:
                return
            _, site = heapq.heappop(self._backlogs)
            self._backlog_at.pop(site, None)
            spool = self.agents.spools.get(site)
            here, when = np.array([site]), np.array([now])
            # while it is dark the next fresh report that arrives will begin again
            if spool and not self._fate.silent(here, when)[0]:
                runs = spool.take(self.agents.rounds_an_hour)
                self.post.send(site, now, runs, spool.take_findings(), self._after)

    def _turn(self, now: float) -> None:
        """Spans that begin or end: schedule what the agents will notice of it."""
        while self._turns and self._turns[0][0] <= now:
            at, _, begins, span = heapq.heappop(self._turns)
            if span.kind is Kind.POWER_CUT and not begins:
                for site in span.sites.tolist():
                    self.agents.reboot(site, at)
            elif span.bad_checks:
                self._notice(begins, span)

    def _notice(self, begins: bool, span: Span) -> None:
        """The agents' checks will see it, each at its own next turn."""
        sites = span.sites
        bad_at, good_at = span.noticed(sites)
        for site, bad, good in zip(sites.tolist(), bad_at.tolist(), good_at.tolist(), strict=True):
            if good < bad:
                continue  # over before it was noticed
            for check, reason in span.bad_checks.items():
                entry = (
                    (bad, site, check, "bad", reason) if begins else (good, site, check, "good", "")
                )
                heapq.heappush(self._verdicts, entry)

    def _tell(self, now: float) -> None:
        agents = self.agents
        while self._verdicts and self._verdicts[0][0] <= now:
            at, site, check, verdict, reason = heapq.heappop(self._verdicts)
            here, when = np.array([site]), np.array([at])
            if self._fate.dead(here, when)[0]:
                continue
            finding = agents.finding(site, at, check, verdict, reason)
            if self._fate.silent(here, when)[0]:
                agents.spool(site).keep_finding(finding)
                continue
            waiting = agents.spools[site].take_findings() if site in agents.spools else []
            self.post.send(site, now, [], [*waiting, finding], self._after, [])

    def _absent(self, now: float) -> None:
        """Sites silent since before the run: their spools are as long as their silence."""
        agents = self.agents
        for span in self._fate.spans:
            if span.kind is Kind.BACKLOG:
                for site in span.sites.tolist():
                    place_s = agents.place[site] * agents.gap_s
                    first = -int((agents.origin + place_s - span.start) // agents.interval_s)
                    next_round = -int((agents.origin + place_s - now) // agents.interval_s)
                    count = next_round - first
                    n = int(agents.numbers(np.array([site]), count)[0])
                    agents.spool(site).keep(Run(first, n, count))

    def _catch_up(self, filled: int) -> None:
        """Frames between the told past and the first fresh report wait in the spools."""
        agents = self.agents
        for turn in range(filled * agents.count, self._cursor):
            site = int(agents.order[turn % agents.count])
            n = int(agents.numbers(np.array([site]))[0])
            agents.spool(site).keep(Run(turn // agents.count, n, 1))

    def _cursor_at(self, now: float) -> int:
        """How many reports of the whole fleet lie before `now`."""
        return int((now - self.agents.origin) / self.agents.gap_s) + 1

    def _late(self, now: float, cursor: int) -> None:
        due_at = self.agents.origin + cursor * self.agents.gap_s
        figures = self.post.figures
        figures.latest_s = max(figures.latest_s, now - due_at)
