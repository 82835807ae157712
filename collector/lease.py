"""Which engine of a centre works? On PostgreSQL others stand by until it is gone.

The lease is a lock of one session: it ends with the process, or with its way to the database.
Who has lost it without knowing commits nothing all the same: the fold moves its position only from
where it left it. With SQLite there is one data folder, and one centre holds it.
"""

import logging
import socket
import threading
import zlib
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from collector.settings import Settings

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
# after the database was away the engine that worked has the first turn: its window is whole
TURN_S = 5.0
_TAKE = sql("SELECT pg_try_advisory_lock(hashtext(concat('ronda engine ', current_schema())))")
_ALIVE = sql("SELECT 1")
# how sessions of engines are called: whoever looks sees who works and who stands by
_CALLED = "ronda engine "
_MOST_HOST_CHARS = 40
_CALL = sql("SELECT set_config('application_name', :name, false)")
_ENGINES = sql("""
    SELECT DISTINCT a.application_name AS name, l.pid IS NOT NULL AS works
    FROM pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid AND l.granted
      AND l.locktype = 'advisory' AND l.objsubid = 1 AND l.objid::bigint =
        hashtext(concat('ronda engine ', current_schema()))::bigint & 4294967295
    WHERE a.datname = current_database() AND a.application_name LIKE 'ronda engine %'
""")


class Overtaken(Exception):
    """Another engine moved the fold's position: nothing of this is committed."""


@dataclass(frozen=True, slots=True)
class Engines:
    """Engines that are connected to the database now; `working` "": none has the lease."""

    working: str
    standing_by: tuple[str, ...]


def own_name(settings: Settings) -> str:
    """By which engines are told apart: the machine, and which data folder of it."""
    folder = zlib.crc32(str(settings.folder.resolve()).encode())
    return f"{socket.gethostname()[:_MOST_HOST_CHARS]}/{folder:08x}"


def engines(connection: Connection) -> Engines:
    """Who works and who stands by, as PostgreSQL sees it."""
    rows = connection.execute(_ENGINES).all()
    working = {row.name.removeprefix(_CALLED) for row in rows if row.works}
    others = {row.name.removeprefix(_CALLED) for row in rows} - working
    return Engines(min(working, default=""), tuple(sorted(others)))


def works_here(connection: Connection, settings: Settings) -> bool:
    """Is it the engine of this data folder that works? The newest numbers lie beside it."""
    if connection.dialect.name != "postgresql":
        return True
    return engines(connection).working == own_name(settings)


class Lease:
    """Taken by `wait`; `held` says whether we still have it, taking it again where it is free."""

    def __init__(self, store: Engine, name: str = "") -> None:
        self._store = store
        self._name = _CALLED + name
        self._connection: Connection | None = None

    def wait(self, stop: threading.Event) -> bool:
        """Until we have it; False: `stop` came first."""
        told = away = False
        while not stop.is_set():
            try:
                if away:
                    self._ask()
                    away = False
                    stop.wait(TURN_S)
                if self._take():
                    return True
            except SQLAlchemyError as error:
                log.warning("the database cannot be asked: %s", error.__cause__ or error)
                away = True
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

    def _ask(self) -> None:
        with self._store.connect() as connection:
            connection.execute(_ALIVE)

    def _take(self) -> bool:
        if self._store.dialect.name != "postgresql":
            return True
        connection = self._store.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(_CALL, {"name": self._name})
        taken = bool(connection.execute(_TAKE).scalar())
        if taken:
            self._connection = connection
        else:
            connection.close()
        return taken
