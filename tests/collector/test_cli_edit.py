"""Single edits from the command line: a check taken away, cadences of a place set."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import ronda
from collector import archive_boxes, db, inventory
from collector.doors import OnlyOne
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


def test_villages_of_a_split_area_get_their_codes_while_the_centre_stands(
    command: Command, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("old,new\n35.10.06.2006,35.10.25.2001\n")
    kept = archive_boxes.folder_of(settings, "35.10.06.2006") / "router-a-20261129T010000Z"
    archive_boxes.write(settings, kept, b"/ip address")
    (open_one := kept.with_name("router-a-20260101T010000Z")).write_bytes(b"not sealed then")
    assert command("sites", "recode", str(file), "--dry-run", "--json") == 0
    would = json.loads(capsys.readouterr().out)
    assert kept.is_file() and not archive_boxes.folder_of(settings, "35.10.25.2001").exists()
    with OnlyOne(settings.folder):
        assert command("sites", "recode", str(file)) == 2
    assert "a centre runs on it: stop it first" in capsys.readouterr().err
    with db.reading(db.open_store(settings)) as connection:
        assert [s.code for s in inventory.sites(connection)] == list(SITES)
    assert command("sites", "recode", str(file), "--json") == 0
    done = json.loads(capsys.readouterr().out)
    assert done == would and done["sites"] == {"35.10.06.2006": "35.10.25.2001"}
    with db.reading(db.open_store(settings)) as connection:
        codes = [s.code for s in inventory.sites(connection)]
    assert codes == ["35.10.06.2005", "35.10.11.2001", "35.10.25.2001"]
    # what was read from its devices is still its own, and opens
    there = archive_boxes.folder_of(settings, "35.10.25.2001")
    found = {path.name: archive_boxes.opened(settings, path) for path in there.iterdir()}
    assert found == {kept.name: b"/ip address", open_one.name: b"not sealed then"}
    assert not kept.parent.exists()


def test_a_file_of_codes_that_is_not_there_is_said_in_a_line(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("sites", "recode", str(tmp_path / "none.csv")) == 2
    assert "none.csv: No such file" in capsys.readouterr().err
