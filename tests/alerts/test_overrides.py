"""What a site wants of a rule: kept with who wanted it, refused where it means nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from agent.strict import Refused
from alerts import overrides
from alerts.overrides import Override
from alerts.rules.loading import load
from collector import acts, schema
from collector.db import open_store, writing
from collector.settings import Settings
from tests.stores import migrated

SITE = "35.10.06.2005"
RULES = load("/nowhere").rules


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    store = open_store(settings)
    with writing(store) as connection:
        row = {"code": SITE, "row": 0, "name": "Sarimulyo"}
        connection.execute(insert(schema.sites).values(row))
        area = {"code": "35.10", "name": "Banyuwangi", "level": "regency"}
        connection.execute(insert(schema.areas).values(area))
        yield connection
    store.dispose()


def test_a_threshold_is_kept_changed_and_taken_back(connection: Connection) -> None:
    first = Override("DiskFull", SITE, threshold=0.8)
    second = Override("DiskFull", SITE, for_s=600.0, off=True)
    overrides.put(connection, RULES, first, "budi", 1000.0)
    assert overrides.find(connection, "DiskFull", SITE) == first
    overrides.put(connection, RULES, second, "ani", 1001.0, before=first)
    assert overrides.everything(connection) == [second]
    overrides.remove(connection, second, "ani", 1002.0)
    assert overrides.everything(connection) == []
    told = [(act.by, act.verb, act.subject, act.body) for act in acts.waiting(connection)]
    assert told[0] == (
        "budi",
        "override",
        "DiskFull",
        {"scope": SITE, "threshold": 0.8, "for_s": None, "off": False},
    )
    assert told[2][3] == {"scope": SITE, "removed": True}


def test_who_was_quicker_wins(connection: Connection) -> None:
    first = Override("DiskFull", SITE, threshold=0.8)
    second = Override("DiskFull", SITE, threshold=0.7)
    overrides.put(connection, RULES, first, "budi", 1000.0)
    with pytest.raises(Refused, match="DiskFull of 35.10.06.2005: somebody has changed it"):
        overrides.put(connection, RULES, second, "ani", 1001.0)
    with pytest.raises(Refused, match="somebody has changed it"):
        overrides.put(connection, RULES, first, "ani", 1001.0, before=second)
    with pytest.raises(Refused, match="somebody has changed it"):
        overrides.remove(connection, second, "ani", 1001.0)
    assert overrides.everything(connection) == [first]
    assert len(acts.waiting(connection)) == 1


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (Override("Nothing", SITE, off=True), "rule: there is no alert 'Nothing'"),
        (Override("DiskFull", "35.10.06.9999", off=True), "scope: there is no site or area"),
        (Override("DiskFull", "*", off=True), "scope: there is no site or area"),
        (Override("UplinkDown", SITE, threshold=1.0), "threshold: UplinkDown compares with no"),
        (Override("DiskFull", SITE, threshold=float("nan")), "threshold: must be a number"),
        (Override("DiskFull", SITE, for_s=-1.0), "for_s: must be 0 to 604800 seconds"),
        (Override("DiskFull", SITE), "override: says nothing"),
    ],
)
def test_what_means_nothing_is_refused(
    connection: Connection, wanted: Override, problem: str
) -> None:
    with pytest.raises(Refused, match=problem):
        overrides.put(connection, RULES, wanted, "budi", 1000.0)
    assert overrides.everything(connection) == []


def test_the_closest_word_counts() -> None:
    regency = Override("DiskFull", "35.10", threshold=0.8)
    district = Override("DiskFull", "35.10.06", threshold=0.7)
    own = Override("DiskFull", SITE, off=True)
    other = Override("DiskFull", "35.1", threshold=0.1)
    known = [regency, district, other, Override("HostHot", SITE, threshold=90.0)]
    assert overrides.closest(known, "DiskFull", SITE) == district
    assert overrides.closest([*known, own], "DiskFull", SITE) == own
    assert overrides.closest(known, "DiskFull", "35.10.07.2001-pustu") == regency
    assert overrides.closest(known, "DiskFull", "35.09.01.2001") is None
