"""Roll-ups in history.db: one row for a site, a step and a day."""

import hashlib
from collections.abc import Collection, Container, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, bindparam, delete, exists, func, select

from collector.db import upsert
from collector.schema import days, rollups
from collector.series import rollup_codec
from collector.series.kept import Kept
from collector.series.rollups import EMPTY, Table

HOUR_S = 3600
DAY_S = 86400
_AT_ONCE = 500

# made once: putting a statement together costs as much as asking it
_WITHOUT = (
    select(rollups.c.site_row)
    .distinct()
    .where(
        rollups.c.step_s == DAY_S,
        rollups.c.day.between(bindparam("first"), bindparam("last")),
        ~exists().where(days.c.site_row == rollups.c.site_row, days.c.day == rollups.c.day),
    )
)
_WITHOUT_ONE = _WITHOUT.where(rollups.c.site_row == bindparam("row"))
_WITHOUT_SOME = _WITHOUT.where(rollups.c.site_row.in_(bindparam("rows", expanding=True)))
_OF = and_(
    rollups.c.site_row == bindparam("row"),
    rollups.c.step_s == bindparam("step_s"),
    rollups.c.day.between(bindparam("first"), bindparam("last")),
)
_READ = select(rollups.c.day, rollups.c.payload).where(_OF)
_DAYS = select(rollups.c.day).where(_OF)


def put(connection: Connection, site_row: int, step_s: int, day: int, table: Table) -> None:
    """Store the steps of a day in place of what stood there."""
    key = {"site_row": site_row, "step_s": step_s, "day": day}
    upsert(rollups, [key | {"payload": rollup_codec.encode(table, day)}], connection)


def there(
    connection: Connection,
    site_row: int,
    step_s: int,
    first: int,
    last: int,
    but: Container[int],
    columns: Collection[int],
    kept: Kept[Table],
) -> tuple[set[int], Table]:
    """The days from first to last that are there, without those that do not count; their table."""
    found = connection.execute(_READ, _asked(site_row, step_s, first, last))
    rows = [(day, payload) for day, payload in found if day not in but]
    table = _decoded((site_row, step_s), rows, np.array(sorted(columns), np.int64), kept)
    return {day for day, _ in rows}, table


def read(
    connection: Connection,
    site_row: int,
    step_s: int,
    first: int,
    last: int,
    columns: Collection[int] | None = None,
) -> Table:
    """The wanted columns (None: all) of the days from first to last."""
    wanted = None if columns is None else np.array(sorted(columns), np.int64)
    found = connection.execute(_READ, _asked(site_row, step_s, first, last))
    return rollup_codec.decode([(day, payload) for day, payload in found], wanted)


def _decoded(
    of: tuple[int, int],
    rows: Sequence[tuple[int, bytes]],
    wanted: NDArray[np.int64],
    kept: Kept[Table],
) -> Table:
    if not rows:
        return EMPTY
    key, mark = ("rollups", *of, wanted.tobytes()), _mark(rows)
    table = kept.get(key, mark)
    if table is None:
        table = rollup_codec.decode(rows, wanted)
        kept.put(key, mark, table, table.size)
    return table


def _mark(rows: Sequence[tuple[int, bytes]]) -> bytes:
    """Another one as soon as any of them is."""
    told = hashlib.blake2b(digest_size=16)
    for day, payload in rows:
        told.update(b"%d %d " % (day, len(payload)))
        told.update(payload)
    return told.digest()


def days_of(connection: Connection, site_row: int, step_s: int, first: int, last: int) -> set[int]:
    """The days from first to last that are there."""
    return set(connection.execute(_DAYS, _asked(site_row, step_s, first, last)).scalars())


def without_numbers(
    connection: Connection, site_rows: Sequence[int], first: int, last: int
) -> set[int]:
    """Which of the sites have days from first to last of which only roll-ups are left."""
    found: set[int] = set()
    asked: dict[str, Any] = {"first": first, "last": last}
    if len(site_rows) == 1:
        return {*connection.execute(_WITHOUT_ONE, asked | {"row": site_rows[0]}).scalars()}
    for at in range(0, len(site_rows), _AT_ONCE):
        asked["rows"] = site_rows[at : at + _AT_ONCE]
        found.update(connection.execute(_WITHOUT_SOME, asked).scalars())
    return found


def oldest(connection: Connection, step_s: int) -> int | None:
    """The oldest day of any site."""
    query = select(func.min(rollups.c.day)).where(rollups.c.step_s == step_s)
    found: int | None = connection.execute(query).scalar()
    return found


def delete_before(connection: Connection, site_row: int, step_s: int, day: int) -> int:
    """Forget a site's roll-ups before this day; how many rows went."""
    old = _asked(site_row, step_s, -(10**6), day - 1)
    return int(connection.execute(delete(rollups).where(_OF), old).rowcount)


def _asked(site_row: int, step_s: int, first: int, last: int) -> dict[str, int]:
    return {"row": site_row, "step_s": step_s, "first": first, "last": last}
