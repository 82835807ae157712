"""Rules and alerts over HTTP: Prometheus's shape, and nothing of other areas."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from alerts.evaluation import status
from alerts.evaluation.rounds import Rounds
from alerts.rules.rule import Group, RuleSet
from collector.db import writing
from collector.prometheus_api import Api
from collector.promql.source import Centre
from collector.series.history import History
from tests.alerts.evaluation.conftest import centre, two
from tests.alerts.evaluation.scene import START, Scene, rule
from web import tokens
from web.app import furnish
from web.prometheus import Prometheus
from web.prometheus_rules import RulesApi

__all__ = ["centre", "two"]

A, B = "35.10.06.2005", "35.09.01.2001"
BASE = "/prometheus/api/v1/"

RULES = RuleSet(
    (
        Group(
            "uplink",
            "own.yml",
            (
                rule("site:load", "ronda_host_load1 / 2", record=True),
                rule("Busy", "site:load > 2", for_s=60.0, labels={"severity": "critical"}),
                rule("Bad", "sum(ronda_host_load1) == on () ronda_host_load1"),
            ),
        ),
        Group(
            "all",
            "more.yml",
            (
                rule("All", "sum(ronda_host_load1) > 1", labels={"severity": "info"}),
                rule("Quiet", "ronda_host_load1 > 99", labels={"to": "{{ $labels.site }}"}),
            ),
            interval_s=30.0,
            limit=5,
        ),
    )
)

Ask = Callable[..., Any]


@pytest.fixture
def ask(two: Scene, bare_console: Flask) -> Ask:
    """Asks an endpoint with a token of an area; the status and the document."""
    two.rules = RULES
    rounds: Rounds = two.rounds()
    for at in (START, START + 60):
        two.put(A, at, {"ronda_host_load1": 9})
        two.put(B, at, {"ronda_host_load1": 7.5})
        two.save(rounds.step(at))
    with writing(two.store) as connection:
        status.put(connection, rounds.status(START + 60))
    now = START + 61
    app = bare_console
    history = History(two.settings, two.blocks)
    furnish(app, two.settings, two.store, history, lambda: now, lambda: 0)
    api = Api(Centre(two.settings, two.store, two.blocks), lambda: 0.0, "1")
    rules = RulesApi(two.store, lambda: RULES, 5.0)
    client = Client(Prometheus(app, api, lambda: now, rules), TestResponse)

    def asked(path: str, area: str = "", **params: Any) -> Any:
        token = tokens.issue(two.store, "grafana", "viewer", area, "", now)
        query = {name.replace("__", "[]"): value for name, value in params.items()}
        headers = {"Authorization": f"Bearer {token}"}
        response = client.get(BASE + path, query_string=query, headers=headers)
        return response.status_code, msgspec.json.decode(response.get_data())

    return asked


def names(document: Any) -> list[str]:
    return [rule["name"] for group in document["data"]["groups"] for rule in group["rules"]]


def test_rules_have_the_shape_that_prometheus_documents(ask: Ask) -> None:
    code, document = ask("rules")
    assert (code, document["status"]) == (200, "success")
    first, second = document["data"]["groups"]
    assert (first["name"], first["file"], first["interval"], first["limit"]) == (
        "uplink",
        "own.yml",
        5.0,
        0,
    )
    assert (second["interval"], second["limit"]) == (30.0, 5)
    record, busy, bad = first["rules"]
    assert record["type"] == "recording"
    assert "alerts" not in record
    assert {k: busy[k] for k in ("type", "state", "duration", "keepFiringFor", "health")} == {
        "type": "alerting",
        "state": "firing",
        "duration": 60.0,
        "keepFiringFor": 0.0,
        "health": "ok",
    }
    assert busy["lastEvaluation"] == "2026-09-21T14:15:00.000Z"
    assert [alert["value"] for alert in busy["alerts"]] == ["3.75e+00", "4.5e+00"]
    assert busy["alerts"][0]["state"] == "firing"
    assert busy["alerts"][0]["activeAt"] == "2026-09-21T14:14:00.000Z"
    assert busy["alerts"][0]["labels"]["alertname"] == "Busy"
    assert bad["health"] == "err"
    assert "duplicate series" in bad["lastError"]
    assert [rule["state"] for rule in second["rules"]] == ["firing", "inactive"]


def test_alerts_are_all_that_is_pending_or_fires(ask: Ask) -> None:
    _, document = ask("alerts")
    told = [(a["labels"]["alertname"], a["state"]) for a in document["data"]["alerts"]]
    assert sorted(told) == [("All", "firing"), ("Busy", "firing"), ("Busy", "firing")]


@pytest.mark.mostly_sqlite
@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"type": "record"}, ["site:load"]),
        ({"type": "alert", "rule_group__": "all"}, ["All", "Quiet"]),
        ({"rule_name__": ["Busy", "Quiet"]}, ["Busy", "Quiet"]),
        ({"file__": "more.yml"}, ["All", "Quiet"]),
        ({"match__": '{severity="critical"}'}, ["Busy"]),
        ({"match__": ['{severity="info"}', '{severity="critical"}']}, ["Busy", "All"]),
        ({"match__": '{to!=""}'}, []),
        ({"rule_name__": "Nobody"}, []),
        ({"group_limit": 1}, ["site:load", "Busy", "Bad"]),
    ],
    ids=str,
)
def test_rules_can_be_chosen(ask: Ask, asked: dict[str, Any], found: list[str]) -> None:
    assert names(ask("rules", **asked)[1]) == found


def test_groups_come_a_page_at_a_time(ask: Ask) -> None:
    data = ask("rules", group_limit=1)[1]["data"]
    _, document = ask("rules", group_limit=1, group_next_token=data["groupNextToken"])
    assert names(document) == ["All", "Quiet"]
    assert "groupNextToken" not in document["data"]


def test_alerts_can_be_left_out(ask: Ask) -> None:
    _, document = ask("rules", exclude_alerts="true")
    assert all(rule["alerts"] == [] for g in document["data"]["groups"] for rule in g["rules"][1:])


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"type": "other"}, 'invalid parameter "type": not supported value "other"'),
        ({"exclude_alerts": "maybe"}, "not a boolean"),
        ({"match__": "sum(x)"}, "expected a series selector"),
        ({"group_limit": "0"}, "is not a positive number"),
        ({"group_limit": "²"}, "is not a whole number"),
        ({"group_next_token": "x"}, "is needed together with"),
        ({"group_next_token": "x", "group_limit": 1}, "there is no group"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_named(ask: Ask, asked: dict[str, Any], problem: str) -> None:
    code, document = ask("rules", **asked)
    assert (code, document["errorType"]) == (400, "bad_data")
    assert problem in document["error"]


def test_somebody_of_one_area_gets_nothing_of_the_others(ask: Ask) -> None:
    for path in ("rules", "alerts"):
        code, document = ask(path, area="35.09")
        assert code == 200
        text = msgspec.json.encode(document).decode()
        assert B in text
        assert A not in text
        assert "Banyuwangi" not in text
    document = ask("rules", area="35.09")[1]
    rules = [rule for group in document["data"]["groups"] for rule in group["rules"]]
    states = {rule["name"]: rule.get("state") for rule in rules}
    # what is about all sites together is told to those who see all
    assert states == {
        "site:load": None,
        "Busy": "firing",
        "Bad": "inactive",
        "All": "inactive",
        "Quiet": "inactive",
    }
    assert [rule["lastError"] for rule in rules if "lastError" in rule] == [
        "the rule could not be evaluated"
    ]


def test_a_label_that_a_rule_writes_opens_no_other_area(two: Scene) -> None:
    two.rules = RuleSet(
        (Group("g", "own.yml", (rule("Fake", "ronda_host_load1 > 5", labels={"site": B}),)),)
    )
    two.put(A, START, {"ronda_host_load1": 9})
    changes = two.rounds().step(START)
    two.save([replace(change) for change in changes])
    (alarm,) = two.stored()
    assert (alarm.site, alarm.labels["site"]) == (A, B)
