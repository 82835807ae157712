"""Agents of our own beside a fleet: each reports once a second, and how long the answer takes.

What a fleet tells of itself is of its whole run; these say how it was at each moment.
"""

import gzip
import http.client
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.report import layout_id
from tests.bench.ingest import NAMES
from tests.stories.centre import Centre
from tests.stories.witness import enrol

_LAYOUT = layout_id(NAMES)
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Probe:
    """One report: when it was sent, how long its answer took; status 0: none came."""

    at: float
    ms: float
    status: int


@dataclass
class Prober:
    """One agent and its kept connection."""

    address: str
    token: str
    _n: int = 0
    _layout_known: bool = False
    _line: http.client.HTTPConnection | None = None

    def __post_init__(self) -> None:
        self._some = random.Random(self.token)
        self._spool, self._boot = f"{self._some.getrandbits(32):08x}", time.time() - 9000

    def report(self) -> Probe:
        """One frame of sixty numbers, now."""
        body = gzip.compress(json.dumps(self._body(time.time())).encode(), 6)
        began = time.monotonic()
        status, answer = self._post(body)
        if status == 200:
            self._layout_known = not json.loads(answer)["need_layouts"]
        return Probe(began, (time.monotonic() - began) * 1000, status)

    def _body(self, now: float) -> dict[str, Any]:
        self._n += 1
        values = [round(self._some.lognormvariate(-4, 1), 6) for _ in NAMES]
        frame = {"n": self._n, "at": now, "up": now - self._boot, "layout": _LAYOUT}
        return {
            "v": 1,
            "spool": self._spool,
            "boot": "probe",
            "sent_at": now,
            "up": now - self._boot,
            "layouts": {} if self._layout_known else {_LAYOUT: NAMES},
            "frames": [frame | {"values": values}],
            "findings": [],
            "dropped": 0,
        }

    def _post(self, body: bytes) -> tuple[int, bytes]:
        if self._line is None:
            self._line = http.client.HTTPConnection(self.address, timeout=_TIMEOUT_S)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Encoding": "gzip"}
        try:
            self._line.request("POST", "/api/v1/reports", body, headers)
            answer = self._line.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._line.close()
            self._line = None
            return 0, b""


def enrolled(centre: Centre, count: int) -> list[Prober]:
    """So many agents at sites of their own."""
    rows = [f"35.10.13.{2001 + i},Desa Ukur {i},1" for i in range(count)]
    listing = centre.folder.parent / "probes.csv"
    listing.write_text("code,name,report_every_s\n" + "\n".join(rows) + "\n")
    done = centre.run("sites", "import", str(listing))
    assert done.returncode == 0, done.stderr
    codes = centre.ask("sites", "codes")
    tokens = [
        enrol(centre.ingest_url, c["code"], c["site"], 7_000_000 + i).token
        for i, c in enumerate(codes)
    ]
    return [Prober(centre.settings.ingest, token) for token in tokens]


def probing(probers: Sequence[Prober], found: list[Probe], stop: threading.Event) -> None:
    """Each once a second, evenly spread, until `stop`; a slow answer holds up only its own."""

    def run(prober: Prober, offset_s: float) -> None:
        stop.wait(offset_s)
        due = time.monotonic()
        while not stop.is_set():
            found.append(prober.report())
            # what was missed is not made up for: the next one is in its second again
            due += int(time.monotonic() - due) + 1
            stop.wait(max(0.0, due - time.monotonic()))

    threads = [
        threading.Thread(target=run, args=(prober, i / len(probers)), daemon=True)
        for i, prober in enumerate(probers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
