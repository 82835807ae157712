"""How fast one token may ask: so many at once, so many a second after that."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

BURST, PER_S = 120.0, 10.0
MOST_KNOWN = 10_000


class Rates:
    """What each asker has left; any thread may take."""

    def __init__(self, burst: float = BURST, per_s: float = PER_S) -> None:
        self._burst, self._per_s = burst, per_s
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, who: Hashable, now: float) -> float:
        """One request: 0 when it may go on, else in how many seconds the next may."""
        with self._lock:
            left, at = self._left.pop(who, (self._burst, now))
            # a clock that was put back takes nothing away
            left = min(self._burst, left + max(0.0, now - at) * self._per_s)
            wait = 0.0 if left >= 1.0 else (1.0 - left) / self._per_s
            self._left[who] = (left if wait else left - 1.0, now)
            if len(self._left) > MOST_KNOWN:
                self._left.popitem(last=False)
            return wait
