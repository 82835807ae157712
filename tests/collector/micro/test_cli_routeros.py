"""`ronda sites script --platform routeros`: what every village is told fits a router's scripts."""

import json
from pathlib import Path
from typing import Any

import pytest

import ronda
from collector import db
from collector.inventory.keeping import put
from collector.settings import Settings
from tests.playbooks.devices.routeros.menus import Known
from tests.playbooks.devices.routeros.parsing import Parser
from tests.stores import migrated

SITE = "35.10.06.2005"
URL = "https://noc.example.go.id:8090"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=str(tmp_path / "var"))
    migrated(made)
    with db.writing(db.open_store(made)) as connection:
        put(connection, "sites", [{"code": SITE, "name": 'Desa "é" $x'}], 1.0, "siti")
        web = {"name": "sideka", "kind": "http", "target": "http://192.168.1.5/"}
        put(connection, "services", [{"site": SITE, **web}], 1.0, "siti")
    return made


def told(settings: Settings, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    given = [SITE, "--platform", "routeros", "--json", "--data", settings.data, *words]
    assert ronda.main(["sites", "script", *given]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_checks_of_every_village_are_all_taken(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    made = told(settings, capsys, "--url", URL)
    assert not [note for note in made["notes"] if note.startswith("left out")]
    for name in ("gateway", "1.1.1.1", "dns", "known", "sideka"):
        assert f'\\"line\\"=\\"check.{name}=\\"' in made["script"]
    assert made["code"] in made["script"] and made["script"].isascii()
    assert Parser(made["script"], Known(6)).parsed()
    assert any("ronda-remove" in line for line in made["remove"])


def test_bytes_of_a_month_are_told_by_interval(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    often, seldom = (told(settings, capsys, "--url", URL, "--every-s", n) for n in ("60", "300"))
    # two targets beyond the village are asked three times a report, however their checks say it
    for made, reports in ((often, 43_200), (seldom, 8_640)):
        assert made["bytes_a_month"] == reports * (made["bytes_a_report"] + 2 * 588)
    assert 6_000 < often["bytes_a_report"] < 10_000


def test_ports_that_only_some_versions_look_at_are_told(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not [note for note in told(settings, capsys, "--url", URL)["notes"] if "7.4" in note]
    with db.writing(db.open_store(settings)) as connection:
        kept = {"site": SITE, "name": "cetak", "kind": "tcp", "target": "192.168.1.7:9100"}
        put(connection, "services", [kept], 2.0, "siti")
    notes = told(settings, capsys, "--url", URL)["notes"]
    assert "ports are looked at by RouterOS 7.4 and newer; before: unknown (cetak)" in notes
