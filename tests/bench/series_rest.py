"""What a month of villages takes at rest, beside Prometheus and VictoriaMetrics fed the same.

python -m tests.bench.series_rest [--sites 300] [--days 30] [--peer-sites 3] [--trace village]
"""

import argparse
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import func, select

from collector.db import migrate, open_history, reading, writing
from collector.schema import day_pieces, days, rollups
from collector.series import blocks
from collector.series.frames import Frames
from collector.series.layouts import Columns
from collector.series.merging import Merging
from collector.settings import Settings
from collector.simulate.catalogue import catalogue
from collector.simulate.values import Moments, Values
from tests.bench import peers_rest
from tests.bench.trace import COLUMNS, trace

DAY = 20_717
START = DAY * 86400.0
MINUTES = 1440
TOGETHER = 12


@dataclass(frozen=True)
class Fleet:
    """A trace by its name: the names of its series, and any site's month."""

    names: list[str]
    simulated: bool

    def site(self, site: int, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Times to the millisecond and values of so many days."""
        times, values = trace(length * MINUTES, site, START)
        if self.simulated:
            # the same moments, with the numbers of `ronda simulate --history`
            listed = catalogue(len(COLUMNS))
            at = np.full(len(times), site)
            boots = np.full(len(times), START - 4e5)
            cut = np.zeros(len(times), bool)
            values = Values(listed, 1, 60.0).at(Moments(at, times, boots, cut))
        return times, values


def fleet(name: str) -> Fleet:
    if name == "simulated":
        return Fleet([one.name for one in catalogue(len(COLUMNS))], True)
    kinds = {"counter": "bytes_total", "uptime": "uptime_seconds"}
    names = [f'ronda_bench_{kinds.get(k, k)}{{n="{i}"}}' for i, k in enumerate(COLUMNS)]
    return Fleet(names, False)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=20)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--peer-sites", type=int, default=3)
    parser.add_argument("--trace", choices=("simulated", "village"), action="append")
    args = parser.parse_args()
    for name in args.trace or ("simulated", "village"):
        say(f"-- {name} trace, {args.days} days")
        with tempfile.TemporaryDirectory() as folder:
            at_rest(Path(folder) / "all", fleet(name), args.sites, args.days)
            if args.peer_sites:
                beside(Path(folder), fleet(name), args.peer_sites, args.days)
    return 0


def at_rest(folder: Path, chosen: Fleet, sites: int, length: int) -> float:
    """Bytes a sample of all of history.db, packed; said with what they are made of."""
    settings = Settings(data=str(folder))
    migrate(settings)
    spent, merging = fill(settings, chosen, sites, length)
    samples = sites * length * MINUTES * len(chosen.names)
    engine = open_history(settings)
    with reading(engine) as connection:
        parts = {
            "columns": [func.sum(func.length(day_pieces.c.payload))],
            "columns beside heads, heads": [
                func.sum(func.length(days.c.rest)),
                func.sum(func.length(days.c.head)),
            ],
            "roll-ups": [func.sum(func.length(rollups.c.payload))],
        }
        told = {
            what: [float(size or 0) / samples for size in connection.execute(select(*asked)).one()]
            for what, asked in parts.items()
        }
    engine.dispose()
    with closing(sqlite3.connect(settings.folder / "history.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        free, page = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("freelist_count", "page_size")
        )
    size = sum(path.stat().st_size for path in settings.folder.glob("history.db*"))
    say(f"{sites} sites: history.db, all of it", size / samples, "B/sample")
    for what, sizes in told.items():
        say(f"    {what}: {' + '.join(f'{size:.4f}' for size in sizes)} B/sample")
    say(f"    free pages: {free * page / samples:.4f} B/sample")
    say("merging a site-day, CPU", spent / merging.merged * 1000, "ms")
    return size / samples


def fill(settings: Settings, chosen: Fleet, sites: int, length: int) -> tuple[float, Merging]:
    """Hour by hour into blocks, day by day merged, as the engine does it."""
    engine = open_history(settings)
    columns = Columns(engine)
    ids = columns.give(chosen.names)
    with writing(engine) as connection:
        columns.save(connection)
    order = np.argsort(ids)
    merging, spent = Merging(engine), 0.0
    for first in range(0, sites, TOGETHER):
        group = range(first, min(first + TOGETHER, sites))
        for day, parts in by_day(chosen, group, length, ids[order], order):
            with writing(engine) as connection:
                blocks.put(connection, parts)
            began = time.process_time()
            for site in group:
                # the last frame of a day may be a few milliseconds late
                merging.merge((site, day - 1), (site, day))
            spent += time.process_time() - began
            now = START + day * 86400
            while merging.step(now, 0):
                now += 1000
    assert merging.again <= sites
    engine.dispose()
    return spent, merging


def by_day(
    chosen: Fleet, sites: range, length: int, ids: np.ndarray, order: np.ndarray
) -> Iterator[tuple[int, dict[tuple[int, int, int], list[Frames]]]]:
    """What each day brings, hour by hour, of as many sites as the memory holds months of."""
    months = {site: chosen.site(site, length) for site in sites}
    for day in range(length):
        parts: dict[tuple[int, int, int], list[Frames]] = {}
        for site, (times, values) in months.items():
            these = slice(day * MINUTES, (day + 1) * MINUTES)
            hours = (times[these] // 3600).astype(int)
            for hour in np.unique(hours).tolist():
                inside = np.flatnonzero(hours == hour) + day * MINUTES
                frames = Frames(times[inside], ids, values[inside][:, order])
                parts[site, hour, 0 if hour // 24 == DAY + day else 1] = [frames]
        yield DAY + day, parts


def beside(folder: Path, chosen: Fleet, sites: int, length: int) -> None:
    """The same samples in each, in one run."""
    ours = at_rest(folder / "few", chosen, sites, length)
    months = [chosen.site(site, length) for site in range(sites)]
    samples = sum(values.size for _, values in months)
    for name, measure in peers_rest.PEERS.items():
        home = folder / name
        home.mkdir()
        size = measure(home, chosen.names, months)
        if size is None:
            say(f"{name}: not installed")
        else:
            ratio = size / samples / ours
            say(f"{sites} sites: {name}", size / samples, f"B/sample, {ratio:.2f} times ours")
        shutil.rmtree(home)


def say(what: str, figure: float | None = None, unit: str = "") -> None:
    print(what if figure is None else f"{what:44} {figure:9.3f} {unit}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
