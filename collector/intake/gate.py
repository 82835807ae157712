"""How often may somebody try codes? Bounded by work and by failures, never by address alone."""

from collections import OrderedDict

from collector.intake.body import Problem

MAX_AT_ONCE = 64
FAILURES = 20
FORGET_ONE_EVERY_S = 30.0
_ADDRESSES = 10_000


class Gate:
    """Counts failed tries by address.

    A whole regency may come from one CGNAT address, so a full count only changes the answer to
    further failures; a good code always passes.
    """

    def __init__(self) -> None:
        self.running = 0
        self._failures: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __enter__(self) -> None:
        if self.running >= MAX_AT_ONCE:
            raise Problem(503, "too many enrolments at once", 5)
        self.running += 1

    def __exit__(self, *_: object) -> None:
        self.running -= 1

    def failed(self, address: str, now: float) -> None:
        """Note a failure; Problem 429 when there were too many."""
        count, at = self._failures.pop(address, (0.0, now))
        # a clock that was set back adds nothing
        count = max(0.0, count - max(0.0, now - at) / FORGET_ONE_EVERY_S) + 1
        self._failures[address] = (min(count, FAILURES + 1.0), now)
        if len(self._failures) > _ADDRESSES:
            self._failures.popitem(last=False)
        if count > FAILURES:
            raise Problem(429, "too many wrong codes from this address", int(FORGET_ONE_EVERY_S))
