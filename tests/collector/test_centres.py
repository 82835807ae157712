"""Centres that report here: made with a code, told to look at nothing, no village to anybody."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from agent.strict import Refused
from collector import centres, doctor_parent, onboarding
from collector.config import agent_config
from collector.db import meta_set, open_store, reading, writing
from collector.evidence import sources
from collector.inventory.exporting import export
from collector.inventory.importing import parse
from collector.inventory.keeping import put
from collector.settings import Settings
from ronda import main
from tests.stores import migrated

NOW = 1_795_425_120.0
AREA, SITE = "35.10", "35.10.00.0000-pusat"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    made = Settings(data=str(tmp_path), database_url=database_url)
    migrated(made)
    return made


@pytest.fixture
def store(settings: Settings) -> Iterator[Engine]:
    engine = open_store(settings)
    yield engine
    engine.dispose()


def add(store: Engine, area: str = AREA, name: str = "", url: str = "", every_s: int = 60) -> str:
    with writing(store) as connection:
        return centres.add(connection, area, name, url, every_s, 1.0, NOW, "dewi")[1]


@pytest.mark.parametrize(
    ("area", "site"),
    [
        ("35", "35.00.00.0000-pusat"),
        ("35.10", SITE),
        ("35.10.06", "35.10.06.0000-pusat"),
    ],
)
def test_the_site_that_stands_for_a_centre(area: str, site: str) -> None:
    assert centres.site_of(area) == site


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"area": "Banyuwangi"}, "area"),
        ({"area": "35.10.06.2005"}, "area"),
        ({"every_s": 0}, "every"),
        ({"url": "javascript:alert(1)"}, "url"),
    ],
    ids=["a name", "a village", "never", "no address"],
)
def test_what_cannot_be_is_refused(store: Engine, given: dict[str, object], place: str) -> None:
    with pytest.raises(Refused) as refused:
        add(store, **given)
    assert refused.value.place == place


def test_a_centre_again_is_the_same_one_with_another_code(store: Engine) -> None:
    first, second = add(store), add(store, name="Banyuwangi", url="https://bwi.example")
    assert first != second
    with reading(store) as connection:
        (one,) = centres.listing(connection)
    assert (one.site, one.area, one.name) == (SITE, AREA, "Banyuwangi")
    assert (one.url, one.every_s) == ("https://bwi.example", 60)


def test_one_that_ended_is_waited_for_no_more(store: Engine) -> None:
    add(store)
    with writing(store) as connection:
        centres.end(connection, AREA, NOW, "dewi")
        assert centres.listing(connection) == []
        with pytest.raises(Refused):
            centres.end(connection, AREA, NOW, "dewi")
    add(store)
    with reading(store) as connection:
        assert len(centres.listing(connection)) == 1


def test_it_is_told_to_look_at_nothing_whatever_villages_are_told(
    store: Engine, settings: Settings
) -> None:
    add(store)
    with writing(store) as connection:
        row = {"name": "web", "kind": "http", "target": "https://x.example", "scope": "desa"}
        put(connection, "services", [{**row, "site": ""}], NOW, "dewi")
        told = agent_config(connection, SITE, settings)
    assert told["checks"] == []
    assert told["beacons"] is False
    assert told["report_every_s"] == 60


def test_no_code_no_sheet_no_evidence_of_it(store: Engine) -> None:
    add(store)
    with writing(store) as connection:
        put(connection, "sites", [{"code": "35.10.06.2005", "name": "Benculuk"}], NOW, "dewi")
        assert [s.code for s in onboarding.without_agent(connection)] == ["35.10.06.2005"]
        assert [p.code for p in sources.sites_of(connection)] == ["35.10.06.2005"]


def status(store: Engine, **told: object) -> None:
    usual = {"waiting": 0, "dropped": 0, "trouble": "", "reported_at": NOW - 5, "left_out": 0}
    with writing(store) as connection:
        meta_set(connection, centres.STATUS, json.dumps({"at": NOW, **usual, **told}))


def enrolled(settings: Settings) -> None:
    folder = settings.folder / centres.FOLDER
    folder.mkdir()
    known = {"url": "https://above", "token": "secret", "agent": "7", "site": SITE}
    (folder / "identity.json").write_text(json.dumps(known))


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("told", "says", "fine"),
    [
        ({}, "0 entries wait for it, 0 were dropped", True),
        ({"waiting": 9, "trouble": "no way"}, "9 entries wait for it", False),
        ({"reported_at": NOW - 3600}, "nothing arrived lately", False),
        ({"reported_at": None}, "nothing arrived lately", False),
        ({"at": NOW - 3600}, "nothing goes there now", False),
        ({"left_out": 4}, "4 figures are too many", False),
    ],
    ids=["well", "no way there", "silent", "never arrived", "no process", "too much"],
)
def test_doctor_says_how_the_way_up_is(
    store: Engine, tmp_path: Path, told: dict[str, object], says: str, fine: bool
) -> None:
    settings = Settings(data=str(tmp_path), parent_url="https://above")
    (before,) = doctor_parent.findings(settings, store, NOW)
    assert (before.says, before.fine) == ("not enrolled at https://above", False)
    enrolled(settings)
    status(store, **told)
    (found,) = doctor_parent.findings(settings, store, NOW)
    assert says in found.says
    assert found.fine is fine
    assert "secret" not in found.says


@pytest.mark.slow
def test_when_the_centre_above_was_reached_is_told_in_our_zone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=str(tmp_path))
    enrolled(settings)
    migrated(settings)
    store = open_store(settings)
    status(store, reported_at=1_796_025_840.0)
    store.dispose()
    assert main(["parent", "status", "--data", str(tmp_path)]) == 0
    assert "reported_at  2026-11-30 15.04 WIB" in capsys.readouterr().out


def test_doctor_names_the_silent_ones_below(store: Engine, settings: Settings) -> None:
    assert list(doctor_parent.findings(settings, store, NOW)) == []
    add(store)
    (found,) = doctor_parent.findings(settings, store, NOW)
    assert found.says == "1 report here, 0 are silent"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["centres", "add", "x"], 2, "area: expected a province, regency or district, got 'x'"),
        (["centres", "end", "35.10"], 2, "area: no centre of '35.10' reports here"),
        (["parent", "enrol", "CODE"], 2, "--url: say where, here or in RONDA_PARENT_URL"),
    ],
    ids=["no area", "none there", "nowhere"],
)
def test_commands_refuse_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int, says: str
) -> None:
    migrated(Settings(data=str(tmp_path)))
    assert main([*words, "--data", str(tmp_path)]) == status
    assert capsys.readouterr().err == f"ronda: {says}\n"


@pytest.mark.slow
def test_the_code_of_a_new_centre_is_shown_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["centres", "add", AREA, "--json", "--data", str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["area"], told["site"]) == (AREA, SITE)
    assert len(told["code"]) == 19
    assert main(["centres", "list", "--json", "--data", str(tmp_path)]) == 0
    assert told["code"] not in capsys.readouterr().out


def test_an_export_with_a_centre_in_it_is_taken_back(store: Engine) -> None:
    add(store, name="Pusat Banyuwangi")
    with reading(store) as connection:
        text = export(connection, "sites")
        rows = parse("sites", text.encode(), "sites.csv")
    (row,) = [values for _, values in rows.rows]
    assert (row["code"], row["lifecycle"]) == (SITE, "centre")
