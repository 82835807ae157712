"""What the engine process does for an external engine: probe it, let old numbers go there."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from collector.db import meta_get, open_history, reading, writing
from collector.external import standing, store
from collector.external.borrowing import External
from collector.external.place import place_of
from collector.external.probe import due, probe
from collector.external.shelving import Done, Shelving
from collector.external.standing import Shelf, Standing
from collector.series.layouts import Columns
from collector.series.rollup_store import DAY_S
from collector.settings import Settings

log = logging.getLogger(__name__)

LOOK_S = 20
# of each look; the fold has the same processor
_LONGEST_S = 10.0


@dataclass
class Work:
    """One look after the other, in a thread of its own; `wait` waits, or until the end."""

    settings: Settings
    engine: Engine
    shelving: Shelving
    wait: Callable[[float], object]
    over: Callable[[], bool]

    def look(self, now: float) -> None:
        with reading(self.engine) as connection:
            known = standing.read(connection)
            centre = meta_get(connection, "centre")
        line = self.shelving.external.line
        if known is None or known.host != line.place.host or due(known, now):
            way = known.way if known is not None and known.host == line.place.host else ""
            known = probe(line, centre, now, self.wait, way)
            self._tell(known)
        if known.works:
            self._shelve(now)

    def _tell(self, known: Standing) -> None:
        if not (known.works and known.late):
            log.warning("the external engine %s: %s", known.host, known.said)
        with writing(self.engine) as connection:
            standing.write(connection, known)

    def _shelve(self, now: float) -> None:
        """Let days go until it is enough for one look, or there are none."""
        before, total = int(now // DAY_S) - self.settings.metrics_tail_days, Done()
        until = time.monotonic() + _LONGEST_S
        while not self.over() and time.monotonic() < until:
            done = self.shelving.step(before, now)
            total += done
            if done.why or not done.some:
                break
        with reading(self.engine) as connection:
            shelf = standing.read_shelf(connection)
        if total.some or total.why or shelf is None:
            self._write_down(shelf or Shelf(now, 0, 0), total, now)

    def _write_down(self, shelf: Shelf, total: Done, now: float) -> None:
        with writing(self.shelving.engine) as connection:
            stays = store.tidy(connection)
        gone = max(0, shelf.gone + total.gone - total.back)
        with writing(self.engine) as connection:
            standing.write_shelf(connection, Shelf(now, gone, stays, total.why))


def looking(settings: Settings, engine: Engine, stop: threading.Event) -> Callable[[], None] | None:
    """What is done now and then; None where no engine is configured."""
    place = place_of(settings)
    if place is None:
        return None
    history = open_history(settings)
    made: list[Work] = []

    def look() -> None:
        if not made:
            columns = Columns(history)
            shelving = Shelving(history, External(place, engine, columns), columns)
            made.append(Work(settings, engine, shelving, stop.wait, stop.is_set))
        made[0].look(time.time())

    return look
