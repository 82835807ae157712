"""How far each reader of the journal has come."""

from sqlalchemy import Connection, select

from collector.db import upsert
from collector.schema import positions


def get(connection: Connection, name: str, default: int = 0) -> int:
    found = connection.execute(select(positions.c.position).where(positions.c.name == name))
    position = found.scalar()
    return default if position is None else int(position)


def put(connection: Connection, name: str, position: int) -> None:
    upsert(positions, [{"name": name, "position": position}], connection)
