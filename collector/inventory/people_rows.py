"""What stands elsewhere under a contact's scope and name: shifts, quiet hours, trials answered."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, update

from collector.schema import duty, quiet_hours, trials

# what a shift of nobody, or quiet hours of nobody, would be
_ENDING = (duty, quiet_hours)


def follow(connection: Connection, old: Sequence[str], new: Sequence[str]) -> None:
    """The contact is called otherwise, or serves another scope: its rows go along."""
    for table in (*_ENDING, trials):
        # whoever was called so before is gone
        connection.execute(delete(table).where(_of(table, new)))
        renamed = {"scope": new[0], "person": new[1]}
        connection.execute(update(table).where(_of(table, old)).values(renamed))


def end(connection: Connection, keys: Iterable[Sequence[str]]) -> None:
    """These contacts are gone: nobody has their shifts. That a trial was answered stays known."""
    for key in keys:
        for table in _ENDING:
            connection.execute(delete(table).where(_of(table, key)))


def _of(table: Table, key: Sequence[str]) -> ColumnElement[bool]:
    return and_(table.c.scope == key[0], table.c.person == key[1])
