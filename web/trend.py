"""How many sites were in trouble, quarter of an hour by quarter of an hour, today."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
Marks = NDArray[np.bool_]

SLOT_S = 900.0
SLOTS = 96


@dataclass(frozen=True, slots=True)
class Trend:
    """Counts at the end of each quarter that has begun; silent ones are part of `bad`.

    `before`: `bad` of all quarters of the day before.
    """

    midnight: float
    bad: Sequence[int]
    silent: Sequence[int]
    before: Sequence[int] = ()

    @property
    def top(self) -> int:
        """A round number that neither a bar nor the line goes over."""
        return rounded(max([*self.bad, *self.before], default=0))

    @property
    def then(self) -> int | None:
        """What it was yesterday in the quarter that is now."""
        return self.before[len(self.bad) - 1] if self.before else None

    def line(self, height: int = 40) -> str:
        """The day before as steps over the same drawing."""
        drawn, last = "", -1
        for place, value in enumerate(self.before):
            tall = height - round(height * value / self.top)
            if tall != last:
                drawn += f"H{place}V{tall}" if drawn else f"M0 {tall}"
            last = tall
        return f"{drawn}H{len(self.before)}" if drawn else ""

    def path(self, values: Sequence[int], height: int = 40) -> str:
        """Bars as one path, a unit wide each, over a drawing of 96 units."""
        bars = []
        for place, value in enumerate(values):
            tall = round(height * value / self.top) if value else 0
            if tall or value:
                tall = max(1, tall)
                bars.append(f"M{place} {height}v-{tall}h.8v{tall}z")
        return "".join(bars)


def midnight(now: float, zone: tzinfo) -> float:
    """When this day began."""
    today = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return today.timestamp()


def trend(
    begun: float, now: float, first: Times, last: Times, silent: Marks, before: float = math.nan
) -> Trend:
    """From spans of trouble: when each began and ended, and whether it was silence.

    `before`: when the day before began; it is told where the spans reach back so far.
    """
    slots = int(max(1, min(SLOTS, (now - begun) // SLOT_S + 1)))
    quarters: Times = SLOT_S * np.arange(1, SLOTS + 1, dtype=np.float64)
    ends = np.minimum(begun + quarters[:slots], now)
    return Trend(
        begun,
        _held(ends, first, last).tolist(),
        _held(ends, first[silent], last[silent]).tolist(),
        () if math.isnan(before) else _held(before + quarters, first, last).tolist(),
    )


def _held(ends: Times, first: Times, last: Times) -> NDArray[np.int64]:
    """How many spans hold just before each of these moments."""
    begun = np.searchsorted(np.sort(first), ends, side="left")
    over = np.searchsorted(np.sort(last), ends, side="left")
    return (begun - over).astype(np.int64)


def rounded(most: int) -> int:
    """1, 2 or 5 with zeros: the first that is enough, and even where it can be halved."""
    step = 1
    while True:
        for part in (2, 4, 6, 10):
            if part * step >= most:
                return part * step
        step *= 10
