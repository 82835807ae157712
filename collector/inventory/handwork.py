"""Rows of the inventory edited by hand: nobody overwrites what he has not seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, tuple_

from agent.strict import Refused
from collector import acts
from collector.acts import Act
from collector.inventory import keeping, people_rows, serials
from collector.inventory.changes import Moved, place_column, spell
from collector.inventory.editing import Draft, mark, problems_by_field
from collector.inventory.exporting import text_of
from collector.inventory.fitting import known_places, strangers
from collector.inventory.importing import row_of
from collector.inventory.kinds import KINDS, Kind
from collector.inventory.scope import Scope
from collector.inventory.sheet import clean
from collector.inventory.store import lies_in, rows_of

# a site ends by its lifecycle, and an area stays as long as codes lie in it
REMOVABLE = frozenset({"uplinks", "devices", "contacts", "holidays"})
EDITED = ("areas", "sites", "uplinks", "devices", "contacts", "holidays")
MOST_ROWS = 50
_MOST_ACTS = 200

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a kind in their order, and how many there are of these."""

    rows: Sequence[Mapping[str, Any]]
    total: int


class Overtaken(Refused):
    """Somebody else changed the row since it was shown; `now` is what it is, None: it is gone."""

    def __init__(self, now: Mapping[str, Any] | None, act: Act | None) -> None:
        super().__init__("row", "somebody changed it meanwhile; look at it again")
        self.now, self.act = now, act


def page(
    connection: Connection,
    name: str,
    words: str,
    areas: Sequence[str],
    sites: Sequence[str],
    skip: int,
) -> Page:
    """Rows whose key or name holds these words, within areas and sites; neither: everywhere."""
    table = KINDS[name].table
    where = and_(True, *_chosen(KINDS[name], words, areas, sites))
    total = connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()
    ordered = select(table).where(where).order_by(*table.primary_key.columns)
    found = connection.execute(ordered.limit(MOST_ROWS).offset(skip))
    return Page([dict(row._mapping) for row in found], int(total))


def after(
    connection: Connection,
    name: str,
    words: str,
    reader: Scope,
    area: str,
    last: Sequence[str],
    most: int,
) -> list[dict[str, Any]]:
    """The first rows by key that come after a key (none: from the beginning), as `page` has them;
    of one area, where that is given."""
    kind = KINDS[name]
    column = kind.table.c[place_column(name) or kind.key[0]]
    chosen = _chosen(kind, words, reader.areas, reader.sites)
    if area:
        chosen.append(lies_in(column, (area,), ()))
    key = [kind.table.c[part] for part in kind.key]
    if last:
        chosen.append(tuple_(*key) > tuple_(*last))
    found = select(kind.table).where(*chosen).order_by(*key).limit(most)
    return [dict(row._mapping) for row in connection.execute(found)]


def find(connection: Connection, name: str, key: Sequence[str]) -> dict[str, Any] | None:
    """One row by its key."""
    kind = KINDS[name]
    columns = kind.table.c
    mine = and_(*(columns[c] == part for c, part in zip(kind.key, key, strict=True)))
    return next(iter(rows_of(connection, kind.table, mine)), None)


def cells_of(name: str, row: Mapping[str, Any]) -> dict[str, str]:
    """A row as the texts of a form."""
    return {column: text_of(row[column]) for column in KINDS[name].columns}


def read(connection: Connection, name: str, cells: Cells) -> Draft:
    """A row from the texts of a form; what is wrong, by field."""
    values, wrong = row_of(name, {key: clean(text) for key, text in cells.items()})
    if not wrong:
        wrong = list(strangers(connection, name, [("", values)], *known_places(connection)))
    return Draft(values, problems_by_field(wrong, KINDS[name].key[0]))


def doubts(connection: Connection, name: str, values: Mapping[str, Any]) -> list[str]:
    """What of a row that may come looks like a slip."""
    if name != "devices":
        return []
    return list(serials.elsewhere(connection, [("line 1", values)]))


def save(
    connection: Connection,
    name: str,
    key: Sequence[str],
    shown: str,
    values: Mapping[str, Any],
    now: float,
    by: str,
) -> None:
    """Put the row in the place of `key` (none: a new one); Overtaken when it is not as shown."""
    kind = KINDS[name]
    before = _expect(connection, kind, key, shown)
    after = [str(values[column]) for column in kind.key]
    if after != list(key) and find(connection, name, after) is not None:
        raise Refused(kind.key[0], f"{spell(after)} is there already")
    if before is not None and after != list(key):
        if name not in REMOVABLE:
            raise Refused(kind.key[0], "a code stays what it is")
        note = people_rows.told(key, after) if name == "contacts" else None
        if note:
            people_rows.follow(connection, key, after)
        keeping.remove(connection, name, [before], now, by, note)
        values = {**before, **values}
    keeping.put(connection, name, [values], now, by)


def remove(
    connection: Connection, name: str, key: Sequence[str], shown: str, now: float, by: str
) -> None:
    """Take the row away, if it is still as shown."""
    before = _expect(connection, KINDS[name], key, shown)
    if before is None or name not in REMOVABLE:
        raise Refused("row", "there is no such row")
    keeping.remove(connection, name, [before], now, by)


def overtaken(connection: Connection, name: str, now: Mapping[str, Any]) -> Overtaken:
    """What to tell who saw another row: what it is now, and whose act that was."""
    key = [str(now[column] or "") for column in KINDS[name].key]
    return Overtaken(now, _latest(connection, name, spell(key)))


def overtaking(name: str, shown: Cells, now: Mapping[str, Any]) -> list[Moved]:
    """What somebody else changed since these texts were shown."""
    there = cells_of(name, now)
    return [
        Moved(column, shown.get(column, ""), text)
        for column, text in there.items()
        if shown.get(column, "") != text
    ]


def merged(name: str, shown: Cells, typed: Cells, now: Mapping[str, Any]) -> dict[str, str]:
    """The form again: what one typed stays, in all else what somebody else wrote."""
    there = cells_of(name, now)
    return {c: typed[c] if typed.get(c, "") != shown.get(c, "") else there[c] for c in there}


def _chosen(
    kind: Kind, words: str, areas: Sequence[str], sites: Sequence[str]
) -> list[ColumnElement[bool]]:
    columns = kind.table.c
    place = place_column(kind.name)
    chosen = [lies_in(columns[place], areas, sites)] if place else []
    if words:
        searched = sorted({*kind.key, "name"})
        chosen.append(or_(*(columns[c].icontains(words, autoescape=True) for c in searched)))
    return chosen


def _expect(
    connection: Connection, kind: Kind, key: Sequence[str], shown: str
) -> dict[str, Any] | None:
    keeping.take_turns(connection)
    before = find(connection, kind.name, key) if any(key) else None
    if mark(before) != shown:
        raise Overtaken(before, _latest(connection, kind.name, spell(key)))
    return before


def _latest(connection: Connection, name: str, key: str) -> Act | None:
    """The newest act that names this row; none where that is long ago."""
    for act in acts.about(connection, name, "inventory", _MOST_ACTS):
        if key in act.body.get("codes", ()) or key in act.body.get("removed", ()):
            return act
    return None
