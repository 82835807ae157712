"""Ingest is killed again and again under load; what it answered for is in the journal."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.amounts import times

pytestmark = pytest.mark.slow

# the fixtures' classes live in conftest, which nothing imports
Centre = Any
Make = Callable[..., dict[str, Any]]

PROGRAM = """
import asyncio, sys
from collector.intake.server import serve
from collector.settings import Settings
asyncio.run(serve(Settings(data=sys.argv[1], ingest=sys.argv[2]), asyncio.Event()))
"""
SENDERS = 8
# many more in a soak
ROUNDS = times(4)


class Sender(threading.Thread):
    """Sends report after report, each once, and remembers which were answered as kept."""

    def __init__(self, centre: Centre, token: str, spool: str, make: Make) -> None:
        super().__init__()
        self._centre, self._token, self._spool, self._make = centre, token, spool, make
        self.kept: set[tuple[str, int]] = set()
        self.stopped = False
        self.surprises: list[Any] = []

    def run(self) -> None:
        n = 0
        while not self.stopped:
            n += 2
            first = {**self._make()["frames"][0], "n": n, "up": 86_000.0 + n}
            finding = {"n": n + 1, "at": 1.0, "check": "c", "verdict": "good", "up": 86_000.0}
            report = self._make(spool=self._spool, frames=[first], findings=[finding])
            try:
                status, body, _ = self._centre.ask(
                    "POST", "/api/v1/reports", report, token=self._token
                )
            except OSError:
                time.sleep(0.02)
                continue
            except Exception as error:
                # a connection cut between head and body
                self.surprises.append(error)
                continue
            if status == 200 and json.loads(body)["kept"] == 2:
                self.kept |= {(self._spool, n), (self._spool, n + 1)}
            elif status != 503:
                self.surprises.append((status, body))


def test_everything_answered_as_kept_survives_kill_after_kill(centre: Centre, report: Make) -> None:
    centre.start()
    tokens = [centre.enrol(nonce=f"nonce-number-{i}")["token"] for i in range(SENDERS)]
    centre.stop()
    senders = [Sender(centre, token, f"s{i}", report) for i, token in enumerate(tokens)]
    rng = random.Random(7)
    process = start(centre)
    for sender in senders:
        sender.start()
    try:
        for _ in range(ROUNDS):
            time.sleep(rng.uniform(0.3, 1.0))
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            process = start(centre)
        time.sleep(0.5)
    finally:
        for sender in senders:
            sender.stopped = True
        for sender in senders:
            sender.join(30)
        process.kill()
        process.wait()
    kept = set().union(*(sender.kept for sender in senders))
    there = {(r.spool, entry.n) for r in centre.reports() for entry in (*r.frames, *r.findings)}
    assert len(kept) > 100 * ROUNDS
    assert kept <= there
    statuses = [s for sender in senders for s in sender.surprises if isinstance(s, tuple)]
    assert statuses == []


def start(centre: Centre) -> "subprocess.Popen[bytes]":
    began = time.monotonic()
    address = centre.settings.ingest
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, centre.settings.data, address], cwd=os.getcwd()
    )
    while True:
        assert process.poll() is None
        assert time.monotonic() - began < 20
        try:
            if centre.ask("GET", "/healthz")[0] == 200:
                return process
        except OSError:
            time.sleep(0.02)
