"""The clock of the centre is set back: by minutes, by hours, again and again, and by a year."""

import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import func, select

from collector import acts, clocks, doctor_clock, retention, schema
from collector.clocks import Time
from collector.db import reading, writing
from collector.engine import rewound
from collector.evidence.moments import iso
from collector.evidence.sealer import Sealer
from collector.evidence.signing import Signer
from collector.fold import Fold, setback
from collector.fold.timelines import CENTRE_AWAY
from collector.intake.wire import Tick, write
from collector.journal.framing import Kind
from collector.secret import load_secret
from collector.series.history import History
from collector.series.window_reader import WindowReader
from tests.amounts import times
from tests.collector.centre_bench import NOW, UPLINK, WEB, Agent, Centre
from tests.collector.test_fold_replay import (
    CODES,
    MISHAPS,
    Clock,
    NewDatabase,
    a_bad_day,
    crash,
    fresh,
    numbers,
    replayed,
    same,
)

pytestmark = pytest.mark.slow

SITE, OTHER = "35.10.06.2005", "35.10.06.2006"
HOUR, YEAR = 3600.0, 365 * 86400.0


@pytest.fixture
def centre(tmp_path: Path, database_url: str) -> Iterator[Centre]:
    made = Centre(tmp_path, database_url=database_url)
    made.inventory({"code": SITE}, {"code": OTHER})
    yield made
    made.close()


def steps_told(centre: Centre) -> setback.Step | None:
    with reading(centre.store) as connection:
        return setback.last(connection)


def nothing_lies_ahead(centre: Centre) -> None:
    now = centre.now + 1
    with reading(centre.store) as connection:
        for column in clocks.columns(Time.FOLD):
            if column.table.metadata is schema.metadata:
                newest = connection.execute(select(func.max(column))).scalar_one()
                assert newest is None or newest <= now, column
    assert float(History(centre.settings).last_reports().max()) <= now


@pytest.mark.parametrize("by_s", [10.0, 120.0, 7 * HOUR], ids=["10 s", "2 min", "7 h"])
def test_silence_and_verdicts_are_seen_as_soon_as_ever_after_a_step_back(
    centre: Centre, by_s: float
) -> None:
    agent, other = centre.agent(SITE, phase_s=0), centre.agent(OTHER, phase_s=0)
    centre.run(600)
    centre.set_clock(by_s)
    centre.run(200)
    agent.find(centre.now, "bad", "HTTP 502")
    agent.send(centre.now)
    centre.run(2)
    centre.set_clock(-by_s)
    began = centre.now
    centre.run(3)
    assert centre.state(OTHER).state == "normal"
    assert centre.check(SITE).verdict == "bad"
    nothing_lies_ahead(centre)
    agent.find(centre.now, "good")
    agent.send(centre.now)
    other.connected = False
    centre.run(1)
    assert centre.check(SITE).verdict == "good"
    centre.run(155)
    assert (centre.state(OTHER).state, centre.state(OTHER).reason) == ("unknown", "silent")
    assert began - 1 <= centre.state(OTHER).since <= began + 61
    assert centre.state(SITE).state == "normal"
    told = steps_told(centre)
    assert told is not None and told.count == 1
    assert told.by_s == pytest.approx(by_s, abs=2)
    found = doctor_clock.look([], centre.now, centre.store)
    assert found.says == f"was set back by {told.by_s:.0f} s at {iso(told.at)}"
    assert found.fine is (by_s < 60)
    times, _ = centre.samples(SITE)[UPLINK]
    assert [t for t in times if began < t <= centre.now] != []


def test_a_clock_that_is_a_year_ahead_for_a_while_closes_nothing_and_costs_nothing(
    centre: Centre,
) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(300)
    held = size_of(centre.settings.folder)
    real = centre.now
    centre.set_clock(YEAR)
    centre.run(150)
    assert centre.state(SITE).state == "normal"
    assert retention.believed(centre.settings, centre.now) <= real + 160
    assert seal(centre) == 0
    assert "365 days" in doctor_clock.look([], centre.now, centre.store).says
    assert size_of(centre.settings.folder) < held + (4 << 20)
    centre.set_clock(-YEAR)
    centre.run(70)
    nothing_lies_ahead(centre)
    assert retention.believed(centre.settings, centre.now) == centre.now
    agent.connected = False
    centre.run(160)
    line = centre.timeline(SITE)
    assert [one.reason for one in line] == ["never reported", "", CENTRE_AWAY, "", "silent"]
    assert real + 150 < line[-1].since <= real + 221
    # what was answered in that year is not lost, and reads as it was told
    times, _ = centre.samples(SITE)[UPLINK]
    there = [-240, -180, -120, -60, 0, 180, YEAR + 60, YEAR + 120]
    assert [round(t - real) for t in times] == there


