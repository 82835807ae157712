"""A floor that is brought in after the fold's first commit.

To read its programs takes as long as to be folding again: after a death that comes first. Where
nothing is committed, for nothing comes in, it is brought in after a while all the same.
"""

import importlib
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine

from collector.engine import Floor
from collector.settings import Settings

# longer than a start takes until its first commit
PATIENCE_S = 10.0


class Late:
    """Opened at its first step, by `name` of `module`, or at a delivery `PATIENCE_S` after it was
    made; until then nothing is delivered."""

    def __init__(
        self,
        module: str,
        name: str,
        settings: Settings,
        store: Engine,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._module, self._name = module, name
        self._settings, self._store = settings, store
        self._clock = clock
        self._made_at = clock()
        self._floor: Floor | None = None
        # steps and deliveries come from threads of their own
        self._lock = threading.Lock()

    def step(self, now: float, position: int) -> None:
        self._opened().step(now, position)

    def deliver(self, now: float) -> None:
        if self._floor is not None or self._clock() - self._made_at >= PATIENCE_S:
            self._opened().deliver(now)

    def forget(self, now: float) -> None:
        if self._floor is not None:
            self._floor.forget(now)

    def _opened(self) -> Floor:
        with self._lock:
            if self._floor is None:
                opened = getattr(importlib.import_module(self._module), self._name)
                self._floor = opened(self._settings, self._store)
            return self._floor
