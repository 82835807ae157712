"""Which devices a run begins on, in rows, and what is written when nobody leads it any more."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine, update

from agent.strict import Refused
from collector import db, schema
from playbooks import run_rows
from playbooks.blocking import Scene
from playbooks.crew import Crew
from playbooks.diary import Ending
from playbooks.foreman import PROPOSED_S, Foreman
from playbooks.library import Library
from playbooks.model import Command, Level, Platform, Playbook, Recipe
from playbooks.run_rows import HostRow, Run, Wish
from playbooks.states import HostState, RunState

NOW = 1_790_000_000.0
RECIPE = Recipe(do=(Command("x", 1),), undo=(Command("y", 1),))
PLAYBOOK = Playbook(
    "coba", {}, Level.GREEN, "f", {Platform.DEBIAN: RECIPE}, blocked_when=("power",)
)
SITES = [f"35.10.01.{2001 + n}" for n in range(25)]


@dataclass
class Yard:
    """A foreman over real rows; what comes of a device is said before."""

    store: Engine
    scenes: dict[str, Scene] = field(default_factory=dict)
    endings: dict[str, Ending] = field(default_factory=dict)
    worked: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    crews: list[Crew] = field(default_factory=list)

    def foreman(self, work: Callable[[Run, Playbook, HostRow], Ending] | None = None) -> Foreman:
        self.crews.append(Crew(20))
        return Foreman(
            self.store,
            lambda: Library({"coba": PLAYBOOK}),
            lambda site, run, now: self.scenes.get(site, Scene()),
            self.crews[-1],
            work or self.work,
            self.settle,
            lambda: NOW,
            lambda: NOW,
        )

    def work(self, run: Run, playbook: Playbook, host: HostRow) -> Ending:
        self.worked.append(host.site)
        return self.endings.get(host.site, Ending(HostState.DONE))

    def settle(self, run: Run, host: HostRow) -> Ending:
        self.settled.append(host.site)
        return Ending(HostState.ROLLED_BACK, host.reason)

    def ask(self, count: int, state: RunState = RunState.WAITING, changes: bool = True) -> int:
        targets = [(site, "pc") for site in SITES[:count]]
        wish = Wish("coba", "d", "green", changes, {}, targets, "siti")
        with db.writing(self.store) as connection:
            return run_rows.ask(connection, wish, state, NOW)

    def rounds(self, foreman: Foreman, times: int = 12) -> None:
        """Rounds, and the end of all that a crew does after each; no other thread is waited for."""
        for _ in range(times):
            foreman.round(NOW)
            self.rest()

    def rest(self) -> None:
        """Until nobody works: who did any longer would come to a database that is gone."""
        by = time.monotonic() + 30
        while not all(crew.idle for crew in self.crews):
            assert time.monotonic() < by, "work that does not end"
            time.sleep(0.001)

    def run(self, number: int) -> Run:
        with db.reading(self.store) as connection:
            found = run_rows.get(connection, number)
        assert found is not None
        return found

    def states(self, number: int) -> list[str]:
        with db.reading(self.store) as connection:
            return [host.state.value for host in run_rows.hosts_of(connection, number)]

    def reasons(self, number: int) -> list[str]:
        with db.reading(self.store) as connection:
            return [host.reason for host in run_rows.hosts_of(connection, number)]


@pytest.fixture
def yard(store: Engine) -> Iterator[Yard]:
    made = Yard(store)
    yield made
    made.rest()


def test_a_run_goes_to_its_end_one_wave_after_the_other(yard: Yard) -> None:
    number = yard.ask(25)
    foreman = yard.foreman()
    yard.rounds(foreman, 1)
    assert yard.worked == SITES[:1]
    yard.rounds(foreman, 1)
    assert sorted(yard.worked) == SITES[:3]
    yard.rounds(foreman, 10)
    assert sorted(yard.worked) == SITES
    assert yard.run(number).state is RunState.DONE and yard.run(number).ended_at == NOW


def test_a_first_device_that_fails_stops_the_run_and_the_rest_is_skipped(yard: Yard) -> None:
    yard.endings[SITES[0]] = Ending(HostState.ROLLED_BACK, "no heartbeat")
    number = yard.ask(3)
    yard.rounds(yard.foreman())
    assert yard.run(number).state is RunState.STOPPED
    assert yard.states(number) == ["rolled_back", "skipped", "skipped"]
    assert yard.reasons(number)[1] == "1 of 1 failed"


def test_a_site_with_a_cause_that_blocks_is_left_alone_and_the_rest_goes_on(yard: Yard) -> None:
    yard.scenes[SITES[0]] = Scene(cause="power")
    number = yard.ask(3)
    yard.rounds(yard.foreman())
    assert yard.states(number) == ["blocked", "done", "done"]
    assert yard.run(number).state is RunState.FAILED
    assert yard.worked == SITES[1:3]


def test_a_site_of_which_nothing_can_be_told_waits_and_hinders_no_other(yard: Yard) -> None:
    first, second = yard.ask(1), yard.ask(2)
    foreman = yard.foreman()

    def scene(site: str, run: int, now: float) -> Scene:
        if run == first:
            raise Refused("query", "takes too long")
        return Scene()

    foreman.scene = scene
    yard.rounds(foreman, 4)
    assert yard.states(first) == ["waiting"] and yard.reasons(first) == ["query: takes too long"]
    assert yard.states(second) == ["done", "done"]


def test_two_runs_never_change_one_site_at_the_same_time(yard: Yard) -> None:
    first, second = yard.ask(1), yard.ask(1)
    gate = threading.Event()

    def work(run: Run, playbook: Playbook, host: HostRow) -> Ending:
        gate.wait(5)
        return yard.work(run, playbook, host)

    foreman = yard.foreman(work)
    yard.scenes[SITES[0]] = Scene()
    foreman.round(NOW)
    yard.scenes[SITES[0]] = Scene(taken_by=first)
    foreman.round(NOW)
    assert yard.states(second) == ["waiting"]
    assert yard.reasons(second) == [f"waits for run {first} at this site"]
    gate.set()
    yard.scenes.clear()
    yard.rounds(foreman)
    assert yard.states(first) == yard.states(second) == ["done"]


def test_rows_alone_keep_a_second_run_off_a_site(yard: Yard) -> None:
    first, second = yard.ask(1), yard.ask(1)
    with db.writing(yard.store) as connection:
        [one], [two] = (run_rows.hosts_of(connection, number) for number in (first, second))
        assert run_rows.take(connection, one, NOW, alone=True)
        assert not run_rows.take(connection, one, NOW, alone=True)
        assert not run_rows.take(connection, two, NOW, alone=True)
        assert run_rows.take(connection, two, NOW, alone=False)


def test_a_red_run_waits_for_somebody_else(yard: Yard) -> None:
    number = yard.ask(1, RunState.PROPOSED)
    foreman = yard.foreman()
    yard.rounds(foreman, 2)
    assert yard.worked == []
    with db.writing(yard.store) as connection:
        assert not run_rows.approve(connection, number, "siti", NOW)
        assert run_rows.approve(connection, number, "budi", NOW)
        assert not run_rows.approve(connection, number, "agus", NOW)
    yard.rounds(foreman, 2)
    assert yard.run(number).state is RunState.DONE and yard.run(number).approved_by == "budi"


def test_what_a_dead_centre_left_running_is_settled_and_never_begun_again(yard: Yard) -> None:
    number = yard.ask(3)
    with db.writing(yard.store) as connection:
        [host, *_] = run_rows.hosts_of(connection, number)
        run_rows.take(connection, host, NOW, alone=True)
        step = {"number": 4, "part": "do", "shown": "x", "began_at": NOW, "state": "running"}
        run_rows.write(connection, host, step)
    yard.rounds(yard.foreman())
    assert yard.worked == [] and yard.settled == SITES[:1]
    assert yard.states(number) == ["rolled_back", "skipped", "skipped"]
    assert yard.reasons(number)[0] == "interrupted at step 4"
    with db.reading(yard.store) as connection:
        [written] = run_rows.steps_of(connection, number, SITES[0], "pc")
    assert (written.state, written.reason) == ("interrupted", "the centre stopped")


def test_our_own_trouble_on_a_device_is_settled_like_a_crash(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    def work(run: Run, playbook: Playbook, host: HostRow) -> Ending:
        raise RuntimeError("a slip of ours")

    number = yard.ask(1)
    yard.rounds(yard.foreman(work))
    assert yard.settled == SITES[:1] and yard.states(number) == ["rolled_back"]
    assert "a slip of ours" in caplog.text


def test_a_device_that_nobody_works_on_any_more_is_settled_without_a_restart(yard: Yard) -> None:
    foreman = yard.foreman()
    yard.rounds(foreman, 1)
    number = yard.ask(1)
    with db.writing(yard.store) as connection:
        # a thread that ended while the database took nothing
        [host] = run_rows.hosts_of(connection, number)
        run_rows.take(connection, host, NOW, alone=True)
    yard.rounds(foreman, 2)
    assert yard.settled == SITES[:1] and yard.states(number) == ["rolled_back"]


def test_a_device_that_is_worked_on_is_left_to_who_does(yard: Yard) -> None:
    gate = threading.Event()

    def work(run: Run, playbook: Playbook, host: HostRow) -> Ending:
        gate.wait(5)
        return Ending(HostState.DONE)

    number, foreman = yard.ask(1), yard.foreman(work)
    foreman.round(NOW)
    foreman.round(NOW)
    assert yard.states(number) == ["running"]
    gate.set()
    yard.rounds(foreman, 2)
    assert yard.settled == [] and yard.states(number) == ["done"]


def test_a_step_of_a_settling_that_was_cut_off_does_not_run_for_ever(yard: Yard) -> None:
    number = yard.ask(1)
    with db.writing(yard.store) as connection:
        [host] = run_rows.hosts_of(connection, number)
        run_rows.take(connection, host, NOW, alone=True)
        run_rows.leave(connection, host, "interrupted at step 4")
        step = {"number": 5, "part": "undo", "shown": "fire", "began_at": NOW, "state": "running"}
        run_rows.write(connection, host, step)
    yard.rounds(yard.foreman(), 2)
    with db.reading(yard.store) as connection:
        [written] = run_rows.steps_of(connection, number, SITES[0], "pc")
    assert written.state == "interrupted" and yard.states(number) == ["rolled_back"]


def test_a_run_that_somebody_stops_begins_no_more_devices(yard: Yard) -> None:
    number = yard.ask(3)
    with db.writing(yard.store) as connection:
        assert run_rows.stop(connection, number, "budi", NOW, "stopped by budi")
        assert not run_rows.stop(connection, number, "budi", NOW, "stopped by budi")
    yard.rounds(yard.foreman(), 2)
    assert yard.worked == [] and yard.states(number) == ["skipped"] * 3


def test_a_playbook_that_is_gone_stops_its_run_with_the_reason(yard: Yard) -> None:
    number = yard.ask(1)
    foreman = yard.foreman()
    foreman.library = lambda: Library({})
    yard.rounds(foreman, 2)
    assert yard.run(number).state is RunState.STOPPED
    assert "there is none called 'coba'" in yard.run(number).reason


def test_runs_of_long_ago_go_with_all_that_was_written(yard: Yard) -> None:
    number = yard.ask(1)
    yard.rounds(yard.foreman())
    with db.writing(yard.store) as connection:
        assert run_rows.forget(connection, NOW) == 0
        assert run_rows.forget(connection, NOW + 1) == 1
        assert run_rows.hosts_of(connection, number) == []


def test_a_red_run_that_nobody_approves_within_a_day_is_over(yard: Yard) -> None:
    number = yard.ask(1, RunState.PROPOSED)
    foreman = yard.foreman()
    foreman.round(NOW + PROPOSED_S)
    assert yard.run(number).state is RunState.PROPOSED
    foreman.round(NOW + PROPOSED_S + 1)
    assert yard.run(number).state is RunState.STOPPED
    assert yard.run(number).reason == "nobody approved it within a day"


def test_a_run_of_before_the_centre_was_away_for_days_is_not_begun(yard: Yard) -> None:
    number = yard.ask(1)
    yard.foreman().round(NOW + PROPOSED_S + 1)
    assert yard.run(number).state is RunState.STOPPED and yard.worked == []
    assert yard.run(number).reason == "it could not begin within a day"


def test_what_was_approved_today_may_have_been_asked_for_yesterday(yard: Yard) -> None:
    number = yard.ask(1, RunState.PROPOSED)
    with db.writing(yard.store) as connection:
        run_rows.approve(connection, number, "budi", NOW + PROPOSED_S - 1)
    yard.foreman().round(NOW + PROPOSED_S + 1)
    assert yard.run(number).state is RunState.RUNNING


def test_secrets_of_a_run_are_kept_until_its_last_device_has_ended(yard: Yard) -> None:
    number = yard.ask(2)
    with db.writing(yard.store) as connection:
        connection.execute(update(schema.runs).values(box=b"sealed"))
        [one, _] = run_rows.hosts_of(connection, number)
        run_rows.take(connection, one, NOW, alone=True)
        run_rows.stop(connection, number, "budi", NOW, "stopped by budi")
    assert yard.run(number).box == b"sealed"
    with db.writing(yard.store) as connection:
        run_rows.end(connection, one, Ending(HostState.DONE), NOW)
    assert yard.run(number).box is None
