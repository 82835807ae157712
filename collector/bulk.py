"""Rows of whole tables by the thousand, as plain tuples.

SQLAlchemy's own way takes each row as a mapping, copies it and looks at every value of it: five
times what SQLite needs for the row. The statement is SQLAlchemy's all the same.

Plain means plain: of a named tuple, a member of an enumeration or a bool the driver of SQLite asks
around who could make something simpler of it, and a row takes twice as long.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.engine import Dialect

from collector.db import upserting

_made: dict[tuple[str, str], str] = {}


def put(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, each with a value for every column of the table in its order, or set all
    columns of those whose primary key is there already."""
    if not rows:
        return
    key = table.name, connection.dialect.name
    if key not in _made:
        _made[key] = _statement(table, connection.dialect)
    connection.exec_driver_sql(_made[key], list(rows))


def flag(connection: Connection) -> Callable[[bool], int]:
    """Makes of a bool what rows have in its place; PostgreSQL takes no number for it."""
    return int if connection.dialect.name == "sqlite" else bool


def _statement(table: Table, dialect: Dialect) -> str:
    names = table.columns.keys()
    made = upserting(table, tuple(names), dialect.name)
    # the driver of PostgreSQL would else have names in it, and no tuples for them
    spoken: Any = type(dialect)
    style = "qmark" if dialect.name == "sqlite" else "format"
    return str(made.compile(dialect=spoken(paramstyle=style), column_keys=names))
