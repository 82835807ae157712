"""What is done between commits beside the fold, a little at a time: packing, merging, tidying."""

from collections.abc import Callable

from sqlalchemy import Engine

from collector.fold.foreign import Foreigners
from collector.fold.source import Source
from collector.series.merging import Merging
from collector.series.packing import Packing
from collector.series.window import WindowWriter
from collector.series.window_reader import WindowReader
from collector.settings import Settings

_PACK_S = 0.05
_MERGE_S = 0.1
_DROP_EVERY_S = 60.0


class Chores:
    """`clock` says when a turn has been long enough."""

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
        self._foreign, self._source = foreign, source
        self._packing = Packing(history, window, WindowReader(settings.window))
        self._merging = Merging(history, bool(settings.metrics_url))
        self._dropped_at = float("-inf")

    def pack(self, newest: float) -> None:
        """`newest`: when the last record came in."""
        began = self._clock()
        while self._packing.step(newest, limit=5):
            if not 0 <= self._clock() - began < _PACK_S:
                return
        while self._foreign.tidy(newest, self._settings.history_days):
            if not 0 <= self._clock() - began < _PACK_S:
                return

    def merge(self, newest: float, committed: int) -> None:
        began = self._clock()
        while self._merging.step(newest, committed):
            if not 0 <= self._clock() - began < _MERGE_S:
                break

    def drop_journal(self, now: float, needed: int) -> None:
        """Now and then, what lies before `needed`."""
        if 0 <= now - self._dropped_at < _DROP_EVERY_S:
            return
        self._dropped_at = now
        keep_s = max(self._settings.journal_keep_s, self._settings.window_minutes * 60 + 900)
        self._source.drop_before(needed, keep_s, now)
