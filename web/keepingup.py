"""While much changes, look again beside the pages: then a page has little to catch up with."""

import contextlib
import threading
import time
from collections.abc import Callable

from web.renewed import beside

# so many changed sites are noticed by who waits for a page; of so few nobody need keep track
MUCH, LITTLE = 500, 50
# a screen that stays open asks more often than all of these looks take
_EVERY_S, LOOKS = 0.7, 15


class KeepingUp:
    """`look` brings what is known up to now and says how many sites that changed.

    `beside` does something in a thread of its own, where `wait` may take its time.
    """

    def __init__(
        self,
        look: Callable[[], int],
        beside: Callable[[Callable[[], object]], None] = beside,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._look, self._beside, self._wait = look, beside, wait
        self._lock = threading.Lock()
        self._runs = False
        self._left = 0

    def after(self, changed: int) -> None:
        """A page has looked, and found so many changed."""
        with self._lock:
            begin = changed >= MUCH and not self._runs
            self._runs |= begin
            if self._runs:
                self._left = LOOKS
        if begin:
            self._beside(self._run)

    def _run(self) -> None:
        found = MUCH
        while self._goes_on(found):
            self._wait(_EVERY_S)
            found = 0
            # the next page says what is wrong
            with contextlib.suppress(Exception):
                found = self._look()

    def _goes_on(self, found: int) -> bool:
        with self._lock:
            self._runs = found > LITTLE and self._left > 0
            self._left -= 1
            return self._runs
