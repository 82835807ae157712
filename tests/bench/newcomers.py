"""What first reports of many agents cost ingest, then their steady ones; and how long it stalls.

python -m tests.bench.newcomers [--agents 83763] [--rounds 2] [--edits 3]

Each agent sends a report with its layout and five first findings, then `rounds` plain ones, as
fast as they are answered; then somebody edits a site, so that all is looked at again. CPU is that
of all threads of the process, with the HTTP server. What answers is the real one.
"""

import argparse
import asyncio
import gzip
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count as numbers
from itertools import islice
from pathlib import Path
from typing import IO

import uvloop
from sqlalchemy import Engine

from agent.report import layout_id
from collector import db
from collector.db import migrate, open_store
from collector.intake.server import serve_alone
from collector.inventory.keeping import put
from collector.secret import load_secret
from collector.settings import Settings
from collector.simulate.catalogue import CHECKS, catalogue
from collector.simulate.enrolment import enrol
from tests.bench.ingest import Client, Result, cpu_s, wait_for
from tests.bench.stalls import Stalls, ask

VALUES = 60
NAMES = [one.name for one in catalogue(VALUES)]
_SEED = 1
_UP_S = 86_400.0


def body_of(turn: int, now: float) -> bytes:
    """A report as all agents send it in their n-th turn, packed."""
    layout, up = layout_id(NAMES), _UP_S + 60 * turn
    values = [round(0.0123 * (place + turn), 4) for place in range(VALUES)]
    first = 1 if turn else len(CHECKS) + 1
    n = turn + len(CHECKS) + 1
    findings = [
        {"n": place, "at": now, "up": up, "check": check, "verdict": "good", "reason": ""}
        for place, check in enumerate(CHECKS, 1)
    ]
    report = {
        "v": 1,
        "spool": "9f1c22d0",
        "boot": "6b0e",
        "sent_at": now,
        "up": up,
        "layouts": {layout: NAMES} if turn == 0 else {},
        "frames": [{"n": max(first, n), "at": now, "up": up, "layout": layout, "values": values}],
        "findings": findings if turn == 0 else [],
        "dropped": 0,
    }
    return gzip.compress(json.dumps(report, separators=(",", ":")).encode(), 6)


def request(token: str, body: bytes) -> bytes:
    head = (
        f"POST /api/v1/reports HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Round:
    """Everybody's report of one turn, taken by whichever connection is free."""

    tokens: list[str]
    body: bytes
    result: Result
    left: Iterator[str] = field(init=False)
    answered: int = 0

    def __post_init__(self) -> None:
        self.left = iter(self.tokens)


class Sender(Client):
    """One kept connection that speaks for one agent after the other."""

    def __init__(self, round_: Round, done: asyncio.Event) -> None:
        super().__init__([b""], round_.result)
        self._round, self._done = round_, done
        self._first = True

    def _send(self) -> None:
        if not self._first:
            self._round.answered += 1
        self._first = False
        token = next(self._round.left, None)
        if token is not None:
            self._sent_at = time.perf_counter()
            self.transport.write(request(token, self._round.body))
        elif self._round.answered == len(self._round.tokens):
            self._done.set()


async def drive(round_: Round, port: int, connections: int, pid: int) -> None:
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    cpu, began = cpu_s(pid), time.perf_counter()
    made = [
        await loop.create_connection(partial(Sender, round_, done), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await done.wait()
    round_.result.cpu_s = cpu_s(pid) - cpu
    round_.result.seconds = time.perf_counter() - began
    for transport, _ in made:
        transport.close()


async def run_ingest(folder: str, port: int) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    stalls = Stalls()
    await serve_alone(Settings(data=folder, ingest=f"127.0.0.1:{port}"), stop)
    stalls.close()


def edit(store: Engine, code: str, number: int) -> None:
    """Somebody gives a site another name."""
    with db.writing(store) as connection:
        put(connection, "sites", [{"code": code, "name": f"bench {number}"}], time.time(), "bench")


def told(process: "subprocess.Popen[str]") -> str:
    ask(process.pid)
    out: IO[str] | None = process.stdout
    assert out is not None
    return out.readline().strip()


def measure(folder: Path, agents: int, rounds: int, edits: int, connections: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    settings = Settings(data=str(folder), ingest=f"127.0.0.1:{port}")
    migrate(settings)
    store, secret = open_store(settings), load_secret(folder)
    fleet = enrol(store, secret, agents, _SEED, 60, time.time())
    command = [sys.executable, "-m", __spec__.name, "--ingest", str(port), "--folder", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        wait_for(port)
        print(f"{agents} agents known, CPU so far {cpu_s(process.pid):.1f} s: {told(process)}")
        for turn, name in islice(_turns(), rounds + 1):
            body = body_of(turn, time.time())
            one = Round(list(fleet.tokens), body, Result(name))
            uvloop.run(drive(one, port, connections, process.pid))
            print(f"{one.result.line()}\n    {told(process)}", flush=True)
        for number in range(edits):
            cpu = cpu_s(process.pid)
            edit(store, fleet.villages[0].code, number)
            time.sleep(5)
            used = cpu_s(process.pid) - cpu
            print(f"an edit: {used:.2f} CPU-s in 5 s of rest: {told(process)}", flush=True)
    finally:
        process.terminate()
        process.wait(20)
        store.dispose()


def _turns() -> Iterator[tuple[int, str]]:
    return ((turn, "steady" if turn else "first reports") for turn in numbers())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--edits", type=int, default=2)
    parser.add_argument("--connections", type=int, default=128)
    parser.add_argument("--ingest", type=int, metavar="PORT", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ingest is not None:
        uvloop.run(run_ingest(given.folder, given.ingest))
        return
    with tempfile.TemporaryDirectory(prefix="ronda-newcomers-") as folder:
        measure(Path(folder), given.agents, given.rounds, given.edits, given.connections)


if __name__ == "__main__":
    main()
