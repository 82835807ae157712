"""A backlog of many sites comes in, end to end: how old are fresh reports when they are folded?

python -m tests.bench.lag [--sites 300] [--days 2]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from tests.bench.centre import memory, say
from tests.stories.centre import Centre

LIVE_SITES = 300
LIVE_EVERY_S = 10
LIVE_S = 4 * 3600  # longer than a month takes to come in
TELL_EVERY = 120  # looks, of two a second


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=300)
    parser.add_argument("--days", type=float, default=2.0)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="ronda-lag-") as folder,
        Centre(Path(folder) / "var") as centre,
    ):
        pace = ("--interval", str(LIVE_EVERY_S), "--duration", str(LIVE_S))
        live = fleet(centre, LIVE_SITES, "1", *pace)
        lags, stop = list[float](), threading.Event()
        looking = threading.Thread(target=look, args=(centre, lags, stop))
        looking.start()
        time.sleep(20)
        before = len(lags)
        began = time.monotonic()
        history = ("--history", str(args.days), "--interval", "60", "--duration", "0")
        try:
            told = figures(fleet(centre, args.sites, "2", *history))
            took = time.monotonic() - began
            full = memory(centre)
        finally:
            stop.set()
            looking.join()
            live.terminate()
            live.wait(60)
    entries = told["entries_acked"]
    say(f"{args.days:g} days of {args.sites} sites come in", took, "s")
    say("frames a second", entries / took, "")
    say("CPU of the centre a million samples", told["centre_cpu_s"] / entries / 60 * 1e6, "s")
    quiet, busy = sorted(lags[:before]), sorted(lags[before:])
    for what, found in (("before", quiet), ("meanwhile", busy)):
        say(f"fold lag {what}: p99", found[int(len(found) * 0.99)], "s", {"looks": len(found)})
        say(f"fold lag {what}: worst", found[-1], "s")
    say("memory, all processes", sum(full.values()), "MiB", full)
    return 0


def fleet(centre: Centre, sites: int, seed: str, *more: str) -> "subprocess.Popen[str]":
    command = centre.command("simulate", "--ingest", centre.ingest_url, "--sites", str(sites))
    command += ["--seed", seed, "--data", str(centre.folder), "--json", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def figures(running: "subprocess.Popen[str]") -> dict[str, Any]:
    told, _ = running.communicate(timeout=7200)
    assert running.returncode == 0, "ronda simulate failed"
    found: dict[str, Any] = json.loads(told)
    return found


def look(centre: Centre, lags: list[float], stop: threading.Event) -> None:
    """What healthz says of the fold, twice a second; how far it is, once a minute."""
    while not stop.wait(0.5):
        lag = centre.health().get("fold_lag_s")
        if lag is not None:
            lags.append(float(lag))
            if len(lags) % TELL_EVERY == 0:
                ordered = sorted(lags)
                p99, worst = ordered[int(len(ordered) * 0.99)], ordered[-1]
                told = f"{len(lags) // 2} s: fold lag p99 {p99:.1f} s, worst {worst:.1f} s"
                print(told, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
