"""What takes longer than a page may: made once, then anew beside the pages, which read the old."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

# what is made sooner is made within the page that finds it old
_DEAR_S = 0.02


def beside(work: Callable[[], object]) -> None:
    """Do it in a thread of its own."""
    threading.Thread(target=work, name="renewal", daemon=True).start()


class Renewed(Generic[T]):
    """One value; any thread may ask. `spent` is a clock of the thread that makes it."""

    def __init__(
        self,
        spent: Callable[[], float] = time.thread_time,
        beside: Callable[[Callable[[], object]], None] = beside,
    ) -> None:
        self._spent, self._beside = spent, beside
        self._lock = threading.Lock()
        self._known: tuple[object, float, T] | None = None
        self._took_s = 0.0

    def look(self, key: object, turn: float, make: Callable[[], T]) -> T:
        """The value for `key` as of this turn; where it is dear, as of the one before.

        Another key is never answered with what was made for the one before it.
        """
        known = self._known
        if known is None or known[0] != key:
            return self._make(key, turn, make)
        if known[1] == turn or self._lock.locked():
            return known[2]
        if self._took_s > _DEAR_S:
            self._beside(lambda: self._make(key, turn, make))
            return known[2]
        return self._make(key, turn, make)

    def _make(self, key: object, turn: float, make: Callable[[], T]) -> T:
        with self._lock:
            known = self._known
            if known is not None and known[:2] == (key, turn):
                return known[2]
            began = self._spent()
            made = make()
            self._took_s = self._spent() - began
            self._known = key, turn, made
            return made
