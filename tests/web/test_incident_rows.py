"""The statements behind the pages of incidents and rules give the same on both databases."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert

from alerts import incident_rows, members, rule_rows
from alerts.incident_rows import Clock, Counts, Wanted
from alerts.members import Standing
from alerts.rule_rows import Fired
from collector import menders, roster, schema
from collector.db import open_store, writing
from collector.inventory.scope import Scope
from collector.settings import Settings
from tests.stores import migrated
from tests.web.cases import Cases
from tests.web.conftest import HOUR, NOW, OTHER, SITE, Regency

CLOCK = Clock(NOW, 4 * HOUR)
HERE = Scope((SITE,))


@pytest.fixture
def store(store_settings: Settings) -> Iterator[Engine]:
    migrated(store_settings)
    made = open_store(store_settings)
    yield made
    made.dispose()


@pytest.fixture
def cases(store: Engine) -> Cases:
    regency = Regency(store)
    regency.site(SITE, "Benculuk", "down", isp="Telkom")
    regency.site(OTHER, "Bayu", "unknown", district="Songgon", isp="ICON+|Telkom")
    made = Cases(store)
    made.open(SITE, "late", 5, cause="fiber", confidence=0.7, rule="UplinkSlow")
    made.open(OTHER, "silent", 1, details={"kind": "silent"})
    made.storm("POP", [SITE, OTHER], 2)
    made.open(SITE, "over", 9, key="x")
    made.change(1, assigned_to="dewi")
    made.change(4, state="resolved", resolved_at=NOW)
    return made


def test_order_counts_and_every_filter(cases: Cases, store: Engine) -> None:
    asked = [
        (Wanted(), [1, 3, 2]),
        (Wanted(state="resolved"), [4]),
        (Wanted(area="35.10.11"), [3, 2]),
        (Wanted(isp="ICON+", subject="uplink"), [3, 2]),
        (Wanted(cause="fiber", mine="dewi"), [1]),
        (Wanted(cause="unknown", words=("songgon",)), [2]),
        (Wanted(words=("%",)), []),
    ]
    with store.connect() as connection:
        for wanted, numbers in asked:
            assert incident_rows.numbers(connection, Scope(), wanted, CLOCK, 9) == numbers
            assert incident_rows.matching(connection, Scope(), wanted) == len(numbers)
        assert incident_rows.numbers(connection, HERE, Wanted(), CLOCK, 1, 1) == [3]
        assert incident_rows.counts(connection, Scope(), CLOCK) == Counts(3, 1, 2)
        assert incident_rows.counts(connection, HERE, CLOCK) == Counts(2, 1, 1)
        assert incident_rows.providers(connection, Scope()) == ["ICON+", "Telkom"]


def test_who_sees_what_and_the_whole_of_it(cases: Cases, store: Engine) -> None:
    with store.connect() as connection:
        seen = [incident_rows.sees(connection, HERE, number) for number in (1, 2, 3, 9)]
        assert seen == [True, False, True, False]
        whole = [incident_rows.whole(connection, HERE, number) for number in (1, 2, 3)]
        assert whole == [True, False, False]
        assert incident_rows.whole(connection, Scope(), 3)


def test_what_changed_and_what_rules_told(cases: Cases, store: Engine) -> None:
    with store.connect() as connection:
        mark = incident_rows.rev(connection)
        assert incident_rows.changed(connection, (mark[0] - 1, mark[1]), 5) == {4: {SITE}}
        assert rule_rows.fired(connection, HERE, NOW) == {"UplinkSlow": Fired(1, 1)}
        assert rule_rows.fired(connection, Scope((OTHER,)), NOW) == {}
        assert roster.called(connection, [SITE, "x"]) == {SITE: "Benculuk"}


def test_who_mends_is_found_by_place_and_by_name(regency: Regency, store: Engine) -> None:
    areas = {
        "all": [],
        "here": [SITE[:8]],
        "this": [SITE],
        "there": [OTHER],
        "looks": [],
        "gone": [],
    }
    with writing(store) as connection:
        for name, codes in areas.items():
            row = {"name": name, "role": "viewer" if name == "looks" else "noc"}
            row |= {"areas": json.dumps(codes), "created_at": NOW}
            row |= {"locked_by": "putri" if name == "gone" else ""}
            connection.execute(insert(schema.users).values(**row))
        assert menders.at(connection, SITE, 9) == ["all", "here", "this"]
        assert menders.at(connection, "", 9) == ["all", "here", "there", "this"]
        assert menders.at(connection, SITE, 2) == ["all", "here"]
        assert menders.at(connection, SITE, 1, "this") == ["this"]
        assert menders.at(connection, SITE, 1, "there") == []
        # a further site in a village is in the village
        assert menders.at(connection, f"{SITE}-balai", 9) == ["all", "here", "this"]


def test_how_members_stand_is_counted_for_who_reads_it(cases: Cases, store: Engine) -> None:
    with writing(store) as connection:
        members.mark(connection, [(3, f"site:{SITE}", NOW, False)])
        assert members.standing(connection, [1, 3], Scope()) == {
            1: Standing(0, {"down": 1}),
            3: Standing(1, {"unknown": 1}, 1),
        }
        assert members.standing(connection, [3], HERE) == {3: Standing(1, {}, 1)}
        # nobody saw it end: it is neither back nor bad
        members.mark(connection, [(3, f"site:{SITE}", NOW, True)])
        assert members.standing(connection, [3], Scope()) == {3: Standing(0, {"unknown": 1})}
        assert members.standing(connection, [3], HERE) == {3: Standing()}
