"""Agents of a test that remember every entry the collector called safe."""

import gzip
import json
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from agent.report import layout_id
from tests.stories.centre import ask

# n itself is the value, so that history can be compared entry by entry
NAMES = ("ronda_agent_spool_entries", 'ronda_uplink_up{uplink="main"}')
LAYOUT = layout_id(NAMES)


@dataclass
class Witness:
    """One agent: samples ten times a second of its own time, sends until told that it is safe."""

    url: str
    token: str
    site: str
    seed: int
    spool: str = ""
    safe: dict[int, float] = field(default_factory=dict)
    waiting: dict[int, dict[str, Any]] = field(default_factory=dict)
    answers: dict[int, int] = field(default_factory=dict)
    # verdicts that wait for an answer
    findings: dict[int, dict[str, Any]] = field(default_factory=dict)
    _n: int = 0
    _layout_known: bool = False

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self.spool = f"{self._random.getrandbits(32):08x}"
        self._boot = f"{self._random.getrandbits(32):08x}"
        self._began = time.time() - 1000

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self.sample()
            self.send()
            stop.wait(self._random.uniform(0.01, 0.1))

    def drain(self, limit_s: float = 30.0) -> None:
        """Send until nothing waits."""
        deadline = time.monotonic() + limit_s
        while self.waiting and time.monotonic() < deadline:
            if not self.send():
                time.sleep(0.2)
        assert not self.waiting, f"{len(self.waiting)} entries of {self.site} were never accepted"

    def send(self) -> bool:
        batch = [self.waiting[n] for n in sorted(self.waiting)[:20]]
        told = list(self.findings.values())
        if not batch and not told:
            return True
        now = time.time()
        report = {
            "v": 1,
            "spool": self.spool,
            "boot": self._boot,
            "sent_at": now,
            "up": now - self._began,
            "layouts": {} if self._layout_known else {LAYOUT: list(NAMES)},
            "frames": batch,
            "findings": told,
            "dropped": 0,
        }
        answer = self._post(report)
        if answer is None:
            return False
        if LAYOUT in answer["need_layouts"]:
            self._layout_known = False
            return True
        self._layout_known = True
        refused = {r["n"] for r in answer["rejected"]}
        assert not refused, answer
        for frame in batch:
            self.safe[frame["n"]] = frame["at"]
            del self.waiting[frame["n"]]
        for finding in told:
            del self.findings[finding["n"]]
        return True

    def sample(self, ago_s: float = 0.0) -> None:
        """One entry, of now or of before."""
        self._n += 1
        at = round(time.time() - ago_s, 3)
        self.waiting[self._n] = {
            "n": self._n,
            "at": at,
            "up": round(at - self._began, 3),
            "layout": LAYOUT,
            "values": [float(self._n), 1.0],
        }

    def find(self, check: str, verdict: str, reason: str) -> None:
        """A check's verdict has changed."""
        self._n += 1
        at = round(time.time(), 3)
        self.findings[self._n] = {
            "n": self._n,
            "at": at,
            "up": round(at - self._began, 3),
            "check": check,
            "verdict": verdict,
            "reason": reason,
        }

    def _post(self, report: dict[str, Any]) -> dict[str, Any] | None:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Encoding": "gzip"}
        body = gzip.compress(json.dumps(report).encode())
        status, found = ask("POST", f"{self.url}/api/v1/reports", body, headers)
        self.answers[status] = self.answers.get(status, 0) + 1
        assert status in (0, 200, 429, 503), (status, found)
        return found if status == 200 else None


def enrol(url: str, code: str, site: str, seed: int) -> Witness:
    body = {"code": code, "name": site, "boot": "b", "nonce": f"nonce-{seed}", "host_keys": []}
    status, answer = ask("POST", f"{url}/api/v1/enrol", json.dumps(body).encode(), {})
    assert status == 200, answer
    return Witness(url, answer["token"], site, seed)
