"""How many bytes other stores need for the same samples, each fed by its own door."""

import json
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

Month = tuple[np.ndarray, np.ndarray]
AT_ONCE = 20_000
MANY = 2_000
LONGEST_S = 600


def prometheus(folder: Path, names: Sequence[str], months: Sequence[Month]) -> int | None:
    """Blocks as promtool makes them, a month each: its compactor would end there, too."""
    if shutil.which("promtool") is None:
        return None
    text, blocks = folder / "samples.txt", folder / "blocks"
    with text.open("w") as file:
        for name in names:
            for site, (times, values) in enumerate(months):
                head = labelled(name, site)
                line = values[:, names.index(name)]
                pairs = zip(line.tolist(), times.tolist(), strict=True)
                file.writelines(f"{head} {value!r} {at:.3f}\n" for value, at in pairs)
        file.write("# EOF\n")
    command = ["promtool", "tsdb", "create-blocks-from", "--max-block-duration=744h", "openmetrics"]
    subprocess.run([*command, text, blocks], check=True, capture_output=True, timeout=LONGEST_S)
    return sum(path.stat().st_size for path in blocks.rglob("*") if path.is_file())


def victoria(folder: Path, names: Sequence[str], months: Sequence[Month]) -> int | None:
    """All of its data folder after a clean end; it merges parts as they come."""
    if shutil.which("victoria-metrics") is None:
        return None
    data = folder / "data"
    with victoria_server(data) as base:
        fill_victoria(base, names, months)
        urllib.request.urlopen(f"{base}/internal/force_merge", timeout=60).close()
        settle(data)
    return held(data)


@contextmanager
def victoria_server(data: Path) -> Iterator[str]:
    """Where it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    options = [f"-storageDataPath={data}", f"-httpListenAddr={address}", "-retentionPeriod=100y"]
    with subprocess.Popen(
        ["victoria-metrics", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_for(f"http://{address}/health")
            yield f"http://{address}"
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)


def fill_victoria(base: str, names: Sequence[str], months: Sequence[Month]) -> None:
    body: list[str] = []
    for site, (times, values) in enumerate(months):
        for start in range(0, len(times), AT_ONCE):
            these = slice(start, start + AT_ONCE)
            body += lines(names, site, times[these], values[these])
            if len(times) > MANY or len(body) > MANY:
                send(base, body)
                body = []
    send(base, body)
    urllib.request.urlopen(f"{base}/internal/force_flush", timeout=60).close()


def lines(names: Sequence[str], site: int, times: np.ndarray, values: np.ndarray) -> list[str]:
    stamps = np.rint(times * 1000).astype(np.int64).tolist()
    return [
        json.dumps({"metric": labels(name, site), "values": line, "timestamps": stamps}) + "\n"
        for name, line in zip(names, values.T.tolist(), strict=True)
    ]


def send(base: str, body: Sequence[str]) -> None:
    request = urllib.request.Request(f"{base}/api/v1/import", "".join(body).encode(), method="POST")
    urllib.request.urlopen(request, timeout=60).close()


def settle(data: Path) -> None:
    """Wait until its merges have ended."""
    size, still = held(data), 0
    for _ in range(LONGEST_S):
        time.sleep(1)
        now = held(data)
        size, still = now, still + 1 if now == size else 0
        if still >= 5:
            return


def held(data: Path) -> int:
    total = 0
    for path in data.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total


def wait_for(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(url)


def labels(name: str, site: int) -> dict[str, str]:
    metric, _, rest = name.rstrip("}").partition("{")
    told = dict(part.split("=", 1) for part in rest.split(",") if part)
    code = f"35.10.06.{2001 + site}"
    return {"__name__": metric, "site": code} | {k: v.strip('"') for k, v in told.items()}


def labelled(name: str, site: int) -> str:
    metric, *rest = labels(name, site).items()
    told = ",".join(f'{key}="{value}"' for key, value in rest)
    return f"{metric[1]}{{{told}}}"


PEERS: dict[str, Callable[[Path, Sequence[str], Sequence[Month]], int | None]] = {
    "Prometheus": prometheus,
    "VictoriaMetrics": victoria,
}
