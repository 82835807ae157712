"""A demo by a given clock: its villages over loopback; the real journal, fold and alerts floor."""

import asyncio
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import msgspec
from sqlalchemy import select

from alerts import incidents
from alerts.channels.kept import FILE
from alerts.floor import open_floor
from alerts.incidents import Incident
from collector import schema, states
from collector.availability import Interval
from collector.db import open_store, reading, writing
from collector.demo import mark, regency
from collector.demo.run import SEED, Demo, Running
from collector.fold import Fold
from collector.intake.heard import Heard
from collector.intake.wire import Report, Tick, write
from collector.journal.files import FileWriter
from collector.journal.framing import Kind as Journal
from collector.secret import load_secret
from collector.settings import Settings
from collector.simulate.beacons import Beacons
from collector.simulate.client import Client
from collector.simulate.enrolment import agents_of
from collector.simulate.live import Live
from tests.collector.simulate.centre import Centre, Entry
from tests.stores import migrated

STEP_S = 5.0
LONG_S = 60.0
PATIENCE_S = 10.0


class Drill(Centre, asyncio.DatagramProtocol):
    """The centre of a demo at the far end of its agents' sockets; `now` is what its clock shows."""

    def __init__(self, folder: Path, now: float) -> None:
        super().__init__()
        self.now = now
        claimed = mark.claim(Settings(data=str(folder)), wanted=True)
        self._udp, self._tcp = _same_port()
        self.port = self._tcp.getsockname()[1]
        self.settings = replace(claimed, ingest=f"127.0.0.1:{self.port}")
        migrated(self.settings)
        self.store = open_store(self.settings)
        with writing(self.store) as connection:
            mark.confirm(connection, self.settings)
        self.demo = Demo(
            self.settings, self.store, load_secret(folder), self.clock, asyncio.Event()
        )
        self.book, _ = self.demo.prepare()
        self.fleet = agents_of(self.store, self.demo.secret, regency.villages(), SEED, now)
        self._agent_of = dict(zip(self.fleet.tokens, self.fleet.signers, strict=True))
        keys = dict(self.fleet.signers)
        self.heard = Heard(lambda agent: (keys[agent],))
        self._came = 0
        self._transport: asyncio.DatagramTransport | None = None
        self._journal = FileWriter(self.settings.journal_folder)
        self._pending: list[tuple[int, float, int, bytes]] = []
        # a step of this clock is worth many of an engine's: all rules that are due in each
        self._floor = open_floor(self.settings, self.store, self.clock, slice_s=LONG_S)
        self._fold = Fold.open(self.settings, [self._floor.step], self.clock)

    def clock(self) -> float:
        return self.now

    def close(self) -> None:
        self._floor._outbox.close()
        self._fold.close()
        self._journal.close()
        self.store.dispose()
        self._tcp.close()
        self._udp.close()

    async def play(self, number: int, seconds: float, told_s: float) -> None:
        """Let one round pass; after `told_s` the past is told, and villages report often."""
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self.serve, sock=self._tcp)
        transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=self._udp)
        client = Client(self.settings.reports_to)
        live = Running(self.demo, self.fleet, client, self.book).begin(number)
        told, end = self.now + told_s, self.now + seconds
        try:
            while self.now < end:
                if self.now >= told:
                    told = end
                    self.demo.filled()
                await self._agents_live(live, client)
                self._centre_works()
                self.now += STEP_S
        finally:
            assert live.beacons is not None
            live.beacons.close()
            await client.close()
            transport.close()
            server.close()
            await asyncio.sleep(0.01)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._came += 1
        echo = self.heard.take(data, self.now)
        if echo is not None and self._transport is not None:
            self._transport.sendto(echo, addr)

    def incidents(self) -> list[Incident]:
        """All of them, the oldest first."""
        with reading(self.store) as connection:
            return incidents.listing(connection, all=True)[::-1]

    def sites_of(self, one: Incident) -> set[str]:
        """Where the faults of an incident are."""
        with reading(self.store) as connection:
            query = select(schema.members.c.site).where(schema.members.c.incident == one.id)
            return set(connection.execute(query).scalars())

    def timeline(self, code: str) -> list[Interval]:
        with reading(self.store) as connection:
            return states.timeline(connection, code, 0.0, self.now)

    def messages(self) -> list[str]:
        """What people would have got."""
        return (self.settings.folder / FILE).read_text().strip().split("\n\n")

    def _keep(self, token: str, report: Entry) -> Entry:
        body = write(msgspec.convert(report, Report))
        self._pending.append((Journal.REPORT, self.now + 0.05, self._agent_of[token][0], body))
        return super()._keep(token, report)

    async def _agents_live(self, live: Live, client: Client) -> None:
        """One tick of theirs; the clock stands until every answer and every echo is there."""
        busy = True
        while busy:
            busy = live.tick(self.now)
            assert live.beacons is not None
            await self._all_came(live.beacons, client)

    async def _all_came(self, beacons: Beacons, client: Client) -> None:
        by = time.monotonic() + PATIENCE_S
        while client.under_way or self._came < beacons.sent:
            await asyncio.sleep(0)
            if time.monotonic() > by:
                assert not client.under_way, f"no answer within {PATIENCE_S:g} s"
                # a machine that is busy may drop one even on its way to itself
                self._came = beacons.sent

    def _centre_works(self) -> None:
        at = self.now + 0.5
        news = self.heard.news(self.now, self.now)
        if news is not None:
            self._pending.append((Journal.BEACON, at, 0, write(news)))
        # a tick each second: where some are missing nobody is called silent for a while
        tick = write(Tick(True, None))
        ticks = [(Journal.TICK, at - ago, 0, tick) for ago in range(int(STEP_S) - 1, -1, -1)]
        self._journal.append([*ticks[:-1], *self._pending, ticks[-1]])
        self._pending = []
        while self._fold.run_once():
            pass
        self._floor.deliver(self.now)
        self._floor._outbox.wait()


def _same_port() -> tuple[socket.socket, socket.socket]:
    """A UDP and a TCP socket on one port of loopback."""
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        tcp = socket.socket()
        udp.bind(("127.0.0.1", 0))
        try:
            tcp.bind(udp.getsockname())
        except OSError:
            udp.close()
            tcp.close()
        else:
            return udp, tcp
