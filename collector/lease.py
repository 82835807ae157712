"""Which engine of a centre works? On PostgreSQL others stand by until it is gone.

The lease is a lock of one session: it ends with the process, or with its way to the database.
Who has lost it without knowing commits nothing all the same: the fold moves its position only from
where it left it. With SQLite there is one data folder, and one centre holds it.
"""

import logging
import threading

from sqlalchemy import Connection, Engine
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
_TAKE = sql("SELECT pg_try_advisory_lock(hashtext(concat('ronda engine ', current_schema())))")
_ALIVE = sql("SELECT 1")


class Lease:
    """Taken by `wait`; `held` says whether we still have it, taking it again where it is free."""

    def __init__(self, store: Engine) -> None:
        self._store = store
        self._connection: Connection | None = None

    def wait(self, stop: threading.Event) -> bool:
        """Until we have it; False: `stop` came first."""
        told = False
        while not stop.is_set():
            try:
                if self._take():
                    return True
            except SQLAlchemyError as error:
                log.warning("the database cannot be asked: %s", error.__cause__ or error)
            else:
                if not told:
                    log.warning("another engine of this centre works; this one stands by")
                told = True
            stop.wait(LOOK_EVERY_S)
        return False

    def held(self) -> bool:
        """Do we have it now? SQLAlchemyError while the database is away: nobody has."""
        if self._connection is None:
            return self._take()
        try:
            self._connection.execute(_ALIVE)
        except SQLAlchemyError:
            self.close()
            return self._take()
        return True

    def close(self) -> None:
        if self._connection is not None:
            # not back into the pool: the lock is the session's
            self._connection.invalidate()
            self._connection.close()
        self._connection = None

    def _take(self) -> bool:
        if self._store.dialect.name != "postgresql":
            return True
        connection = self._store.connect().execution_options(isolation_level="AUTOCOMMIT")
        taken = bool(connection.execute(_TAKE).scalar())
        if taken:
            self._connection = connection
        else:
            connection.close()
        return taken