@pytest.mark.parametrize("by_s", [180.0, 7 * HOUR], ids=["3 min", "7 h"])
def test_a_window_that_is_filled_again_holds_nothing_of_ahead(centre: Centre, by_s: float) -> None:
    agent = centre.agent(SITE, phase_s=0)
    centre.run(120)
    centre.set_clock(by_s)
    centre.run(70)
    for verdict in ("bad", "good"):
        agent.find(centre.now, verdict)
        agent.send(centre.now)
        centre.run(5)
    centre.set_clock(-by_s)
    centre.run(70)
    before = centre.samples(SITE)[WEB][0].tolist()
    for lost in (False, True):
        if lost:
            centre.stop_fold()
            shutil.rmtree(centre.settings.window)
            centre.fold()
        window = WindowReader(centre.settings.window)
        assert window.frames(0, 0.0, centre.now)
        assert window.frames(0, centre.now + 1, 1e12) == []
    assert centre.samples(SITE)[WEB][0].tolist() == before
    assert max(before) > centre.now + 60


def test_the_time_of_a_dead_ingest_that_was_ahead_is_given_up(tmp_path: Path) -> None:
    centre = Centre(tmp_path / "first")
    centre.inventory({"code": SITE}, {"code": OTHER})
    agent, other = centre.agent(SITE, phase_s=0), centre.agent(OTHER, phase_s=0)
    centre.ticking = False

    def run(seconds: int, **clocks: float) -> None:
        """Each of these ingests ticks, by a clock that is so far from the centre's."""
        for _ in range(seconds):
            centre.run(1, fold=False)
            for by, ahead_s in clocks.items():
                tick = write(Tick(True, None, by))
                centre.write(Kind.TICK, centre.now + ahead_s + 0.5, 0, tick)
        centre.fold()

    run(180, east=0.0, west=0.0)
    # agents go to the one whose clock is wrong, as long as it lives
    centre.set_clock(7 * HOUR)
    run(180, east=0.0, west=-7 * HOUR)
    assert centre.state(SITE).state == centre.state(OTHER).state == "normal"
    centre.set_clock(-7 * HOUR)
    died = centre.now
    run(9, west=0.0)
    assert steps_told(centre) is None
    run(3, west=0.0)
    told = steps_told(centre)
    assert told is not None and 7 * HOUR - 15 < told.by_s < 7 * HOUR
    assert died < told.at < centre.now
    nothing_lies_ahead(centre)
    agent.find(centre.now, "bad", "HTTP 502")
    agent.send(centre.now)
    other.connected = False
    run(160, west=0.0)
    assert centre.check(SITE).verdict == "bad"
    assert (centre.state(OTHER).state, centre.state(OTHER).reason) == ("unknown", "silent")
    centre.stop_fold()
    for chunk in (1, 7, 5000):
        replayed(centre, fresh(centre, tmp_path / f"again{chunk}", ""), chunk)
    before = numbers(centre.settings)
    shutil.rmtree(centre.settings.window)
    centre.fold()
    assert numbers(centre.settings) == before
    centre.close()


def test_an_ingest_that_was_ahead_and_only_stood_still_gives_the_time_again(tmp_path: Path) -> None:
    centre = Centre(tmp_path)
    centre.inventory({"code": SITE})
    agent = centre.agent(SITE, phase_s=0)
    centre.ticking = False

    def run(seconds: int, **clocks: float) -> None:
        for _ in range(seconds):
            centre.run(1, fold=False)
            for by, ahead_s in clocks.items():
                centre.write(Kind.TICK, centre.now + ahead_s + 0.5, 0, write(Tick(True, None, by)))
        centre.fold()

    run(70, east=0.0, west=0.0)
    for stops in (1, 2):
        # the one whose clock is ahead takes the reports
        centre.set_clock(7 * HOUR)
        run(130, east=0.0, west=-7 * HOUR)
        assert centre.state(SITE).state == "normal"
        agent.find(centre.now, "bad" if stops == 1 else "good")
        agent.send(centre.now)
        run(2, east=0.0, west=-7 * HOUR)
        assert centre.check(SITE).verdict == ("bad" if stops == 1 else "good")
        centre.set_clock(-7 * HOUR)
        run(70, west=0.0)
        told = steps_told(centre)
        assert told is not None and told.count == stops
        assert centre.state(SITE).state == "normal"
        nothing_lies_ahead(centre)
    assert {one.reason for one in centre.timeline(SITE)} <= {"", CENTRE_AWAY, "never reported"}
    centre.close()


