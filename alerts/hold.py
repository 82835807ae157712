"""How long does a fault wait for others of its parents before it is told?

It holds a few seconds, longer while others fall or are suspect, never longer than the limit.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence

from alerts.faults import Fault, Limits


class Holds:
    """Answers for faults of one tick; the same question is worked out once.

    `noticed` tells when faults of a parent, known by its line, were; `suspected` when a child of
    it that is not bad yet became suspect, the newest. What is noticed at one tick prolongs
    nothing.
    """

    def __init__(
        self,
        noticed: Callable[[int], Iterable[float]],
        suspected: Mapping[int, float],
        now: float,
        limits: Limits,
        at_one_tick: bool,
    ) -> None:
        self._at_one_tick = at_one_tick
        self._noticed, self._suspected = noticed, suspected
        self._now, self._limits = now, limits
        self._times: dict[int, list[float]] = {}
        self._known: dict[tuple[float, tuple[int, ...]], float] = {}

    def until(self, fault: Fault, lines: tuple[int, ...]) -> float:
        """When a fault of these parents has waited long enough."""
        if self._at_one_tick:
            until = fault.noticed + min(self._limits.hold_s, self._limits.longest_hold_s)
        else:
            until = self._once_asked(fault.noticed, lines)
        if until <= self._now and self._suspected:
            until = self._while_suspected(until, fault.at, fault.noticed, lines)
        return until

    def _once_asked(self, noticed: float, lines: tuple[int, ...]) -> float:
        question = (noticed, lines)
        until = self._known.get(question)
        if until is None:
            until = self._known[question] = self._while_others_fall(noticed, lines)
        return until

    def _while_others_fall(self, noticed: float, lines: tuple[int, ...]) -> float:
        limits = self._limits
        until, longest = noticed + limits.hold_s, noticed + limits.longest_hold_s
        others = [times for one in lines if (times := self._of(one)) and times[-1] > noticed]
        while others and until < longest:
            newest = max(_last_before(times, until) for times in others)
            if newest <= noticed or newest + limits.prolong_s <= until:
                break
            until = newest + limits.prolong_s
        return min(until, longest)

    def _of(self, line: int) -> list[float]:
        """When faults of this parent were noticed, in order."""
        times = self._times.get(line)
        if times is None:
            times = self._times[line] = sorted(self._noticed(line))
        return times

    def _while_suspected(
        self, until: float, at: float, noticed: float, lines: tuple[int, ...]
    ) -> float:
        limits = self._limits
        longest = noticed + limits.longest_hold_s
        since = at - limits.together_s
        if not any(self._suspected.get(line, float("-inf")) >= since for line in lines):
            return until
        while until <= self._now and until < longest:
            until = min(until + limits.prolong_s, longest)
        return until


def _last_before(times: Sequence[float], moment: float) -> float:
    place = bisect_right(times, moment)
    return times[place - 1] if place else float("-inf")
