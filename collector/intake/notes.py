"""Small things to remember in the database; written together once a second, not one by one.

After a change for everybody each agent tells what it runs now: a transaction for each would keep
others from the database for minutes.
"""

import logging
from collections.abc import Callable

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from collector.db import writing
from collector.intake.watch import why

log = logging.getLogger(__name__)

Work = Callable[[Connection], object]

# keeps a transaction under 20 ms
_TOGETHER = 50


class Notes:
    """What waits, by agent: a newer note replaces the one before."""

    def __init__(self) -> None:
        self._waiting: dict[int, Work] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, agent: int) -> bool:
        return agent in self._waiting

    def put(self, agent: int, work: Work) -> None:
        self._waiting[agent] = work

    def write(self, engine: Engine) -> None:
        """Write what waits now; what the database does not take stays for the next time."""
        keys = list(self._waiting)
        for start in range(0, len(keys), _TOGETHER):
            part = [(key, self._waiting[key]) for key in keys[start : start + _TOGETHER]]
            try:
                with writing(engine) as connection:
                    for _, work in part:
                        work(connection)
            except SQLAlchemyError as error:
                log.warning("%d notes wait: %s", len(self._waiting), why(error))
                return
            for key, work in part:
                if self._waiting.get(key) is work:
                    del self._waiting[key]
