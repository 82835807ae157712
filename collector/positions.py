"""How far each reader of the journal has come."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select

from collector.db import upsert
from collector.schema import positions

# made once: putting a statement together costs as much as asking it
_OF = select(positions.c.position).where(positions.c.name == bindparam("name"))


def get(connection: Connection, name: str, default: int = 0) -> int:
    position = connection.execute(_OF, {"name": name}).scalar()
    return default if position is None else int(position)


def put(connection: Connection, name: str, position: int) -> None:
    put_all(connection, {name: position})


def put_all(connection: Connection, reached: Mapping[str, int]) -> None:
    """Several at once: a statement costs as much as all of its rows."""
    rows = [{"name": name, "position": position} for name, position in reached.items()]
    upsert(positions, rows, connection)
