"""A day's cut of a regency comes back at once: how long until all is folded, who waits meanwhile?

python -m tests.bench.cut [--sites 300] [--hours 24] [--fresh 300] [--strict]

The sites of one fleet are silent since a day and come back together, each at the pace of an agent;
another fleet goes on reporting, and four agents of our own report once a second.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select

from collector import spools
from collector.db import open_store, reading
from collector.schema import agents
from tests.bench.fleet import Fleet, Told, first_report
from tests.bench.musts import Figure, all_met, show
from tests.bench.vitals import Others
from tests.bench.watching import Seen, Watch, answers, quantile
from tests.stories.centre import Centre

_SERIES = 60
_BACK_AT_S = 20.0
_LOOK_EVERY_S = 2.0
_TELL_EVERY = 5  # looks
P99_MS, WITHIN_S = 250.0, 300.0
FRESH, CUT = 1, 2  # seeds


@dataclass(frozen=True, slots=True)
class Run:
    quiet: Seen
    busy: Seen
    took_s: float  # NaN: not all of it within the limit
    folded: int
    fresh: Told
    sent_away: int
    others: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=300)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--fresh", type=int, default=300, help="sites that go on reporting")
    parser.add_argument("--before", type=float, default=60.0, help="quiet seconds before")
    parser.add_argument("--limit", type=float, default=15.0, help="minutes to wait at most")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a must is missed")
    args = parser.parse_args()
    run = measure(args.sites, args.hours, args.fresh, args.before, args.limit * 60)
    frames = args.sites * round(args.hours * 60)
    figures = judged(run, frames)
    show(f"{args.hours:g} h of {args.sites} sites come back beside {args.fresh} others", figures)
    print(f"   others on this machine: {run.others:.2f} cores")
    print(f"   the fleet that went on: {json.dumps(run.fresh.figures)}")
    for line in run.fresh.remarks.splitlines():
        print(f"   the fleet that went on: {line}")
    return 0 if all_met(figures) or not args.strict else 1


def measure(sites: int, hours: float, fresh: int, before_s: float, limit_s: float) -> Run:
    with (
        tempfile.TemporaryDirectory(prefix="ronda-cut-") as folder,
        Centre(Path(folder) / "var") as centre,
        Watch(centre) as watch,
    ):
        lasts = before_s + _BACK_AT_S + WITHIN_S
        on = Fleet(centre, fresh, FRESH, interval=60, duration=lasts)
        cut = None
        try:
            quiet = first_report(centre, on)
            watch.start_probing()
            time.sleep(before_s)
            cut = Fleet(
                centre,
                sites,
                CUT,
                interval=60,
                duration=limit_s + 60,
                scenario=story(folder, hours),
            )
            print(f"   {hours:g} h of {sites} sites wait in their villages", flush=True)
            others, spent = Others(), sum(watch.spending.look().values())
            began, took_s, folded = wait_for_all(centre, cut, watch, hours, limit_s)
            ended = time.monotonic()
            ours = sum(watch.spending.look().values()) - spent + cut.spent_s
            stranger, away = others.cores(ours), answered_429(centre)
        finally:
            if cut is not None:
                cut.kill()
            told = on.end(lasts + 120)
    seen = watch.seen
    return Run(
        seen.between(quiet, began), seen.between(began, ended), took_s, folded, told, away, stranger
    )


def story(folder: str, hours: float) -> Path:
    path = Path(folder) / "cut.toml"
    path.write_text(
        f'[[events]]\nkind = "backlog"\nsites = 1.0\nhours = {hours:g}\nat_s = {_BACK_AT_S:g}\n'
    )
    return path


def wait_for_all(
    centre: Centre, cut: Fleet, watch: Watch, hours: float, limit_s: float
) -> tuple[float, float, int]:
    """When the first frame of the past was folded, seconds until the last was, frames folded."""
    store = open_store(centre.settings)
    want, began, looked = round(hours * 60) - 1, 0.0, 0
    deadline = time.monotonic() + limit_s
    try:
        while cut.runs() and time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY_S)
            looked, now = looked + 1, time.monotonic()
            known = folded(store, want + 1)
            if not began and any(known.values()):
                # seen at a look: it was up to one of them ago
                began = now - _LOOK_EVERY_S
            done = sum(1 for upto in known.values() if upto >= want)
            if began and looked % _TELL_EVERY == 0:
                tell(now - began, known, done, watch.seen.between(now - 10, now))
            if known and done == len(known):
                return began, now - began, sum(known.values())
        return began or time.monotonic(), float("nan"), sum(folded(store, want + 1).values())
    finally:
        store.dispose()


def folded(store: Engine, most: int) -> Mapping[int, int]:
    """By agent of the cut: up to which number all of its past is in, of `most`; 1 is the oldest."""
    with reading(store) as connection:
        name = f"simulate-{CUT}"
        mine = [
            row.id for row in connection.execute(select(agents.c.id).where(agents.c.name == name))
        ]
        stored = spools.load(connection, mine) if mine else []
    return {
        one.agent: min(most, max((upto(s.ranges) for s in one.spools.values()), default=0))
        for one in stored
    }


def upto(ranges: list[list[int]]) -> int:
    return ranges[0][1] if ranges and ranges[0][0] == 1 else 0


def tell(since_s: float, known: Mapping[int, int], done: int, late: Seen) -> None:
    p99, lag = quantile([one.ms for one in late.probes], 0.99), max(late.lags(), default=0.0)
    cores = ", ".join(f"{role} {used:.2f}" for role, used in late.cores().items())
    print(
        f"   {since_s:5.0f} s  {sum(known.values()):7d} frames, {done} sites whole"
        f"  lag {lag:5.1f} s  p99 {p99:5.0f} ms  cores {cores}",
        flush=True,
    )


def answered_429(centre: Centre) -> int:
    return sum(count for (_, status), count in answers(centre).items() if status == 429)


def judged(run: Run, frames: int) -> list[Figure]:
    quiet, busy, nan = run.quiet, run.busy, float("nan")
    waits = [one.ms for one in busy.probes if one.status]
    before = quantile([one.ms for one in quiet.probes if one.status], 0.99)
    spent = busy.spent_s()
    return [
        Figure("until all of the past is folded", "s", run.took_s, None, WITHIN_S),
        Figure(f"frames of the past folded, of {frames:,}", "", run.folded),
        Figure("frames a second", "", run.folded / run.took_s),
        Figure("p99 of fresh reports before, our own agents", "ms", before),
        Figure(
            "p99 of fresh reports meanwhile, our own", "ms", quantile(waits, 0.99), None, P99_MS
        ),
        Figure("p99 of the fleet, its whole run", "ms", run.fresh.figures.get("p99_ms") or nan),
        Figure("fold lag before, worst", "s", max(quiet.lags(), default=nan)),
        Figure("fold lag meanwhile, p99", "s", quantile(busy.lags(), 0.99)),
        Figure("fold lag meanwhile, worst", "s", max(busy.lags(), default=nan)),
        Figure(
            "centre, all it did, a million samples of it",
            "CPU-s",
            spent / max(run.folded, 1) / _SERIES * 1e6,
        ),
        Figure("centre, most memory", "MiB", sum(busy.most_memory().values())),
        Figure("reports told to come later (429)", "", run.sent_away),
        Figure(
            "fresh reports without a 200",
            "",
            sum(1 for one in busy.probes if one.status != 200),
            None,
            0,
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
