"""Forty days of a fleet go to a real VictoriaMetrics: a centre answers as if it had kept them."""

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from collector import db, positions
from collector.external.borrowing import External
from collector.external.place import Place
from collector.external.shelving import Shelving
from collector.fold.commit import FOLD
from collector.outward import store as outlets
from collector.outward.post import Receiver
from collector.series import blocks, days
from collector.series.layouts import Columns
from collector.series.merging import Merging
from tests.stories.centre import Centre, wait_for
from tests.stories.kills import all_folded
from tests.stories.receivers import Victoria, asked

pytestmark = [pytest.mark.slow, pytest.mark.soak]

DAYS, DAY_S, TAIL = 40, 86_400, 8
QUERIES = (
    "ronda_host_load1",
    "avg_over_time(ronda_host_load1[1d])",
    "max_over_time(ronda_host_load1[7h])",
    "quantile_over_time(0.9, ronda_host_load1[6h])",
    "rate(ronda_uplink_receive_bytes_total[1h])",
    "increase(ronda_uplink_receive_bytes_total[1d])",
    "irate(ronda_uplink_transmit_bytes_total[50m])",
    "changes(ronda_check_up[1d])",
    "count by (site) ({__name__=~'ronda_(uplink|host)_.+'})",
    "sum(ronda_uplink_loss_ratio) by (regency)",
    "stddev_over_time(ronda_uplink_rtt_seconds[3h] offset 2d)",
    "min_over_time(avg(ronda_host_load1)[1d:1h])",
    "topk(3, ronda_check_duration_seconds)",
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Victoria]:
    made = Victoria(tmp_path / "vm")
    try:
        made.start()
        yield made
    finally:
        made.kill()


def test_forty_days_are_answered_by_an_engine_as_they_were_from_here(
    tmp_path: Path, engine: Victoria
) -> None:
    told = {"RONDA_METRICS_URL": engine.base, "RONDA_METRICS_WRITE_URL": engine.url}
    centre = Centre(tmp_path / "var", **told).start()
    try:
        fleet = ("--sites", "2", "--interval", "900", "--duration", "2")
        past = ("--history", str(DAYS), "--seed", "5", "--json")
        done = centre.run("simulate", "--ingest", centre.ingest_url, *fleet, *past)
        assert json.loads(done.stdout)["entries_acked"] >= 2 * DAYS * 96, done.stderr
        all_folded(centre)
        wait_for("all is sent", lambda: sent(centre), 120)
        token = centre.ask("users", "token", "--role", "viewer", "--name", "grafana")["token"]
        end = time.time() // DAY_S * DAY_S
        before = {query: ask(centre, token, query, end) for query in QUERIES}
        assert [q for q, (rows, warnings) in before.items() if warnings or not rows] == []
        wait_for("a probe", lambda: "late" in standing(centre), 90)
        centre.stop()
        asked(f"{engine.base}/internal/force_flush")
        here = cut(centre, engine)
        assert here == {int(end // DAY_S) - n for n in range(1, TAIL + 1)}
        centre.start()
        for query, (rows, _) in before.items():
            assert alike(ask(centre, token, query, end), rows), query
        engine.kill()
        goes_on(centre, token, end, before)
        engine.start()
        wait_for("it answers", lambda: not ask(centre, token, QUERIES[3], end)[1], 30, 1)
        for query, (rows, _) in before.items():
            assert alike(ask(centre, token, query, end), rows), query
    finally:
        centre.stop()


def goes_on(centre: Centre, token: str, end: float, before: dict[str, Any]) -> None:
    """Without its engine: what is here is answered, what is missing is told, rules go on."""
    rows, (warning,) = ask(centre, token, QUERIES[3], end)
    assert "are missing: the external engine 127.0.0.1" in warning
    tail = (end // DAY_S - TAIL) * DAY_S + 6 * 3600
    assert newest(rows, tail) == newest(before[QUERIES[3]][0], tail)
    # what days came to is here
    assert alike(ask(centre, token, QUERIES[1], end), before[QUERIES[1]][0])
    rounds = rules_at(centre)
    wait_for("rules are evaluated", lambda: rules_at(centre) > rounds, 30)
    assert centre.health("console")["status"] == "ok"


def alike(found: tuple[list[Any], list[str]], rows: list[Any]) -> bool:
    """No warning, the same series at the same times; what steps come to is added up otherwise."""
    flat = [
        (
            one["metric"],
            [(at, pytest.approx(float(value), rel=1e-9)) for at, value in one["values"]],
        )
        for one in rows
    ]
    told = [(m["metric"], [(at, float(value)) for at, value in m["values"]]) for m in found[0]]
    return found[1] == [] and told == flat


def newest(rows: list[Any], start: float) -> list[Any]:
    return [[one["metric"], [p for p in one["values"] if p[0] > start]] for one in rows]


def ask(centre: Centre, token: str, query: str, end: float) -> tuple[list[Any], list[str]]:
    """What Grafana would get of the forty days, but for what is said of roll-ups."""
    asked_for = {"query": query, "start": end - DAYS * DAY_S, "end": end, "step": 2 * 3600}
    url = f"{centre.console_url}/prometheus/api/v1/query_range?{urlencode(asked_for)}"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        told = json.load(answer)
    said = [text for text in told.get("warnings", ()) if "roll-ups" not in text]
    return told["data"]["result"], said


def sent(centre: Centre) -> bool:
    engine = db.open_store(centre.settings)
    try:
        with db.reading(engine) as connection:
            end = positions.get(connection, FOLD)
            return all(one.journal >= end for one in outlets.listed(connection))
    finally:
        engine.dispose()


def standing(centre: Centre) -> str:
    return meta(centre, "metrics_engine")


def rules_at(centre: Centre) -> float:
    return float(json.loads(meta(centre, "rules_status") or '{"at": 0}')["at"])


def meta(centre: Centre, key: str) -> str:
    engine = db.open_store(centre.settings)
    try:
        with db.reading(engine) as connection:
            return db.meta_get(connection, key)
    finally:
        engine.dispose()


def cut(centre: Centre, engine: Victoria) -> set[int]:
    """What the engine process does by and by: days are packed, and go once they are there."""
    history, store = db.open_history(centre.settings), db.open_store(centre.settings)
    try:
        columns, today = Columns(history), int(time.time() // DAY_S)
        with db.reading(history) as connection:
            rows = [row for row in range(9) if blocks.waiting(connection, row, today * 24)]
            waiting = [
                (row, day) for row in rows for day in blocks.waiting(connection, row, today * 24)
            ]
        for one in waiting:
            Merging(history).merge(one)
        external = External(Place(engine.base, Receiver(engine.url), 10.0), store, columns)
        shelving, done = Shelving(history, external, columns), None
        while done is None or done.some:
            done = shelving.step(today - TAIL, time.time())
            assert (done.why, done.stays) == ("", 0)
        with db.reading(history) as connection:
            return {day for row in rows for day in days.sizes(connection, row, range(today + 1))}
    finally:
        history.dispose()
        store.dispose()
