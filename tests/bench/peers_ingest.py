"""What taking numbers in costs: ours, Prometheus and VictoriaMetrics, the same numbers one by one.

python -m tests.bench.peers_ingest [--sites 3000] [--rounds 1]

One request a site and simulated minute, 60 series in each, minute after minute as fast as it goes,
by as many kept connections for each; a minute's requests are made before it is sent. So many of the
newest minutes are sent as are news at this time of the hour: what is older goes, as a backlog does,
past the window. The first minute, in which each site is new to all of them, is not counted. Ours is
a whole centre that folds, draws states and evaluates its rules beside it, and answers when the
report is on disk; the others answer before. CPU is counted until what came in is worked through,
and for us until all of it is in blocks, too; what each takes by itself when nothing comes is told,
and left out of the last figure.
"""

import argparse
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from subprocess import DEVNULL, Popen

import numpy as np
import uvloop

from collector import positions
from collector.db import meta_get, open_history, open_store, reading
from collector.fold.chores import PACK_SITES
from collector.fold.commit import FOLD, WINDOW
from collector.fold.restart import open_window
from collector.secret import load_secret
from collector.series.packing import Packing, targets
from collector.series.window_head import window_minutes
from collector.series.window_reader import WindowReader
from collector.settings import Settings
from collector.simulate.enrolment import enrol
from tests.bench import writes
from tests.bench.peers_rest import wait_for
from tests.bench.pump import Taken, pump, request
from tests.bench.vitals import Spending, cpu_s, memory, pss_mib
from tests.bench.watching import quantile
from tests.bench.writes import Load
from tests.stories.centre import Centre, free_port

# a round is over by then
_LASTS_S = 360.0
# fewer would weigh the start more than what follows
LEAST_MINUTES = 25
_EVERY_S = 3600
_SETTLE_S, _STILL_S, _STILL = 120.0, 5.0, 0.03
_WRITE = "Content-Encoding: snappy\r\nContent-Type: application/x-protobuf\r\n"


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of the load, of all until it was worked through, and what it takes by itself."""

    name: str
    samples: int
    cpu_s: float
    with_rest_s: float
    lasted_s: float
    alone: float  # cores
    mib: float
    taken: Taken

    @property
    def a_million_s(self) -> float:
        return self.with_rest_s / self.samples * 1e6

    @property
    def net_s(self) -> float:
        """Of a million samples, without what it does when nothing comes."""
        return max(0.0, self.with_rest_s - self.alone * self.lasted_s) / self.samples * 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=1, help="times that they take turns")
    args = parser.parse_args()
    begin, minutes = news(args.sites, time.time(), args.rounds)
    if minutes < LEAST_MINUTES:
        parser.error(f"{minutes} minutes of the past are news at this time; begin a little later")
    costs: list[Cost] = []
    for _ in range(args.rounds):
        for run in (ours, prometheus, victoria):
            load = writes.made(args.sites, minutes, begin)
            with tempfile.TemporaryDirectory(prefix="ronda-ingest-") as folder:
                cost = run(Path(folder), load)
            if cost is None:
                print(f"   {run.__name__}: not installed here", flush=True)
                continue
            costs.append(cost)
            tell(cost)
    ratios(costs)
    return 0


def news(sites: int, now: float, rounds: int) -> tuple[float, int]:
    """From when on, and so many minutes, numbers can come in before any site's are packed; in
    each round ours are first."""
    rows = np.arange(sites, dtype=np.int64)
    lasts_s = rounds * _LASTS_S
    begin = int(targets(rows, now + lasts_s, window_minutes(sites)).max())
    return begin * 60.0, int(now // 60) - begin


def ours(folder: Path, load: Load) -> Cost:
    """Sites that report each hour, so that all of the load is news and nothing a backlog."""
    with Centre(folder / "var") as centre:
        store, now = open_store(centre.settings), time.time()
        secret = load_secret(centre.folder)
        tokens = enrol(store, secret, load.sites, 1, _EVERY_S, now).tokens
        boots = [load.start - 3600.0 - site for site in range(load.sites)]
        bodies = list(writes.frames(load, boots))
        heads = [f'{{"v":1,"spool":"{site:08x}","boot":"b"' for site in range(load.sites)]

        def reports(rests: Sequence[bytes]) -> list[bytes]:
            return [report(site, rest) for site, rest in enumerate(rests)]

        def report(site: int, rest: bytes) -> bytes:
            sent = time.time()
            head = f'{heads[site]},"sent_at":{sent:.3f},"up":{sent - boots[site]:.3f},'
            known = f"Authorization: Bearer {tokens[site]}\r\nContent-Encoding: gzip\r\n"
            return request("/api/v1/reports", gzip_of(head.encode() + rest[1:]), known)

        known(centre, tokens)
        minutes, before = map(reports, bodies), Spending(centre)
        uvloop.run(pump(centre.settings.ingest, islice(minutes, 1)))
        settle(lambda: sum(before.look().values()), lambda: lag_of(centre) < 1.0)
        spending, began = Spending(centre), time.monotonic()
        taken = uvloop.run(pump(centre.settings.ingest, minutes))
        loaded = sum(spending.look().values())
        alone = settle(lambda: sum(spending.look().values()), lambda: lag_of(centre) < 1.0)
        lasted = time.monotonic() - began
        store.dispose()
        rest = spending.look()
        held = sum(memory(centre).values())
    rest["packing"] = packing_s(centre.settings)
    each = ", ".join(f"{role} {used:.1f} s" for role, used in rest.items())
    print(f"   ours, {load.minutes} minutes: {each}", flush=True)
    spent = sum(rest.values())
    return Cost("ours", known_samples(load), loaded, spent, lasted, alone, held, taken)


def known_samples(load: Load) -> int:
    """All but those of the first minute, in which everybody is new to whoever takes them in."""
    return load.samples // load.minutes * (load.minutes - 1)


def packing_s(settings: Settings) -> float:
    """CPU seconds until all that a centre's window holds is in blocks, which is the work of hours
    to come; the centre has stopped."""
    store, history = open_store(settings), open_history(settings)
    with reading(store) as connection:
        given = positions.get(connection, FOLD), meta_get(connection, WINDOW, "")
    window, _ = open_window(settings, store, history, *given)
    packing, began = Packing(history, window, WindowReader(settings.window)), time.process_time()
    now = time.time() + 2 * 3600
    while packing.step(now, PACK_SITES):
        pass
    spent = time.process_time() - began
    window.close()
    for engine in (store, history):
        engine.dispose()
    return spent


def gzip_of(body: bytes) -> bytes:
    return zlib.compress(body, 1, wbits=31)


def known(centre: Centre, tokens: Sequence[str]) -> None:
    """Until ingest has read the rows of the last agent."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        line = HTTPConnection(centre.settings.ingest, timeout=10)
        line.request("GET", "/api/v1/config", headers={"Authorization": f"Bearer {tokens[-1]}"})
        status = line.getresponse().status
        line.close()
        if status != 401:
            return
        time.sleep(0.2)


