"""The demo while it runs: villages report, their past fills up behind them, faults go round."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import Engine

from collector import states
from collector.availability import Interval
from collector.db import meta_get, reading, writing
from collector.demo import mark, regency, silences, story
from collector.demo.archive import Archive
from collector.demo.mark import Book
from collector.inventory.keeping import put
from collector.settings import Settings
from collector.simulate.agents import Agents, Enrolled
from collector.simulate.beacons import Beacons
from collector.simulate.client import Client
from collector.simulate.enrolment import agents_of
from collector.simulate.fate import Fate
from collector.simulate.figures import Figures
from collector.simulate.history import Past
from collector.simulate.live import Live
from collector.simulate.post import Post
from collector.simulate.run import be_known
from collector.simulate.scenario import Scenario
from collector.supervise import say

SEED = 98
SERIES = 70
LIVE_EVERY_S = 30
# of the last days, which charts show by the minute, and of those before: seconds between frames,
# and how many series, optics and devices left out
NEAR_DAYS = 2.0
NEAR, FAR = (900.0, 57), (3600.0, 57)
# while the past fills up: a frame of it speaks for 2.5 of these, longer than to the next one
FILLING_EVERY_S = 1500
_LOOK_S = 1.0
_WRITE_EVERY_S = 30.0
_SAY_EVERY = 0.1
_BY = "demo"


@dataclass
class Demo:
    """One run; `clock` tells UTC epoch seconds."""

    settings: Settings
    store: Engine
    secret: bytes
    clock: Callable[[], float]
    stop: asyncio.Event

    def prepare(self) -> tuple[Book, bool]:
        """Inventory and agents as they are to be; the book, and whether it is a new one."""
        now = self.clock()
        with writing(self.store) as connection:
            known = mark.read(connection)
            book = mark.resumed(known, now)
            if known is None:
                # what is put in counts from then on: its past may be told
                then = book.holes[0][0]
                put(connection, "areas", regency.areas(), then, _BY)
                put(connection, "sites", regency.sites(FILLING_EVERY_S), then, _BY)
                put(connection, "uplinks", regency.uplinks(), then, _BY)
                put(connection, "contacts", regency.contacts(), then, _BY)
                states.save_states(connection, (), _silences(then, now))
            mark.write(connection, book)
        self._pace(FILLING_EVERY_S if book.holes else LIVE_EVERY_S)
        return book, known is None

    async def run(self, book: Book) -> None:
        """Until asked to stop."""
        fleet = agents_of(self.store, self.secret, regency.villages(), SEED, self.clock())
        client = Client(self.settings.reports_to, self.settings.cert)
        try:
            await be_known(client, fleet.tokens[-1], self.clock)
            await Running(self, fleet, client, book).until_stopped()
        finally:
            await client.close()

    def keep(self, book: Book) -> None:
        with writing(self.store) as connection:
            mark.write(connection, book)

    def has_read(self, moment: float) -> bool:
        """Whether the fold is beyond this moment."""
        with reading(self.store) as connection:
            told = json.loads(meta_get(connection, "fold_status") or "{}")
        return bool(told) and told["at"] - told["lag_s"] >= moment

    def _pace(self, every_s: int) -> None:
        with writing(self.store) as connection:
            put(connection, "sites", regency.sites(every_s), self.clock(), _BY)

    def filled(self) -> None:
        """The past is told: from now on the villages are what they say they are."""
        self._pace(LIVE_EVERY_S)


def _silences(start: float, now: float) -> list[tuple[str, Interval, int]]:
    """Rows of states, older than any the fold writes."""
    fleet = regency.villages()
    events = story.past(fleet, mark.DAYS, SEED)
    rows = silences.timelines(events, fleet, start, now, FAR[0])
    return [(code, row, 0) for code, row in rows]


class Running:
    """Agents that live, and what waits behind them."""

    def __init__(self, demo: Demo, fleet: Enrolled, client: Client, book: Book) -> None:
        self._demo, self._fleet, self._client, self._book = demo, fleet, client, book
        self._start = demo.clock()
        self._kept_at = self._start
        self._figures = Figures(sites=len(fleet.tokens))
        self._agents = Agents(fleet, self._fate(0), SEED, SERIES, LIVE_EVERY_S, self._start)

    async def until_stopped(self) -> None:
        filling = asyncio.create_task(self._fill(self._archives()))
        number = int(self._demo.clock() // story.ROUND_S)
        try:
            while not self._demo.stop.is_set():
                await self._live(self.begin(number), filling)
                number += 1
        finally:
            filling.cancel()
            await asyncio.wait([filling])
            self._live_until_now()

    def _fate(self, number: int) -> Fate:
        events = story.live(self._fleet.villages, number, SEED)
        return Fate(Scenario(events), self._fleet.villages, self._demo.clock(), SEED + number)

    def begin(self, number: int) -> Live:
        """The agents as they set out into a round of faults; whoever ends it closes its beacons."""
        demo, now = self._demo, self._demo.clock()
        self._agents.fate = self._fate(number)
        post = Post(self._agents, self._client, self._figures)
        live = Live(self._agents, post, SEED, demo.settings.backlog_per_s, True)
        live.begin(now, int((now - self._agents.origin) // LIVE_EVERY_S) + 1)
        if demo.settings.beacons:
            url, fate = demo.settings.reports_to, self._agents.fate
            live.beacons = Beacons(url, self._fleet.signers, fate, SEED, now, live.confirm)
        return live

    async def _live(self, live: Live, filling: "asyncio.Task[None]") -> None:
        """Let the agents live through a round; what goes wrong in `filling` ends it."""
        demo = self._demo
        until = demo.clock() + story.ROUND_S
        try:
            while demo.clock() < until and not demo.stop.is_set():
                await live.run(demo.clock, demo.clock() + _LOOK_S)
                if filling.done():
                    filling.result()
                if demo.clock() > self._kept_at + _WRITE_EVERY_S:
                    self._live_until_now()
        finally:
            if live.beacons is not None:
                live.beacons.close()

    def _live_until_now(self) -> None:
        self._kept_at = self._demo.clock()
        self._book = replace(self._book, lived=self._kept_at)
        self._demo.keep(self._book)

    def _archives(self) -> list[Archive]:
        """The near past and the far one."""
        fleet, book = self._fleet, self._book
        began = book.born - mark.DAYS * mark.DAY_S
        past = Scenario(story.past(fleet.villages, mark.DAYS, SEED))
        fate = Fate(past, fleet.villages, began, SEED)
        far, near = mark.parted(book.holes, self._start - NEAR_DAYS * mark.DAY_S)
        return [
            Archive(name, holes, fleet, fate, SEED, series, every_s, self._start)
            for name, holes, (every_s, series) in (("near", near, NEAR), ("far", far, FAR))
        ]

    async def _fill(self, archives: Sequence[Archive]) -> None:
        """Tell what is not told yet, newest day first."""
        demo, said = self._demo, self._book.told
        for archive in archives:
            sender = Past(archive, Post(archive, self._client, self._figures))
            for piece in list(mark.days(archive.holes)):
                archive.load(piece)
                await sender.deliver(self._heard(archive), demo.clock)
                await self._caught_up()
                self._book = mark.filled(self._book, piece)
                demo.keep(self._book)
                if self._book.told >= said + _SAY_EVERY or not self._book.holes:
                    said = self._book.told
                    say(f"demo: {100 * said:.0f} % of {mark.DAYS} days are told")
            while archive.spools:
                await sender.deliver(self._heard(archive), demo.clock)
                await asyncio.sleep(_LOOK_S)
        demo.filled()

    def _heard(self, archive: Archive) -> list[int]:
        """Who has something to tell and a line: whoever has none now tells it afterwards."""
        sites = np.array(sorted(archive.spools), dtype=np.int64)
        now = np.full(len(sites), self._demo.clock())
        heard: list[int] = sites[~self._agents.fate.silent(sites, now)].tolist()
        return heard

    async def _caught_up(self) -> None:
        """What is new must not wait for what is old: return when the fold has read all of it."""
        delivered = self._demo.clock()
        while not self._demo.has_read(delivered):
            await asyncio.sleep(_LOOK_S / 4)
