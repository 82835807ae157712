"""A command that leads a run: it stays until what it began has ended, and prints it safely."""

import argparse
import json
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from agent.strict import Refused
from collector import db
from collector.settings import Settings
from playbooks import cli, run_rows
from playbooks.crew import Crew
from playbooks.diary import Ending
from playbooks.run_rows import Wish
from playbooks.states import HostState, RunState
from tests.stores import migrated

NOW = 1_790_000_000.0
SITES = ["35.10.01.2001", "35.10.01.2002"]


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=str(tmp_path_factory.mktemp("var")))


@pytest.fixture
def store(settings: Settings) -> Iterator[Engine]:
    migrated(settings)
    engine = db.open_store(settings)
    yield engine
    engine.dispose()


class Slow:
    """A floor whose run was stopped while one of its devices is still worked on."""

    def __init__(self, store: Engine, number: int) -> None:
        self.store, self.number = store, number
        self.rounds, self.rested = 0, False

    def deliver(self, now: float) -> None:
        self.rounds += 1
        with db.writing(self.store) as connection:
            first, second = run_rows.hosts_of(connection, self.number)
            if self.rounds == 1:
                run_rows.take(connection, first, NOW, alone=True)
                run_rows.take(connection, second, NOW, alone=True)
                run_rows.end(connection, first, Ending(HostState.FAILED, "no"), NOW)
                run_rows.stop(connection, self.number, "ronda", NOW, "1 of 1 failed")
            if self.rounds == 2:
                run_rows.end(connection, second, Ending(HostState.DONE), NOW)

    def rest(self) -> None:
        self.rested = True


def asked(store: Engine) -> int:
    targets = [(site, "pc") for site in SITES]
    wish = Wish("coba", "d", "green", True, {}, targets, "siti")
    with db.writing(store) as connection:
        return run_rows.ask(connection, wish, RunState.WAITING, NOW)


def given(settings: Settings, *words: str) -> int:
    """A command as somebody types it; its exit status."""
    parser = argparse.ArgumentParser()
    cli.commands(parser.add_subparsers())
    args = parser.parse_args([*words, "--data", settings.data])
    status: int = args.run(args)
    return status


def test_what_became_of_runs_is_listed_and_shown_one_by_one(
    settings: Settings, store: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    number = asked(store)
    assert given(settings, "playbooks", "runs", "--json") == 0
    assert [one["run"] for one in json.loads(capsys.readouterr().out)] == [number]
    # it has not ended well
    assert given(settings, "playbooks", "runs", "--run", str(number)) == 1
    assert "35.10.01.2002 pc: waiting" in capsys.readouterr().out
    with pytest.raises(Refused, match="there is no run 99"):
        given(settings, "playbooks", "runs", "--run", "99")


def test_nobody_approves_by_command_what_is_another_playbook_by_now(
    settings: Settings, store: Engine
) -> None:
    wish = Wish("nyalakan-ulang-router", "of before", "red", True, {}, [(SITES[0], "pc")], "siti")
    with db.writing(store) as connection:
        number = run_rows.ask(connection, wish, RunState.PROPOSED, NOW)
    with pytest.raises(Refused, match="the playbook was changed after it was planned"):
        given(settings, "playbooks", "approve", str(number))
    with db.reading(store) as connection:
        run = run_rows.get(connection, number)
    assert run is not None and run.state is RunState.PROPOSED


@pytest.mark.parametrize(
    ("scope", "problem"),
    [("35.99", "--scope: there is no site in 35.99"), ("x", "scope: expected")],
)
def test_nothing_is_scheduled_where_nothing_is(
    settings: Settings, store: Engine, scope: str, problem: str
) -> None:
    words = ["playbooks", "schedule", "cadangkan-konfigurasi", "--at", "02.30", "--scope", scope]
    with pytest.raises(Refused, match=problem):
        given(settings, *words)


@pytest.mark.slow
def test_a_stopped_run_is_stayed_with_until_its_last_device_has_ended(store: Engine) -> None:
    number = asked(store)
    floor = Slow(store, number)
    run = cli._led(floor, store, number)
    assert run.state is RunState.STOPPED and floor.rounds == 2 and floor.rested
    with db.reading(store) as connection:
        states = [host.state for host in run_rows.hosts_of(connection, number)]
    assert states == [HostState.FAILED, HostState.DONE]


def test_a_crew_is_idle_once_everybody_has_ended() -> None:
    crew, gate = Crew(2), threading.Event()
    assert crew.idle
    before = set(threading.enumerate())
    crew.begin(1, lambda: None if gate.wait(5) else None, lambda: None)
    assert not crew.idle and crew.has(1)
    gate.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=5)
    assert crew.idle


def test_words_of_a_device_do_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    said = "ended with 1: \x1b]0;gone\x07\x1b[2J\u202e"
    step = {"number": 1, "part": "do", "state": "failed", "does": "x"}
    step |= {"output": "", "reason": said}
    host = {"site": SITES[0], "device": "pc", "state": "failed", "reason": said, "steps": [step]}
    told = {"run": 1, "playbook": "coba", "state": "failed", "reason": said, "hosts": [host]}
    cli._print_run(told)
    shown = capsys.readouterr().out
    assert "ended with 1" in shown and all(c == "\n" or c.isprintable() for c in shown)
