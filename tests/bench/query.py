"""python -m tests.bench.query [SITES]: queries over the whole of a fleet, JSON included."""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, insert

from agent.strict import Refused
from collector.db import migrate, open_history, open_store, writing
from collector.promql import rendering
from collector.promql.limits import Limits
from collector.promql.query import Ask, ask
from collector.promql.source import Centre, query_source
from collector.schema import sites, states
from collector.series.layouts import Columns
from collector.series.window import WindowWriter
from collector.series.window_head import window_minutes
from collector.settings import Settings

START = 1_790_000_040.0
SERIES = 60
ROUNDS = 3

QUERIES = [
    "ronda_host_load1",
    "sum(ronda_host_load1)",
    "avg by (regency) (ronda_host_load1)",
    "topk(10, ronda_host_load1)",
    "ronda_host_load1 > on (site) group_left ronda_x1",
    "rate(ronda_host_load1[5m])",
    "sum by (regency) (rate(ronda_host_load1[5m]))",
    "count by (state) (ronda_site_state == 1)",
    "ronda_report_age_seconds > 100",
    'ronda_host_load1{regency="Kab 3"}',
]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    with tempfile.TemporaryDirectory(prefix="ronda-query-") as folder:
        settings = Settings(data=folder)
        migrate(settings)
        store, history = open_store(settings), open_history(settings)
        inventory(store, count)
        writer, now = _numbers(settings, history, count)
        centre = Centre(settings, store, history)
        began = time.perf_counter()
        centre.look()
        print(f"{count} sites x {SERIES} series; first look {time.perf_counter() - began:.1f} s")
        for query in QUERIES:
            at = round(now * 1000)
            _measure(centre, Ask(query, at, at))
        _measure(centre, Ask("ronda_host_load1", round(now * 1000) - 86_400_000, at, 10_000))
        writer.close()


def _measure(centre: Centre, question: Ask) -> None:
    best, busiest, said = float("inf"), float("inf"), ""
    for _ in range(ROUNDS):
        began, busy = time.perf_counter(), time.process_time()
        source = query_source(centre)
        try:
            found = ask(question, source, Limits(clock=time.monotonic), source.words)
            said = f"{len(rendering.answer(found)) / 1e6:.1f} MB"
        except Refused as refused:
            said = f"refused: {refused}"
        best = min(best, time.perf_counter() - began)
        busiest = min(busiest, time.process_time() - busy)
    print(f"{best * 1000:8.1f} ms, CPU {busiest * 1000:7.1f} ms  {said[:60]:>12}  {question.query}")


def _code(row: int) -> str:
    return f"{11 + row // 10_000}.{row // 100 % 100:02d}.{row % 100:02d}.2001-{row}"


def inventory(store: Engine, count: int) -> None:
    made = [
        {
            "code": _code(row),
            "row": row,
            "name": f"Desa {row}",
            "district": f"Kec {row // 10}",
            "regency": f"Kab {row // 300}",
            "isp": f"isp {row % 7}",
            "upstream": f"pop {row // 50}",
        }
        for row in range(count)
    ]
    spells = [
        {"site": _code(row), "since": START, "state": "normal", "rev": 1} for row in range(count)
    ]
    with writing(store) as connection:
        connection.execute(insert(sites), made)
        connection.execute(insert(states), spells)


def _numbers(settings: Settings, history: Engine, count: int) -> tuple[WindowWriter, float]:
    """A full window of one list of series; the time of the newest report."""
    columns = Columns(history)
    others = [f'ronda_x{k}{{a="b{k}"}}' for k in range(1, SERIES)]
    ids = columns.give(["ronda_host_load1", *others])
    with writing(history) as connection:
        columns.save(connection)
    minutes = window_minutes(count)
    Path(settings.window).mkdir(parents=True, exist_ok=True)
    writer = WindowWriter.open(settings.window, minutes, 2, {}, boot="bench")
    some = np.random.default_rng(1)
    rows = np.arange(count, dtype=np.int32)
    for minute in range(minutes):
        times = START + minute * 60 + np.round(some.random(count) * 59, 3)
        writer.write(rows, times, ids, some.random((count, SERIES)), 1)
        writer.touch(rows, times)
    writer.sync(1)
    return writer, START + minutes * 60


if __name__ == "__main__":
    main()
