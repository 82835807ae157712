"""The past of the demo's villages: frames at a coarse cadence, of the spool the living agents have.

Agents that were cut off for ninety days and are back would do the same: what is new first, then
what waited. Their numbers are given out beforehand, so that both may be sent side by side.
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
    """The same agents as `living` in the past; `holes` are the times that are to be told.

    `boots` of the living must lie before all of them.
    """

    def __init__(self, living: Agents, holes: Sequence[Hole], *rest: Any) -> None:
        super().__init__(*rest)
        self.boots, self._before = living.boots.copy(), living.next_n.copy()
        self.holes = holes
        self._rounds: list[Ints] = []
        for site in range(self.count):
            rounds = [self._alive(site, *hole) for hole in sorted(holes)]
            self._rounds.append(np.concatenate([np.empty(0, dtype=np.int64), *rounds]))
        living.next_n += np.array([len(rounds) for rounds in self._rounds])

    @property
    def rounds_an_hour(self) -> float:
        # frames of a day go together: an hour has few of them
        return 24 * super().rounds_an_hour

    def load(self, piece: Hole) -> None:
        """Put the frames of `piece` into the spools."""
        for site, rounds in enumerate(self._rounds):
            times = self.times(np.full(len(rounds), site), rounds)
            within = np.flatnonzero((times >= piece[0]) & (times < piece[1]))
            first_n = int(self._before[site])
            for part in np.split(within, np.flatnonzero(np.diff(rounds[within]) != 1) + 1):
                if len(part):
                    first = int(part[0])
                    self.spool(site).keep(Run(int(rounds[first]), first_n + first, len(part)))

    def _alive(self, site: int, begin: float, end: float) -> Ints:
        """The rounds between two moments in which this agent had power."""
        first = int((begin - self.origin) // self.interval_s)
        last = int((end - self.origin) // self.interval_s) + 1
        rounds = np.arange(first, last)
        here = np.full(len(rounds), site)
        times = self.times(here, rounds)
        kept = (times >= begin) & (times < end) & ~self.fate.dead(here, times)
        return rounds[kept]
