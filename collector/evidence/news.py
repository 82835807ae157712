"""What the fold wrote of the past since a position: rows of states and verdicts. A store file."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, func, select

from collector.evidence.sealing import Stretch
from collector.schema import states, verdicts

_AT_ONCE = 2000
_TABLES = (states, verdicts)


Top = tuple[int, int]
"""The newest position, and how many rows are of it: two transactions may write at one position."""


def newest(connection: Connection) -> Top:
    """The top of both tables."""
    tops = [connection.execute(select(func.max(t.c.rev))).scalar() for t in _TABLES]
    return _top(connection, max((int(top) for top in tops if top is not None), default=0))


def since(connection: Connection, after: Top, before: float) -> tuple[list[Stretch], Top]:
    """What rows at and behind a position say of the time before a moment, and the top up to which
    that is all: nearly everything that a fold writes is of now, and no sealed day knows of it."""
    top = newest(connection)
    if top == after or before == float("-inf"):
        return [], top
    batches = [(table, list(_some(connection, table, after[0], before))) for table in _TABLES]
    cut = [rows[-1].rev for _, rows in batches if len(rows) >= _AT_ONCE]
    upto = min([top[0], *cut])
    found = [
        Stretch(row.site, *_span(table, row))
        for table, rows in batches
        for row in rows
        if row.rev <= upto
    ]
    return found, _top(connection, upto)


def _top(connection: Connection, rev: int) -> Top:
    counts = [select(func.count()).select_from(t).where(t.c.rev == rev) for t in _TABLES]
    return rev, sum(int(connection.execute(each).scalar_one()) for each in counts)


def _some(connection: Connection, table: Table, after: int, before: float) -> Iterator[Any]:
    """About so many rows; what changed at one position comes whole."""
    old = (table.c.at if table is verdicts else table.c.since) < before
    query = select(table).where(table.c.rev >= after, old).order_by(table.c.rev)
    rows = connection.execute(query.limit(_AT_ONCE)).all()
    if len(rows) < _AT_ONCE:
        yield from rows
        return
    last = rows[-1].rev
    yield from (row for row in rows if row.rev < last)
    yield from connection.execute(select(table).where(table.c.rev == last, old))


def _span(table: Table, row: Any) -> tuple[float, float]:
    if table is verdicts:
        # it holds until the next one
        return row.at, float("inf")
    return row.since, float("inf") if row.until is None else row.until
