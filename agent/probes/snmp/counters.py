"""Counters of 32 bits go on where they turn over; those of a device that restarted begin. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

TURN = 2**32
# more than this in a second is no traffic of a device that still counts in 32 bits
_MOST_BYTES_PER_S = 1.5e8


@dataclass
class Counters:
    """What every narrow counter was last, and how much it has turned over since."""

    raw: dict[str, float] = field(default_factory=dict)
    turned: dict[str, float] = field(default_factory=dict)
    at: float = 0.0
    uptime: float | None = None

    def widen(
        self,
        values: Mapping[str, float | None],
        narrow: Iterable[str],
        uptime: float | None,
        now: float,
    ) -> dict[str, float]:
        """The narrow ones with their turns added; `now` is a clock that only goes forward."""
        restarted = self.uptime is not None and uptime is not None and uptime < self.uptime
        most = _MOST_BYTES_PER_S * max(1.0, now - self.at)
        wide: dict[str, float] = {}
        for name in narrow:
            value = values[name]
            if value is None:
                continue
            last = self.raw.get(name)
            if last is not None and value < last:
                again = restarted or value + TURN - last > most
                self.turned[name] = 0.0 if again else self.turned.get(name, 0.0) + TURN
            self.raw[name] = value
            wide[name] = value + self.turned.get(name, 0.0)
        self.at, self.uptime = now, uptime
        return wide
