"""The whole country begins to report to one centre at once: does it hold what it must?

python -m tests.bench.country [--sites 83763] [--minutes 10] [--settle 2] [--strict]

A real centre in whose inventory the villages stand, a real `ronda simulate` beside it with beacons
as they come, four agents of our own, somebody who opens the overview each three seconds.
`--from-nothing`: the villages are made when the reports begin. `--intervals 60,45,30,20`: how far
it goes.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collector.series.window_head import window_minutes
from tests.bench.fleet import Fleet, Told, centre_for, enrolled, first_report
from tests.bench.musts import Figure, all_met, number, show
from tests.bench.vitals import Others
from tests.bench.watching import Seen, Watch, answers, bad_pages, quantile
from tests.stories.centre import Centre

_TELL_EVERY_S = 10.0
CORES, MEMORY_MIB, P99_MS, LAG_S, PAGE_MS = 1.4, 4096.0, 250.0, 5.0, 200.0
# five seconds, and the second between two looks
RULES_S = 6.0


@dataclass(frozen=True, slots=True)
class Run:
    """One interval: all that was seen, from the first report on."""

    seen: Seen
    settled: Seen
    told: Told
    answered: Counter[tuple[str, int]]
    bad_pages: int
    started_again: int
    others: float
    minutes: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=83_763)
    parser.add_argument("--interval", type=int, default=60)
    parser.add_argument("--intervals", help="several, one after the other, each from nothing")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--settle", type=float, default=2.0, help="minutes")
    parser.add_argument("--from-nothing", action="store_true", help="villages come with reports")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a must is missed")
    args = parser.parse_args()
    reach = window_minutes(args.sites)
    print(f"   window_minutes = {reach}, as docs/operator.md advises for so many", flush=True)
    intervals = [int(word) for word in (args.intervals or str(args.interval)).split(",")]
    good, rows = True, []
    for interval in intervals:
        run = measure(args.sites, interval, args.minutes, args.settle, args.from_nothing)
        figures = judged(run)
        show(f"{args.sites:,} sites, a report each {interval} s, {args.minutes:g} min", figures)
        tell_the_rest(run)
        good = good and all_met(figures)
        rows.append((interval, figures))
    if len(rows) > 1:
        compare(rows)
    return 0 if good or not args.strict else 1


def measure(
    sites: int, interval: int, minutes: float, settle: float, from_nothing: bool = False
) -> Run:
    with (
        tempfile.TemporaryDirectory(prefix="ronda-country-") as folder,
        centre_for(sites, Path(folder) / "var") as centre,
        Watch(centre) as watch,
    ):
        if not from_nothing:
            enrolled(centre, sites, interval)
        fleet = Fleet(centre, sites, interval=interval, duration=minutes * 60)
        try:
            began = first_report(centre, fleet)
            others, before = Others(), fleet.spent_s + spent_before(watch.seen, began)
            watch.start_probing()
            follow(watch, centre, fleet, began, began + minutes * 60)
            ours = sum(watch.spending.look().values()) + fleet.spent_s
            stranger = others.cores(ours - before)
            answered, bad = answers(centre), bad_pages(centre)
            ended = time.monotonic()
        finally:
            told = fleet.end()
    seen = watch.seen.between(began, ended)
    settled = seen.between(began + settle * 60, ended)
    again = watch.spending.started_again
    return Run(seen, settled, told, answered, bad, again, stranger, (ended - began) / 60)


def spent_before(seen: Seen, began: float) -> float:
    """CPU seconds of the centre that are counted, but lie before the first report."""
    before = [one for one in seen.seconds if one.at < began]
    return sum(before[-1].cpu.values()) if before else 0.0


def follow(watch: Watch, centre: Centre, fleet: Fleet, began: float, until: float) -> None:
    """Tell how it goes until then, or until the fleet ends."""
    before, counted = began, sum(answers(centre).values())
    while fleet.runs() and (now := time.monotonic()) < until:
        time.sleep(min(_TELL_EVERY_S, max(0.1, until - now)))
        now, total = time.monotonic(), sum(answers(centre).values())
        late = watch.seen.between(before, now)
        late.rounds = watch.seen.between(before - _TELL_EVERY_S, now).rounds
        rate = (total - counted) / (now - before)
        print(f"   {now - began:5.0f} s  {rate:6.0f} answers/s  {in_short(late)}", flush=True)
        before, counted = now, total


def in_short(late: Seen) -> str:
    cores = ", ".join(f"{role} {used:.2f}" for role, used in late.cores().items())
    held = sum(late.most_memory().values())
    p99, lag = quantile([one.ms for one in late.probes], 0.99), max(late.lags(), default=0.0)
    page = max((one.ms for one in late.pages), default=float("nan"))
    gap = max(late.gaps(), default=float("nan"))
    return (
        f"lag {lag:6.1f} s  p99 {p99:6.0f} ms  overview {page:5.0f} ms  rules {gap:4.1f} s"
        f"  cores {cores}  {held:5.0f} MiB"
    )


def judged(run: Run) -> list[Figure]:
    whole, late, told = run.seen, run.settled, run.told.figures
    nan = float("nan")

    def both(what: str, unit: str, pick: Any, must: float | None = None) -> Figure:
        return Figure(what, unit, pick(whole), pick(late), must)

    def waits(share: float) -> Any:
        return lambda seen: quantile([one.ms for one in seen.probes if one.status], share)

    def pages(share: float) -> Any:
        return lambda seen: quantile([one.ms for one in seen.pages if one.status], share)

    fleet = [
        Figure(f"{name[:-3]} of reports, the fleet's word", "ms", told.get(name) or nan, None, must)
        for name, must in (("p50_ms", None), ("p99_ms", P99_MS), ("max_ms", None))
    ]
    return [
        *fleet,
        both("p50 of our own agents", "ms", waits(0.5)),
        both("p99 of our own agents", "ms", waits(0.99), P99_MS),
        both("fold lag, worst", "s", lambda seen: max(seen.lags(), default=nan), LAG_S),
        both("fold lag, p99", "s", lambda seen: quantile(seen.lags(), 0.99)),
        both("rules, from round to round, p50", "s", lambda seen: quantile(seen.gaps(), 0.5)),
        both("rules, from round to round, p95", "s", lambda s: quantile(s.gaps(), 0.95), RULES_S),
        both("overview p50", "ms", pages(0.5)),
        both("overview p95", "ms", pages(0.95), PAGE_MS),
        both("centre", "cores", lambda seen: sum(seen.cores().values()) or nan, CORES),
        *processes(run),
        Figure("answers 5xx, ingest and console", "", server_errors(run), None, 0),
        Figure("our own agents' reports without a 200", "", unanswered(run), None, 0),
        Figure("processes started again", "", run.started_again, None, 0),
    ]


def processes(run: Run) -> list[Figure]:
    cores, later = run.seen.cores(), run.settled.cores()
    each = [Figure(f"  {role}", "cores", cores[role], later.get(role)) for role in cores]
    most, late = run.seen.most_memory(), run.settled.most_memory()
    nan = float("nan")
    held = [Figure(f"  {role}", "MiB", most[role], late.get(role)) for role in most]
    whole = Figure(
        "centre", "MiB", sum(most.values()) or nan, sum(late.values()) or nan, MEMORY_MIB
    )
    return [*each, whole, *held]


def server_errors(run: Run) -> int:
    return run.bad_pages + sum(n for (_, status), n in run.answered.items() if status >= 500)


def unanswered(run: Run) -> int:
    return sum(1 for one in run.seen.probes if one.status != 200)


def tell_the_rest(run: Run) -> None:
    """What says how far the figures can be believed."""
    late = [(f"{status}", n) for (_, status), n in sorted(run.answered.items()) if status != 200]
    print(
        f"   looked at for {run.minutes:.1f} min; other answers of ingest: {dict(late) or 'none'}"
    )
    print(f"   the generator: {run.told.cpu_s / run.minutes / 60:.2f} cores, its rows included")
    print(f"   others on this machine: {run.others:.2f} cores")
    print(f"   the fleet: {json.dumps(run.told.figures)}")
    for line in run.told.remarks.splitlines():
        print(f"   the fleet: {line}")
    behind = [one for one in run.seen.seconds if one.lag_s is not None and one.lag_s > 1.0]
    if behind and run.seen.seconds:
        first = run.seen.seconds[0].at
        print(f"   over 1 s behind: {len(behind)} s, last after {behind[-1].at - first:.0f} s")
    sys.stdout.flush()


def compare(rows: list[tuple[int, list[Figure]]]) -> None:
    """One line a figure that has a must, one column an interval."""
    print("\n== by seconds between the reports of a site: settled, else of the whole run")
    print(f"   {'':44} {'must':>9}" + "".join(f" {interval:>9} s" for interval, _ in rows))
    for first in [one for one in rows[0][1] if one.must is not None]:
        cells = f"{number(first.must):>9}"
        for _, figures in rows:
            one = next(f for f in figures if (f.what, f.unit) == (first.what, first.unit))
            cells += f" {number(one.whole if one.settled is None else one.settled):>11}"
        print(f"   {f'{first.what}, {first.unit}':44} {cells}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
