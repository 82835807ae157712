"""How things get into the inventory and out of it, each time with the act that tells of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select

from collector import acts, schema
from collector.db import meta_get, meta_set, upsert
from collector.inventory import people_rows
from collector.inventory.changes import (
    Change,
    Difference,
    Values,
    compare,
    implied,
    key_of,
    spell,
)
from collector.inventory.kinds import KINDS, Kind
from collector.inventory.store import rows_of

_NEXT_ROW = "next_site_row"
_FEW = 500
_AT_ONCE = 200


# what the fold goes by
_FOLDED = {
    "sites": ("code", "row", "lifecycle", "report_every_s", "isp", "upstream", "power_feeder"),
    "uplinks": ("site", "name", "isp", "upstream", "type", "bill_day", "ends", "mbps"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change of the inventory came to: keys, and areas that had to be made for them.

    `changes` are the rows themselves, areas first: what undoing them needs.
    """

    kind: str
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    areas: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def touched(self) -> list[str]:
        return [*self.new, *self.changed]


def put(
    connection: Connection,
    name: str,
    rows: Sequence[Values],
    now: float,
    by: str,
    note: Values | None = None,
) -> Outcome:
    """Bring rows of one kind into the inventory, in the caller's transaction, with their act.

    A row may lack columns: a new thing gets their defaults, a known one keeps what it has.
    Values are taken as they are; whoever reads them from outside has checked them. `note` is
    what else the act should say.
    """
    kind = KINDS[name]
    take_turns(connection)
    found = compare(kind, (("", row) for row in rows), known(connection, kind, rows))
    return change(connection, name, found, now, by, note)


def change(
    connection: Connection,
    name: str,
    found: Difference,
    now: float,
    by: str,
    note: Values | None = None,
) -> Outcome:
    """The same of rows that were compared with what is there, and it is still so."""
    kind = KINDS[name]
    touched = [change.after for change in found.changes]
    if name == "sites":
        _give_rows(connection, touched)
    made = implied(name, touched, area_codes(connection))
    upsert(schema.areas, [change.after for change in made], connection)
    upsert(kind.table, touched, connection)
    outcome = Outcome(
        name,
        [change.name for change in found.new],
        [change.name for change in found.changed],
        found.same,
        [change.name for change in made],
        [*made, *found.changes],
    )
    body: dict[str, Any] = {"codes": outcome.touched, "count": len(touched)}
    body |= {"areas": outcome.areas, **(note or {})}
    if name in _FOLDED:
        # a replay of the journal meets things as they were then, not as they are today
        body["rows"] = [_folded(name, row) for row in touched]
    acts.record(connection, now, by, "inventory", name, body)
    return outcome


def retell(connection: Connection, rows: Sequence[Values], now: float, by: str) -> None:
    """Sites that were changed by other means, told as `put` tells of them."""
    codes = [row["code"] for row in rows]
    body = {"codes": codes, "count": len(codes), "areas": []}
    body["rows"] = [_folded("sites", row) for row in rows]
    acts.record(connection, now, by, "inventory", "sites", body)


def remove(
    connection: Connection,
    name: str,
    rows: Sequence[Values],
    now: float,
    by: str,
    note: Values | None = None,
) -> None:
    """Take rows of one kind out of the inventory, whole rows as they are, with their act."""
    kind = KINDS[name]
    take_turns(connection)
    keys = [key_of(kind, row) for row in rows]
    for begin in range(0, len(keys), _AT_ONCE):
        some = keys[begin : begin + _AT_ONCE]
        connection.execute(delete(kind.table).where(or_(*(_is(kind, key) for key in some))))
        if name == "sites":
            # a sheet that was printed must not enrol an agent for what is not there
            void = schema.codes.c.site.in_([key[0] for key in some])
            connection.execute(delete(schema.codes).where(void, schema.codes.c.agent.is_(None)))
    if name == "contacts":
        people_rows.end(connection, keys)
    gone = [spell(key) for key in keys]
    body: dict[str, Any] = {"codes": [], "count": 0, "areas": [], "removed": gone, **(note or {})}
    if name == "sites":
        # the fold knows of sites that ended, and nobody watches them any more
        ended = [{**row, "lifecycle": "retired"} for row in rows]
        body |= {"codes": gone, "rows": [_folded(name, row) for row in ended]}
    elif name == "uplinks":
        body |= {"codes": gone, "rows": []}
    acts.record(connection, now, by, "inventory", name, body)


def known(connection: Connection, kind: Kind, rows: Collection[Values]) -> list[dict[str, Any]]:
    """The rows of these keys that are there already, and perhaps others beside them."""
    first = kind.table.c[kind.key[0]]
    wanted = {row[first.name] for row in rows}
    # a database takes only so many parameters; a big file touches most rows anyway
    return rows_of(connection, kind.table, first.in_(wanted) if len(wanted) <= _FEW else None)


def area_codes(connection: Connection) -> set[str]:
    """The areas that have been named."""
    return {code for (code,) in connection.execute(select(schema.areas.c.code))}


def take_turns(connection: Connection) -> None:
    """Imports in one order, where the database itself lets writers run side by side."""
    centre = select(schema.meta).where(schema.meta.c.key == "centre").with_for_update()
    connection.execute(centre)


def _is(kind: Kind, key: Sequence[str]) -> Any:
    columns = kind.table.c
    return and_(*(columns[name] == part for name, part in zip(kind.key, key, strict=True)))


def _folded(name: str, row: Values) -> dict[str, Any]:
    return {column: row[column] for column in _FOLDED[name]}


def _give_rows(connection: Connection, sites: Iterable[dict[str, Any]]) -> None:
    highest = connection.execute(select(func.max(schema.sites.c.row))).scalar()
    # counted apart from the table: the row of a site that somebody deleted still has a history
    after_highest = 0 if highest is None else highest + 1
    following = max(int(meta_get(connection, _NEXT_ROW, "0")), after_highest)
    for site in sites:
        if site["row"] is None:
            site["row"] = following
            following += 1
    meta_set(connection, _NEXT_ROW, str(following))
