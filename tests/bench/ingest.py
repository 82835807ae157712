"""What one report costs ingest: requests a second, CPU a report, beside a server that only echoes.

python -m tests.bench.ingest: 256 keep-alive connections, gzip, 60 values a report.
"""

import argparse
import asyncio
import gzip
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server
from sqlalchemy import insert

from agent.report import layout_id, series
from collector import agents, db
from collector.intake.server import Exchange, Scope, serve_alone
from collector.schema import sites
from collector.settings import Settings
from tests.bench.pump import Line

VALUES = 60
SITE = "35.10.06.2005"
NAMES = [series("ronda_uplink_rtt_seconds", {"target": f"t{i:02}"}) for i in range(VALUES)]
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Result:
    """Figures of one run."""

    name: str
    requests: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    waits: list[float] = field(default_factory=list)

    def line(self) -> str:
        waits = sorted(self.waits)
        p50, p99 = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
        return (
            f"{self.name:<22}{self.requests / self.seconds:>10,.0f} requests/s"
            f"{self.cpu_s / self.requests * 1000:>9.3f} ms CPU each"
            f"{p50 * 1000:>8.0f} ms p50{p99 * 1000:>8.0f} ms p99"
        )


class Client(Line):
    """One kept connection that sends its report again as soon as it is answered."""

    def __init__(self, requests: list[bytes], result: Result) -> None:
        super().__init__()
        self._requests = requests
        self.result = result
        self._turn = 0
        self.paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._send()

    def answered(self, status: int) -> None:
        if status != 200:
            raise SystemExit(f"answered {status}")
        self.result.requests += 1
        self.result.waits.append(time.perf_counter() - self.sent_at)
        self._send()

    def _send(self) -> None:
        if not self.paused:
            self.send(self._requests[self._turn % len(self._requests)])
            self._turn += 1


async def drive(
    name: str, port: int, all_requests: list[list[bytes]], pid: int, s: float
) -> Result:
    warm, result = Result(name), Result(name)
    loop = asyncio.get_running_loop()
    clients = []
    for requests in all_requests:
        make = partial(Client, requests, warm)
        _, client = await loop.create_connection(make, "127.0.0.1", port)
        clients.append(client)
    await asyncio.sleep(1.5)
    for client in clients:
        client.result = result
    cpu, began = cpu_s(pid), time.perf_counter()
    await asyncio.sleep(s)
    result.cpu_s, result.seconds = cpu_s(pid) - cpu, time.perf_counter() - began
    for client in clients:
        client.paused = True
    await asyncio.sleep(0.3)
    for client in clients:
        client.transport.close()
    return result


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def requests_of(token: str, rng: random.Random) -> list[bytes]:
    layout = layout_id(NAMES)
    made = []
    for n in range(1, 9):
        up = 1000.0 + 60 * n
        values = [round(rng.lognormvariate(-4, 1), 6) for _ in range(VALUES)]
        frame = {"n": n, "at": 1.79e9 + up, "up": up, "layout": layout, "values": values}
        body = {
            "v": 1,
            "spool": "9f1c22d0",
            "boot": "6b0e",
            "sent_at": 1.79e9 + up + 1,
            "up": up + 1,
            "layouts": {layout: NAMES} if n == 1 else {},
            "frames": [frame],
            "findings": [],
            "dropped": 0,
        }
        packed = gzip.compress(json.dumps(body, separators=(",", ":")).encode(), 6)
        head = (
            f"POST /api/v1/reports HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
        )
        made.append(head.encode() + packed)
    return made


def prepare(folder: Path, port: int, count: int) -> list[str]:
    settings = Settings(data=str(folder), ingest=f"127.0.0.1:{port}")
    db.migrate(settings)
    engine = db.open_store(settings)
    tokens = [f"token-of-agent-number-{i:06}-0123456789abcdef" for i in range(count)]
    with db.writing(engine) as connection:
        connection.execute(insert(sites).values(code=SITE, row=0, name="bench"))
        for token in tokens:
            agent = agents.add_agent(connection, SITE, "bench", [], "active", 0.0)
            agents.set_token(connection, agent, token)
    engine.dispose()
    return tokens


async def run_ingest(folder: str, port: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await serve_alone(Settings(data=folder, ingest=f"127.0.0.1:{port}"), stop)


async def run_echo(port: int) -> None:
    server = Server(
        Echo(), port=port, interface=Interfaces.RSGI, log_enabled=False, websockets=False
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


class Echo:
    """The floor: reads the body, answers as many bytes as ingest does."""

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        await exchange()
        exchange.response_bytes(200, [("content-type", "application/json")], b"{}" + b" " * 118)


def measure(role: str, folder: Path, connections: int, seconds: float) -> Result:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    tokens = prepare(folder, port, connections)
    rng = random.Random(1)
    all_requests = [requests_of(token, rng) for token in tokens]
    command = [
        sys.executable,
        "-m",
        "tests.bench.ingest",
        "--role",
        role,
        "--folder",
        str(folder),
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command)
    try:
        wait_for(port)
        return uvloop.run(drive(role, port, all_requests, process.pid, seconds))
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int) -> None:
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("it does not listen")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--role", choices=("ingest", "echo"))
    parser.add_argument("--folder")
    parser.add_argument("--port", type=int)
    parser.add_argument("--connections", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=6.0)
    given = parser.parse_args()
    if given.role == "echo":
        uvloop.run(run_echo(given.port))
    elif given.role == "ingest":
        uvloop.run(run_ingest(given.folder, given.port))
    else:
        for role in ("echo", "ingest"):
            with tempfile.TemporaryDirectory() as folder:
                print(measure(role, Path(folder), given.connections, given.seconds).line())


if __name__ == "__main__":
    main()
