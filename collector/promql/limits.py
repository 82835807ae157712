"""How much one question may cost; what costs more is refused before or while it is worked on."""

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.strict import Refused


class Failed(Refused):
    """A query that was understood and cannot be answered; `kind` is Prometheus's errorType."""

    kind = "execution"

    def __init__(self, problem: str) -> None:
        super().__init__("", problem)


class TimedOut(Failed):
    """The query took longer than a query may."""

    kind = "timeout"


def _stopped() -> float:
    return 0.0


@dataclass(slots=True)
class Limits:
    """Bounds of one query. `clock` counts seconds from anywhere; without one time stands still."""

    steps: int = 11_000
    series: int = 500_000
    points: int = 5_000_000
    samples: int = 10_000_000
    seconds: float = 30.0
    clock: Callable[[], float] = _stopped
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock()

    def check_steps(self, steps: int) -> None:
        """May there be so many steps after the first one? Grafana makes use of the last of them."""
        if steps > self.steps:
            raise Refused(
                "",
                f"exceeded maximum resolution of {self.steps:,} points per timeseries. "
                "Try decreasing the query resolution (?step=XX)",
            )

    def check_series(self, series: int, steps: int, about: str = "") -> None:
        """May a vector have this many (`about`: how exact that is) series at this many steps?"""
        self.check_time()
        if series > self.series:
            raise Failed(f"query touches {about}{series:,} series, more than {self.series:,}")
        if series * steps > self.points:
            raise Failed(
                f"query asks for {about}{series * steps:,} points ({series:,} series at {steps:,} "
                f"steps), more than {self.points:,}; ask for fewer series or a longer step"
            )

    def check_samples(self, samples: int) -> None:
        self.check_time()
        if samples > self.samples:
            raise Failed(
                "query processing would load too many samples into memory in query execution: "
                f"{samples:,}, more than {self.samples:,}"
            )

    def check_time(self) -> None:
        if self.clock() - self._began > self.seconds:
            raise TimedOut(f"query timed out in expression evaluation after {self.seconds:g} s")
