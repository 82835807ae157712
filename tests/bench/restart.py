"""Each process of a centre is killed, then all at once: how long until everything serves again?

python -m tests.bench.restart [--sites 300,83763] [--strict] [--spy PROGRAM]

A fleet reports meanwhile. Below each kill stands what was there when, and what the process had
spent until then. `--spy`: where py-spy is, which then tells where the engine's time went.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from collector.db import open_store
from tests.bench import prober
from tests.bench.fleet import Fleet, calm, centre_for, first_report
from tests.bench.stages import Coming, Stage, serving_after_s, spent_s
from tests.bench.vitals import ROLES, pid_of
from tests.bench.watching import signed_in
from tests.stories.centre import Centre

MUST_S, MUST_SITES = 3.0, 300
ALL = "all at once"
VICTIMS = ("ingest", "engine", "web", "up", ALL)
_SPIED_S = 30
_OURS = ("collector/", "alerts/", "playbooks/", "web/", "ronda.py")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", default=f"{MUST_SITES},83763")
    parser.add_argument("--interval", type=int, default=60)
    parser.add_argument("--settle", type=float, default=90.0, help="seconds before the first kill")
    parser.add_argument("--limit", type=float, default=180.0, help="seconds to wait at most")
    parser.add_argument("--spy", default="", help="py-spy, where it is there")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a must is missed")
    args = parser.parse_args()
    good = True
    for count in map(int, args.sites.split(",")):
        print(f"== {count:,} sites, a report each {args.interval} s", flush=True)
        took = one_size(count, args)
        # on a machine that others use, too, only the second column is the centre's own
        print("   killed, seconds until everything serves again, CPU seconds of what was started:")
        for victim, (seconds, spent) in took.items():
            must = f"  (must: {MUST_S:g})" if count <= MUST_SITES else ""
            print(f"   {victim:14} {seconds:8.2f} {spent:8.2f}{must}", flush=True)
            good = good and (count > MUST_SITES or seconds <= MUST_S)
    return 0 if good or not args.strict else 1


def one_size(sites: int, args: argparse.Namespace) -> dict[str, tuple[float, float]]:
    took = {}
    with (
        tempfile.TemporaryDirectory(prefix="ronda-restart-") as folder,
        centre_for(sites, Path(folder) / "var") as centre,
    ):
        [agent] = prober.enrolled(centre, 1)
        reader, store = signed_in(centre), open_store(centre.settings)
        fleet = Fleet(centre, sites, interval=args.interval, duration=86_400)
        try:
            first_report(centre, fleet)
            time.sleep(args.settle)
            for victim in VICTIMS:
                calm(centre, args.limit)
                coming = Coming(centre, store, reader, agent)
                stages = kill(centre, victim, coming, args.limit, args.spy)
                took[victim] = (serving_after_s(stages), spent_s(stages))
                tell(victim, stages)
        finally:
            fleet.kill()
            store.dispose()
    return took


def kill(centre: Centre, victim: str, coming: Coming, limit_s: float, spy: str) -> list[Stage]:
    parent = victim in ("up", ALL)
    doomed = {"up": ["up"], ALL: list(ROLES)}.get(victim, [victim])
    before = pid_of(centre, "engine")
    for pid in [pid_of(centre, role) for role in doomed]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    threads = [threading.Thread(target=start, args=(centre,))] if parent else []
    if spy and (parent or victim == "engine"):
        threads.append(threading.Thread(target=spied, args=(centre, spy, before)))
    for thread in threads:
        thread.start()
    stages = coming.watch(ROLES if parent else doomed, limit_s)
    for thread in threads:
        thread.join()
    return stages


def start(centre: Centre) -> None:
    """Again, as whoever looks after it does; the stages tell whether it came to anything."""
    assert centre.process is not None
    centre.process.wait()
    with suppress(AssertionError):
        centre.start()


def spied(centre: Centre, spy: str, before: int) -> None:
    """Where the new engine's time goes, from its start on."""
    deadline = time.monotonic() + _SPIED_S
    while pid_of(centre, "engine") in (0, before):
        if time.monotonic() > deadline:
            return
        time.sleep(0.02)
    out = centre.folder.parent / "engine.raw"
    words = ["record", "--pid", str(pid_of(centre, "engine")), "--format", "raw"]
    words += ["--rate", "50", "--duration", str(_SPIED_S), "--output", str(out)]
    subprocess.run([spy, *words], capture_output=True, check=False)
    if out.exists():
        for line in busiest(out.read_text()):
            print(f"      {line}")


def busiest(raw: str, most: int = 15) -> list[str]:
    """Of our own functions: in which share of the samples each was under way."""
    within, total = Counter[str](), 0
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        total += int(count)
        ours = {frame for frame in stack.split(";") if any(f"({o}" in frame for o in _OURS)}
        for frame in ours:
            within[frame.rpartition(":")[0]] += int(count)
    return [
        f"{n / max(total, 1):6.1%} of {total} samples  {f})" for f, n in within.most_common(most)
    ]


def tell(victim: str, stages: list[Stage]) -> None:
    print(f"   {victim} killed: {'after s':>10} {'CPU s':>8} {'MiB read':>9}")
    for stage in sorted(stages, key=lambda one: one.after_s or float("inf")):
        after = "never" if stage.after_s is None else f"{stage.after_s:.2f}"
        print(
            f"      {stage.what:26} {after:>7} {stage.cpu_s:8.2f} {stage.read_mib:9.1f}"
            f"  {stage.role}{'' if stage.serving else ' (not waited for)'}",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
