"""Rows of alerts of others: taken once however often they are told, over when they say so.

A store file.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, true, update

from alerts.ailments import End
from alerts.alertmanager.foreign import FORGOTTEN, OVER, Foreign
from collector.db import upsert
from collector.schema import foreign_alerts as table

# open at once, of all senders together, and with those that ended within the hour
MOST, MOST_ROWS = 1000, 5000
# of them of one site: whoever may speak of one village does not take the places of all
MOST_OF_SITE, MOST_ROWS_OF_SITE = 50, 250
# a sender that says nothing of an alert for so long is gone, or has forgotten it
FORGOTTEN_S = 86400.0
# an end is kept until the engine has surely seen it
_ENDED_S = 3600.0


class What(StrEnum):
    """What became of one."""

    TAKEN = "taken"
    REPEATED = "repeated"
    ENDED = "ended"
    # its end, of which we did not know the beginning
    UNHEARD = "unheard"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Standing:
    """Those that go on, and how others ended a while ago, by key."""

    going: tuple[Foreign, ...] = ()
    ends: Mapping[str, End] = field(default_factory=dict)


def take(connection: Connection, one: Foreign, now: float) -> What:
    """Write down what an alert says; the same again changes nothing but when it was heard."""
    query = select(table.c.heard_at, table.c.ended_at).where(table.c.key == one.key)
    before = connection.execute(query).first()
    goes_on = (
        before is not None and before.ended_at is None and now - before.heard_at <= FORGOTTEN_S
    )
    mine = update(table).where(table.c.key == one.key)
    if one.ended_at is not None:
        if goes_on:
            connection.execute(mine.values(ended_at=one.ended_at))
        return What.ENDED if goes_on else What.UNHEARD
    if goes_on:
        connection.execute(mine.values(heard_at=now))
        return What.REPEATED
    if not _room(connection, one.site, now):
        return What.FULL
    upsert(table, [{**asdict(one), "heard_at": now}], connection)
    return What.TAKEN


def standing(connection: Connection, now: float) -> Standing:
    """As the rows are; what a sender that went silent told is over when it was forgotten."""
    names = [spec.name for spec in fields(Foreign)]
    going, ends = [], {}
    for row in connection.execute(select(table).order_by(table.c.starts_at, table.c.key)):
        if row.ended_at is not None:
            ends[row.key] = End(row.ended_at, OVER)
        elif now - row.heard_at > FORGOTTEN_S:
            ends[row.key] = End(row.heard_at + FORGOTTEN_S, FORGOTTEN, quiet=True)
        else:
            going.append(Foreign(**{name: row._mapping[name] for name in names}))
    return Standing(tuple(going), ends)


def forget(connection: Connection, now: float) -> int:
    """What has been over for long goes."""
    over = or_(table.c.ended_at < now - _ENDED_S, table.c.heard_at < now - 2 * FORGOTTEN_S)
    return connection.execute(delete(table).where(over)).rowcount


def _room(connection: Connection, site: str, now: float) -> bool:
    """Whether one more may open; those that ended count too, until they are forgotten."""
    bounds: list[tuple[ColumnElement[bool], int, int]] = [(true(), MOST, MOST_ROWS)]
    if site:
        bounds.append((table.c.site == site, MOST_OF_SITE, MOST_ROWS_OF_SITE))
    for these, most, most_rows in bounds:
        if _count(connection, these) >= most_rows:
            forget(connection, now)
            if _count(connection, these) >= most_rows:
                return False
        going = and_(these, table.c.ended_at.is_(None), table.c.heard_at >= now - FORGOTTEN_S)
        if _count(connection, going) >= most:
            return False
    return True


def _count(connection: Connection, these: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(these)
    return connection.execute(query).scalar_one()
