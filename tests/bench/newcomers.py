"""What first reports of many agents cost ingest, then their steady ones; and how long it stalls.

python -m tests.bench.newcomers [--agents 83763] [--rounds 2] [--edits 2] [--per-s 1396]

Each agent sends a report with its layout and five first findings, then `rounds` plain ones, as
fast as they are answered, or so many a second for a while; then somebody edits a site, and one
more round says what it costs that all is looked at again. CPU is that of all threads of the
process, with the HTTP server. What answers is the real one.
"""

import argparse
import asyncio
import contextlib
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
PACED_S = 15.0


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
    # 0: as fast as they are answered
    per_s: float = 0.0
    idle: list["Sender"] = field(default_factory=list)
    answered: int = 0
    left: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self.left = iter(self.tokens)

    async def pace(self) -> None:
        """Let so many of the idle ones send."""
        began, sent = time.perf_counter(), 0
        while sent < len(self.tokens):
            due = int((time.perf_counter() - began) * self.per_s)
            for _ in range(min(due - sent, len(self.idle))):
                self.idle.pop().speak()
                sent += 1
            await asyncio.sleep(0.002)


class Sender(Client):
    """One kept connection that speaks for one agent after the other."""

    def __init__(self, round_: Round, done: asyncio.Event) -> None:
        super().__init__([b""], round_.result)
        self._round, self._done = round_, done
        self._asked = False

    def _send(self) -> None:
        self._round.answered += self._asked
        self._asked = False
        if self._round.answered == len(self._round.tokens):
            self._done.set()
        elif self._round.per_s:
            self._round.idle.append(self)
        else:
            self.speak()

    def speak(self) -> None:
        token = next(self._round.left, None)
        if token is not None:
            self._asked = True
            self.send(request(token, self._round.body))


async def drive(round_: Round, port: int, connections: int, pid: int) -> None:
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    cpu, began = cpu_s(pid), time.perf_counter()
    made = [
        await loop.create_connection(partial(Sender, round_, done), "127.0.0.1", port)
        for _ in range(connections)
    ]
    pacing = loop.create_task(round_.pace()) if round_.per_s else None
    await done.wait()
    round_.result.cpu_s = cpu_s(pid) - cpu
    round_.result.seconds = time.perf_counter() - began
    for transport, _ in made:
        transport.close()
    if pacing is not None:
        await pacing


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


class Bench:
    """An ingest of its own, and the fleet that speaks to it."""

    def __init__(self, folder: Path, agents: int, connections: int) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        settings = Settings(data=str(folder), ingest=f"127.0.0.1:{self.port}")
        migrate(settings)
        self.store, secret = open_store(settings), load_secret(folder)
        self.fleet = enrol(self.store, secret, agents, _SEED, 60, time.time())
        self._connections, self._turn = connections, 0
        command = [sys.executable, "-m", __spec__.name, "--folder", str(folder)]
        command += ["--ingest", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.store.dispose()

    def begin(self) -> None:
        for _ in range(10):
            # a country is read in first
            with contextlib.suppress(SystemExit):
                wait_for(self.port)
                break
        print(f"{len(self.fleet.tokens)} agents, CPU to start {self.cpu_s():.1f} s: {self.told()}")

    def cpu_s(self) -> float:
        return cpu_s(self.process.pid)

    def told(self) -> str:
        ask(self.process.pid)
        out: IO[str] | None = self.process.stdout
        assert out is not None
        return out.readline().strip()

    def report(self, name: str, per_s: float = 0.0, most: int | None = None) -> None:
        body, tokens = body_of(self._turn, time.time()), list(self.fleet.tokens[:most])
        self._turn += 1
        one = Round(tokens, body, Result(name), per_s)
        uvloop.run(drive(one, self.port, self._connections, self.process.pid))
        print(f"{one.result.line()}\n    {self.told()}", flush=True)

    def edit(self, number: int) -> None:
        cpu = self.cpu_s()
        edit(self.store, self.fleet.villages[0].code, number)
        time.sleep(5)
        used = self.cpu_s() - cpu
        print(f"an edit: {used:.2f} CPU-s in 5 s of rest: {self.told()}", flush=True)


def measure(bench: Bench, rounds: int, edits: int, per_s: float) -> None:
    bench.begin()
    bench.report("first reports")
    for _ in range(rounds):
        bench.report("steady")
    if per_s:
        bench.report(f"{per_s:g} a second", per_s, most=round(per_s * PACED_S))
    for number in range(edits):
        bench.edit(number)
    if edits:
        bench.report("after an edit")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--edits", type=int, default=2)
    parser.add_argument("--per-s", type=float, default=0.0)
    parser.add_argument("--connections", type=int, default=128)
    parser.add_argument("--ingest", type=int, metavar="PORT", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ingest is not None:
        uvloop.run(run_ingest(given.folder, given.ingest))
        return
    with tempfile.TemporaryDirectory(prefix="ronda-newcomers-") as folder:
        bench = Bench(Path(folder), given.agents, given.connections)
        try:
            measure(bench, given.rounds, given.edits, given.per_s)
        finally:
            bench.close()


if __name__ == "__main__":
    main()
