"""A floor that is brought in after the fold's first commit.

To read its programs takes as long as to be folding again: after a death that comes first.
"""

import importlib

from sqlalchemy import Engine

from collector.engine import Floor
from collector.settings import Settings


class Late:
    """Opened at its first step, by `name` of `module`; until then nothing is delivered."""

    def __init__(self, module: str, name: str, settings: Settings, store: Engine) -> None:
        self._module, self._name = module, name
        self._settings, self._store = settings, store
        self._floor: Floor | None = None

    def step(self, now: float, position: int) -> None:
        if self._floor is None:
            opened = getattr(importlib.import_module(self._module), self._name)
            self._floor = opened(self._settings, self._store)
        self._floor.step(now, position)

    def deliver(self, now: float) -> None:
        if self._floor is not None:
            self._floor.deliver(now)

    def forget(self, now: float) -> None:
        if self._floor is not None:
            self._floor.forget(now)
