"""Threads that work on devices, one device each, at most so many at once."""

import logging
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from playbooks.diary import Interrupted

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Crew:
    """They end with the process: what is under way then is settled at the next start."""

    most: int
    _busy: set[Hashable] = field(default_factory=set, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    @property
    def room(self) -> int:
        """How many more may begin."""
        with self._lock:
            return self.most - len(self._busy)

    @property
    def idle(self) -> bool:
        return self.room == self.most

    def has(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._busy

    def begin(self, key: Hashable, work: Callable[[], None], broke: Callable[[], None]) -> bool:
        """Work in a thread of its own, and `broke` where it could not be done; False where there
        is no room, or this is under way."""
        with self._lock:
            if key in self._busy or len(self._busy) >= self.most:
                return False
            self._busy.add(key)
        threading.Thread(target=self._work, args=(key, work, broke), daemon=True).start()
        return True

    def _work(self, key: Hashable, work: Callable[[], None], broke: Callable[[], None]) -> None:
        try:
            work()
        except Interrupted:
            log.info("%s: left as it is, the centre stops", key)
        except Exception:
            log.exception("%s: the work on this device broke off", key)
            broke()
        finally:
            with self._lock:
                self._busy.discard(key)
