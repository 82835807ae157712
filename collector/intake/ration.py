"""How much may one agent have written down? So much that no village comes near, and no thief far.

A token that was stolen could else fill the journal, and all agents would be sent away.
"""

from collections import OrderedDict

from collector.intake.body import Problem

# a full spool of 30 days, offered again, is a tenth of this
BURST_BYTES = 512 << 20
# 2,000 series each second
BYTES_PER_S = (2 << 30) / 86400
# more than the country has villages: who is forgotten has all of it again
_MOST_KNOWN = 100_000
_LONGEST_WAIT_S = 3600
# with each report; two, so that they become fewer
_LOOKED_AT = 2


class Ration:
    """What each agent has left; who is not known has all of it."""

    def __init__(self, burst: int = BURST_BYTES, per_s: float = BYTES_PER_S) -> None:
        self._burst, self._per_s = burst, per_s
        self._left: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, agent: int, size: int, now: float) -> None:
        """Note a report of this size; Problem 429 where the agent has to wait for it."""
        self._forget_some(now)
        left, at = self._left.pop(agent, (self._burst, now))
        # a clock that was put back takes nothing away
        left = min(self._burst, left + max(0.0, now - at) * self._per_s)
        fits = size <= left
        self._left[agent] = (left - size if fits else left, now)
        if len(self._left) > _MOST_KNOWN:
            self._left.popitem(last=False)
        if not fits:
            wait_s = min(_LONGEST_WAIT_S, 1 + int((size - left) / self._per_s))
            raise Problem(429, "this agent sends more than any village has to tell", wait_s)

    def _forget_some(self, now: float) -> None:
        """Whoever has all of it again need not be known; a village has, a moment after its report.

        Who has not yet is looked at again when all others were.
        """
        for _ in range(min(_LOOKED_AT, len(self._left))):
            agent, known = self._left.popitem(last=False)
            if known[0] + (now - known[1]) * self._per_s < self._burst:
                self._left[agent] = known
