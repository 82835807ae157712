"""The chain of acts for who looks again and again: only its newest acts are followed each time.

An act that was followed before and is changed is found when the whole is followed again, so that is
told with it. `ronda doctor` follows the whole each time.
"""

import threading
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

from sqlalchemy import Engine

from collector import chain
from collector.chain import Checked, Walk
from collector.db import reading

WHOLE_S = 6 * 3600.0
# a chain of so few acts is followed whole each time, which takes a few hundredths of a second
SHORT = 1_000


def _beside(work: Callable[[], object]) -> None:
    threading.Thread(target=work, name="chain", daemon=True).start()


@dataclass(frozen=True, slots=True)
class Followed:
    """What is known of the chain, and when the whole of it was followed last.

    `checked` is None while nobody has followed it yet; then `acts` says how many there are.
    """

    checked: Checked | None
    whole_at: float
    acts: int = 0


class Follower:
    """Remembers how far the chain of one database was followed; for several threads.

    `beside` does what takes longer than who looks may wait for.
    """

    def __init__(
        self, engine: Engine, beside: Callable[[Callable[[], object]], None] = _beside
    ) -> None:
        self._engine, self._beside = engine, beside
        self._lock = threading.Lock()
        self._busy = False
        self._walk: Walk | None = None
        self._whole_at = 0.0
        self._mark: tuple[int, int] = (0, 0)

    def look(self, now: float) -> Followed:
        """As it is now: its newest acts are always followed, older ones now and then."""
        with reading(self._engine) as connection:
            acts = chain.length(connection)
        if acts <= SHORT:
            self._follow(now)
        elif not self._go_on() or not 0 <= now - self._whole_at < WHOLE_S:
            with self._lock:
                begin, self._busy = not self._busy, True
            if begin:
                self._beside(lambda: self._follow(now))
        with self._lock:
            found = None if self._walk is None else self._walk.checked()
            return Followed(found, self._whole_at, acts)

    def _follow(self, now: float) -> None:
        """All of it, from its first act."""
        try:
            with reading(self._engine) as connection:
                walk, mark = chain.walk(connection), chain.rewritten(connection)
            with self._lock:
                self._walk, self._mark, self._whole_at = walk, mark, now
        finally:
            with self._lock:
                self._busy = False

    def _go_on(self) -> bool:
        """Follow what is new; False where the chain is not the one that was followed before."""
        with self._lock:
            known, mark, whole_at = deepcopy(self._walk), self._mark, self._whole_at
        if known is None or known.broken:
            return False
        with reading(self._engine) as connection:
            if chain.rewritten(connection) != mark or not chain.stands(connection, known):
                return False
            erasures = len(known.erasing)
            known.on(connection, {})
        with self._lock:
            # somebody else may have followed all of it meanwhile
            if self._whole_at == whole_at:
                self._walk = known
        return len(known.erasing) == erasures
