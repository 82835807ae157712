"""Which account is open to somebody whom a provider vouches for: one that was made for them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from collector import acts, second_steps
from collector.db import writing
from collector.schema import users
from web import people
from web.people import User


def by_provider(engine: Engine, whom: str, known_as: str, now: float) -> User | None:
    """The account of somebody whom a provider vouches for; None: no administrator let them in.

    Found by what the provider calls them once and for all; the first time by what an
    administrator entered, and bound then.
    """
    with writing(engine) as connection:
        row = _bound(connection, whom, known_as, now)
        if row is None or people.is_shut(row, now):
            return None
        if second_steps.confirmed(connection, row["name"]):
            return people.as_user(row)
        return people.succeeded(connection, row["name"], row, now)


def _bound(
    connection: Connection, whom: str, known_as: str, now: float
) -> Mapping[str, Any] | None:
    found = select(users).where(users.c.subject == whom)
    if row := connection.execute(found).mappings().first():
        return dict(row)
    free = (users.c.email == known_as, users.c.subject == "", users.c.locked_by == "")
    rows = connection.execute(select(users).where(*free)).mappings().all() if known_as else []
    # of two with one address nobody can say which
    if len(rows) != 1:
        return None
    name = rows[0]["name"]
    connection.execute(update(users).where(users.c.name == name).values(subject=whom))
    acts.record(
        connection, now, name, "account_bound", people.subject(name), {"issuer": whom.split()[0]}
    )
    return dict(rows[0])
