"""Who is told, and who is not: restarts, later members, parents that change, people asleep."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from alerts import chronicle, forgetting, hands, mutes, quiet
from alerts.ailments import Ailments
from alerts.channels import NotifyFailed
from alerts.evaluation.model import Alarm, Change
from alerts.kinship import Kinship
from alerts.machine import Life, Phase
from alerts.sources import Sources
from collector import schema
from collector.db import meta_set, reading, upsert, writing
from collector.inventory.keeping import put
from collector.states import SiteState
from tests.alerts.test_storms_told import NOC, fall, regency, rise, run, told
from tests.alerts.village import CODE, NINE, Village, contact, village

pytestmark = pytest.mark.slow


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Village]:
    with village(tmp_path) as made:
        yield made


@pytest.mark.slow
def test_checks_of_one_name_in_two_villages_are_two_faults(here: Village) -> None:
    codes = regency(here, 2)
    for c in codes:
        here.say("bad", NINE, site=c)
    run(here, NINE + 1, 3)
    assert [i.parent for i in here.incidents()] == ["", ""]
    assert told(here) == {"noc": 2, "it": 2}


def uplink(rule: str) -> Change:
    labels = {"site": CODE, "subject": "uplink", "severity": "critical"}
    life = Life(Phase.FIRING, NINE, NINE)
    return Change(Alarm(rule, "series", CODE, labels, {}, life, 0.0), None)


@pytest.mark.parametrize(
    ("state", "known", "key"),
    [
        ("down", "", f"site:{CODE}"),
        ("normal", "", "UplinkDown|series"),
        ("normal", f"site:{CODE}", f"site:{CODE}"),
        ("down", "UplinkDown|series", "UplinkDown|series"),
    ],
    ids=[
        "no uplink works: the site itself is gone",
        "some uplink works",
        "told as the site's, and over but for the alarm",
        "told before the site was gone",
    ],
)
def test_what_was_told_keeps_its_key_over_a_restart(state: str, known: str, key: str) -> None:
    sources = Sources(Ailments())
    sources.states[CODE] = SiteState(CODE, state, NINE, "", "", 0.0, (), "", 1)
    sources.alarms([uplink("UplinkDown")], Kinship((), ()), {}, NINE, frozenset({known}))
    assert set(sources.ailments.keys) == {key}


def test_who_speaks_again_without_internet_is_not_back(here: Village) -> None:
    (c,) = regency(here, 1)
    here.be("unknown", NINE, site=c, reason="silent")
    run(here, NINE + 2, 12)
    here.be("down", NINE + 60, site=c)
    run(here, NINE + 61, 3)
    assert told(here, "resolved") == {}
    here.be("normal", NINE + 120, site=c)
    run(here, NINE + 121, 3)
    assert told(here, "resolved") == {"noc": 1, "it": 1}


def test_who_heard_that_the_centre_is_blind_hears_the_end_over_a_restart(here: Village) -> None:
    regency(here, 1)
    with writing(here.store) as connection:
        meta_set(connection, "fold_ticks", json.dumps([NINE + 60, NINE, 0.0]))
    here.step(NINE + 60)
    assert told(here) == {"noc": 1}
    with writing(here.store) as connection:
        meta_set(connection, "fold_ticks", json.dumps([NINE + 90, NINE + 90, 0.0]))
    here.floor()
    here.step(NINE + 90)
    assert told(here, "resolved") == {"noc": 1}


@pytest.mark.slow
def test_a_village_taken_into_a_risen_storm_hears_its_end(here: Village) -> None:
    codes = regency(here, 25, upstream="POP-Genteng")
    rows = [{"code": c, "power_feeder": "F1"} for c in codes[:3]]
    with writing(here.store) as connection:
        put(connection, "sites", rows, NINE, "test")
    fall(here, codes[:3], NINE)
    run(here, NINE + 2, 12)
    fall(here, codes[3:4], NINE + 20)
    run(here, NINE + 21, 12)
    fall(here, codes[4:5], NINE + 40)
    run(here, NINE + 41, 12)
    assert [i.parent for i in here.incidents()] == ["POP-Genteng", ""]
    assert here.incidents()[1].merged_into == 1
    assert told(here) == {"noc": 2, "it": 5}
    rise(here, codes[:5], NINE + 600)
    run(here, NINE + 601, 65)
    assert told(here, "resolved") == {"noc": 1, "it": 5}


@pytest.mark.slow
def test_a_village_whose_message_was_held_up_hears_of_the_storm(here: Village) -> None:
    codes = regency(here, 20, upstream="POP-Genteng")
    here.inbox.answers = [NotifyFailed("busy", retry_after_s=30.0)] * 2
    fall(here, codes[:1], NINE)
    run(here, NINE + 2, 12)
    fall(here, codes[1:], NINE + 14)
    run(here, NINE + 15, 60)
    assert told(here) == {"noc": 1, "it": 20}


@pytest.mark.slow
def test_a_noc_whose_villages_join_later_hears_of_the_storm_once(here: Village) -> None:
    codes = regency(here, 20, upstream="POP-Genteng")
    area = codes[1].rpartition(".")[0]
    with writing(here.store) as connection:
        put(connection, "contacts", [{**NOC, "scope": area, "name": "east"}], NINE, "test")
    theirs = [c for c in codes if c.startswith(area)]
    fall(here, [c for c in codes if c not in theirs], NINE)
    run(here, NINE + 2, 12)
    assert told(here)["east"] == 0
    fall(here, theirs[:2], NINE + 20)
    run(here, NINE + 21, 3)
    fall(here, theirs[2:], NINE + 30)
    run(here, NINE + 31, 3)
    assert told(here) == {"noc": 1, "east": 1, "it": 20}
    rise(here, codes, NINE + 600)
    run(here, NINE + 601, 65)
    assert told(here, "resolved") == {"noc": 1, "east": 1, "it": 20}


@pytest.mark.slow
def test_who_has_charge_of_several_sites_hears_once_also_when_some_join_later(
    here: Village,
) -> None:
    codes = regency(here, 20, upstream="POP-Genteng")
    both = [contact("both", scope=c) for c in (codes[0], codes[19])]
    with writing(here.store) as connection:
        put(connection, "contacts", both, NINE, "test")
    fall(here, codes[:19], NINE)
    run(here, NINE + 2, 12)
    fall(here, codes[19:], NINE + 20)
    run(here, NINE + 21, 3)
    assert told(here) == {"noc": 1, "both": 1, "it": 20}


def test_who_stood_in_for_somebody_asleep_does_not_hear_again(here: Village) -> None:
    sleeper, second = contact("sari"), contact("budi", order=2)
    with writing(here.store) as connection:
        put(connection, "contacts", [sleeper, second], NINE, "test")
        # it is 09.15 in the village, and a service that is down is critical
        row = quiet.Quiet(CODE, "sari", "09:00", "13:00", "nothing")
        upsert(schema.quiet_hours, [asdict(row)], connection)
    here.be("normal", NINE - 60)
    here.say("bad", NINE)
    for later in (1, 2, 901, 902, 1801):
        here.step(NINE + later)
    assert [m["person"] for _, m in here.inbox.got] == ["budi"]


@pytest.mark.slow
def test_a_village_that_is_worked_on_does_not_hear_that_its_line_is_good(here: Village) -> None:
    codes = regency(here, 20, upstream="POP-Genteng")
    fall(here, codes, NINE)
    run(here, NINE + 2, 12)
    here.be("maintenance", NINE + 300, site=codes[0])
    rise(here, codes[1:], NINE + 600)
    run(here, NINE + 601, 65)
    assert told(here, "resolved") == {"noc": 1, "it": 19}


def test_a_shared_server_that_fails_before_its_dependents_is_no_mass_outage(here: Village) -> None:
    codes = regency(here, 10)
    portal = {"name": "portal", "scope": "kabupaten", "site": codes[0]}
    more = {"name": "sideka", "scope": "desa", "kind": "http", "target": "http://x/"}
    rows = [{**more, "site": c, "depends_on": "portal"} for c in codes]
    with writing(here.store) as connection:
        put(connection, "services", [portal], NINE, "test")
        put(connection, "services", rows, NINE, "test")
    here.say("bad", NINE, site=codes[0], check="portal")
    run(here, NINE + 1, 3)
    (text,) = [m["text"] for _, m in here.inbox.got if m["person"] == "noc"]
    assert text.startswith("APLIKASI: portal")
    for c in codes[1:]:
        here.say("bad", NINE + 5, site=c)
    run(here, NINE + 6, 3)
    assert told(here) == {"noc": 1, "it": 10}


@pytest.mark.slow
def test_a_village_that_was_muted_when_its_storm_came_hears_when_the_mute_ends(
    here: Village,
) -> None:
    codes = regency(here, 20, upstream="POP-Genteng")
    with writing(here.store) as connection:
        mutes.add(connection, f"site:{codes[0]}", "mast", "Sari", NINE - 10, NINE + 300)
    fall(here, codes, NINE)
    run(here, NINE + 2, 12)
    assert told(here) == {"noc": 1, "it": 19}
    run(here, NINE + 305, 8)
    assert told(here) == {"noc": 1, "it": 20}


@pytest.mark.slow
def test_one_village_does_not_take_a_storm_out_of_the_hands_of_the_noc(here: Village) -> None:
    codes = regency(here, 20, upstream="POP-Genteng")
    fall(here, codes, NINE)
    run(here, NINE + 2, 12)
    with writing(here.store) as connection:
        assert hands.take(connection, 1, "it-x", NINE + 20, "village").what is hands.What.DONE
        assert hands.handled(connection, 1, "it-x", NINE + 21, "", "village").what is (
            hands.What.DONE
        )
    assert [i.state for i in here.incidents()] == ["open"]
    with writing(here.store) as connection:
        assert hands.take(connection, 1, "Budi", NINE + 22).what is hands.What.DONE
    assert [i.acknowledged_by for i in here.incidents()] == ["Budi"]


@pytest.mark.slow
def test_the_clock_goes_on_when_singles_become_a_storm_and_what_is_left_goes_on(
    here: Village,
) -> None:
    codes = regency(here, 20, upstream="POP-Genteng")
    fall(here, codes[:1], NINE)
    run(here, NINE + 2, 15)
    fall(here, codes[1:], NINE + 60)
    run(here, NINE + 61, 25)
    rise(here, codes[1:], NINE + 600)
    run(here, NINE + 601, 70)
    single, storm, left = here.incidents()
    assert single.opened_at == storm.opened_at == left.opened_at


def test_incidents_of_years_ago_go_with_all_that_was_written_of_them(here: Village) -> None:
    here.say("bad", NINE)
    here.step(NINE)
    here.say("good", NINE + 60)
    here.step(NINE + 61)
    assert forgetting.forget(here.store, NINE) == 0
    assert forgetting.forget(here.store, NINE + 100) == 1
    assert here.incidents() == [] and here.notices() == []


@pytest.mark.slow
def test_what_a_backlog_tells_of_a_blackout_is_one_line_and_no_message(tmp_path: Path) -> None:
    day = 86400.0
    with village(tmp_path, NOC, contact("sari")) as here:
        here.be("normal", NINE - 3600)
        here.step(NINE)
        here.be("unknown", NINE, reason="silent", cause="isp", confidence=0.4)
        run(here, NINE + 1, 25)
        here.be("normal", NINE + day)
        here.step(NINE + day + 1)
        heard = here.inbox.news
        assert heard == [(1, "opened"), (1, "opened"), (1, "resolved"), (1, "resolved")]
        # the backlog: down by its own agent's word, then the batteries were empty
        t = schema.states
        with writing(here.store) as connection:
            this = (t.c.site == CODE, t.c.since == NINE)
            told = {"state": "down", "source": "backlog", "cause": "fiber", "confidence": 0.9}
            half = NINE + day / 2
            connection.execute(t.update().where(*this).values(until=half, rev=9000, **told))
            power = {"site": CODE, "since": half, "until": NINE + day, "state": "unknown"}
            power |= {"cause": "power", "confidence": 0.6, "source": "backlog", "rev": 9001}
            connection.execute(t.insert().values(power))
        for later in range(5):
            here.step(NINE + day + 60 + later)
        assert here.inbox.news == heard, "nobody hears of the past"
        with reading(here.store) as connection:
            lines = [one for one in chronicle.since(connection, 0) if one.verb == "backlog"]
        (line,) = lines
        assert line.note == "down 12 h (fiber), unknown 12 h (power)"
        assert here.incidents()[0].cause == "fiber"
