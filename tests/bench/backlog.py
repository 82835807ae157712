"""A month of many sites comes at once: what merging it costs, and how often a day is written.

python -m tests.bench.backlog [--sites 300] [--days 30]
"""

import argparse
import sys
import tempfile
import time

import numpy as np
from sqlalchemy import Engine, func, select

from collector.db import held_bytes, migrate, open_history, reading, writing
from collector.schema import blocks as hours
from collector.series import blocks
from collector.series.frames import Frames
from collector.series.layouts import Columns
from collector.series.merging import Merging
from collector.settings import Settings
from tests.bench import series_rest
from tests.bench.series_rest import START, say

# an agent sends eight frames a second, the fold commits twice a second; batches are of a report
FRAMES = 30
COMMIT_S = 0.5
PACE = 8.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=4)
    parser.add_argument("--days", type=int, default=6)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=folder)
        migrate(settings)
        measure(settings, args.sites, args.days)
    return 0


def measure(settings: Settings, sites: int, length: int) -> None:
    """All sites send oldest first, merging goes on between their batches as in the engine."""
    engine, fleet = open_history(settings), series_rest.fleet("simulated")
    columns = Columns(engine)
    ids = columns.give(fleet.names)
    order = np.argsort(ids)
    with writing(engine) as connection:
        columns.save(connection)
    months = [fleet.site(site, length) for site in range(sites)]
    merging, now, position = Merging(engine), START + 100 * 86400, 10
    taken = merged = worst = 0.0
    largest = 0
    for at in range(0, length * 1440, FRAMES):
        late = {
            site: [Frames(times[at:][:FRAMES], ids[order], values[at:][:FRAMES, order])]
            for site, (times, values) in enumerate(months)
        }
        began = time.process_time()
        with writing(engine) as connection:
            blocks.put_all_late(connection, position, late)
        taken += time.process_time() - began
        position, now = position + 1000, now + FRAMES / PACE
        cpu, worst = steps(merging, now, position, int(FRAMES / PACE / COMMIT_S), worst)
        merged += cpu
        largest = max(largest, held_bytes(engine)[0])
    while rows_left(engine):
        now += 60
        cpu, worst = steps(merging, now, position, 120, worst)
        merged += cpu
    samples = sites * length * 1440 * len(fleet.names)
    say("late frames into hours, CPU", taken / samples * 1e6, "s a million samples")
    say("hours into days, CPU", merged / samples * 1e6, "s a million samples")
    say("hours into days, CPU of a site-day", merged / (sites * length) * 1000, "ms")
    say("longest pause of the fold", worst * 1000, "ms")
    say("history.db at its largest", largest / samples, "B/sample")
    say("site-days written", merging.merged, f"of {sites * length}, again {merging.again}")
    engine.dispose()


def steps(
    merging: Merging, now: float, position: int, commits: int, worst: float
) -> tuple[float, float]:
    """What merging does between so many commits: CPU, and the longest it held one up."""
    spent = 0.0
    for _ in range(commits):
        began, busy = time.perf_counter(), time.process_time()
        while merging.step(now, position) and time.perf_counter() - began < 0.1:
            pass
        spent += time.process_time() - busy
        worst = max(worst, time.perf_counter() - began)
    return spent, worst


def rows_left(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(hours)).scalar() or 0)


if __name__ == "__main__":
    sys.exit(main())
