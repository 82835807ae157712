"""What a run knows of time: two clocks, and how it waits."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """`now`: the collector's clock, for what is written down and compared with what is measured;
    `ticks`: seconds that go evenly, for how long something takes: a clock that is set right in the
    middle of a run makes no proof longer and no net shorter. `pause` waits, or raises Interrupted
    when the centre stops."""

    now: Callable[[], float]
    ticks: Callable[[], float]
    pause: Callable[[float], None]
