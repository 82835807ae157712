"""Rows of members: the faults that make up an incident, and which of them are good again."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, bindparam, case, delete, func, or_, select, update

from collector.db import upsert
from collector.inventory.scope import Scope
from collector.schema import incidents, members, states

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Member:
    """One fault of an incident; `good_at` None: it is still bad. `unseen`: nobody can see it now,
    or nobody saw it end well: planned work began, its rule is gone.
    """

    incident: int
    key: str
    site: str
    title: str
    bad_at: float
    joined_at: float
    good_at: float | None = None
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How an incident's members are now: `back` of all of them were seen good again, `here` of
    those that a reader sees; of those that are still bad, and that a reader sees, how many are at
    sites in which state. What ended unseen is neither.
    """

    back: int = 0
    bad: Mapping[str, int] = field(default_factory=dict)
    here: int = 0


def save(connection: Connection, rows: Sequence[Member]) -> None:
    """Members as they are now; one that was there already is replaced."""
    upsert(
        members, [{name: getattr(row, name) for name in Member.__slots__} for row in rows],
        connection,
    )  # fmt: skip


def move(connection: Connection, incident: int, into: int) -> None:
    """Members of one incident become members of another; those it has already stay there."""
    there = select(members.c.key).where(members.c.incident == into).scalar_subquery()
    mine = (members.c.incident == incident, members.c.key.not_in(there))
    connection.execute(update(members).where(*mine).values(incident=into))


def leave(connection: Connection, incident: int, keys: Sequence[str]) -> None:
    """These are not members of it any more."""
    gone = (members.c.incident == incident, members.c.key.in_(list(keys)))
    connection.execute(delete(members).where(*gone))


def count(connection: Connection, incident: int) -> int:
    """How many ever joined."""
    counted = select(func.count()).where(members.c.incident == incident)
    return int(connection.execute(counted).scalar_one())


def of_open(connection: Connection) -> list[Member]:
    """Members of all incidents that are not over."""
    query = (
        select(members)
        .join(incidents, incidents.c.id == members.c.incident)
        .where(incidents.c.state != "resolved")
        .order_by(members.c.incident, members.c.joined_at)
    )
    return [Member(**row._mapping) for row in connection.execute(query)]


def of(connection: Connection, numbers: Iterable[int]) -> dict[int, list[Member]]:
    """Members by incident, in the order in which they joined."""
    wanted = list(numbers)
    found: dict[int, list[Member]] = {number: [] for number in wanted}
    for begin in range(0, len(wanted), _AT_ONCE):
        these = members.c.incident.in_(wanted[begin : begin + _AT_ONCE])
        query = select(members).where(these).order_by(members.c.joined_at, members.c.key)
        for row in connection.execute(query):
            found[row.incident].append(Member(**row._mapping))
    return found


def standing(connection: Connection, numbers: Sequence[int], scope: Scope) -> dict[int, Standing]:
    """By incident; a storm of a country is counted where it lies."""
    held = func.coalesce(states.c.state, "unknown")
    seen = case((scope.clause(members.c.site), held), else_="").label("seen")
    good = members.c.good_at.is_not(None)
    now = and_(states.c.site == members.c.site, states.c.until.is_(None))
    each = (
        select(members.c.incident, good.label("good"), seen)
        .select_from(members.outerjoin(states, now))
        .where(members.c.incident.in_(list(numbers)), or_(~good, ~members.c.unseen))
        .subquery()
    )
    # grouped outside: what is bound within would be another expression in GROUP BY
    apart = (each.c.incident, each.c.good, each.c.seen)
    query = select(*apart, func.count()).group_by(*apart)
    back, here = Counter[int](), Counter[int]()
    bad: dict[int, dict[str, int]] = {number: {} for number in numbers}
    for number, is_good, state, count in connection.execute(query):
        if is_good:
            back[number] += count
            here[number] += count if state else 0
        elif state:
            bad[number][state] = count
    return {number: Standing(back[number], bad[number], here[number]) for number in numbers}


def mark(connection: Connection, rows: Sequence[tuple[int, str, float | None, bool]]) -> None:
    """(incident, key, good since, unseen) as they are now."""
    if not rows:
        return
    statement = (
        update(members)
        .where(members.c.incident == bindparam("number"), members.c.key == bindparam("name"))
        .values(good_at=bindparam("good"), unseen=bindparam("blind"))
    )
    listed = [
        {"number": number, "name": key, "good": good_at, "blind": unseen}
        for number, key, good_at, unseen in rows
    ]
    connection.execute(statement, listed)
