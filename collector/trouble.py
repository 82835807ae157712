"""Trouble that passes is told in a line; what nobody has foreseen, with where it came from."""

import errno
import logging
import sqlite3
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError, OperationalError

from collector import db
from collector.journal.protocol import JournalFailed
from collector.lease import Overtaken
from collector.printable import on_one_line

log = logging.getLogger(__name__)

# what SQLite says of the machine, and not of a statement of ours
_OF_THE_MACHINE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


def tell(what: str, error: Exception) -> None:
    """One line for trouble that comes and goes; the traceback for what nobody has foreseen."""
    if passing(error):
        reason = error.orig if isinstance(error, DBAPIError) else error
        log.warning("%s: %s", what, on_one_line(str(reason)) or type(error).__name__)
    else:
        log.error("%s", what, exc_info=error)


def told(what: str, work: Callable[[], object]) -> Callable[[], None]:
    """`work`, whose trouble is told and goes no further: whoever calls it calls it again."""

    def turn() -> None:
        try:
            work()
        except Exception as error:
            tell(f"{what} stumbled, and is tried again when its turn comes", error)

    return turn


def passing(error: Exception) -> bool:
    """A database that is locked, full or away, a full disk, a journal that cannot be asked now."""
    if isinstance(error, OperationalError):
        # a column that is not there is an operational error of SQLite, too
        code = getattr(error.orig, "sqlite_errorcode", None)
        return code is None or code & 0xFF in _OF_THE_MACHINE
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, (JournalFailed, db.Away, Overtaken))
