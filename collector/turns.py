"""Whose turn is it to write? One writer at a time, and nobody waits for ever."""

import logging
import sqlite3
from collections.abc import Callable

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy import text as sql
from sqlalchemy.exc import OperationalError

log = logging.getLogger(__name__)

# the fold has much in hand that would have to be worked out again: it asks so often, each time as
# long as others do at all (a minute together), before it gives that up
_TRIES = 12
_OPTION = "ronda_ending"

# One writer at a time on PostgreSQL too: `rev` must grow in the order of commits, and what was read
# before a change must still hold when it is written. Each of the two databases has its own lock.
_TURN = sql("SELECT pg_advisory_xact_lock(hashtext(concat('ronda ', current_schema())))")
_LOCK_NOT_AVAILABLE = "55P03"


def be_patient(engine: Engine, ending: Callable[[], bool]) -> None:
    """Whoever writes by this engine from now on asks again where the lock was not given, but for
    who is to end."""
    engine.update_execution_options(**{_OPTION: ending})


def take(connection: Connection, once: bool = False) -> RootTransaction:
    """A transaction that holds the write lock from its start; `once`: it is not worth waiting."""
    connection.execution_options(ronda_begin="BEGIN IMMEDIATE")
    ending = None if once else connection.get_execution_options().get(_OPTION)
    in_vain, whose = 0, connection.engine.url.database
    while True:
        try:
            transaction = _begin(connection)
        except OperationalError as error:
            in_vain += 1
            if ending is None or ending() or in_vain >= _TRIES or not _is_held(error):
                raise
            if in_vain == 1:
                log.warning("somebody else writes to %s for long; the fold waits", whose)
        else:
            if in_vain:
                log.warning("the fold may write to %s, after %d tries in vain", whose, in_vain)
            return transaction


def _begin(connection: Connection) -> RootTransaction:
    transaction = connection.begin()
    if connection.dialect.name == "postgresql":
        try:
            connection.execute(_TURN)
        except BaseException:
            transaction.rollback()
            raise
    return transaction


def _is_held(error: OperationalError) -> bool:
    """Somebody else has the lock; nothing else is wrong."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is None:
        return getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
