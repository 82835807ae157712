"""Alertmanager's webhook comes in: by a token, within its areas, and what is refused is told."""

from typing import Any

from sqlalchemy import Engine, select

from collector import schema
from collector.db import meta_get, reading
from tests.web.api.conftest import AREA, Programs
from tests.web.conftest import NOW, OTHER, SITE
from web.api.alertmanager import REFUSED, moment

PATH = "/alertmanager"


def news(*alerts: dict[str, Any]) -> dict[str, Any]:
    """As version 0.25 sends it."""
    return {
        "version": "4",
        "groupKey": '{}:{alertname="DiskFull"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "ronda",
        "groupLabels": {"alertname": "DiskFull"},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://am:9093",
        "alerts": list(alerts),
    }


def alert(status: str = "firing", **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "DiskFull", **labels},
        "annotations": {"summary": "the disk is full"},
        "startsAt": "2026-11-23T09:00:00.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph",
        "fingerprint": "abc",
    }


def rows(store: Engine) -> list[Any]:
    with reading(store) as connection:
        return list(connection.execute(select(schema.foreign_alerts)))


def test_alerts_are_taken_once_and_ended(program: Programs, villages: Any, store: Engine) -> None:
    sender = program("village", AREA)
    first = sender.post(PATH, news(alert(site=SITE)))
    assert (first["taken"], first["repeated"], first["refused"]) == (1, 0, [])
    assert sender.post(PATH, news(alert(site=SITE)))["repeated"] == 1
    assert sender.post(PATH, news(alert("resolved", site=SITE)))["ended"] == 1
    assert sender.post(PATH, news(alert("resolved", site=SITE)))["unheard"] == 1
    (row,) = rows(store)
    assert (row.site, row.words, row.ended_at) == (SITE, "DiskFull: the disk is full", NOW)


def test_what_lies_elsewhere_is_refused_like_what_is_nowhere(
    program: Programs, villages: Any, store: Engine
) -> None:
    sender = program("noc", AREA)
    mixed = sender.post(PATH, news(alert(site=SITE), alert(site=OTHER), alert(site="35.99")))
    assert (mixed["taken"], mixed["refused_in_all"]) == (1, 2)
    assert len({one["why"] for one in mixed["refused"]}) == 1
    none = sender.post(PATH, news(alert(site=OTHER)), status=422)
    assert "names no active site" in none["detail"]
    assert sender.post(PATH, news(alert()), status=422)["errors"][0]["where"] == "DiskFull"
    with reading(store) as connection:
        assert '"count": 1' in meta_get(connection, REFUSED)
    assert len(rows(store)) == 1


def test_what_is_told_of_a_refused_one_is_nothing_that_a_terminal_obeys(
    program: Programs, villages: Any
) -> None:
    mixed = news(alert(site=SITE), alert(site="35.99", alertname="\x1b]0;x\x07Disk\nFull"))
    (refused,) = program("noc", AREA).post(PATH, mixed)["refused"]
    assert refused["alert"] == "]0;x Disk Full"


def test_what_came_from_this_centre_is_not_taken_again(
    program: Programs, villages: Any, store: Engine
) -> None:
    with reading(store) as connection:
        mine = meta_get(connection, "centre")
    told = program().post(PATH, news(alert(site=SITE, ronda_centre=mine)))
    assert (told["own"], told["taken"]) == (1, 0)
    assert rows(store) == []


def test_a_viewer_opens_no_incident(program: Programs, villages: Any) -> None:
    program("viewer").post(PATH, news(alert(site=SITE)), status=403)


def test_times_are_read_as_alertmanager_writes_them() -> None:
    assert moment("2026-11-23T09:12:00.5Z") == moment("2026-11-23T16:12:00.500+07:00")
    assert moment("0001-01-01T00:00:00Z") == moment("") == moment("kemarin") == 0.0
