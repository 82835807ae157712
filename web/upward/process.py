"""The process that tells the centre above how this one stands: looks, and lets it be carried."""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from collector import centres
from collector.db import Away, meta_set, open_history, open_store, writing
from collector.series.history import History
from collector.settings import Settings
from web.upward.looking import Looking, Stale

log = logging.getLogger(__name__)

# how often it is written down how it goes, where nothing changes
_TOLD_EVERY_S = 10.0


class Way(Protocol):
    """What carries: `agent.upward.Upward`, which this floor does not know."""

    def run(self, stop: threading.Event, told: Callable[[Any], None]) -> None: ...

    def status(self) -> dict[str, Any]: ...

    def close(self) -> None: ...


def run(
    settings: Settings,
    stop: threading.Event,
    upward: Callable[..., Way],
    told: Callable[..., Any],
    enrolled: Callable[[str, threading.Event], bool],
) -> int:
    """Tell until `stop`; before it is enrolled it waits."""
    folder = str(settings.folder / centres.FOLDER)
    if not enrolled(folder, stop):
        return 0
    store, history = open_store(settings), open_history(settings)
    source = source_of(Looking(settings, store, History(settings, history)), told, time.time)
    try:
        way = upward(folder, source)
        way.run(stop, Written(store, time.time))
        way.close()
    finally:
        store.dispose()
        history.dispose()
    return 0


def source_of(
    looking: Looking, told: Callable[..., Any], clock: Callable[[], float]
) -> Callable[[Mapping[str, Any]], Any]:
    """What the way up asks each interval; trouble is a reason, and the next time is another."""

    def source(notes: Mapping[str, Any]) -> Any:
        try:
            values, noted = looking.look(notes, clock())
        except Stale as stale:
            return told(reason=str(stale))
        except (SQLAlchemyError, Away):
            log.warning("the figures for the centre above cannot be worked out", exc_info=True)
            return told(reason="the database of the centre cannot be read")
        return told(values=values, notes=noted)

    return source


class Written:
    """Writes down how the way up goes, for `doctor` and `ronda parent status`."""

    def __init__(self, store: Engine, clock: Callable[[], float]) -> None:
        self._store, self._clock = store, clock
        self._last: tuple[float, str] = (0.0, "")

    def __call__(self, way: Way) -> None:
        now, status = self._clock(), way.status()
        arrived = status["reported_at"] is not None
        mark = f"{arrived} {status['trouble']} {status['reason']}"
        if mark == self._last[1] and 0 <= now - self._last[0] < _TOLD_EVERY_S:
            return
        try:
            with writing(self._store) as connection:
                meta_set(connection, centres.STATUS, json.dumps({**status, "at": now}))
        except SQLAlchemyError:
            return
        self._last = (now, mark)
