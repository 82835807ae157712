"""What stands elsewhere under a contact's scope and name: shifts, quiet hours, trials answered."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, select, update

from collector.schema import acts, duty, quiet_hours, trials

# of a contact: scope and name
Key = tuple[str, str]
_RENAMED = "renamed"
# what a shift of nobody, or quiet hours of nobody, would be
_ENDING = (duty, quiet_hours)


def follow(connection: Connection, old: Sequence[str], new: Sequence[str]) -> None:
    """The contact is called otherwise, or serves another scope: its rows go along."""
    for table in (*_ENDING, trials):
        # whoever was called so before is gone
        connection.execute(delete(table).where(_of(table, new)))
        renamed = {"scope": new[0], "person": new[1]}
        connection.execute(update(table).where(_of(table, old)).values(renamed))


def told(old: Sequence[str], new: Sequence[str]) -> dict[str, Any]:
    """What the act says of it, so that whoever is to be erased is found by either name."""
    return {_RENAMED: {"scope": old[0], "name": old[1], "to_scope": new[0], "to": new[1]}}


def called_before(connection: Connection) -> dict[Key, list[Key]]:
    """Of contacts that were called otherwise: by scope and name those of before, the oldest
    first."""
    t = acts.c
    mine = (t.verb == "inventory", t.subject == "contacts", t.body.contains(f'"{_RENAMED}":'))
    found: dict[Key, list[Key]] = {}
    for body in connection.execute(select(t.body).where(*mine).order_by(t.id)).scalars():
        one = json.loads(body)[_RENAMED]
        old, new = (one["scope"], one["name"]), (one["to_scope"], one["to"])
        found[new] = [*found.pop(old, []), old]
    return found


def end(connection: Connection, keys: Iterable[Sequence[str]]) -> None:
    """These contacts are gone: nobody has their shifts. That a trial was answered stays known."""
    for key in keys:
        for table in _ENDING:
            connection.execute(delete(table).where(_of(table, key)))


def _of(table: Table, key: Sequence[str]) -> ColumnElement[bool]:
    return and_(table.c.scope == key[0], table.c.person == key[1])
