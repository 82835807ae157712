"""What time it is here, for a machine that may have woken up in 1970."""

import os
import time
from collections.abc import Callable

from agent import ground

# the day of this release: a wall clock before it is certainly wrong
BUILT = 1_795_132_800.0
_BOOT_DIGITS = 12


class Clock:
    """The wall clock as it is, seconds since boot, and which boot this is.

    `root` is where `proc` lies. `learned` is the newest time the collector told.
    """

    def __init__(self, root: str = "/", wall: Callable[[], float] = time.time) -> None:
        self._uptime = os.path.join(root, "proc/uptime")
        self.wall = wall
        self.boot = _boot(os.path.join(root, "proc/sys/kernel/random/boot_id"))
        self.learned = 0.0
        self._told: tuple[float, float] | None = None

    def tell(self, time: float) -> None:
        """The collector has just said what time it is."""
        self.learned, self._told = time, (time, self.up())

    def true(self) -> float | None:
        """The time by the collector's clock, since it first told this run; else None."""
        return None if self._told is None else self._told[0] + self.up() - self._told[1]

    def up(self) -> float:
        """Seconds since boot; never set by anybody, so it orders what the wall clock cannot."""
        try:
            with open(self._uptime, encoding="ascii") as file:
                return float(file.read().split()[0])
        except (OSError, ValueError, IndexError):
            up = ground.uptime_s()
            return time.monotonic() if up is None else up

    def dates_count(self) -> bool:
        """May certificates be judged by this clock?"""
        return self.wall() >= max(BUILT, self.learned)


def _boot(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip().replace("-", "")[:_BOOT_DIGITS]
    except OSError:
        # no such file: every start counts as a boot, which only costs a little precision
        return os.urandom(_BOOT_DIGITS // 2).hex()
