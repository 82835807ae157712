"""What is done between commits beside the fold, a little at a time: packing, merging, tidying."""

from collections.abc import Callable

from sqlalchemy import Engine

from collector.fold.foreign import Foreigners
from collector.fold.restart import BEFORE_S
from collector.fold.source import Source
from collector.series.merging import Merging
from collector.series.packing import Packing, unpacked_since
from collector.series.window import WindowWriter
from collector.series.window_head import LONGEST
from collector.series.window_reader import WindowReader
from collector.settings import Settings
from collector.silence import Ticks

_PACK_S = 0.05
# in one transaction: a site alone costs half as much again
PACK_SITES = 20
_MERGE_S = 0.1
_DROP_EVERY_S = 60.0
# so long numbers that no block holds yet keep the journal; then the disk goes before them
_HELD_AT_MOST_S = 86400.0


class Chores:
    """`clock` only says when a turn has been long enough."""

    def __init__(
        self,
        settings: Settings,
        history: Engine,
        window: WindowWriter,
        foreign: Foreigners,
        source: Source,
        clock: Callable[[], float],
    ) -> None:
        self._settings, self._clock = settings, clock
        self._foreign, self._source, self._window = foreign, source, window
        # the next start may choose a longer window, which is filled from the journal
        self._reach_minutes = window.minutes if settings.window_minutes else LONGEST
        self._packing = Packing(history, window, WindowReader(settings.window))
        self._merging = Merging(history, bool(settings.metrics_url))
        self._dropped_at = float("-inf")

    def step(self, newest: float, committed: int, ticks: Ticks) -> None:
        """After a commit of position `committed`; `newest` is the time of the last record."""
        believed = min(newest, ticks.believed or newest)
        self._within(
            _PACK_S,
            lambda: (
                self._packing.step(newest, limit=PACK_SITES)
                or self._foreign.tidy(believed, self._settings.history_days)
            ),
        )
        self._within(_MERGE_S, lambda: self._merging.step(newest, committed))

    def drop_journal(self, now: float, needed: int) -> None:
        """Now and then, what lies before `needed` and holds nothing that the window alone has."""
        if 0 <= now - self._dropped_at < _DROP_EVERY_S:
            return
        self._dropped_at = now
        keep_s = max(self._settings.journal_keep_s, self._reach_minutes * 60 + BEFORE_S)
        held_s = now - unpacked_since(self._window, int(now // 60)) * 60 + BEFORE_S
        self._source.drop_before(needed, max(keep_s, min(held_s, _HELD_AT_MOST_S)), now)

    def set_back(self, was: float, at: float, committed: int) -> None:
        """The clock was set back: nothing of later than `at` stands in the way."""
        self._packing.set_back(was, at, committed)

    def _within(self, most_s: float, work: Callable[[], int]) -> None:
        """Work until there is none, or that long."""
        began = self._clock()
        while work() and 0 <= self._clock() - began < most_s:
            pass
