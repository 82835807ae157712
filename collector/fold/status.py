"""How far the fold is, written down for whoever asks: now and then, and never at its expense."""

import json
import logging
from collections.abc import Callable

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from collector.db import meta_set, writing
from collector.printable import on_one_line

log = logging.getLogger(__name__)

# a row of meta
KEY = "fold_status"
_EVERY_S = 1.0


class Status:
    """`clock` says when it is time, and stands beside what is told."""

    def __init__(self, store: Engine, clock: Callable[[], float]) -> None:
        self._store, self._clock = store, clock
        self._told_at = float("-inf")

    def tell(self, position: int, lag_s: float) -> None:
        """Once a second at most; trouble with it is told and passes."""
        now = self._clock()
        if 0 <= now - self._told_at < _EVERY_S:
            return
        self._told_at = now
        told = {"position": position, "lag_s": round(lag_s, 3), "at": now}
        try:
            with writing(self._store, once=True) as connection:
                meta_set(connection, KEY, json.dumps(told))
        except DBAPIError as error:
            # what was folded is not given up for this; a commit meets the same trouble, or none
            log.warning("the fold cannot say how far it is: %s", on_one_line(str(error.orig)))
