"""The past of the demo's villages: frames of earlier boots, at a cadence of their own.

Agents that were cut off for ninety days and are back would do the same: what is new first, then
what waited, without `up`, as the protocol has it for entries of boots that are over.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collector.demo.mark import Hole
from collector.simulate.agents import Agents
from collector.simulate.spool import Run

Ints = NDArray[np.int64]


class Archive(Agents):
    """The agents of a fleet in the past; `holes` are the times that are to be told."""

    knows_uptime = False

    def __init__(self, name: str, holes: Sequence[Hole], *rest: Any) -> None:
        super().__init__(*rest)
        self.holes = holes
        self._run += f".{name}"  # a spool and a boot of its own
        oldest = min((begin for begin, _ in holes), default=self.origin)
        self.boots = np.full(self.count, oldest - 3600.0) - self.place
        self._rounds: list[Ints] = []
        for site in range(self.count):
            rounds = [self._alive(site, *hole) for hole in sorted(holes)]
            self._rounds.append(np.concatenate([np.empty(0, dtype=np.int64), *rounds]))

    @property
    def rounds_an_hour(self) -> float:
        # frames of a day go together: an hour has few of them
        return 24 * super().rounds_an_hour

    def load(self, piece: Hole) -> None:
        """Put the frames of `piece` into the spools."""
        for site, rounds in enumerate(self._rounds):
            times = self.times(np.full(len(rounds), site), rounds)
            within = np.flatnonzero((times >= piece[0]) & (times < piece[1]))
            for part in np.split(within, np.flatnonzero(np.diff(rounds[within]) != 1) + 1):
                if len(part):
                    first = int(part[0])
                    self.spool(site).keep(Run(int(rounds[first]), first + 1, len(part)))

    def _alive(self, site: int, begin: float, end: float) -> Ints:
        """The rounds between two moments in which this agent had power."""
        first = int((begin - self.origin) // self.interval_s)
        last = int((end - self.origin) // self.interval_s) + 1
        rounds = np.arange(first, last)
        here = np.full(len(rounds), site)
        times = self.times(here, rounds)
        kept = (times >= begin) & (times < end) & ~self.fate.dead(here, times)
        return rounds[kept]
