"""What people steer of incidents, while the engine goes on."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from agent.strict import Refused
from alerts import chronicle, incidents, members, steering
from alerts.hands import What
from collector.db import reading, writing
from tests.alerts.test_storms_told import fall, regency, rise, run, told
from tests.alerts.village import NINE, Village, village


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    with village(tmp_path, database_url=database_url) as made:
        made.be("normal", NINE - 3600)
        made.say("bad", NINE, "HTTP 502")
        made.step(NINE + 1)
        yield made


def do(here: Village, act: Callable[[Connection], Any]) -> Any:
    with writing(here.store) as connection:
        return act(connection)


def row(here: Village, number: int = 1) -> incidents.Incident:
    with reading(here.store) as connection:
        found = incidents.find(connection, number)
    assert found is not None
    return found


def test_the_clock_stands_and_goes_on(here: Village) -> None:
    assert do(here, lambda c: steering.pause(c, 1, "waits for Telkom", "Sari", NINE + 100)) is (
        What.DONE
    )
    assert do(here, lambda c: steering.pause(c, 1, "again", "Sari", NINE + 101)) is What.AGAIN
    assert (row(here).paused_at, row(here).paused_why) == (NINE + 100, "waits for Telkom")
    assert do(here, lambda c: steering.resume(c, 1, "Sari", NINE + 400)) is What.DONE
    assert do(here, lambda c: steering.resume(c, 1, "Sari", NINE + 401)) is What.AGAIN
    assert (row(here).paused_at, row(here).paused_s) == (None, 300.0)


def test_a_cause_that_somebody_knows_keeps_the_guess_beside_it(here: Village) -> None:
    guess = row(here)
    for cause, note in (("server", "its disk is full"), ("power", "the plug was out")):
        done = do(here, lambda c, k=cause, n=note: steering.correct(c, 1, k, n, "Sari", NINE + 50))
        assert done is What.DONE
    now = row(here)
    assert (now.cause, now.confidence) == ("power", 1.0)
    assert now.evidence[-1] == "Sari: the plug was out"
    kept = now.details["corrected"]["guess"]
    assert (kept["cause"], kept["confidence"]) == (guess.cause, guess.confidence)


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("act", "place"),
    [
        (lambda c: steering.correct(c, 1, "gremlins", "x", "Sari", NINE), "cause"),
        (lambda c: steering.correct(c, 1, "power", "  ", "Sari", NINE), "note"),
        (lambda c: steering.pause(c, 1, "", "Sari", NINE), "why"),
        (lambda c: steering.snooze(c, 1, NINE - 1, "Sari", NINE), "for"),
        (lambda c: steering.snooze(c, 1, NINE + 9e6, "Sari", NINE), "for"),
        (lambda c: steering.ticket(c, 1, "x" * 201, NINE, "Sari", NINE), "ticket"),
        (lambda c: steering.split(c, 1, "35.10.12.2004", "Sari", NINE), "site"),
    ],
)
def test_what_cannot_be_is_refused_by_its_place(
    here: Village, act: Callable[[Connection], Any], place: str
) -> None:
    with pytest.raises(Refused) as refused, writing(here.store) as connection:
        act(connection)
    assert refused.value.place == place


def test_what_is_over_or_not_there_is_said(here: Village) -> None:
    assert do(here, lambda c: steering.assign(c, 9, "Budi", "Sari", NINE)) is What.MISSING
    here.say("good", NINE + 60)
    here.step(NINE + 61)
    assert do(here, lambda c: steering.assign(c, 1, "Budi", "Sari", NINE)) is What.OVER
    assert do(here, lambda c: steering.merge(c, 1, 1, "Sari", NINE)) is What.OVER


def test_every_act_stands_in_the_chronicle(here: Village) -> None:
    do(here, lambda c: steering.assign(c, 1, "Budi", "Sari", NINE + 5))
    do(here, lambda c: steering.ticket(c, 1, "INC-77", NINE, "Budi", NINE + 6))
    do(here, lambda c: steering.snooze(c, 1, NINE + 3600, "Budi", NINE + 7))
    with reading(here.store) as connection:
        lines = [line for line in chronicle.since(connection, NINE) if line.by]
    assert [(line.by, line.verb) for line in lines] == [
        ("Sari", "assign"),
        ("Budi", "ticket"),
        ("Budi", "snooze"),
    ]
    assert (row(here).ticket, row(here).ticket_at, row(here).assigned_to) == (
        "INC-77",
        NINE,
        "Budi",
    )


@pytest.mark.slow
def test_two_that_are_one_end_together_and_all_who_were_told_hear_it(here: Village) -> None:
    here.say("bad", NINE + 10, check="opensid")
    here.step(NINE + 11)
    assert do(here, lambda c: steering.merge(c, 1, 2, "Sari", NINE + 20)) is What.DONE
    here.step(NINE + 21)
    assert (row(here, 1).merged_into, row(here, 2).members) == (2, 2)
    here.say("good", NINE + 60)
    here.step(NINE + 61)
    assert row(here, 2).state == "open", "one of the two is bad still"
    here.say("good", NINE + 70, check="opensid")
    here.step(NINE + 71)
    assert row(here, 2).state == "resolved"
    assert [m["news"] for _, m in here.inbox.got].count("resolved") == 1


@pytest.mark.slow
def test_a_site_that_is_a_matter_of_its_own_leaves_the_storm(tmp_path: Path) -> None:
    with village(tmp_path) as here:
        codes = regency(here, 12, upstream="POP-Genteng")
        fall(here, codes, NINE)
        run(here, NINE + 2, 12)
        what, number = do(here, lambda c: steering.split(c, 1, codes[0], "Sari", NINE + 30))
        assert what is What.DONE
        here.step(NINE + 31)
        rise(here, codes[1:], NINE + 600)
        run(here, NINE + 601, 65)
        assert (row(here, 1).state, row(here, number).state) == ("resolved", "open")
        assert told(here, "resolved") == {"noc": 1, "it": 11}
        rise(here, codes[:1], NINE + 900)
        run(here, NINE + 901, 3)
        assert row(here, number).state == "resolved"
        assert told(here, "resolved") == {"noc": 2, "it": 12}
        with reading(here.store) as connection:
            assert members.count(connection, 1) == 11


def test_what_somebody_changed_meanwhile_is_not_written_over(here: Village) -> None:
    assert do(here, lambda c: steering.assign(c, 1, "Budi", "Sari", NINE + 50, "")) is What.DONE
    assert do(here, lambda c: steering.assign(c, 1, "Wira", "Dewi", NINE + 51, "")) is What.CHANGED
    assert do(here, lambda c: steering.assign(c, 1, "Wira", "Dewi", NINE + 52, "Budi")) is What.DONE
    ticket = [do(here, lambda c, w=w: steering.ticket(c, 1, "T", NINE, "S", NINE, w)) for w in "x"]
    assert ticket == [What.CHANGED]
    cause = do(here, lambda c: steering.correct(c, 1, "power", "saw it", "S", NINE + 60, "fiber"))
    assert cause is What.CHANGED
    assert (row(here).assigned_to, row(here).ticket) == ("Wira", "")


def test_what_is_still_broken_cannot_be_declared_settled(here: Village) -> None:
    assert do(here, lambda c: steering.settle(c, 1, "Dewi", NINE + 60)) is What.STILL_BAD
    assert do(here, lambda c: steering.settle(c, 99, "Dewi", NINE + 60)) is What.MISSING
    here.say("good", NINE + 70)
    here.step(NINE + 71)
    assert do(here, lambda c: steering.settle(c, 1, "Dewi", NINE + 80)) is What.OVER


@pytest.mark.slow
def test_what_goes_up_and_down_is_over_when_somebody_says_that_it_has_settled(
    here: Village,
) -> None:
    here.say("good", NINE + 100)
    here.step(NINE + 100)
    for at in range(200, 1200, 200):
        here.say("bad", NINE + at)
        here.step(NINE + at)
        here.say("good", NINE + at + 100)
        here.step(NINE + at + 100)
    with reading(here.store) as connection:
        (flapping,) = incidents.still_open(connection)
    number = flapping.id
    assert do(here, lambda c: steering.settle(c, number, "Dewi", NINE + 1110)) is What.DONE
    assert do(here, lambda c: steering.settle(c, number, "Dewi", NINE + 1111)) is What.AGAIN
    here.step(NINE + 1112)
    assert (row(here, number).state, row(here, number).resolved_at) == ("resolved", NINE + 1100)
    assert here.inbox.news[-1] == (number, "resolved")
