"""Agents of a test that remember every entry the collector called safe."""

import gzip
import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agent.report import layout_id
from tests.stories.centre import ask

# n itself is the value, so that history can be compared entry by entry
NAMES = ("ronda_agent_spool_entries", 'ronda_uplink_up{uplink="main"}')
LAYOUT = layout_id(NAMES)
_AT_ONCE = 20

# a check, its verdict, and who wants to know when that was found
Order = tuple[str, str, Callable[[float], None]]


@dataclass(repr=False)
class Witness:
    """One agent: samples every `pace_s` seconds, sends until told that it is safe.

    While it is `asleep` it does neither; `orders` are what its checks find next.
    """

    url: str
    token: str
    site: str
    seed: int
    spool: str = ""
    safe: dict[int, float] = field(default_factory=dict)
    waiting: dict[int, dict[str, Any]] = field(default_factory=dict)
    answers: dict[int, int] = field(default_factory=dict)
    agent: int = 0
    pace_s: tuple[float, float] = (0.01, 0.1)
    asleep: threading.Event = field(default_factory=threading.Event)
    orders: deque[Order] = field(default_factory=deque)
    _n: int = 0
    _layout_known: bool = False
    _past_waits: bool = False

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self.spool = f"{self._random.getrandbits(32):08x}"
        self._boot = f"{self._random.getrandbits(32):08x}"
        self._began = time.time() - 1000

    def __repr__(self) -> str:
        return f"the agent of {self.site}"

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            if not self.asleep.is_set():
                self._obey()
                self.sample()
                self.send()
            stop.wait(self._random.uniform(*self.pace_s))

    def drain(self, limit_s: float = 30.0) -> None:
        """Send until nothing waits."""
        self._obey()
        deadline = time.monotonic() + limit_s
        while self.waiting and time.monotonic() < deadline:
            if not self.send():
                time.sleep(0.2)
        assert not self.waiting, f"{len(self.waiting)} entries of {self.site} were never accepted"

    def send(self) -> bool:
        batch = self._batch()
        if not batch:
            return True
        now = time.time()
        report = {
            "v": 1,
            "spool": self.spool,
            "boot": self._boot,
            "sent_at": now,
            "up": now - self._began,
            "layouts": {} if self._layout_known else {LAYOUT: list(NAMES)},
            "frames": [entry for entry in batch if "check" not in entry],
            "findings": [entry for entry in batch if "check" in entry],
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
        for entry in batch:
            if "check" not in entry:
                self.safe[entry["n"]] = entry["at"]
            del self.waiting[entry["n"]]
        return True

    def _obey(self) -> None:
        while self.orders:
            self.find(*self.orders.popleft())

    def _batch(self) -> list[dict[str, Any]]:
        """What was found, then the oldest; the newest alone where the past was told to wait."""
        found = [n for n, entry in self.waiting.items() if "check" in entry]
        sampled = sorted(n for n, entry in self.waiting.items() if "check" not in entry)
        chosen = [*sorted(found), *(sampled[-1:] if self._past_waits else sampled)]
        return [self.waiting[n] for n in chosen[:_AT_ONCE]]

    def sample(self, ago_s: float = 0.0) -> None:
        """One entry, of now or of before."""
        entry = self._entry(time.time() - ago_s)
        entry |= {"layout": LAYOUT, "values": [float(self._n), 1.0]}

    def find(
        self, check: str, verdict: str, note: Callable[[float], None] = lambda at: None
    ) -> None:
        """A check has another verdict now; `note` is told the time that is reported."""
        entry = self._entry(time.time())
        entry |= {"check": check, "verdict": verdict, "reason": f"{check} is {verdict}"}
        note(entry["at"])

    def _entry(self, now: float) -> dict[str, Any]:
        self._n += 1
        at = round(now, 3)
        made = {"n": self._n, "at": at, "up": round(at - self._began, 3)}
        self.waiting[self._n] = made
        return made

    def _post(self, report: dict[str, Any]) -> dict[str, Any] | None:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Encoding": "gzip"}
        body = gzip.compress(json.dumps(report).encode())
        status, found = ask("POST", f"{self.url}/api/v1/reports", body, headers)
        self.answers[status] = self.answers.get(status, 0) + 1
        self._past_waits = status == 429
        assert status in (0, 200, 429, 503), (status, found)
        return found if status == 200 else None


def enrol(url: str, code: str, site: str, seed: int) -> Witness:
    body = {"code": code, "name": site, "boot": "b", "nonce": f"nonce-{seed}", "host_keys": []}
    status, answer = ask("POST", f"{url}/api/v1/enrol", json.dumps(body).encode(), {})
    assert status == 200, answer
    return Witness(url, answer["token"], site, seed, agent=int(answer["agent"]))
