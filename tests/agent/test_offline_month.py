"""Thirty days without a network: all of it fits, and all of it is delivered."""

import math
import random
from array import array
from pathlib import Path

import pytest

from agent.board import number
from agent.spool import LIMIT_BYTES, Spool

pytestmark = pytest.mark.slow

DAYS = 30
MINUTES = DAYS * 24 * 60


class Village:
    """Eighty series as a village's agent has them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        # drawing 80 numbers a minute anew would be most of the test's time
        self.noise = [self.chance.gauss(0, 1) for _ in range(9973)]
        self.drawn = 0
        self.counters = [self.chance.randrange(10**9, 10**11) for _ in range(14)]
        self.minute = 0
        self.names = tuple(f'ronda_some_metric_name_{i}{{label="value{i}"}}' for i in range(80))

    def row(self) -> "array[float]":
        self.minute += 1
        gauss, draw = self._gauss, self.chance.random
        busy = 1 + 0.8 * math.sin(self.minute / 1440 * math.tau)
        for i in range(14):
            self.counters[i] += int(abs(gauss(1, 0.5)) * busy * (4e7 if i < 8 else 3e4))
        values: list[float | None] = [*self.counters]
        values += [0.02 * (1 + i / 5) + abs(gauss(0, 0.004)) * busy for i in range(12)]
        values += [(1 / 3 if draw() < 0.1 else 0.0) for _ in range(8)]
        values += [min(1.0, max(0.0, 0.4 + gauss(0, 0.06))) for _ in range(10)]
        values += [round(gauss(47, 1), 1), round(abs(gauss(0.5, 0.3)), 2)]
        values += [int(abs(gauss(20, 4)) * busy) for _ in range(4)]
        values += [1.0] * 23 + [float(draw() > 0.05)]
        values += [1e9, 1790000000, 0.5123, None, 86400, 3]
        return array("d", map(number, values))

    def _gauss(self, middle: float, spread: float) -> float:
        self.drawn += 1
        return middle + spread * self.noise[self.drawn % len(self.noise)]


@pytest.mark.soak
def test_thirty_days_fit_in_sixteen_mebibytes_and_nothing_is_thinned(tmp_path: Path) -> None:
    village, chance = Village(1), random.Random(2)
    spool = Spool(str(tmp_path), "boot")
    sums, findings, writes = [0.0] * 80, 0, 0
    for minute in range(MINUTES):
        now = minute * 60.0 + chance.random() / 10
        row = village.row()
        sums = [s + (0 if v != v else v) for s, v in zip(sums, row, strict=True)]
        spool.append_frame(now, 1.79e9 + now, now, "layout", village.names, row)
        if chance.random() < 1 / 30:
            change = (1.79e9 + now, now, "sideka", "bad", "HTTP 502 from the app")
            spool.append_findings(now, [change])
            findings += 1
        if now >= spool.flush_due():
            spool.flush(now)
            writes += 1
    assert spool.dropped_total == 0
    assert spool.disk_bytes == on_disk(tmp_path) <= LIMIT_BYTES
    assert writes <= DAYS * 24 * 12
    print(f"{spool.disk_bytes / 2**20:.2f} MiB for {MINUTES} frames and {findings} findings")
    # the machine restarts before the network comes back
    again = Spool(str(tmp_path), "boot2")
    spool.flush(MINUTES * 60.0)
    again = Spool(str(tmp_path), "boot2")
    frames, told = 0, 0
    back = [0.0] * 80
    while (batch := again.backlog()) is not None:
        frames, told = frames + len(batch.frames), told + len(batch.findings)
        for f in batch.frames:
            back = [s + (0 if v != v else v) for s, v in zip(back, f.values, strict=True)]
        again.settle(batch.spool, batch.numbers)
    assert (frames, told) == (MINUTES, findings)
    assert back == sums


def on_disk(folder: Path) -> int:
    return sum(-(-file.stat().st_size // 4096) * 4096 for file in folder.iterdir())
