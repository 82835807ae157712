"""Two ingests of one centre: whom does the fold believe, and what do they tell each other?"""

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection

from collector.db import meta_set, open_store, reading, writing
from collector.fold.beats import KEY, Beats, pack, resume
from collector.fold.events import Heard
from collector.fold.memory import Memory, Pulse
from collector.intake.clash import Began
from collector.intake.heard import GONE, SLACK_S
from collector.intake.known import Known
from collector.intake.orders import Orders
from collector.intake.peers import Peers
from collector.settings import Settings
from tests.nats import Node
from tests.stores import migrated

GONE_S = 30 + SLACK_S


class Centre:
    """The table of beacons under two ingests that tick, second by second."""

    def __init__(self) -> None:
        self.beats, self.now = Beats(), 1000.0
        self.ticking = {"A", "B"}
        self.memories: dict[int, Memory] = {}
        self.gone: list[str] = []

    def tell(self, by: str, agent: int, missed: int, heard_at: float) -> None:
        """As the fold takes it in."""
        memory = self.memories.setdefault(agent, Memory(agent, f"site {agent}"))
        pulse = Pulse(missed, heard_at, 0, self.now, by)
        if memory.pulse is None or memory.pulse.gives_way_to(pulse):
            memory.pulse = pulse
            self.beats.hear(Heard(self.now, 0, False, [(memory, pulse)], by))

    def begin(self, by: str) -> None:
        self.beats.hear(Heard(self.now, 0, True, [], by))

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds)):
            self.now += 1
            for name in sorted(self.ticking):
                self.beats.tick(name, self.now)
            found = self.beats.due(self.now, 0.0, lambda code: 0.0)
            self.gone += [gone.code for gone in found]


@pytest.fixture
def centre() -> Centre:
    made = Centre()
    for name in ("A", "B"):
        made.begin(name)
    made.tell("A", 1, 0, made.now)
    made.tell("B", 2, 0, made.now)
    made.run(60)
    assert made.gone == []
    return made


def test_who_is_heard_elsewhere_is_not_missed(centre: Centre) -> None:
    left = centre.now
    centre.run(5)
    centre.tell("B", 1, 0, centre.now)
    centre.run(8)
    # the one it went away from does not hear it any more
    centre.tell("A", 1, 1, left)
    centre.run(20)
    centre.tell("A", 1, GONE, left)
    centre.run(60)
    assert centre.gone == []
    # and where it is now, that is told
    last = centre.now - 32
    centre.tell("B", 1, GONE, last)
    centre.run(60)
    assert centre.gone == ["site 1"]


def test_with_an_ingest_that_dies_only_those_are_missed_that_nobody_else_hears(
    centre: Centre,
) -> None:
    centre.tell("A", 3, 0, centre.now)
    centre.ticking = {"B"}
    centre.run(25)
    centre.tell("B", 3, 0, centre.now)
    centre.run(10 + GONE_S)
    assert centre.gone == ["site 1"]
    centre.run(200)
    assert centre.gone == ["site 1"]


def test_an_ingest_that_begins_anew_asks_nothing_of_those_whom_another_hears(
    centre: Centre,
) -> None:
    centre.begin("A")
    centre.run(10)
    centre.tell("A", 1, 0, centre.now)
    centre.run(200)
    assert centre.gone == []


def test_an_engine_that_begins_anew_knows_who_ticked(centre: Centre, tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    store = open_store(settings)
    with writing(store) as connection:
        meta_set(connection, KEY, pack(centre.beats))
    with reading(store) as connection:
        again = _resumed(connection, centre)
    store.dispose()
    again.ticking = {"B"}
    again.run(11 + GONE_S)
    assert again.gone == ["site 1"]


def _resumed(connection: Connection, centre: Centre) -> Centre:
    again = Centre()
    again.now = centre.now
    resume(again.beats, connection)
    for memory in centre.memories.values():
        again.beats.recall(memory)
    return again


@pytest.mark.slow
def test_what_one_ingest_learns_the_other_is_told(nats_server: Node, tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), journal=(nats_server.url,), journal_name="peers")

    async def story() -> None:
        known, orders = (Known(), Known()), (Orders(), Orders())
        one, other = (Peers(settings, k, o) for k, o in zip(known, orders, strict=True))
        try:
            for each in (one, other):
                await asyncio.to_thread(each.attend)
            for each_orders in orders:
                each_orders.put(['{"agent": 7, "do": ["probe_now", "open_tunnel:router"]}'])
            assert orders[0].take(7) == ["probe_now", "open_tunnel:router"]
            orders[1].put(['{"agent": 7, "do": ["fetch_config"]}'])
            one.tell_asked(7, ["probe_now", "open_tunnel:router"])
            one.tell_spool(7, "9f1c22d0", Began("boot", 1000.0, 50.0))
            deadline = time.monotonic() + 10
            while not known[1].of(7).spools and time.monotonic() < deadline:
                await asyncio.sleep(0.01)
            assert known[1].of(7).spools == {"9f1c22d0": Began("boot", 1000.0, 50.0)}
            # what was asked meanwhile is still to be said
            assert orders[1].take(7) == ["fetch_config"]
            assert one.untold == other.untold == 0
        finally:
            for each in (one, other):
                each.close()

    asyncio.run(story())
