"""How CPU and memory of each process grow with the number of sites, and what one more site takes.

python -m tests.bench.growth [--sites 300,3000,30000,83763] [--picture docs/pictures/growth.svg]

Each size is a centre of its own whose window is first filled, as far back as is advised for so
many: with the past where it reaches over hours, else by waiting. Then a fleet reports once a
minute, and after a while a few minutes of it are measured.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from collector.series.window_head import window_minutes
from tests.bench import plot
from tests.bench.fleet import Fleet, calm, centre_for, first_report
from tests.bench.musts import number
from tests.bench.vitals import ROLES, Others, Spending, memory
from tests.bench.watching import counted, quantile
from tests.stories.centre import Centre

# more sites than that send a minute's reports no faster than the past comes in
_MOST_FILLED = 5_000
_FILL_S = 900.0
_CALM_S = 300.0
_MORE_MINUTES = 3.0
_JOURNAL = "ronda_ingest_journal_bytes_total"


@dataclass(frozen=True, slots=True)
class Point:
    """One size: CPU seconds a minute and MiB of each process, and how well it kept up."""

    sites: int
    cpu_s: dict[str, float]
    mib: dict[str, float]
    lag_s: float
    others: float
    # payload of the journal that one site adds in a minute
    journal_b: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", default="300,3000,30000,83763")
    parser.add_argument("--settle", type=float, default=3.0, help="minutes before the measuring")
    parser.add_argument("--minutes", type=float, default=3.0, help="minutes that are measured")
    parser.add_argument("--no-fill", action="store_true", help="leave the window as it is")
    parser.add_argument("--picture", type=Path, help="an SVG of it")
    args = parser.parse_args()
    points = []
    for sites in map(int, args.sites.split(",")):
        points.append(measure(sites, args.settle * 60, args.minutes * 60, not args.no_fill))
        tell(points[-1])
    fitted(points)
    if args.picture:
        picture(args.picture, points)
        print(f"   drawn: {args.picture}")
    return 0


def measure(sites: int, settle_s: float, measured_s: float, fill: bool) -> Point:
    with (
        tempfile.TemporaryDirectory(prefix="ronda-growth-") as folder,
        centre_for(sites, Path(folder) / "var") as centre,
    ):
        print(f"== {sites:,} sites", flush=True)
        if fill and sites <= _MOST_FILLED:
            filled(centre, sites)
        elif fill:
            settle_s = max(settle_s, window_minutes(sites) * 60.0)
        fleet = Fleet(centre, sites, interval=60, duration=86_400)
        try:
            first_report(centre, fleet)
            time.sleep(settle_s)
            calm(centre, _CALM_S)
            return steady(centre, fleet, sites, measured_s)
        finally:
            fleet.kill()


def filled(centre: Centre, sites: int) -> None:
    """The past of as many minutes as the window holds; what came of it is told."""
    began = time.monotonic()
    days = (window_minutes(sites) + _MORE_MINUTES) / 1440
    told = Fleet(centre, sites, interval=60, duration=0, history=f"{days:.5f}").end(_FILL_S)
    entries = told.figures.get("entries_acked", 0)
    print(
        f"   window filled with {entries:,} frames in {time.monotonic() - began:.0f} s", flush=True
    )
    for line in told.remarks.splitlines():
        print(f"   filling it: {line}")


def steady(centre: Centre, fleet: Fleet, sites: int, measured_s: float) -> Point:
    spending, others, lags = Spending(centre), Others(), list[float]()
    began, fleet_s = time.monotonic(), fleet_spent_s(fleet)
    held, written = memory(centre), counted(centre, _JOURNAL)
    while (left := began + measured_s - time.monotonic()) > 0:
        time.sleep(min(2.0, left))
        lags.append(float(centre.health().get("fold_lag_s") or 0.0))
        now = memory(centre) if len(lags) % 10 == 0 else held
        held = max(held, now, key=lambda one: sum(one.values()))
    minutes = (time.monotonic() - began) / 60
    spent = spending.look()
    stranger = others.cores(sum(spent.values()) + fleet_spent_s(fleet) - fleet_s)
    per_minute = {role: used / minutes for role, used in spent.items()}
    journal_b = (counted(centre, _JOURNAL) - written) / minutes / sites
    return Point(sites, per_minute, held, quantile(lags, 0.99), stranger, journal_b)


def fleet_spent_s(fleet: Fleet) -> float:
    fleet.runs()
    return fleet.spent_s


def tell(point: Point) -> None:
    for what, some, unit in (("CPU", point.cpu_s, "s a minute"), ("memory", point.mib, "MiB")):
        each = ", ".join(f"{role} {number(value)}" for role, value in some.items())
        print(f"   {what}: {number(sum(some.values()))} {unit} ({each})")
    print(f"   journal: {point.journal_b:,.0f} bytes a minute of each site")
    print(f"   fold lag p99 {point.lag_s:.1f} s; others on this machine {point.others:.2f} cores")
    sys.stdout.flush()


def fitted(points: Sequence[Point]) -> None:
    """a + b * sites, so that each size counts by how far the line is off it in percent."""
    if len({point.sites for point in points}) < 2:
        return
    print("\n== a + b x sites")
    print(f"   {'':10} {'a':>9} {'b, a thousand sites':>22}   off by, at each size")
    for what, unit in (("cpu_s", "CPU-s a minute"), ("mib", "MiB")):
        print(f"   {unit}")
        for role in (*ROLES, "all"):
            values = [total(getattr(point, what), role) for point in points]
            a, b = line([point.sites for point in points], values)
            off = [
                f"{(a + b * point.sites) / value - 1:+.0%}" if value else "?"
                for point, value in zip(points, values, strict=True)
            ]
            print(f"   {role:10} {a:9.3g} {b * 1000:22.3g}   {', '.join(off)}", flush=True)


def total(some: dict[str, float], role: str) -> float:
    return sum(some.values()) if role == "all" else some[role]


def line(sites: Sequence[int], values: Sequence[float]) -> tuple[float, float]:
    weights = 1 / np.maximum(np.array(values), 1e-3)
    b, a = np.polyfit(np.array(sites, dtype=float), np.array(values), 1, w=weights)
    return float(a), float(b)


def picture(path: Path, points: Sequence[Point]) -> None:
    def lines(what: str) -> dict[str, list[tuple[float, float]]]:
        return {
            role: [(float(p.sites), total(getattr(p, what), role)) for p in points]
            for role in ("all", *ROLES)
        }

    panels = [
        plot.Panel("CPU seconds a minute", lines("cpu_s")),
        plot.Panel("Memory, MiB", lines("mib")),
    ]
    sizes = ", ".join(f"{point.sites:,}" for point in points)
    plot.write(path, f"CPU and memory of a centre's processes at {sizes} sites", panels)


if __name__ == "__main__":
    sys.exit(main())
