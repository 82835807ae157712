"""What pages of sites ask beside the inventory: lines, and marks of what changed. A store file."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from alerts import incidents
from collector import schema
from collector.schema import checks, states

Rev = tuple[int, int, int]


def uplinks(connection: Connection, code: str) -> list[Mapping[str, Any]]:
    """The uplinks of a site, main first."""
    statement = select(schema.uplinks).where(schema.uplinks.c.site == code)
    found = [dict(row) for row in connection.execute(statement).mappings()]
    return sorted(found, key=lambda row: (row["name"] != "main", row["name"]))


def rev(connection: Connection) -> Rev:
    """The newest position that changed a state or a check, how many rows it changed, and the
    newest change of an incident.

    The number tells apart what was written at one position in two transactions.
    """
    tops = {
        table: connection.execute(select(func.max(table.c.rev))).scalar() or 0
        for table in (states, checks)
    }
    newest = max(tops.values())
    rows = 0
    for table, top in tops.items():
        if top == newest:
            same = select(func.count()).select_from(table).where(table.c.rev == newest)
            rows += connection.execute(same).scalar_one()
    return newest, rows, incidents.newest_rev(connection)


def changed(connection: Connection, since: int, most: int) -> set[str]:
    """Sites with a state or check of this position or a newer one; about `most` at most."""
    found: set[str] = set()
    for table in (states, checks):
        newer = select(table.c.site).where(table.c.rev >= since).distinct().limit(most)
        found.update(connection.execute(newer).scalars())
    return found
