"""Alerts of others become incidents once, end when they say so, and are never our own again."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from alerts.alertmanager import taken
from alerts.alertmanager.foreign import Foreign, Place, Told, Why, judge
from alerts.alertmanager.taken import FORGOTTEN_S, What
from collector import schema
from collector.db import reading, writing
from tests.alerts.village import CODE, NINE, Village, village

CENTRE = "0a1b2c3d"
DISK = Foreign("k1", CODE, "DiskFull", "device", "warning", "Benculuk: DiskFull",
               "DiskFull: the disk is full", NINE)  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    with village(tmp_path, database_url=database_url) as made:
        made.be("normal", NINE - 3600)
        yield made


def tell(here: Village, one: Foreign, at: float) -> What:
    with writing(here.store) as connection:
        return taken.take(connection, one, at)


def test_an_alert_of_others_is_one_incident_however_often_it_is_told(here: Village) -> None:
    assert tell(here, DISK, NINE) is What.TAKEN
    here.step(NINE + 1)
    assert tell(here, DISK, NINE + 60) is What.REPEATED
    here.step(NINE + 61)
    (row,) = here.incidents()
    assert (row.site, row.rule, row.severity) == (CODE, "alertmanager:DiskFull", "warning")
    assert (row.down_since, row.state, row.cause) == (NINE, "open", "")
    ((_, message),) = here.inbox.got
    assert message["text"].startswith("DiskFull: the disk is full")
    ended = replace(DISK, ended_at=NINE + 90)
    assert [tell(here, ended, NINE + 100), tell(here, ended, NINE + 101)] == [
        What.ENDED, What.UNHEARD
    ]  # fmt: skip
    here.step(NINE + 102)
    (row,) = here.incidents()
    assert (row.state, row.resolved_at) == ("resolved", NINE + 90)
    assert here.inbox.news == [(1, "opened"), (1, "resolved")]


def test_a_restart_of_the_engine_opens_nothing_anew(here: Village) -> None:
    tell(here, DISK, NINE)
    here.step(NINE + 1)
    here.floor()
    here.step(NINE + 3)
    assert [row.state for row in here.incidents()] == ["open"]
    tell(here, replace(DISK, ended_at=NINE + 4), NINE + 4)
    here.floor()
    here.step(NINE + 7)
    assert [row.state for row in here.incidents()] == ["resolved"]


@pytest.mark.slow
def test_what_a_silent_sender_told_is_over_after_a_day_and_nobody_is_told_so(
    here: Village,
) -> None:
    tell(here, DISK, NINE)
    here.step(NINE + 1)
    here.step(NINE + FORGOTTEN_S + 3)
    assert [row.state for row in here.incidents()] == ["resolved"]
    assert here.inbox.news == [(1, "opened")]
    with writing(here.store) as connection:
        assert taken.forget(connection, NINE + 3 * FORGOTTEN_S) == 1


def many(count: int, sites: int, ended_at: float | None = None) -> list[dict[str, Any]]:
    """Rows of so many alerts, spread over so many sites."""
    over = replace(DISK, ended_at=ended_at)
    return [
        {**asdict(replace(over, key=f"k{n}", site=f"{CODE}-{n % sites}")), "heard_at": NINE}
        for n in range(count)
    ]


def test_no_more_are_open_than_there_is_room_for(here: Village) -> None:
    with writing(here.store) as connection:
        connection.execute(insert(schema.foreign_alerts), many(taken.MOST, 100))
        assert taken.take(connection, replace(DISK, key="one more"), NINE) is What.FULL
        taken.take(connection, replace(DISK, key="k0", ended_at=NINE), NINE)
        assert taken.take(connection, replace(DISK, key="one more"), NINE) is What.TAKEN
    with reading(here.store) as connection:
        assert len(taken.standing(connection, NINE).going) == taken.MOST


def test_one_site_does_not_take_the_places_of_all(here: Village) -> None:
    with writing(here.store) as connection:
        connection.execute(insert(schema.foreign_alerts), many(taken.MOST_OF_SITE, 1))
        new = replace(DISK, key="new")
        assert taken.take(connection, replace(new, site=f"{CODE}-0"), NINE) is What.FULL
        assert taken.take(connection, new, NINE) is What.TAKEN


@pytest.mark.parametrize(
    ("rows", "sites"), [(taken.MOST_ROWS, 100), (taken.MOST_ROWS_OF_SITE, 1)], ids=["all", "a site"]
)
def test_those_that_come_and_go_leave_no_more_rows_than_there_is_room_for(
    here: Village, rows: int, sites: int
) -> None:
    with writing(here.store) as connection:
        connection.execute(insert(schema.foreign_alerts), many(rows, sites, ended_at=NINE))
        one = replace(DISK, key="one more", site=f"{CODE}-0")
        assert taken.take(connection, one, NINE + 60) is What.FULL
        assert taken.take(connection, one, NINE + 3700) is What.TAKEN


def told(status: str = "firing", **labels: str) -> Told:
    return Told(status, {"alertname": "DiskFull", **labels}, {}, NINE, 0.0)


JUDGED = {
    "ours": (told(ronda_centre=CENTRE), False, Why.OWN),
    "of another centre": (told(ronda_centre="ffffffff", site=CODE), False, CODE),
    "nameless": (Told("firing", {"site": CODE}, {}, NINE, 0.0), True, Why.NAMELESS),
    "a site": (told(site=CODE), False, CODE),
    "a site of nobody": (told(site="35.10.12.2999"), True, Why.UNKNOWN),
    "no site, for everywhere": (told(instance="nas:9100"), True, ""),
    "no site, for an area": (told(instance="nas:9100"), False, Why.PLACELESS),
}


@pytest.mark.parametrize(("one", "everywhere", "what"), JUDGED.values(), ids=list(JUDGED))
def test_what_is_taken_is_what_the_token_may_speak_of(
    one: Told, everywhere: bool, what: Any
) -> None:
    known = {CODE: Place(CODE, "Benculuk")}
    found = judge(one, CENTRE, known.get, everywhere, NINE)
    assert (found.site if isinstance(found, Foreign) else found) == what


def test_labels_are_read_in_our_words_and_say_which_alert_it_is() -> None:
    def read(**labels: str) -> Foreign:
        found = judge(told(**labels), CENTRE, lambda _: None, True, NINE + 60)
        assert isinstance(found, Foreign)
        return found

    assert [read(severity=s).severity for s in ("page", "Critical", "info", "P3", "")] == [
        "critical", "critical", "info", "warning", "warning"
    ]  # fmt: skip
    assert [read(subject=s).subject for s in ("uplink", "nonsense")] == ["uplink", "service"]
    assert read(instance="nas").title == "nas: DiskFull"
    assert read(instance="nas").key != read(instance="nas2").key
    over = judge(told("resolved"), CENTRE, lambda _: None, True, NINE + 60)
    assert isinstance(over, Foreign) and over.ended_at == NINE + 60


@pytest.mark.slow
def test_while_the_site_itself_is_gone_its_silence_is_the_incident(here: Village) -> None:
    here.be("unknown", NINE, reason="silent")
    here.step(NINE + 1)
    tell(here, DISK, NINE + 30)
    here.step(NINE + 60)
    silent = [row.key for row in here.incidents()]
    assert "foreign:k1" not in silent
    here.be("normal", NINE + 90)
    for after_s in (91, 94, 120):
        here.step(NINE + after_s)
    assert [row.key for row in here.incidents() if row.state == "open"] == ["foreign:k1"]
