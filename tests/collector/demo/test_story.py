"""What befalls the demo's villages is over in time, and their past has no number twice."""

import numpy as np
import pytest

from collector.demo import regency, story
from collector.demo.archive import Archive
from collector.simulate.agents import Agents, Enrolled
from collector.simulate.fate import Fate
from collector.simulate.scenario import Event, Kind, Scenario
from collector.simulate.spool import Run

FLEET = regency.villages()
DAYS, SEED = 90, 98
EVERY_S = 900.0
START = 1_790_000_000.0
TOKENS = [f"token-{number}" for number in range(len(FLEET))]


def test_the_past_is_full_and_over() -> None:
    events = story.past(FLEET, DAYS, SEED)
    assert {event.kind for event in events} >= {Kind.FIBER_CUT, Kind.POWER_CUT, Kind.SERVICE_DOWN}
    assert 80 <= len(events) <= 200
    for event in events:
        event.check()
        assert event.until_s is not None and event.until_s < DAYS * story.DAY_S


@pytest.mark.parametrize("number", range(5))
def test_a_round_of_faults_heals_before_the_next(number: int) -> None:
    events = story.live(FLEET, number, SEED)
    Fate(Scenario(events), FLEET, START, SEED)
    for event in events:
        event.check()
        assert event.until_s is not None and event.until_s < story.ROUND_S - 60


def test_rounds_befall_others_and_a_seed_tells_the_same() -> None:
    assert story.live(FLEET, 1, SEED) != story.live(FLEET, 2, SEED)
    assert story.live(FLEET, 1, SEED) == story.live(FLEET, 1, SEED)
    assert story.past(FLEET, DAYS, SEED) == story.past(FLEET, DAYS, SEED)


def archive(*events: Event, days: float = 2.0, name: str = "near") -> Archive:
    fleet = Enrolled(FLEET, TOKENS)
    began = START - days * story.DAY_S
    fate = Fate(Scenario(events), FLEET, began, SEED)
    return Archive(name, [(began, START)], fleet, fate, SEED, 30, EVERY_S, START)


def waiting(past: Archive, site: int) -> list[Run]:
    found: list[Run] = []
    while runs := past.spool(site).take(past.rounds_an_hour):
        found += runs
    return found


def test_the_past_has_every_round_once_whatever_its_order() -> None:
    past = archive()
    past.load((START - story.DAY_S, START))
    past.load((START - 2 * story.DAY_S, START - story.DAY_S))
    for site in range(len(FLEET)):
        runs = waiting(past, site)
        numbers = sorted(n for run in runs for n in range(run.n, run.n + run.count))
        assert numbers == list(range(1, round(2 * story.DAY_S / EVERY_S) + 1))


def test_the_past_is_of_an_earlier_boot_so_that_nobody_is_taken_for_a_clone() -> None:
    near, far = archive(), archive(name="far")
    frames = near.frames_of(0, [Run(0, 1, 3)])
    assert len(frames) == 3 and b'"up"' not in near.report(0, START, frames)
    living = Agents(Enrolled(FLEET, TOKENS), near.fate, SEED, 30, 30.0, START)
    assert len({one.spool_id(0) for one in (near, far, living)}) == 3


def test_nobody_measures_without_power() -> None:
    cut = Event(Kind.POWER_CUT, [FLEET[3].code], 6 * 3600, 12 * 3600)
    past = archive(cut)
    past.load((START - 2 * story.DAY_S, START))
    whole, less = (past.spool(site).frames for site in (2, 3))
    assert whole - less == pytest.approx(6 * 3600 / EVERY_S, abs=1)
    times = [
        past.times(np.array([3]), np.array([run.round + step]))[0] - (START - 2 * story.DAY_S)
        for run in waiting(past, 3)
        for step in range(run.count)
    ]
    assert [at for at in times if 6 * 3600 <= at < 12 * 3600] == []
