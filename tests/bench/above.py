"""The alerts floor on a fold that a bench drives: what it takes, and when its rounds begin."""

import time
from collections.abc import Callable

import numpy as np

from alerts.engine import Alerts
from alerts.evaluation import Rounds
from alerts.floor import Current
from alerts.rules.watching import Watch
from collector.db import open_store
from collector.settings import Settings
from tests.bench.centre import say
from tests.bench.watching import most_rules_at


class Above:
    """A step of the fold; counts until it is asked to `tell`."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        store, rules = open_store(settings), Current(Watch(settings.data), clock)
        # on a busy machine slices by the clock would hardly hold any work
        self._rounds = Rounds(settings, store, rules, stopwatch=time.process_time)
        self._floor = Alerts(settings, store, self._rounds)
        self._each: list[float] = []
        self._rounds_at: list[float] = []

    def step(self, now: float, position: int) -> None:
        began = time.process_time()
        self._floor.step(now, position)
        self._each.append(time.process_time() - began)
        at = most_rules_at(self._rounds.status(now))
        if at and at not in self._rounds_at[-1:]:
            self._rounds_at.append(at)

    def tell(self, many: int, what: str) -> None:
        """Of so many reports, or sites; the next phase begins anew."""
        if self._each:
            apart = np.diff(self._rounds_at) if len(self._rounds_at) > 1 else np.zeros(1)
            more = {"longest step ms": max(self._each) * 1000, "rounds": len(self._rounds_at)}
            more["s apart p50"] = float(np.median(apart))
            say("  alerts, of that", sum(self._each) / many * 1e6, what, more)
        self._each, self._rounds_at = [], self._rounds_at[-1:]
