"""`ronda incidents`: what is promised to people and programs."""

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.cli import commands
from tests.alerts.village import CODE, NINE, Village, village

pytestmark = pytest.mark.slow


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Village]:
    with village(tmp_path) as made:
        made.say("bad", NINE - 500, check="old")
        made.step(NINE - 490)
        made.say("good", NINE - 100, check="old")
        made.say("bad", NINE, "HTTP 502 instead of 200")
        made.step(NINE + 1)
        yield made


def ronda(here: Village, *words: str) -> int:
    parser = argparse.ArgumentParser()
    commands(parser.add_subparsers())
    args = parser.parse_args([*words, "--data", str(here.folder)])
    return int(args.run(args))


def test_open_incidents_are_listed_in_the_promised_shape(
    here: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ronda(here, "incidents", "list", "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    sent_at = told["notices"][0].pop("at")
    assert sent_at.startswith("2025-11-24T02:15:0")
    assert told == {
        "id": 2,
        "subject": "service",
        "title": "sideka Benculuk",
        "cause": "app",
        "confidence": 0.5,
        "evidence": ["HTTP 502 instead of 200", "the site works, this service does not"],
        "severity": "critical",
        "state": "open",
        "sites": [CODE],
        "members": 1,
        "opened_at": "2025-11-24T02:15:01Z",
        "down_since": "2025-11-24T02:15:00Z",
        "acknowledged_by": None,
        "acknowledged_at": None,
        "handled_at": None,
        "resolved_at": None,
        "deadline_at": "2025-11-24T06:15:01Z",
        "notices": [{"person": "sari", "channel": "webhook", "state": "sent"}],
    }


@pytest.mark.slow
def test_all_incidents_include_those_that_are_over(
    here: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    ronda(here, "incidents", "list", "--all", "--json")
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == [2, 1]
    ronda(here, "incidents", "list", "--all")
    assert "resolved" in capsys.readouterr().out


def test_one_incident_is_shown(here: Village, capsys: pytest.CaptureFixture[str]) -> None:
    assert ronda(here, "incidents", "show", "2") == 0
    assert "HTTP 502 instead of 200" in capsys.readouterr().out
    assert ronda(here, "incidents", "show", "2", "--json") == 0
    assert json.loads(capsys.readouterr().out)["id"] == 2
    assert ronda(here, "incidents", "show", "9") == 1


def test_the_list_says_since_when_why_and_who_has_it(
    here: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    ronda(here, "incidents", "list")
    headers, row = (re.split(" {2,}", line) for line in capsys.readouterr().out.splitlines())
    assert headers[-4:] == ["state", "since", "cause", "who has it"]
    assert row[-4:] == ["open", "24 Nov 09.15 WIB", "app", "-"]
    ronda(here, "incidents", "assign", "2", "budi")
    ronda(here, "incidents", "list")
    assert capsys.readouterr().out.rstrip().endswith("  budi")
    ronda(here, "incidents", "ack", "2", "--by", "sari")
    ronda(here, "incidents", "list")
    assert capsys.readouterr().out.rstrip().endswith("  sari")


def test_an_incident_is_taken_once(here: Village, capsys: pytest.CaptureFixture[str]) -> None:
    assert ronda(here, "incidents", "ack", "2", "--by", "sari", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["acknowledged_by"] == "sari" and told["acknowledged_at"]
    assert told["state"] == "acknowledged"
    for number, by, words in (
        ("2", "budi", "incident 2 is in the hands of sari already"),
        ("1", "budi", "incident 1 is over"),
        ("9", "budi", "there is no incident 9"),
    ):
        assert ronda(here, "incidents", "ack", number, "--by", by) == 1
        assert words in capsys.readouterr().err
    ronda(here, "incidents", "list", "--json")
    assert json.loads(capsys.readouterr().out)[0]["acknowledged_by"] == "sari"
