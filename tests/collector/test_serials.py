"""A device that is gone is known again by its serial number, wherever it comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from collector import db
from collector.doctor import examine
from collector.inventory import importing, serials
from collector.inventory.keeping import put
from collector.settings import Settings
from tests.stores import migrated

A, B = "35.10.06.2005", "35.10.06.2006"
NOW = 1_795_425_120.0


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    made = Settings(data=str(tmp_path), database_url=database_url)
    migrated(made)
    return made


@pytest.fixture
def store(settings: Settings) -> Iterator[Engine]:
    engine = db.open_store(settings)
    with db.writing(engine) as connection:
        put(connection, "sites", [{"code": A, "name": "A"}, {"code": B, "name": "B"}], NOW, "siti")
        devices = [
            {"site": A, "name": "router", "serial": "HC8-0815", "state": "stolen"},
            {"site": A, "name": "ap", "serial": "7F11 A200", "state": "in_use"},
            {"site": A, "name": "shelf", "serial": "12"},
        ]
        put(connection, "devices", devices, NOW, "siti")
    yield engine
    engine.dispose()


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("row", "told"),
    [
        (f"{B},router,hc80815", f"serial number is of a device that is stolen at {A}"),
        (f"{B},ap,7F11A200", f"serial number stands at {A} already"),
        (f"{A},router,HC8-0815", ""),
        (f"{B},shelf,12", ""),
        (f"{B},new,HC8-0816", ""),
        (f"{B},none,", ""),
    ],
    ids=["stolen", "in use", "itself", "no serial number", "another", "none"],
)
def test_a_number_that_stands_elsewhere_is_told_before_it_is_taken(
    store: Engine, row: str, told: str
) -> None:
    parsed = importing.parse("devices", f"site,name,serial\n{row}\n".encode(), "devices.csv")
    with db.reading(store) as connection:
        found = importing.doubts(connection, parsed)
    assert len(found) == bool(told)
    assert all(told in line and "line 2, column serial" in line for line in found)


def test_a_device_moved_by_one_file_is_at_one_place(store: Engine) -> None:
    text = f"site,name,serial\n{A},ap,\n{B},ap,7F11A200\n"
    parsed = importing.parse("devices", text.encode(), "devices.csv")
    with db.writing(store) as connection:
        assert importing.doubts(connection, parsed) == []
        importing.bring(connection, parsed, NOW, "siti")
        assert serials.twice(connection) == []


def test_doctor_names_numbers_at_two_places_the_stolen_first(
    store: Engine, settings: Settings
) -> None:
    rows = [
        {"site": B, "name": "ap", "serial": "7f11a200"},
        {"site": B, "name": "router", "serial": "HC80815"},
    ]
    assert [f for f in examine(settings, NOW) if f.name == "devices"] == []
    with db.writing(store) as connection:
        put(connection, "devices", rows, NOW, "siti")
    (found,) = [one for one in examine(settings, NOW) if one.name == "devices"]
    assert found.says.startswith(
        f"one serial number at two places: router of {A} (stolen) and router of {B} (in_use), ap"
    )