def lag_of(centre: Centre) -> float:
    return float(centre.health().get("fold_lag_s") or 0.0)


def prometheus(folder: Path, load: Load) -> Cost | None:
    (folder / "prometheus.yml").write_text("{}")
    address = f"127.0.0.1:{free_port()}"
    command = ["prometheus", f"--config.file={folder}/prometheus.yml"]
    command += [f"--web.listen-address={address}", f"--storage.tsdb.path={folder}/data"]
    command += ["--web.enable-remote-write-receiver"]
    return peer("Prometheus", command, address, "/-/ready", load)


def victoria(folder: Path, load: Load) -> Cost | None:
    address = f"127.0.0.1:{free_port()}"
    command = ["victoria-metrics", f"-storageDataPath={folder}/data", f"-httpListenAddr={address}"]
    return peer("VictoriaMetrics", [*command, "-retentionPeriod=1y"], address, "/health", load)


def peer(name: str, command: Sequence[str], address: str, ready: str, load: Load) -> Cost | None:
    if shutil.which(command[0]) is None:
        return None
    minutes = [
        [request("/api/v1/write", body, _WRITE) for body in bodies]
        for bodies in writes.remote_writes(load)
    ]
    with running(command, f"http://{address}{ready}") as pid:
        uvloop.run(pump(address, minutes[:1]))
        settle(lambda: cpu_s(pid), lambda: True)
        before, began = cpu_s(pid), time.monotonic()
        taken = uvloop.run(pump(address, minutes[1:]))
        loaded = cpu_s(pid) - before
        alone = settle(lambda: cpu_s(pid), lambda: True)
        rest, held, lasted = cpu_s(pid) - before, pss_mib(pid), time.monotonic() - began
    return Cost(name, known_samples(load), loaded, rest, lasted, alone, held, taken)


@contextmanager
def running(command: Sequence[str], ready: str) -> Iterator[int]:
    with Popen(command, stdout=DEVNULL, stderr=DEVNULL) as server:
        try:
            wait_for(ready)
            yield server.pid
        finally:
            server.terminate()
            server.wait(60)


def settle(spent: Callable[[], float], done: Callable[[], bool]) -> float:
    """Until it does no less than before, two minutes at most; cores that it takes by itself."""
    deadline, last, before = time.monotonic() + _SETTLE_S, float("inf"), spent()
    while time.monotonic() < deadline:
        time.sleep(_STILL_S)
        now = spent()
        rate, before = (now - before) / _STILL_S, now
        if done() and (rate < _STILL or rate > 0.8 * last):
            return rate
        last = rate
    return last


def tell(cost: Cost) -> None:
    taken = cost.taken
    p50, p99 = (quantile(taken.waits, at) * 1000 for at in (0.5, 0.99))
    print(
        f"{cost.name:16} {cost.samples / taken.took_s:9,.0f} samples/s"
        f"  {cost.cpu_s / cost.samples * 1e6:6.2f} CPU-s a million,"
        f" {cost.a_million_s:6.2f} with what came after,"
        f" {cost.net_s:6.2f} without the {cost.alone:.3f} cores by itself"
        f"  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  {cost.mib:6.0f} MiB  not taken {taken.failed}",
        flush=True,
    )


def ratios(costs: Sequence[Cost]) -> None:
    """Ours to each of the others, the best of all rounds of each."""
    best: dict[str, float] = {}
    for cost in costs:
        best[cost.name] = min(best.get(cost.name, float("inf")), cost.net_s)
    for name, theirs in best.items():
        if name != "ours" and theirs:
            print(f"ours to {name}: {best['ours'] / theirs:.2f} times its CPU a sample", flush=True)


if __name__ == "__main__":
    sys.exit(main())
