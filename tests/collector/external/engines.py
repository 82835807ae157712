"""Real engines of Debian for tests, and a sender that hands over what a centre has."""

import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from agent.report import parse_series
from collector.db import writing
from collector.external.borrowing import External
from collector.external.place import Place
from collector.external.standing import Standing, write
from collector.outward.encode import Piece, label_fields, write_request
from collector.outward.post import Poster, Receiver, Verdict
from collector.promql.source import Centre
from collector.promql.vectors import STALE
from tests.collector.promql.conftest import Small
from tests.stories.centre import free_port, wait_for

HOUR_S = 3600


class Server:
    """One process of an engine; `stop` and `start` keep what it has."""

    def __init__(self, command: Sequence[str], port: int, ready: str, way: str) -> None:
        self.way = way
        self.base = f"http://127.0.0.1:{port}"
        self._command, self._ready = command, f"{self.base}{ready}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def place(self) -> Place:
        return Place(self.base, Receiver(f"{self.base}/api/v1/write"), 10.0)

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_for(f"{self._command[0]} to be ready", self._answers, 30, 0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(30)
            self._process = None

    def settle(self) -> None:
        """What was sent can be read."""
        if self.way == "export":
            urllib.request.urlopen(f"{self.base}/internal/force_flush", timeout=30).close()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self._ready, timeout=1):
                return True
        except OSError:
            return False


@contextmanager
def victoria(folder: Path) -> Iterator[Server]:
    port = free_port()
    command = ["victoria-metrics", f"-storageDataPath={folder}", "-retentionPeriod=100y"]
    yield from _running(
        Server([*command, f"-httpListenAddr=127.0.0.1:{port}"], port, "/health", "export")
    )


@contextmanager
def prometheus(folder: Path, window: str = "") -> Iterator[Server]:
    """With `window` it takes samples that are so late."""
    folder.mkdir()
    file, port = folder / "prometheus.yml", free_port()
    more = f"storage: {{tsdb: {{out_of_order_time_window: {window}}}}}\n" if window else ""
    file.write_text(f"global: {{}}\n{more}")
    command = ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}"]
    options = [f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver"]
    long = "--storage.tsdb.retention.time=10y"
    yield from _running(Server([*command, *options, long], port, "/-/ready", "remote_read"))


def _running(server: Server) -> Iterator[Server]:
    assert shutil.which("prometheus") and shutil.which("victoria-metrics"), "deploy/test-packages"
    server.start()
    try:
        yield server
    finally:
        server.stop()


def external(small: Small, server: Server) -> External:
    """As a process of the centre has it after a probe that worked."""
    centre = Centre(small.settings, small.store, small.blocks)
    centre.look()
    with writing(small.store) as connection:
        write(connection, Standing(server.place.host, 1.0, True, True, server.way))
    return External(server.place, small.store, centre.history.columns)


def push(small: Small, server: Server, start: float, end: float) -> int:
    """Hand over what is here of (start, end], hour by hour; how many samples were refused."""
    centre = Centre(small.settings, small.store, small.blocks)
    history, sites = centre.history, centre.look().sites
    lines = []
    for place, row in enumerate(sites.rows.tolist()):
        names = history.columns_of(row, start, end)
        for name, (times, values) in history.range(row, names, start + 0.001, end).items():
            metric, own = parse_series(name)
            labels = label_fields({**sites.labels.row(place), **own, "__name__": metric})
            # nulls end a series, as Prometheus has it
            lines.append((labels, times, np.where(np.isnan(values), STALE, values)))
    poster, refused = Poster(server.place.receiver), 0
    for hour in range(int(start // HOUR_S), int(end // HOUR_S) + 1):
        pieces = []
        for labels, times, values in lines:
            these = slice(*np.searchsorted(times, [hour * HOUR_S, (hour + 1) * HOUR_S]))
            stamps = np.rint(times[these] * 1000).astype(int).tolist()
            if stamps:
                pieces.append(Piece(labels, stamps, values[these].astype("<f8").tobytes()))
        refused += _post(poster, pieces) if pieces else 0
    poster.close()
    server.settle()
    return refused


def _post(poster: Poster, pieces: list[Piece]) -> int:
    answer = poster.post(write_request(pieces))
    if answer.verdict == Verdict.ACCEPTED:
        return 0
    assert answer.verdict == Verdict.REFUSED, answer
    if len(pieces) == 1:
        return len(pieces[0].times_ms)
    half = len(pieces) // 2
    return _post(poster, pieces[:half]) + _post(poster, pieces[half:])
