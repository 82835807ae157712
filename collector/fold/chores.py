"""What history needs between two commits of the fold: packing, merging; a little at a time."""

from collections.abc import Callable

from sqlalchemy import Engine

from collector.fold.foreign import Foreigners
from collector.series.merging import Merging
from collector.series.packing import Packing
from collector.series.window import WindowWriter
from collector.series.window_reader import WindowReader
from collector.settings import Settings
from collector.silence import Ticks

_PACK_S = 0.05
# in one transaction: a site alone costs half as much again
_PACK_SITES = 20
_MERGE_S = 0.1


class Chores:
    """`clock` only says when it has been long enough."""

    def __init__(
        self,
        settings: Settings,
        history: Engine,
        window: WindowWriter,
        foreign: Foreigners,
        clock: Callable[[], float],
    ) -> None:
        self._packing = Packing(history, window, WindowReader(settings.window))
        self._merging = Merging(history, bool(settings.metrics_url))
        self._foreign, self._clock = foreign, clock
        self._keep_days = settings.history_days

    def step(self, newest: float, committed: int, ticks: Ticks) -> None:
        """After a commit of position `committed`; `newest` is the time of the last record."""
        believed = min(newest, ticks.believed or newest)
        self._within(
            _PACK_S,
            lambda: (
                self._packing.step(newest, limit=_PACK_SITES)
                or self._foreign.tidy(believed, self._keep_days)
            ),
        )
        self._within(_MERGE_S, lambda: self._merging.step(newest, committed))

    def set_back(self, was: float, at: float) -> None:
        """The clock was set back: nothing of later than `at` stands in the way."""
        self._packing.set_back(was, at)

    def _within(self, most_s: float, work: Callable[[], int]) -> None:
        """Work until there is none, or that long."""
        began = self._clock()
        while work() and 0 <= self._clock() - began < most_s:
            pass
