"""Two ingests of one centre: whom does the fold believe, and what do they tell each other?"""

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from collector.fold.beats import Beats, pack, resume
from collector.fold.events import Heard
from collector.fold.memory import Memory, Pulse
from collector.fold.setback import Hand, hand_of
from collector.intake.clash import Began
from collector.intake.heard import GONE, SLACK_S
from collector.intake.known import Known
from collector.intake.orders import Orders
from collector.intake.peers import Peers
from collector.intake.wire import Tick, read_tick, write
from collector.journal.framing import Kind, Record
from collector.settings import Settings
from tests.nats import Node

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


def test_an_engine_that_begins_anew_knows_who_ticked(centre: Centre) -> None:
    again = _resumed(centre)
    again.ticking = {"B"}
    again.run(11 + GONE_S)
    assert again.gone == ["site 1"]


def ticks(story: Sequence[tuple[str, float]]) -> list[Record]:
    """Of these ingests, at these times of their own clocks."""
    return [
        Record(place, place + 1, Kind.TICK, at, 0, write(Tick(True, None, by)))
        for place, (by, at) in enumerate(story)
    ]


FAR = 7 * 3600.0


def both(seconds: range, ahead_s: float = FAR, every: int = 1) -> list[tuple[str, float]]:
    """Two of them, the clock of one ahead, which ticks in every so many seconds."""
    return [
        (by, n + (ahead_s if by == "A" else 0.0))
        for n in seconds
        for by in "AB"
        if by == "B" or n % every == 0
    ]


def alone(by: str, seconds: range) -> list[tuple[str, float]]:
    return [(by, float(n)) for n in seconds]


@pytest.mark.parametrize(
    ("story", "place"),
    [
        (both(range(100)), None),
        (both(range(100), every=9), None),
        ([*both(range(60)), *alone("B", range(60, 160))], 129),
        ([*both(range(60)), *alone("A", range(60, 160))], 120),
        ([*both(range(60), ahead_s=14.0), *alone("B", range(60, 160))], None),
        ([*both(range(60)), *((by, n) for n in range(60, 160) for by in "BC")], 137),
        ([*alone("A", range(60)), *alone("B", range(-50, 0))], 70),
    ],
    ids=[
        "the one that is ahead lives",
        "it ticks now and then",
        "it dies: ten ticks of the other, then that one is the time",
        "it is set back itself, the other one is dead: at once",
        "it was ahead by less than it takes to know that it is dead",
        "two others: ten of one of them",
        "another name",
    ],
)
def test_the_one_that_was_ahead_and_is_dead_gives_the_time_no_more(
    story: list[tuple[str, float]], place: int | None
) -> None:
    assert Hand().back(ticks(story)) == place


def test_one_that_was_ahead_and_only_stood_still_gives_the_time_again() -> None:
    story = ticks(
        [
            *both(range(60)),
            *alone("B", range(60, 100)),
            *both(range(100, 160)),
            *alone("B", range(160, 200)),
        ]
    )
    hand, told, begin = Hand(), list[int](), 0
    while (place := hand.back(story[begin:])) is not None:
        begin += place
        told.append(begin)
        hand.set_back(story[begin].at)
    # each time at the tenth tick of the other one, and never while both tick
    assert told == [129, 289]
    assert hand.newest == 199.0


@pytest.mark.parametrize("seed", range(20))
def test_who_is_dead_is_concluded_alike_from_record_to_record(seed: int) -> None:
    """As after any crash: what is kept of the ingests is all there is to go by."""
    chance, now = random.Random(seed), 1000.0
    ahead_s = {name: chance.choice([0.0, 3.0, 40.0, FAR, -FAR]) for name in "ABC"}
    story = []
    while len(story) < 600:
        alive = [name for name in ahead_s if chance.random() < 0.5]
        for _ in range(chance.choice([1, 5, 30])):
            now += 1
            story += [(name, now + ahead_s[name]) for name in alive]
    whole, beats, told = Hand(), Beats(), list[float]()
    newest: float | None = None
    for record in ticks(story):
        hand = hand_of(newest, beats)
        places = whole.back([record]), hand.back([record])
        assert places[0] == places[1]
        if places[0] == 0:
            told.append(record.at)
            beats.set_back(record.at)
            for one in (whole, hand):
                one.set_back(record.at)
                assert one.back([record]) is None
        newest = hand.newest
        beats.tick(read_tick(record.payload).by, record.at)
        packed = pack(beats)
        resume(beats := Beats(), packed)
    assert told or seed


def _resumed(centre: Centre) -> Centre:
    again = Centre()
    again.now = centre.now
    resume(again.beats, pack(centre.beats))
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
