"""A whole centre of real processes: its memory, and ingest beside heavy queries.

python -m tests.bench.centre [--sites 3000] [--seconds 60]
"""

import argparse
import base64
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.stories.centre import Centre

AT_ONCE = 20
HEAVY = [
    "rate({__name__=~'ronda_.+_total'}[5m])",
    "quantile_over_time(0.9, {__name__=~'ronda_.+_ratio'}[5m])",
    "sum by (isp) (rate(ronda_uplink_receive_bytes_total[2m:10s]))",
    "topk(10, {__name__=~'ronda_.+'})",
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=3_000)
    parser.add_argument("--seconds", type=int, default=60)
    args = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="ronda-centre-") as folder,
        Centre(Path(folder) / "var") as centre,
    ):
        idle = memory(centre)
        say("centre without a site", sum(idle.values()), "MiB", idle)
        # two hours and more, so that the window is as full as it gets
        alone = simulate(centre, args.sites, max(args.seconds, 70), "--history", "0.09")
        tell(f"{args.sites} sites, nobody asks", alone)
        token = centre.ask("users", "token", "--role", "viewer", "--name", "bench")["token"]
        full = memory(centre)
        say(f"centre of {args.sites} sites, all processes", sum(full.values()), "MiB", full)
        with asking(centre, token) as answered:
            beside = simulate(centre, args.sites, args.seconds)
            full = memory(centre)
        after = memory(centre)
        tell(f"{args.sites} sites, {AT_ONCE} heavy queries at once", beside)
        say("p99 beside queries to p99 alone", beside["p99_ms"] / alone["p99_ms"], "times")
        say("queries answered meanwhile", len(answered), "")
        say("the slowest", max(answered, default=0.0), "s")
        say("the same while they are answered", sum(full.values()), "MiB", full)
        say("the same after the last answer", sum(after.values()), "MiB", after)
        refused(centre, token)
    return 0


def simulate(centre: Centre, sites: int, seconds: int, *more: str) -> dict[str, Any]:
    """The figures of a fleet that reports once a minute."""
    words = [
        "--sites",
        str(sites),
        "--interval",
        "60",
        "--duration",
        str(seconds),
        "--seed",
        "1",
        *more,
    ]
    command = centre.command("simulate", "--ingest", centre.ingest_url, *words, "--json")
    command += ["--data", str(centre.folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 600)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@contextmanager
def asking(centre: Centre, token: str) -> Iterator[list[float]]:
    """So many people who ask the heaviest questions, one after the other; their seconds."""
    stop, spent = threading.Event(), list[float]()

    def run(first: int) -> None:
        at = first
        while not stop.is_set():
            began = time.monotonic()
            query(centre, token, HEAVY[at % len(HEAVY)])
            spent.append(time.monotonic() - began)
            at += 1

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    try:
        yield spent
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)


def query(centre: Centre, token: str, text: str, **more: Any) -> tuple[int, str]:
    """Status and the beginning of the answer."""
    path = "query_range" if "step" in more else "query"
    pair = base64.b64encode(f"x:{token}".encode()).decode()
    url = f"{centre.console_url}/prometheus/api/v1/{path}"
    body = urlencode({"query": text} | more).encode()
    asked = urllib.request.Request(url, body, {"Authorization": f"Basic {pair}"})
    try:
        with urllib.request.urlopen(asked, timeout=120) as answer:
            status, told = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, told = error.code, error.read()
    return status, told[:200].decode()


def refused(centre: Centre, token: str) -> None:
    """Ten million points asked for."""
    end = round(time.time())
    spent = []
    for _ in range(7):
        began = time.perf_counter()
        status, told = query(
            centre, token, "ronda_host_load1", start=end - 86_400, end=end, step=10
        )
        spent.append((time.perf_counter() - began) * 1000)
        assert status == 422, told
    say("10^7 points refused, best and median of 7", min(spent), "ms", {"median": median(spent)})


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def memory(centre: Centre) -> dict[str, float]:
    """MiB of each process, what they share divided among them."""
    found = {}
    assert centre.process is not None
    pids = {"up": centre.process.pid}
    pids |= {role: centre.pid(role) for role in ("ingest", "engine", "web")}
    for role, pid in pids.items():
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        pss = [line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:")]
        found[role] = int(pss[0]) / 1024
    return found


def tell(what: str, told: dict[str, Any]) -> None:
    figures = {k: told[k] for k in ("reports_acked", "p50_ms", "p99_ms", "max_ms", "fold_lag_s")}
    print(f"{what}: " + ", ".join(f"{name} {value}" for name, value in figures.items()), flush=True)


def say(what: str, figure: float, unit: str, parts: dict[str, float] | None = None) -> None:
    told = "  " + ", ".join(f"{k} {v:.0f}" for k, v in parts.items()) if parts else ""
    print(f"{what:48} {figure:9.1f} {unit}{told}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
