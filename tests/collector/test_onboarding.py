"""How far sites are on their way, on each database."""

from datetime import date

import pytest
from sqlalchemy import Engine

from agent.strict import Refused
from collector import acts, agents, db, inventory, onboarding
from collector.inventory.keeping import put

HERE, THERE = "35.10.06.2005", "35.10.11.2002"
NOW = 1_795_425_120.0


@pytest.fixture
def store(store: Engine) -> Engine:
    with db.writing(store) as connection:
        rows = [{"code": code, "name": code, "lifecycle": "planned"} for code in (HERE, THERE)]
        put(connection, "sites", rows, NOW, "siti")
    return store


def test_each_step_is_told_by_what_is_there(store: Engine) -> None:
    with db.writing(store) as connection:
        sites = inventory.sites(connection)
        assert set(onboarding.ladder(connection, sites, {}, NOW).values()) == {frozenset()}
        onboarding.hand_out(connection, sites[:1], 30.0, False, True, NOW, "siti")
        agents.add_agent(connection, THERE, "pc", [], "active", NOW)
        put(connection, "uplinks", [{"site": HERE, "name": "main", "isp": "XL"}], NOW, "siti")
        put(connection, "uplinks", [{"site": THERE, "name": "main", "isp": "XL",
                                     "service_no": "7"}], NOW, "siti")  # fmt: skip
        person = {"scope": HERE, "name": "Agus", "role": "village", "sms": "+62812"}
        put(connection, "contacts", [person], NOW, "siti")
        told = {"targets": ["+62812"]}
        acts.record(connection, NOW, "siti", onboarding.TESTED, "Agus", told)
        put(connection, "services", [{"name": "web", "target": "http://h/"}], NOW, "siti")
        sites = inventory.sites(connection)
        heard = {sites[1].row: NOW - 60, sites[0].row: NOW - 2 * onboarding.REPORTING_S}
        steps = onboarding.ladder(connection, sites, heard, NOW)
        assert [site.lifecycle for site in sites] == ["active", "planned"]
    assert steps[HERE] == {"code", "contact", "tested", "checks"}
    assert steps[THERE] == {"code", "enrolled", "reporting", "contract", "checks"}
    first, second = onboarding.progress(sites, steps, 5)
    assert (first.area, first.total, first.ready) == ("35.10.06", 1, 0)
    assert [site.code for site in first.lacking["enrolled"]] == [HERE]
    assert second.steps["reporting"] == 1


def test_an_expired_code_counts_no_longer(store: Engine) -> None:
    with db.writing(store) as connection:
        sites = inventory.sites(connection)
        onboarding.hand_out(connection, sites, 1.0, False, False, NOW, "siti")
        later = onboarding.ladder(connection, sites, {}, NOW + 2 * 86400)
        assert [site.lifecycle for site in inventory.sites(connection)] == ["planned"] * 2
    assert set(later.values()) == {frozenset()}


def test_codes_are_for_sites_without_an_agent(store: Engine) -> None:
    with db.writing(store) as connection:
        agents.add_agent(connection, HERE, "pc", [], "waiting", NOW)
        put(connection, "sites", [{"code": "35.10.11.2009", "name": "X", "lifecycle": "retired"}],
            NOW, "siti")  # fmt: skip
        assert [site.code for site in onboarding.without_agent(connection)] == [THERE]
        with pytest.raises(Refused, match="choose 1 to 400"):
            onboarding.hand_out(connection, [], 1.0, False, False, NOW, "siti")


def test_the_day_is_kept_and_taken_away(store: Engine) -> None:
    with db.writing(store) as connection:
        assert onboarding.target(connection) is None
        onboarding.set_target(connection, date(2026, 12, 31), NOW, "siti")
        assert onboarding.target(connection) == date(2026, 12, 31)
        onboarding.set_target(connection, None, NOW, "siti")
        assert onboarding.target(connection) is None
