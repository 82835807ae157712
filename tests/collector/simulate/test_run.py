"""`ronda simulate` from its rows in the data folder to its figures."""

import argparse
import asyncio
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvloop
from sqlalchemy import Engine, select

from agent.strict import Refused
from collector import db
from collector.agents import changed_agents, digest, revoke
from collector.inventory.store import site, sites
from collector.schema import agents
from collector.settings import Settings
from collector.simulate.centre import cpu_s, pids, spent_s
from collector.simulate.cli import commands
from collector.simulate.client import Answer, read_response, retry_after
from collector.simulate.enrolment import enrol, enrolled
from collector.simulate.figures import Figures, Latencies
from tests.collector.simulate.centre import Centre, centre
from tests.stores import migrated

SECRET = b"s" * 32


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    engine = db.open_store(settings)
    yield engine
    engine.dispose()


def hashes(store: Engine) -> list[str | None]:
    with db.reading(store) as connection:
        return [row.token_hash for row in changed_agents(connection, -1)]


def test_the_same_seed_finds_its_fleet_again(store: Engine) -> None:
    first = enrol(store, SECRET, 20, 1, 60, 1.0)
    again = enrol(store, SECRET, 25, 1, 30, 2.0)
    assert again.tokens[:20] == first.tokens
    assert sorted(map(digest, again.tokens)) == sorted(str(found) for found in hashes(store))
    with db.reading(store) as connection:
        found = site(connection, first.villages[0].code)
        assert found is not None and found.report_every_s == 30 and found.lifecycle == "active"
        assert [one.row for one in sites(connection)] == list(range(25))


def test_another_seed_has_a_fleet_of_its_own(store: Engine) -> None:
    mine, yours = (enrol(store, SECRET, 3, seed, 60, 1.0) for seed in (1, 2))
    assert set(mine.tokens).isdisjoint(yours.tokens)
    assert enrolled(store, 1) == enrolled(store, 2) == 3


def test_an_agent_taken_away_is_not_given_back(store: Engine) -> None:
    enrol(store, SECRET, 2, 1, 60, 1.0)
    with db.writing(store) as connection:
        for agent in (1, 2):
            assert revoke(connection, agent)
    enrol(store, SECRET, 2, 1, 60, 2.0)
    with db.reading(store) as connection:
        states = connection.execute(select(agents.c.state)).scalars()
        assert list(states) == ["revoked", "revoked"]


@contextmanager
def centre_beside() -> Iterator[Centre]:
    """A small centre in a thread, since the command runs an event loop of its own."""
    made: list[Centre] = []
    up, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        async with centre() as there:
            made.append(there)
            up.set()
            while not stop.is_set():
                await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: uvloop.run(serve()))
    thread.start()
    up.wait(5)
    try:
        yield made[0]
    finally:
        stop.set()
        thread.join(5)


def simulate(*options: str) -> int:
    parser = argparse.ArgumentParser()
    commands(parser.add_subparsers())
    args = parser.parse_args(["simulate", *options])
    return int(args.run(args))


@pytest.mark.slow
def test_the_command_prints_exactly_the_promised_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "ingest.pid").write_text(str(os.getpid()))
    with centre_beside() as there:
        options = ["--data", str(tmp_path), "--ingest", there.url, "--sites", "5", "--json"]
        done = simulate(*options, "--interval", "1", "--duration", "2", "--series", "10")
    told = json.loads(capsys.readouterr().out)
    assert done == 0
    assert list(told) == [
        *("sites", "reports_sent", "reports_acked", "entries_acked"),
        *("p50_ms", "p99_ms", "max_ms", "centre_cpu_s", "fold_lag_s"),
    ]
    assert told["reports_sent"] == told["reports_acked"] == pytest.approx(10, abs=1)
    assert told["entries_acked"] == len(there.frames) + len(there.findings)
    assert 0 < told["p50_ms"] <= told["p99_ms"] <= told["max_ms"] < 5000
    assert told["fold_lag_s"] == 0.25
    assert told["centre_cpu_s"] > 0
    assert len(there.goodbyes) == len(set(there.goodbyes)) == 5
    assert {len(frame["values"]) for frame in there.frames.values()} == {10}


@pytest.mark.slow
def test_failures_are_told_beside_the_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with centre_beside() as there:
        there.refuse = [(500, ""), (500, "")]
        options = ["--data", str(tmp_path), "--ingest", there.url, "--sites", "4"]
        simulate(*options, "--interval", "1", "--duration", "1")
    assert "2 reports failed: 500" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--sites", "0"], "--sites: must be 1 to"),
        (["--sites", "1", "--interval", "0"], "--interval: must be 1 to 3600"),
        (["--sites", "1", "--series", "2001"], "--series: must be 1 to 2000"),
        (["--sites", "1", "--duration", "0"], "--duration: must be more than 0"),
        (["--sites", "1", "--ingest", "centre:8090"], "--ingest: expected http://HOST:PORT"),
        (["--sites", "1", "--scenario", "no.toml"], "no.toml: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_refused_by_option(tmp_path: Path, options: list[str], problem: str) -> None:
    with pytest.raises(Refused) as refused:
        simulate("--data", str(tmp_path), *options)
    assert str(refused.value).startswith(problem)


@pytest.mark.slow
def test_cpu_time_is_counted_between_two_looks(tmp_path: Path) -> None:
    assert pids(tmp_path) == {} and spent_s({}, cpu_s(tmp_path)) is None
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "engine.pid").write_text(f"{os.getpid()}\n")
    (tmp_path / "run" / "web.pid").write_text("999999999")
    before = cpu_s(tmp_path)
    until = time.process_time() + 0.1
    while time.process_time() < until:
        pass
    spent = spent_s(before, cpu_s(tmp_path))
    assert spent is not None and 0.05 <= spent < 2


def test_latencies_are_right_to_one_per_cent() -> None:
    latencies = Latencies()
    assert latencies.quantile_ms(0.5) is None
    for ms in range(1, 1001):
        latencies.add(ms / 1000)
    assert latencies.quantile_ms(0.5) == pytest.approx(500, rel=0.02)
    assert latencies.quantile_ms(0.99) == pytest.approx(990, rel=0.02)
    assert latencies.quantile_ms(1.0) == latencies.greatest_ms == 1000


def test_only_a_200_counts_as_kept() -> None:
    figures = Figures()
    for status in (200, 401, 429, 0):
        figures.count_answer(Answer(status, 0.01, problem="the connection was lost"))
    assert figures.reports_acked == 1
    assert figures.failures == {"401": 1, "429": 1, "the connection was lost": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Le", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n123", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n123", (200, b"123")),
        (b"HTTP/1.1 429 Slow\r\ncontent-length:0\r\nretry-after: 7\r\n\r\n", (429, b"")),
    ],
    ids=["half a head", "half a body", "whole", "empty"],
)
def test_an_answer_is_read_when_it_is_whole(
    text: bytes, expected: tuple[int, bytes] | None
) -> None:
    found = read_response(text)
    assert (found and (found[0], found[2])) == expected


@pytest.mark.parametrize("text", [b"SSH-2.0\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: y\r\n\r\n"])
def test_what_is_no_answer_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="it begins with|no content-length"):
        read_response(text)


def test_retry_after_is_seconds_or_none() -> None:
    assert retry_after(b"http/1.1 429 x\r\nretry-after: 7\r\nx: y") == 7
    assert retry_after(b"http/1.1 429 x\r\nretry-after: mon, 23 nov") is None
    assert retry_after(b"http/1.1 429 x") is None