def test_works_that_had_not_begun_are_shown_when_their_time_comes(centre: Centre) -> None:
    centre.agent(SITE, phase_s=0)
    centre.run(130)
    begins, ends = centre.now + 100, centre.now + 160
    with writing(centre.store) as connection:
        body = {"sites": [SITE], "since": begins, "until": ends, "why": "mast"}
        acts.record(connection, centre.now, "Sari", "maintenance", "a", body)
    centre.set_clock(7 * HOUR)
    centre.run(65)
    centre.set_clock(-7 * HOUR)
    centre.run(5)
    assert centre.state(SITE).state == "normal"
    centre.run(40)
    assert centre.state(SITE).state == "maintenance"
    centre.run(70)
    line = centre.timeline(SITE)
    assert (line[-2].state, line[-2].since, line[-2].until) == ("maintenance", begins, ends)
    assert line[-1].state == "normal"


def test_nightly_jobs_come_near_again() -> None:
    scheduler = BackgroundScheduler(timezone="UTC")
    far = datetime.now(UTC) + timedelta(days=365)
    scheduler.start(paused=True)
    often = scheduler.add_job(print, "interval", seconds=30, next_run_time=far)
    nightly = scheduler.add_job(print, "cron", hour=19, minute=10, next_run_time=far)
    step = rewound(scheduler)
    for now in (NOW + YEAR, NOW + YEAR - 4):
        step(now, 0)
    assert often.next_run_time == nightly.next_run_time == far
    step(NOW, 0)
    assert often.next_run_time <= datetime.now(UTC)
    assert nightly.next_run_time <= datetime.now(UTC) + timedelta(days=1)
    scheduler.shutdown()


def size_of(folder: Path) -> int:
    """What lies there, without holes."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def seal(centre: Centre) -> int:
    """Let the night's work look at what is to be sealed; how many days it sealed."""
    signer = Signer(load_secret(centre.settings.folder))
    sealer = Sealer(centre.settings, centre.store, None, signer, wait=lambda _: None)
    return sealer.look(centre.now)


def set_the_clock(centre: Centre, chance: random.Random, agent: Agent) -> None:
    """Now ahead, now back to what it should be, or a little more."""
    ahead_s = centre.ahead_s
    by_s = -ahead_s if ahead_s else chance.choice([7.0, 45.0, 700.0, 3000.0, -4.0, -30.0])
    centre.set_clock(by_s)


@pytest.mark.parametrize("seed", range(200, 200 + times(1)))
def test_a_replay_of_many_steps_is_identical_and_so_is_one_of_many_crashes(
    tmp_path: Path, new_database: NewDatabase, seed: int
) -> None:
    centre = Centre(tmp_path / "first", database_url=new_database())
    chance = random.Random(seed)
    a_bad_day(centre, chance, [*MISHAPS, *[set_the_clock] * 6])
    told = steps_told(centre)
    assert told is not None
    nothing_lies_ahead(centre)
    centre.stop_fold()
    for chunk in (1, 5000):
        replayed(centre, fresh(centre, tmp_path / f"again{chunk}", new_database()), chunk)
    settings = fresh(centre, tmp_path / "crashes", new_database())
    done = False
    while not done:
        fold = Fold.open(settings, clock=Clock(chance), chunk=chance.choice([3, 10, 40]))
        try:
            done = crash(fold, chance)
        except ZeroDivisionError:
            done = False
        fold.close()
    same(centre.settings, settings)
    # a window that is lost with its machine is filled with the same again
    before = numbers(settings)
    shutil.rmtree(settings.window)
    Fold.open(settings).close()
    assert len(before) == len(CODES) and numbers(settings) == before
    centre.close()
