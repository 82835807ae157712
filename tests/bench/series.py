"""Figures of the series store, each beside what bare numpy takes for the same bytes.

python -m tests.bench.series [--sites 83763] [--minutes 15]
"""

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy import func, select

from collector.db import migrate, open_history, reading, writing
from collector.schema import blocks as table
from collector.series import codec, rollup_store
from collector.series.history import History
from collector.series.layouts import Columns
from collector.series.packing import Packing
from collector.series.rollups import roll
from collector.series.spans import Cuts
from collector.series.window import WindowWriter
from collector.series.window_reader import WindowReader
from collector.settings import Settings
from tests.bench import series_rest
from tests.bench.trace import COLUMNS, trace

WIDTH = len(COLUMNS)
START = 497_222 * 3600.0
IDS = np.arange(WIDTH, dtype=np.int32)
NAMES = [f'ronda_bench_{kind}{{n="{i}"}}' for i, kind in enumerate(COLUMNS)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=83_763)
    parser.add_argument("--minutes", type=int, default=15)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench_codec()
        bench_site(Path(folder) / "site")
        bench_month(Path(folder) / "month")
        bench_year(Path(folder) / "year")
        bench_fleet(Path(folder) / "fleet", args.sites, args.minutes)
    return 0


def bench_codec() -> None:
    """Bytes and time of an hour and a day of one village."""
    for minutes, label in ((60, "hour"), (1440, "day")):
        villages = [trace(minutes, seed, START) for seed in range(10)]
        size = sum(len(codec.encode(*village)) for village in villages)
        say(f"codec: bytes a sample, site-{label}", size / (10 * minutes * WIDTH), "B")
        times, values = villages[0]
        data = codec.encode(times, values)
        say(f"codec: encode a site-{label}", best(partial(codec.encode, *villages[0])), "ms")
        say(f"codec: decode a site-{label}", best(partial(codec.decode, data)), "ms")


def bench_site(folder: Path, sites: int = 50, hours: int = 25) -> None:
    """Packing, and the questions a page asks of one site."""
    settings, columns, writer, packing = centre(folder, 120)
    villages = [trace(hours * 60, seed, START) for seed in range(sites)]
    rows = np.arange(sites, dtype=np.int32)
    spent = 0.0
    for minute in range(hours * 60):
        times = np.array([village[0][minute] for village in villages])
        values = np.array([village[1][minute] for village in villages])
        writer.write(rows, times, IDS, values, minute)
        began = time.process_time()
        packing.step(START + minute * 60)
        spent += time.process_time() - began
    with reading(packing._engine) as connection:
        size, count, heads = connection.execute(
            select(
                func.sum(func.length(table.c.payload)),
                func.sum(table.c.count),
                func.count().filter(table.c.group < 0),
            )
        ).one()
    say("packing: a site-hour, one or two at once, CPU", spent / heads * 1000, "ms")
    say("packing: payload bytes a sample", size / count, "B")
    packing._engine.dispose()
    rest(settings, count)
    one_site(History(settings), villages[7])
    writer.close()


def rest(settings: Settings, count: int) -> None:
    """What history.db takes on disk."""
    path = settings.folder / "history.db"
    for state, statements in (("as it is", []), ("vacuumed", ["VACUUM"])):
        with closing(sqlite3.connect(path)) as connection:
            for statement in [*statements, "PRAGMA wal_checkpoint(TRUNCATE)"]:
                connection.execute(statement)
        say(f"history.db {state}: bytes a sample", path.stat().st_size / count, "B")


def one_site(history: History, village: tuple[np.ndarray, np.ndarray]) -> None:
    times, values = village
    span = (times[30], times[30 + 1440])
    floor = best(lambda: values[30:1471, :10].copy())
    ten = history.range(7, NAMES[:10], *span)
    assert (ten[NAMES[3]][1] == values[30:1471, 3]).all()
    say("range: 10 series, 24 h", best(lambda: history.range(7, NAMES[:10], *span)), "ms", floor)
    spread = NAMES[::6]
    say("range: 10 far apart, 24 h", best(lambda: history.range(7, spread, *span)), "ms", floor)
    say("latest: all series of a site", best(lambda: history.latest(7)), "ms")


def bench_month(folder: Path) -> None:
    """The same questions where days are packed."""
    settings, fleet = Settings(data=str(folder)), series_rest.fleet("village")
    migrate(settings)
    series_rest.fill(settings, fleet, 6, 31)
    history, start = History(settings), series_rest.START
    values = fleet.site(3, 31)[1]
    for length, label in ((1, "24 h"), (30, "30 d")):
        first, last = start + 1800, start + 1800 + length * 86400
        many = length * 1440
        floor = best(values[30 : 30 + many, :10].copy)
        for names, where in ((fleet.names[:10], ""), (fleet.names[::6], " far apart")):
            ten = history.range(3, names, first, last)
            assert abs(len(ten[names[3]][0]) - many) <= 1
            spent = best(partial(history.range, 3, names, first, last))
            say(f"days: 10 series{where}, {label}", spent, "ms", floor)
    names, end = fleet.names[:10], start + 30 * 86400
    for step_s, label in ((300, "5 min"), (3600, "hour"), (86400, "day")):
        asked = (3, names, *spans_of(start, end, step_s), True)
        say(f"spans: 10 series, 30 d by {label}", best(partial(history.spans, *asked)), "ms")


