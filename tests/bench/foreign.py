"""Series of others at their limit: what a question about all of them takes.

python -m tests.bench.foreign [--series 20000] [--minutes 60]
"""

import argparse
import sys
import tempfile
import time

import numpy as np

from agent.strict import Refused
from collector.db import migrate, open_history, open_store, writing
from collector.foreign.carrying import spell
from collector.promql import rendering
from collector.promql.limits import Limits
from collector.promql.query import Ask, ask
from collector.promql.source import Centre, query_source
from collector.series import foreign
from collector.settings import Settings

START_MS = 1_790_000_040_000
AT_ONCE = 500
ROUNDS = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=20_000)
    parser.add_argument("--minutes", type=int, default=60)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ronda-foreign-") as folder:
        settings = Settings(data=folder)
        migrate(settings)
        fill(settings, args.series, args.minutes)
        centre = Centre(settings, open_store(settings))
        end = START_MS + args.minutes * 60_000
        for what, question in (
            ("latest of one", Ask('suhu{n="7"}', end, end)),
            ("latest of all", Ask("suhu", end, end)),
            ("sum of all", Ask("sum(suhu)", end, end)),
            ("rate of all", Ask("rate(suhu[5m])", end, end)),
            ("sum of all over the time, by minute", Ask("sum(suhu)", START_MS, end, 60_000)),
            ("one over the time, by minute", Ask('suhu{n="7"}', START_MS, end, 60_000)),
        ):
            measure(centre, f"{args.series} series: {what}", question)
    return 0


def fill(settings: Settings, count: int, minutes: int) -> None:
    """A sample a minute of each, as the fold leaves them once parts are joined."""
    history, some = open_history(settings), np.random.default_rng(1)
    times = START_MS + np.arange(minutes + 1, dtype=np.int64) * 60_000
    for first in range(0, count, AT_ONCE):
        numbers = range(first + 1, min(first + AT_ONCE, count) + 1)
        with writing(history) as connection:
            names = {n: spell({"__name__": "suhu", "n": str(n)}) for n in numbers}
            foreign.add(connection, names)
            runs = {
                (n, day): run
                for n in numbers
                for day, run in foreign.by_day(times, some.random(len(times)).round(2)).items()
            }
            foreign.put(connection, 0, runs)
    history.dispose()


def measure(centre: Centre, what: str, question: Ask) -> None:
    spent, said = [], ""
    for _ in range(ROUNDS):
        began, busy = time.perf_counter(), time.process_time()
        source = query_source(centre)
        try:
            found = ask(question, source, Limits(clock=time.monotonic), source.words)
            said = f"{len(rendering.answer(found)) / 1000:.0f} kB"
        except Refused as refused:
            said = str(refused)[:70]
        spent.append((time.perf_counter() - began, time.process_time() - busy))
    wall, busy = (min(both) * 1000 for both in zip(*spent, strict=True))
    print(f"{what:50} {wall:9.1f} ms, CPU {busy:9.1f} ms  {said}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
