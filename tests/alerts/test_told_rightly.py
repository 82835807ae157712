"""Stories of what is told to whom when incidents are of several, restart, or change their parent."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.ailments import Ailments
from alerts.evaluation.model import Alarm, Change
from alerts.kinship import Kinship
from alerts.machine import Life, Phase
from alerts.sources import Sources
from collector.db import meta_set, writing
from collector.states import SiteState
from tests.alerts.test_storms_told import regency, run, told
from tests.alerts.village import CODE, NINE, Village, village


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Village]:
    with village(tmp_path) as made:
        yield made


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