def spans_of(start: float, end: float, step_s: int) -> tuple[int, int, Cuts]:
    first, last = round(start * 1000), round(end * 1000)
    return first, last, Cuts(np.arange(first, last + 1, step_s * 1000))


def bench_year(folder: Path) -> None:
    settings, _, writer, packing = centre(folder, 120)
    day = int(START // 86400)
    with writing(packing._engine) as connection:
        for seed in range(5):
            times, values = trace(73 * 1440, seed, (day + 73 * seed) * 86400.0)
            table = roll({c: (times, values[:, c]) for c in range(WIDTH)}, 86400, ())
            for at in range(day + 73 * seed, day + 73 * seed + 73):
                of_day = table.take((table.end - 1) // 86_400_000 == at)
                rollup_store.put(connection, 0, 86400, at, of_day)
    history, start = History(settings), day * 86400.0
    for many in (1, 10, WIDTH):
        asked = (0, NAMES[:many], *spans_of(start, start + 365 * 86400, 86400))
        assert history.spans(*asked).table.count.sum() == many * 365 * 1440
        spent = best(partial(history.spans, *asked))
        say(f"spans: {many} series of a site, a year by day", spent, "ms")
    writer.close()


def bench_fleet(folder: Path, sites: int, minutes: int) -> None:
    """A whole fleet's minutes through the window, and one series of all of it."""
    settings, columns, writer, packing = centre(folder, minutes)
    rng = np.random.default_rng(1)
    values = np.ascontiguousarray(trace(2000, 1, START)[1])
    spent: list[float] = []
    for minute in range(minutes):
        order = rng.permutation(sites).astype(np.int32)
        for at in range(0, sites, 1000):
            rows = order[at : at + 1000]
            times = START + minute * 60 + np.sort(rng.random(len(rows)) * 59)
            chosen = values[rng.integers(0, 2000, len(rows))]
            began = time.perf_counter()
            writer.write(rows, times, IDS, chosen, minute)
            writer.touch(rows, times)
            spent.append(time.perf_counter() - began)
    floor = best(lambda: values[:1000].copy())
    say("window: write 1,000 frames x 60", float(np.median(spent)) * 1000, "ms", floor)
    say("window: the same, worst", max(spent) * 1000, "ms")
    began = time.perf_counter()
    history = History(settings)
    now = START + minutes * 60
    found = history.newest(NAMES[3], now - 300, now)
    say(f"newest: 1 series, {sites} sites, cold", (time.perf_counter() - began) * 1000, "ms")
    assert len(found[0]) == sites
    plane = np.zeros(sites)
    floor = best(lambda: plane.copy())
    say(
        f"newest: 1 series, {sites} sites",
        best(lambda: history.newest(NAMES[3], now - 300, now)),
        "ms",
        floor,
    )
    say(
        f"fleet: 5 minutes of 1 series, {sites} sites",
        best(lambda: history.window.fleet(3, now - 300, now)),
        "ms",
        floor * 5,
    )
    say("window: mapped and touched", resident("window"), "MiB")
    packing.step(now + 600, limit=50)
    began = time.process_time()
    step = packing.step(now + 600, limit=50)
    say(f"packing: {step} site-slices in one call, CPU", (time.process_time() - began) * 1000, "ms")
    writer.close()


def centre(folder: Path, minutes: int) -> tuple[Settings, Columns, WindowWriter, Packing]:
    settings = Settings(data=str(folder))
    migrate(settings)
    engine = open_history(settings)
    columns = Columns(engine)
    columns.give(NAMES)
    with writing(engine) as connection:
        columns.save(connection)
    writer = WindowWriter.open(settings.window, minutes, 0)
    writer.sync(0)
    return settings, columns, writer, Packing(engine, writer, WindowReader(settings.window))


def best(act: Callable[[], object], rounds: int = 15) -> float:
    """Milliseconds of the quickest round: what the work takes when nothing else runs."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        spent.append(time.perf_counter() - began)
    return min(spent) * 1000


def resident(name: str) -> float:
    """MiB of this process's resident pages of files under a folder of this name."""
    total, inside = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if "-" in line.split(" ")[0]:
            inside = f"/{name}/" in line
        elif inside and line.startswith("Pss:"):
            total += int(line.split()[1])
    return total / 1024


def say(what: str, figure: float, unit: str, floor: float | None = None) -> None:
    ratio = "" if floor is None else f"   {figure / floor:7.1f} x a bare copy"
    print(f"{what:44} {figure:9.3f} {unit}{ratio}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
