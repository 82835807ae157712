"""What was asked of a database, known again as long as nobody commits anything to it."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy import Engine

from collector.changes import Changes

MOST_BYTES = 4 << 20
_AROUND = 400

T = TypeVar("T")


class Unchanged:
    """Answers of one database, for several threads; what nobody asked for longest goes first.

    Of PostgreSQL, which does not tell who commits, nothing is ever known.
    """

    def __init__(self, engine: Engine, most_bytes: int = MOST_BYTES) -> None:
        self._changes = Changes(engine)
        self._lock = threading.Lock()
        self._state = self._held = 0
        self._most = most_bytes
        self._known: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def state(self) -> int:
        """A number that is another one as soon as anybody committed anything."""
        with self._lock:
            return self._look()

    def get(self, key: Hashable) -> tuple[int, Any]:
        """The state, and what was kept under `key` in it; None where nothing was."""
        with self._lock:
            state = self._look()
            found = self._known.get(key)
            if found is None:
                return state, None
            self._known.move_to_end(key)
            return state, found[0]

    def keep(self, key: Hashable, value: object, state: int, size: int = 0) -> None:
        """Keep what was read after `get` gave this state, of about so many bytes."""
        size += _AROUND
        with self._lock:
            # read before somebody's commit that was noticed since: it may be old
            if state != self._state or size > self._most:
                return
            _, before = self._known.pop(key, (None, 0))
            self._known[key] = (value, size)
            self._held += size - before
            while self._held > self._most:
                _, (_, gone) = self._known.popitem(last=False)
                self._held -= gone

    def asked(
        self, key: Hashable, ask: Callable[[], T], size: Callable[[T], int] = lambda _: 0
    ) -> T:
        """What `ask` reads, from memory if it was read in this state."""
        state, found = self.get(key)
        if found is None:
            found = ask()
            self.keep(key, found, state, size(found))
        answer: T = found
        return answer

    def _look(self) -> int:
        if self._changes.happened():
            self._state += 1
            self._held = 0
            self._known.clear()
        return self._state
