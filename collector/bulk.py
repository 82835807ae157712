"""Rows of whole tables by the thousand, as plain tuples.

SQLAlchemy's own way takes each row as a mapping, copies it and looks at every value of it: five
times what SQLite needs for the row. The statement is SQLAlchemy's all the same.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

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


def _statement(table: Table, dialect: Dialect) -> str:
    here = dialect.name == "sqlite"
    insert: Any = sqlite.insert if here else postgresql.insert
    keys, names = [column.name for column in table.primary_key], table.columns.keys()
    made = insert(table)
    new = {name: made.excluded[name] for name in names if name not in keys}
    made = made.on_conflict_do_update(index_elements=keys, set_=new)
    # the driver of PostgreSQL would else have names in it, and no tuples for them
    spoken: Any = type(dialect)
    style = "qmark" if here else "format"
    return str(made.compile(dialect=spoken(paramstyle=style), column_keys=names))
