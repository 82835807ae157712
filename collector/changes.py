"""Whether anybody has changed a database since."""

import sqlite3
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError


class Changes:
    """Has anybody committed anything since this was asked last? For callers one at a time.

    SQLite tells in microseconds; of PostgreSQL the answer is always yes.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None
        self._version = -1

    def happened(self) -> bool:
        if self._engine.dialect.name != "sqlite":
            return True
        try:
            # the number means something to one connection only
            if self._connection is None:
                self._connection = self._engine.raw_connection()
            found = self._connection.cursor().execute("PRAGMA data_version").fetchone()
        except (sqlite3.Error, DBAPIError):
            # why it cannot be read is told to whoever reads it then
            self._connection = None
            return True
        before, self._version = self._version, int(found[0])
        return before != self._version
