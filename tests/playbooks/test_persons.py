"""Two people for a red run: on the command line nobody is who they say, but who they are."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

import ronda
from agent.strict import Refused
from collector import db
from collector.secret import load_secret
from collector.settings import Settings
from playbooks import asking, host_rows, library, persons, run_rows
from playbooks.hosts import Host, Login
from playbooks.model import Platform
from playbooks.run_rows import Wish
from playbooks.states import RunState
from tests.stores import migrated

NOW = 1_790_000_000.0
NAMES = {0: "root", 1000: "siti", 1001: "budi"}


@pytest.mark.parametrize(
    ("signed_in", "uid", "name"),
    [
        pytest.param(1000, 0, "siti (login)", id="became root"),
        pytest.param(1000, 1000, "siti (login)", id="signed in"),
        pytest.param(2**32 - 1, 1001, "budi (account)", id="by nobody's session"),
        pytest.param(None, 0, "root (account)", id="where nothing is known of sessions"),
        pytest.param(0, 0, "root (login)", id="signed in as root"),
    ],
)
def test_the_account_that_signed_in_gives_the_command(
    signed_in: int | None, uid: int, name: str
) -> None:
    assert persons.named(signed_in, uid, NAMES.__getitem__) == name


@pytest.mark.parametrize(
    ("one", "other", "two"),
    [
        ("siti", "budi", True),
        ("siti", "siti", False),
        ("siti", "siti (login)", False),
        ("siti (login)", "siti (account) for budi", False),
        ("root (account) for siti", "root (account) for budi", False),
        ("Siti (login)", "siti", False),
        ("token:robot", "siti", False),
        ("siti", "token:robot", False),
        ("otomatis", "siti", False),
        ("siti", "", False),
    ],
)
def test_two_names_are_two_people_or_not(one: str, other: str, two: bool) -> None:
    assert persons.two(one, other) is two and persons.two(other, one) is two


def test_what_a_process_may_set_does_not_make_it_somebody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("USER", "LOGNAME", "SUDO_USER", "USERNAME"):
        monkeypatch.setenv(name, "siti")
    assert not persons.here().startswith("siti")
    said = persons.by(argparse.Namespace(by="siti"))
    assert said == f"{persons.here()} for siti"
    with pytest.raises(Refused, match="--by: expected a name"):
        persons.by(argparse.Namespace(by="a\nb"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    engine = db.open_store(settings)
    yield engine
    engine.dispose()


def red(store: Engine, by: str) -> int:
    wish = Wish("coba", "d", "red", True, {}, [("35.10.01.2001", "pc")], by)
    with db.writing(store) as connection:
        return asking.ask(connection, wish, NOW)


def state(store: Engine, number: int) -> RunState:
    with db.reading(store) as connection:
        run = run_rows.get(connection, number)
    assert run is not None
    return run.state


def test_a_name_that_is_given_approves_nothing(
    store: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = red(store, f"{persons.here()} for siti")
    words = ["playbooks", "approve", str(number), "--by", "budi", "--data", str(tmp_path / "var")]
    assert ronda.main(words) != 0
    assert "another person has to approve it, and you are" in capsys.readouterr().err
    assert state(store, number) is RunState.PROPOSED


@pytest.mark.slow
def test_somebody_of_the_console_asks_and_another_approves_here(
    store: Engine, tmp_path: Path
) -> None:
    data = str(tmp_path / "var")
    one = library.load(data).get("nyalakan-ulang-router")
    host = Host("35.10.01.2001", "pc", Platform.DEBIAN, "192.0.2.1", 22, Login("root", "pw"), ())
    with db.writing(store) as connection:
        secret, settings = load_secret(tmp_path / "var"), Settings(data=data)
        host_rows.put(connection, secret, host, "", NOW, "siti")
        asked = asking.Asked(one, ["35.10.01.2001"], {}, "siti")
        number = asking.ask(connection, asking.wish(connection, secret, settings, asked), NOW)
    words = ["playbooks", "approve", str(number), "--data", data]
    assert ronda.main(words) == 0
    assert state(store, number) is RunState.WAITING


def test_a_program_asks_for_nothing_that_two_people_must_want(store: Engine) -> None:
    with pytest.raises(Refused, match="a program is none"):
        red(store, "token:robot")
