"""Single edits from the command line: a check taken away, cadences of a place set."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import ronda
from collector import db, inventory
from collector.inventory.keeping import put
from collector.settings import Settings
from tests.stores import migrated

SITES = ("35.10.06.2005", "35.10.06.2006", "35.10.11.2001")
Command = Callable[..., int]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=str(tmp_path / "var"))
    migrated(made)
    with db.writing(db.open_store(made)) as connection:
        put(connection, "sites", [{"code": code, "name": code} for code in SITES], 1.0, "siti")
        put(connection, "services", [{"name": "app", "site": "35.10.06"}], 1.0, "siti")
    return made


@pytest.fixture
def command(settings: Settings) -> Command:
    return lambda *words: ronda.main([*words, "--data", settings.data])


def test_all_sites_of_a_place_get_a_profile(
    command: Command, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--profile", "hemat", "--bytes-per-day", "3000000", "--json")
    assert command("sites", "set", "35.10.06", *words) == 0
    assert json.loads(capsys.readouterr().out) == {"changed": list(SITES[:2])}
    assert command("sites", "set", SITES[0], "--bytes-per-day", "-", "--check-every-s", "60") == 0
    with db.reading(db.open_store(settings)) as connection:
        found = inventory.sites(connection)
    told = [(s.profile, s.report_every_s, s.check_every_s, s.bytes_per_day) for s in found]
    assert told == [
        ("hemat", 600, 60, None),
        ("hemat", 600, None, 3_000_000),
        ("fiber", 60, None, None),
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("35.10.06",), "set: nothing to set"),
        (("35.10.06", "--profile", "5g"), "--profile: must be one of fiber, 4g, hemat"),
        (("35.99", "--profile", "4g"), "no site is in '35.99'"),
        (("35.10.06", "--check-every-s", "0"), "--check-every-s: must be a whole number"),
    ],
)
def test_what_cannot_be_set_is_refused(
    command: Command, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    assert command("sites", "set", *words) == 2
    assert says in capsys.readouterr().err


def test_a_check_is_taken_away_once(
    command: Command, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("services", "remove", "app") == 2
    assert "there is no such check" in capsys.readouterr().err
    assert command("services", "remove", "app", "--site", "35.10.06") == 0
    with db.reading(db.open_store(settings)) as connection:
        assert inventory.services(connection) == []
