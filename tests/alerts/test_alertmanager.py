"""Open incidents to Alertmanagers: sent at once, again while open, ended once, whoever restarts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agent.strict import Refused
from alerts import incidents
from alerts.alertmanager import told
from alerts.alertmanager.alert import Alert, plan
from alerts.alertmanager.credentials import SECRET, authorization_of
from alerts.alertmanager.describing import MOST
from alerts.alertmanager.sender import Sender, states
from alerts.incidents import New
from alerts.telling import Teller
from collector import schema
from collector.db import meta_get, reading, writing
from collector.settings import Settings, load
from tests.alerts.channels.listener import Listener, listening, reply
from tests.alerts.village import CODE, NINE, Village, village


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    with village(tmp_path, database_url=database_url, public_url="https://ronda.test/") as made:
        yield made


@pytest.fixture
def there() -> Iterator[Listener]:
    with listening(reply(200)) as made:
        yield made


def sender(here: Village, *urls: str, **environment: str) -> Sender:
    settings = replace(here.settings, alertmanager_urls=urls)
    return Sender(settings, here.store, Teller(settings, []), environment)


def send(made: Sender, now: float) -> int:
    begun = made.send(now)
    made.wait()
    return begun


def heard(there: Listener) -> list[list[dict[str, Any]]]:
    """The alerts of each request, in the order they came."""
    return [json.loads(one.partition(b"\r\n\r\n")[2]) for one in there.heard]


def open_one(here: Village, key: str = f"site:{CODE}", **more: Any) -> int:
    wanted = {"site": CODE, **more}
    new = New(key, "uplink", "critical", "Benculuk", NINE, **wanted)
    with writing(here.store) as connection:
        return incidents.open_incident(connection, new, NINE)


def change(here: Village, number: int, **values: Any) -> None:
    with writing(here.store) as connection:
        assert incidents.change(connection, number, incidents.UNRESOLVED, **values)


def end(here: Village, number: int, at: float) -> None:
    with writing(here.store) as connection:
        assert incidents.resolve(connection, number, at)


def test_an_incident_is_told_again_while_it_is_open_and_ended_once(
    here: Village, there: Listener
) -> None:
    made, number = sender(here, there.base), open_one(here)
    for after_s in (1, 2, 59, 61, 62):
        send(made, NINE + after_s)
    end(here, number, NINE + 90)
    for after_s in (91, 92, 200):
        send(made, NINE + after_s)
    found = heard(there)
    assert [[one["endsAt"] for one in each] for each in found] == [
        ["2025-11-24T02:25:01Z"], ["2025-11-24T02:26:01Z"], ["2025-11-24T02:16:30Z"], []
    ]  # fmt: skip
    (alert,) = found[0]
    assert alert["labels"] == {
        "alertname": "SiteDown", "incident": "1", "severity": "critical", "subject": "uplink",
        "site": CODE, "village": "Benculuk", "ronda_centre": centre(here),
    }  # fmt: skip
    assert alert["startsAt"] == "2025-11-24T02:15:00Z"
    assert alert["generatorURL"] == "https://ronda.test/incidents/1"
    assert "Benculuk" in alert["annotations"]["summary"]


def centre(here: Village) -> str:
    with reading(here.store) as connection:
        return meta_get(connection, "centre")


def test_an_end_that_was_not_taken_is_told_after_a_restart(here: Village, there: Listener) -> None:
    there.answers[:] = [reply(200), reply(503), reply(200)]
    made, number = sender(here, there.base), open_one(here)
    send(made, NINE)
    end(here, number, NINE + 5)
    send(made, NINE + 6)
    assert send(made, NINE + 7) == 0
    send(sender(here, there.base), NINE + 8)
    assert [one["endsAt"][11:19] for each in heard(there) for one in each][1:] == ["02:15:05"] * 2
    with reading(here.store) as connection:
        assert connection.execute(select(schema.alertmanager_alerts)).all() == []


def test_one_that_is_known_otherwise_by_now_is_another_alert(
    here: Village, there: Listener
) -> None:
    made, number = sender(here, there.base), open_one(here)
    send(made, NINE)
    change(here, number, cause="power", confidence=0.5)
    send(made, NINE + 1)
    change(here, number, cause="power", confidence=0.9)
    send(made, NINE + 2)
    first, sure = heard(there)
    assert [(one["labels"].get("cause"), one["endsAt"][11:19]) for one in sure] == [
        (None, "02:15:02"), ("power", "02:25:02")
    ]  # fmt: skip


def test_every_one_of_several_hears_and_one_that_is_away_holds_up_none(
    here: Village, there: Listener
) -> None:
    open_one(here)
    with listening(reply(200)) as gone:
        away = gone.base
    made = sender(here, away, there.base)
    assert send(made, NINE) == 2
    assert len(heard(there)[0]) == 1
    settings = replace(here.settings, alertmanager_urls=(away, there.base))
    with reading(here.store) as connection:
        found = states(connection, settings)
    assert [one.fine for one in found] == [False, True]
    assert "refused" in found[0].says and found[1].open == 1


def test_one_that_is_away_for_weeks_is_remembered_only_so_far(
    here: Village, there: Listener
) -> None:
    with writing(here.store) as connection:
        rows = [Alert(number, {"n": str(number)}, NINE, {}) for number in range(2 * MOST + 5)]
        told.begin(connection, there.base, rows)
    made = sender(here, there.base)
    there.answers[:] = [reply(503)]
    open_one(here)
    send(made, NINE + 61)
    with reading(here.store) as connection:
        left = connection.execute(select(schema.alertmanager_alerts.c.incident)).scalars().all()
    assert len(left) == 2 * MOST + 1 and min(left) == 1


def test_a_storm_is_one_alert(here: Village, there: Listener) -> None:
    storm = {"site": "", "parent_kind": "upstream", "parent": "POP Genteng"}
    number = open_one(here, "parent:upstream:POP Genteng", **storm)
    change(here, number, members=300)
    send(sender(here, there.base), NINE)
    ((alert,),) = heard(there)
    assert alert["labels"]["alertname"] == "ManySites"
    assert alert["labels"]["upstream"] == alert["labels"]["parent"] == "POP Genteng"
    assert "site" not in alert["labels"]


def test_what_others_told_us_is_not_told_back(here: Village, there: Listener) -> None:
    open_one(here, "foreign:abc")
    send(sender(here, there.base), NINE)
    assert heard(there) == [[]]


def test_the_secret_goes_along_and_is_not_shown(here: Village, there: Listener) -> None:
    there.answers[:] = [reply(401, "no geheim-1234-token here")]
    open_one(here)
    made = sender(here, there.base, **{SECRET: "geheim-1234-token"})
    send(made, NINE)
    assert b"Authorization: Bearer geheim-1234-token\r\n" in there.heard[0]
    settings = replace(here.settings, alertmanager_urls=(there.base,))
    with reading(here.store) as connection:
        (found,) = states(connection, settings)
    assert found.says == "401 no *** here"
    basic = authorization_of(settings, {SECRET: "ronda:x"})
    assert basic == {"Authorization": "Basic cm9uZGE6eA=="}


def test_a_secret_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "am"
    file.write_text("geheim\n")
    settings = Settings(alertmanager_credentials_file=str(file))
    file.chmod(0o644)
    with pytest.raises(Refused, match="chmod 600"):
        authorization_of(settings, {})


def test_a_secret_goes_to_nobody_in_the_clear_but_on_this_machine() -> None:
    secret = {SECRET: "geheim-1234-token"}
    near = Settings(alertmanager_urls=("https://am.example", "http://127.0.0.1:9093"))
    assert authorization_of(near, secret)
    far = replace(near, alertmanager_urls=(*near.alertmanager_urls, "http://am.example:9093"))
    with pytest.raises(Refused, match="alertmanager_credentials_file: goes by https only"):
        authorization_of(far, secret)
    assert authorization_of(far, {}) == {}


def one(**labels: str) -> Alert:
    return Alert(1, labels, NINE, {})


PLANS = {
    "new": ([one(a="1")], [], False, (1, 0, 1)),
    "known": ([one(a="1")], [one(a="1")], False, (0, 0, 0)),
    "known, told again": ([one(a="1")], [one(a="1")], True, (1, 0, 0)),
    "over": ([], [one(a="1")], False, (0, 1, 0)),
    "other labels": ([one(a="2")], [one(a="1")], False, (1, 1, 1)),
}


@pytest.mark.parametrize(("wanted", "there", "all_", "sizes"), PLANS.values(), ids=list(PLANS))
def test_what_is_sent_is_what_differs(
    wanted: Any, there: Any, all_: bool, sizes: tuple[int, int, int]
) -> None:
    made = plan(wanted, there, all_)
    assert (len(made.going), len(made.ended), len(made.new)) == sizes


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URLS", "http://a:9093,ftp://b"),
        ("URLS", "http://ronda:geheim@a:9093"),
        ("URLS", ",".join(f"http://a:{port}" for port in range(9093, 9102))),
        ("EVERY_S", "1"),
    ],
    ids=["no address", "a password in it", "too many", "too often"],
)
def test_alertmanagers_that_cannot_be_are_refused(name: str, value: str) -> None:
    with pytest.raises(Refused, match=f"alertmanager_{name.lower()}") as refused:
        load(environment={f"RONDA_ALERTMANAGER_{name}": value})
    assert "geheim" not in str(refused.value)
