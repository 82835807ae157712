"""Agents from the command line: who there is, let in, shut out, asked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import ronda
from collector import acts, agents, db, vocabularies
from collector.intake import orders
from collector.inventory.keeping import put
from collector.settings import Settings
from tests.stores import migrated

SITE = "35.10.12.2004"
Command = Callable[..., int]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=str(tmp_path / "var"))
    migrated(made)
    with db.writing(db.open_store(made)) as connection:
        put(connection, "sites", [{"code": SITE, "name": "Benculuk"}], 1.0, "siti")
        agents.add_agent(connection, SITE, "mini-pc", [], "waiting", 2.0)
    return made


@pytest.fixture
def command(settings: Settings) -> Command:
    return lambda *words: ronda.main(["agents", *words, "--data", settings.data])


def state(settings: Settings) -> str:
    with db.reading(db.open_store(settings)) as connection:
        found = agents.find_agent(connection, 1)
    assert found is not None
    return found.state


def test_a_waiting_agent_is_let_in_and_shut_out(command: Command, settings: Settings) -> None:
    assert command("approve", "1") == 0
    assert state(settings) == "active"
    assert command("revoke", "1") == 0
    assert state(settings) == "revoked"
    with db.reading(db.open_store(settings)) as connection:
        told = [(act.verb, act.subject, dict(act.body)) for act in acts.waiting(connection)[1:]]
    assert told == [("approve", SITE, {"agent": 1}), ("revoke", SITE, {"agent": 1})]


def test_agents_are_listed_without_anything_secret(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("list", "--json") == 0
    listed: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert [(row["id"], row["site"], row["state"]) for row in listed] == [(1, SITE, "waiting")]
    assert not any("token" in key for key in listed[0])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("approve", "7"), "ronda: agent: no agent 7 waits"),
        (("revoke", "7"), "ronda: agent: there is no agent 7"),
        (("ask", "1", "probe_now"), "ronda: agent: there is no active agent 1"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    command: Command, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    assert command(*words) == 2
    assert capsys.readouterr().err == f"{told}\n"


@pytest.mark.parametrize("what", ["probe_now", "fetch_config", "rotate_token"])
def test_nothing_is_asked_of_a_script(
    command: Command, settings: Settings, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    command("approve", "1")
    with db.writing(db.open_store(settings)) as connection:
        vocabularies.tell_form(connection, 1, lines=True)
    assert command("ask", "1", what) == 2
    told = "ronda: agent: 1 is a script: it takes no orders, and looks by itself\n"
    assert capsys.readouterr().err == told
    with db.reading(db.open_store(settings)) as connection:
        assert orders.VERB not in {act.verb for act in acts.waiting(connection)}
    command("list")
    assert "script" in capsys.readouterr().out
    assert command("list", "--json") == 0
    assert [row["script"] for row in json.loads(capsys.readouterr().out)] == [True]


def test_an_agent_is_granted_sites_and_areas_and_loses_them_again(
    command: Command, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("grant", "1", "35.10", "35.11.01.2001") == 0
    with db.reading(db.open_store(settings)) as connection:
        found = agents.find_agent(connection, 1)
        (act,) = [act for act in acts.waiting(connection) if act.verb == agents.GRANT]
    assert found is not None
    assert "35.10.01.2009" in found.sites and "35.11.01.2002" not in found.sites
    assert dict(act.body) == {"agent": 1, "scopes": ["35.10", "35.11.01.2001"]}
    assert command("grant", "1") == 0
    capsys.readouterr()
    assert command("list", "--json") == 0
    assert [row["grants"] for row in json.loads(capsys.readouterr().out)] == [[]]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("9", "35.10"), "there is no agent 9"),
        (("1", "Cluring"), "'Cluring' is no site code, no area code and not *"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(
    command: Command, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    assert command("grant", *words) == 2
    assert says in capsys.readouterr().err
