"""`ronda query` asks the history and shows it as a table, as bars, or as JSON."""

import argparse
import json

import pytest

from agent.strict import Refused
from collector import cli_query
from tests.collector.promql.conftest import START, Small, small, two

__all__ = ["small", "two"]


@pytest.fixture(autouse=True)
def same_database(two: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find the database by the environment."""
    monkeypatch.setenv("RONDA_DATABASE_URL", two.settings.database_url)


def run(two: Small, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    cli_query.commands(parser.add_subparsers())
    args = parser.parse_args(["query", *arguments, "--data", two.settings.data])
    code: int = args.run(args)
    return code


def test_an_instant_answer_is_a_table(two: Small, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(two, "sum by (regency) (ronda_host_load1)", "--at", str(START + 606)) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows == [["name", "regency", "value"], ["Jember", "100"], ["Banyuwangi", "10"]]


def test_a_number_is_a_number(two: Small, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(two, "1 / 3") == 0
    assert capsys.readouterr().out == "0.3333333333333333\n"


def test_over_time_each_series_is_a_line_of_bars(
    two: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    query = 'ronda_host_load1{regency="Jember"}'
    start, end = str(START + 10), str(START + 600)
    assert run(two, query, "--from", start, "--to", end, "--step", "1m") == 0
    out = capsys.readouterr().out
    assert out.startswith('ronda_host_load1{district="Kencong"')
    assert "▁▂▃▄" in out
    assert "min 0  max 90  last 90" in out


def test_json_is_the_document_of_the_http_api(
    two: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(two, "count(ronda_host_load1)", "--at", "2026-09-21T14:24:06Z", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["status"] == "success"
    assert document["data"]["result"] == [{"metric": {}, "value": [START + 606, "2"]}]


def test_no_answer_is_exit_1_and_warnings_go_elsewhere(
    two: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(two, "nothing_of_the_kind") == 1
    assert run(two, "quantile(2, vector(1))") == 0
    assert "ronda: PromQL warning: quantile value" in capsys.readouterr().err


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (["rate(x)"], "query"),
        (["x", "--at", "noon"], "--at"),
        (["x", "--to", "5"], "--from"),
        (["x", "--from", "5", "--at", "6"], "--at"),
        (["x", "--from", "5", "--to", "6", "--step", "-1"], "--step"),
        (["x", "--from", "6", "--to", "5"], "--to"),
        (["x", "--from", "5", "--to", "99999", "--step", "1"], "--step"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_place(
    two: Small, arguments: list[str], place: str
) -> None:
    with pytest.raises(Refused) as refused:
        run(two, *arguments)
    assert refused.value.place == place


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("span_s", "step_s"),
    [
        (0, 1),
        (200, 1),
        (3600, 15),
        (86_400, 600),
        (7 * 86_400, 3600),
        (90 * 86_400, 43_200),
        (365 * 86_400, 2 * 86_400),
        (3650 * 86_400, 15 * 86_400),
    ],
)
def test_a_step_that_nobody_chose_is_a_fair_one(span_s: int, step_s: int) -> None:
    args = argparse.Namespace(expr="x", at=None, start="0", end=str(span_s), step=None)
    assert cli_query.asked(args, 0.0).step_ms == step_s * 1000


def test_samples_stand_with_their_times_and_lines_with_their_reach(
    two: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    at = str(START + 130)
    assert run(two, 'ronda_host_load1{village="Sarimulyo"}[2m]', "--at", at) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == ["  2026-09-21T14:15:00.000Z  1", "  2026-09-21T14:16:00.000Z  2"]
    assert run(two, "ronda_host_load1", "--from", str(START), "--to", str(START + 600)) == 0
    assert capsys.readouterr().out.endswith(
        "2026-09-21T14:14:00Z to 2026-09-21T14:24:00Z, every 5s\n"
    )
    assert run(two, "nobody_said_this") == 1
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "ronda: nothing was found\n")
