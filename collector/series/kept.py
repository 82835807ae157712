"""What was worked out lately of things that seldom change; each is known by a mark of what it was
worked out of, and another mark forgets it."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

MOST_BYTES = 4 << 20
_AROUND = 400

T = TypeVar("T")


class Kept(Generic[T]):
    """At most so many bytes of it; what nobody asked for longest goes first. For several threads.

    What it gives is shared: nobody may change it.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self.held_bytes = 0
        self._known: OrderedDict[Hashable, tuple[Hashable, T, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, mark: Hashable) -> T | None:
        """What was kept under this key with this mark."""
        with self._lock:
            found = self._known.get(key)
            if found is None or found[0] != mark:
                return None
            self._known.move_to_end(key)
            return found[1]

    def put(self, key: Hashable, mark: Hashable, value: T, size: int) -> None:
        """Keep it in place of what was there, of about so many bytes."""
        size += _AROUND
        with self._lock:
            before = self._known.pop(key, None)
            if before is not None:
                self.held_bytes -= before[2]
            if size > self.most_bytes:
                return
            self._known[key] = (mark, value, size)
            self.held_bytes += size
            while self.held_bytes > self.most_bytes:
                _, (_, _, gone) = self._known.popitem(last=False)
                self.held_bytes -= gone
