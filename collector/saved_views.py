"""Rows of saved views: the ways somebody looks at the list of sites, by the name they gave them."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select

from agent.strict import Refused
from collector.db import upsert
from collector.schema import saved_views

MOST = 20
LONGEST_NAME = 60
LONGEST_QUERY = 1000


@dataclass(frozen=True, slots=True)
class View:
    """`query` is what stands behind the `?` of the list's address."""

    name: str
    query: str


def of(connection: Connection, user: str) -> list[View]:
    """Somebody's views, by name."""
    t = saved_views.c
    query = select(t.name, t.query).where(t.user == user).order_by(t.name)
    return [View(*row) for row in connection.execute(query)]


def save(connection: Connection, user: str, view: View, now: float) -> None:
    """Keep a view; one of the same name is replaced. Refused says why not."""
    name = "".join(c if c.isprintable() else " " for c in view.name).strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refused("name", f"must be 1 to {LONGEST_NAME} characters")
    if len(view.query) > LONGEST_QUERY:
        raise Refused("query", f"must be at most {LONGEST_QUERY} characters")
    t = saved_views.c
    others = select(func.count()).where(t.user == user, t.name != name)
    if connection.execute(others).scalar_one() >= MOST:
        raise Refused("name", f"{MOST} views are kept; delete one first")
    row = {"user": user, "name": name, "query": view.query, "saved_at": now}
    upsert(saved_views, [row], connection)


def forget(connection: Connection, user: str, name: str) -> bool:
    """Delete a view; False when there is none of this name."""
    t = saved_views.c
    gone = delete(saved_views).where(t.user == user, t.name == name)
    return connection.execute(gone).rowcount == 1
