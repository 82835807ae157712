"""Private servers of NATS for tests: one, or three that are a cluster, on loopback."""

import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from http.client import HTTPException
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

_READY_S = 20.0
# what ends the servers however the tests end, and leaves nothing of them
_SWEEP = """
read -r _
for file in "$1"/*/pid; do kill -KILL "$(cat "$file")" 2>/dev/null; done
sleep 0.5
rm -rf "$1"
"""
_CONFIG = """
server_name: {name}
listen: "127.0.0.1:{client}"
http: "127.0.0.1:{monitor}"
pid_file: "{folder}/pid"
log_file: "{folder}/log"
max_payload: 8MB
jetstream {{
  store_dir: "{folder}/data"
  max_file_store: 4GB
  max_memory_store: 64MB
  {sync}
}}
{more}
"""
_CLUSTER = """
cluster {{
  name: ronda
  listen: "127.0.0.1:{own}"
  routes: [{routes}]
}}
"""


@cache
def version() -> tuple[int, int]:
    """Of the server in PATH; AssertionError when there is none."""
    assert shutil.which("nats-server"), "nats-server is not installed: apt-get install nats-server"
    said = subprocess.run(["nats-server", "--version"], capture_output=True, text=True).stdout
    found = re.search(r"v(\d+)\.(\d+)", said)
    assert found, said
    return int(found[1]), int(found[2])


def syncs_always() -> bool:
    """Can this server be told to wait for its disk?"""
    return version() >= (2, 10)


class Node:
    """One server; it keeps its ports and its data from one start to the next."""

    def __init__(self, folder: Path, name: str, more: str = "", durable: bool = False) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.name = folder, name
        self.client, self.monitor = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._durable = durable
        self.configure(more)

    def configure(self, more: str = "") -> None:
        """Write its settings; `more` in their language."""
        sync = "sync_interval: always" if self._durable and syncs_always() else ""
        given = {"name": self.name, "client": self.client, "monitor": self.monitor}
        text = _CONFIG.format(**given, folder=self.folder, sync=sync, more=more)
        (self.folder / "conf").write_text(text)

    def use(self, text: str) -> None:
        """Settings of somebody else's hand."""
        (self.folder / "conf").write_text(text)

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.client}"

    @property
    def monitor_url(self) -> str:
        return f"http://127.0.0.1:{self.monitor}"

    def start(self) -> "Node":
        self.process = subprocess.Popen(
            ["nats-server", "-c", str(self.folder / "conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return self

    def wait(self) -> "Node":
        """Until it says that JetStream is in order."""
        deadline = time.monotonic() + _READY_S
        while not self._well():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.05)
        return self

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
        self.process = None

    def _well(self) -> bool:
        try:
            with build_opener(ProxyHandler({})).open(
                f"{self.monitor_url}/healthz", timeout=2
            ) as page:
                return bool(page.status == 200)
        except (OSError, HTTPException):
            return False


@contextmanager
def running(count: int = 1, durable: bool = False) -> Iterator[Sequence[Node]]:
    """So many servers, a cluster if there are several, gone afterwards."""
    version()
    folder = Path(tempfile.mkdtemp(prefix="ronda-nats-"))
    sweeper = subprocess.Popen(
        ["sh", "-c", _SWEEP, "sh", str(folder)], stdin=subprocess.PIPE, start_new_session=True
    )
    with sweeper:
        nodes = [Node(folder / f"n{i}", f"n{i}", durable=durable) for i in range(1, count + 1)]
        if count > 1:
            _join(nodes)
        try:
            for node in nodes:
                node.start()
            for node in nodes:
                node.wait()
            yield nodes
        finally:
            for node in nodes:
                node.kill()


def _join(nodes: Sequence[Node]) -> None:
    ports = [free_port() for _ in nodes]
    routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in ports)
    for node, own in zip(nodes, ports, strict=True):
        node.configure(_CLUSTER.format(own=own, routes=routes))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
