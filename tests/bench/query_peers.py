"""The questions of the budget, asked of us, Prometheus and VictoriaMetrics over the same samples.

python -m tests.bench.query_peers [--sites 3000,83763] [--days 30]

All by HTTP over loopback, the body read to its end; the first, the best and the median answer.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import numpy as np

from collector.db import migrate, open_history, open_store, writing
from collector.schema import sites as site_table
from collector.settings import Settings
from collector.supervise import MEMORY, ROOMY
from tests.bench import peers_rest, query, series_rest
from tests.bench.peers_rest import Month, wait_for
from tests.bench.series_rest import START
from tests.stories.centre import free_port

ROUNDS = 15
MINUTES = 5
SERIES = "ronda_host_load1"
DAY_S = 86_400

Ask = Callable[[str, dict[str, str]], tuple[float, int]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", default="3000,83763")
    parser.add_argument("--days", type=int, default=30)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ronda-peers-") as folder:
        one_site(Path(folder) / "site", args.days)
    for count in filter(None, args.sites.split(",")):
        with tempfile.TemporaryDirectory(prefix="ronda-peers-") as folder:
            latest(Path(folder), int(count))
    return 0


def one_site(folder: Path, length: int) -> None:
    """Ten series of one site of three, over a day and over a month."""
    fleet = series_rest.fleet("simulated")
    settings = Settings(data=str(folder / "ours"))
    migrate(settings)
    series_rest.fill(settings, fleet, 3, length)
    store = open_store(settings)
    rows = [
        {"code": f"35.10.06.{2001 + row}", "row": row, "name": f"Desa {row}"} for row in (0, 1, 2)
    ]
    with writing(store) as connection:
        connection.execute(site_table.insert(), rows)
    store.dispose()
    months = [fleet.site(site, length) for site in range(3)]
    end = START + length * DAY_S
    metrics = Counter(name.partition("{")[0] for name in fleet.names)
    ten = "|".join([name for name, count in sorted(metrics.items()) if count == 1][:10])
    text = f'{{__name__=~"{ten}",site="35.10.06.2002"}}'
    year = {"query": f"last_over_time({text}[1d])", "start": START, "end": end, "step": DAY_S}
    asked = {
        "10 series, 24 h by minute": {"query": text, "start": end - DAY_S, "end": end, "step": 60},
        f"10 series, {length} d by 5 min": {"query": text, "start": START, "end": end, "step": 300},
        f"10 series, {length} d by day": year,
    }
    with everyone(folder, settings, fleet.names, months, end) as peers:
        for what, params in asked.items():
            told(what, peers, "query_range", {k: str(v) for k, v in params.items()})


def latest(folder: Path, count: int) -> None:
    """The newest of one series at every site."""
    settings = Settings(data=str(folder / "ours"))
    migrate(settings)
    store, history = open_store(settings), open_history(settings)
    query.inventory(store, count)
    writer, now = query._numbers(settings, history, count)
    store.dispose()
    history.dispose()
    some = np.random.default_rng(1)
    times = now - MINUTES * 60 + np.arange(MINUTES) * 60.0
    months = [(times, some.random((MINUTES, 1))) for _ in range(count)]
    params = {"query": SERIES, "time": str(now)}
    with everyone(folder, settings, [SERIES], months, now) as peers:
        told(f"latest of {count} sites", peers, "query", params)
    writer.close()


def told(what: str, peers: dict[str, Ask], endpoint: str, params: dict[str, str]) -> None:
    """They take turns, so that what else the machine does is shared by all."""
    spent: dict[str, list[float]] = {name: [] for name in peers}
    size = dict.fromkeys(peers, 0)
    for _ in range(ROUNDS):
        for name, ask in peers.items():
            took, size[name] = ask(endpoint, params)
            spent[name].append(took)
    for name, found in spent.items():
        least, median = min(found[1:]), sorted(found)[ROUNDS // 2]
        print(
            f"{f'{what}: {name}':48} first {found[0]:8.1f}, best {least:8.1f}, "
            f"median {median:8.1f} ms {size[name] / 1000:10.1f} kB",
            flush=True,
        )


@contextmanager
def everyone(
    folder: Path, settings: Settings, names: Sequence[str], months: Sequence[Month], now: float
) -> Iterator[dict[str, Ask]]:
    """Each with the same samples."""
    with ExitStack() as stack:
        peers = {"ours": asker(stack.enter_context(ours(settings, now)), {})}
        if shutil.which("prometheus") is not None:
            base = stack.enter_context(prometheus(folder, names, months))
            peers["Prometheus"] = asker(base, {})
        if shutil.which("victoria-metrics") is not None:
            base = stack.enter_context(victoria(folder, names, months))
            peers["VictoriaMetrics"] = asker(base, {"nocache": "1"})
        yield peers


def asker(base: str, more: dict[str, str]) -> Ask:
    def ask(endpoint: str, params: dict[str, str]) -> tuple[float, int]:
        """Milliseconds, and the length of the answer."""
        body = urlencode(params | more).encode()
        began = time.perf_counter()
        with urllib.request.urlopen(f"{base}/api/v1/{endpoint}", body, timeout=120) as answer:
            size = len(answer.read())
        return (time.perf_counter() - began) * 1000, size

    return ask


@contextmanager
def ours(settings: Settings, now: float) -> Iterator[str]:
    """The query interface in a process of its own, without accounts."""
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "tests.bench.query_server", settings.data, address, str(now)]
    with running(command, f"http://{address}/api/v1/status/buildinfo", MEMORY | ROOMY):
        yield f"http://{address}"


@contextmanager
def prometheus(folder: Path, names: Sequence[str], months: Sequence[Month]) -> Iterator[str]:
    home = folder / "prometheus"
    home.mkdir()
    peers_rest.prometheus(home, names, months)
    (home / "prometheus.yml").write_text("{}")
    address = f"127.0.0.1:{free_port()}"
    command = ["prometheus", f"--config.file={home}/prometheus.yml"]
    command += [f"--web.listen-address={address}", f"--storage.tsdb.path={home}/blocks"]
    command += ["--storage.tsdb.retention.time=100y"]
    with running(command, f"http://{address}/-/ready"):
        yield f"http://{address}"


@contextmanager
def victoria(folder: Path, names: Sequence[str], months: Sequence[Month]) -> Iterator[str]:
    home = folder / "victoria"
    home.mkdir()
    with peers_rest.victoria_server(home / "data") as base:
        peers_rest.fill_victoria(base, names, months)
        yield base


@contextmanager
def running(
    command: Sequence[str], ready: str, settings: Mapping[str, str] | None = None
) -> Iterator[None]:
    quiet, environment = subprocess.DEVNULL, {**os.environ, **(settings or {})}
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as server:
        try:
            wait_for(ready)
            yield
        finally:
            server.terminate()
            server.wait(60)


if __name__ == "__main__":
    sys.exit(main())
