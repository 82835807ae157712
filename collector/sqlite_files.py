"""How connections to the two SQLite files are set: what they wait for, hold and leave on disk."""

from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, event

PAGE_BYTES = 4096
# a page that several transactions change is copied into the database once, when the log is so long
_LOG_PAGES = {"ronda": 4000, "history": 1000}
# the fold changes thousands of pages in one transaction: those that its cache cannot hold go to
# the log while it is at it, come back, and go there once more
_MUCH_KIB = 16 << 10


def prepare(engine: Engine, name: str, busy_s: int, much: bool) -> None:
    """Set every connection that the engine will make. `much`: it holds up to 16 MiB of pages."""
    event.listen(engine, "connect", partial(_be_patient, busy_s=busy_s))
    if name == "history":
        event.listen(engine, "connect", _make_shrinkable)
    event.listen(engine, "connect", _make_durable)
    event.listen(engine, "connect", partial(_bound_log, pages=_LOG_PAGES[name]))
    if much:
        event.listen(engine, "connect", _hold_much)
    event.listen(engine, "begin", _begin)


def _be_patient(connection: Any, _record: object, busy_s: int) -> None:
    connection.execute(f"PRAGMA busy_timeout = {busy_s * 1000}")


def _make_shrinkable(connection: Any, _record: object) -> None:
    # pages that are free can then be given back to the disk; only an empty database takes it, and
    # the others would be locked for it
    if connection.execute("PRAGMA page_count").fetchone()[0] == 0:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")


def _make_durable(connection: Any, _record: object) -> None:
    # sqlite3's own transactions begin late and leave DDL outside; ours begin in _begin
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL for history too: its blocks must be on disk before ronda.db says how far the fold came
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _bound_log(connection: Any, _record: object, pages: int) -> None:
    connection.execute(f"PRAGMA wal_autocheckpoint = {pages}")
    # a large transaction would else leave a log of its size for ever
    connection.execute(f"PRAGMA journal_size_limit = {pages * PAGE_BYTES}")


def _hold_much(connection: Any, _record: object) -> None:
    connection.execute(f"PRAGMA cache_size = {-_MUCH_KIB}")


def _begin(connection: Connection) -> None:
    asked = connection.get_execution_options().get("ronda_begin")
    if asked is None:
        # it touches no file, so it cannot fail; by SQLAlchemy it takes as long as a question
        connection.connection.cursor().execute("BEGIN")
    else:
        connection.exec_driver_sql(asked)
