"""What pages of sites ask beside the inventory: lines, and marks of what changed. A store file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from alerts import incidents
from collector import schema
from collector.db import meta_get
from collector.schema import checks, states

Rev = tuple[int, int, int]

# made once: putting a statement together costs as much as asking it
_UPLINKS = select(schema.uplinks).where(schema.uplinks.c.site == bindparam("code"))
_TOPS = {table: select(func.max(table.c.rev)) for table in (states, checks)}
_SAME = {
    table: select(func.count()).select_from(table).where(table.c.rev == bindparam("rev"))
    for table in (states, checks)
}


@dataclass(frozen=True, slots=True)
class Fold:
    """How far the engine has come: its lag in seconds, and when it said so."""

    lag_s: float
    at: float


def fold(connection: Connection) -> Fold | None:
    """The engine's own word; None before its first."""
    said = meta_get(connection, "fold_status")
    if not said:
        return None
    status = json.loads(said)
    return Fold(float(status.get("lag_s", 0.0)), float(status.get("at", 0.0)))


def uplinks(connection: Connection, code: str) -> list[Mapping[str, Any]]:
    """The uplinks of a site, main first."""
    found = [dict(row) for row in connection.execute(_UPLINKS, {"code": code}).mappings()]
    return sorted(found, key=lambda row: (row["name"] != "main", row["name"]))


def rev(connection: Connection) -> Rev:
    """The newest position that changed a state or a check, how many rows it changed, and the
    newest change of an incident.

    The number tells apart what was written at one position in two transactions.
    """
    tops = {table: connection.execute(top).scalar() or 0 for table, top in _TOPS.items()}
    newest = max(tops.values())
    rows = 0
    for table, top in tops.items():
        if top == newest:
            rows += connection.execute(_SAME[table], {"rev": newest}).scalar_one()
    return newest, rows, incidents.newest_rev(connection)


def changed(connection: Connection, since: int, most: int) -> set[str]:
    """Sites with a state or check of this position or a newer one; about `most` at most."""
    found: set[str] = set()
    for table in (states, checks):
        newer = select(table.c.site).where(table.c.rev >= since).distinct().limit(most)
        found.update(connection.execute(newer).scalars())
    return found
