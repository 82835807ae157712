"""Rows of those who asked on a public page to be told of a place; told only after their own yes.

Whoever enters an address is not known to own it: it hears one question, and nothing more until it
says yes. A store file.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from alerts.channels.config import FOLLOWERS
from alerts.notices import CLAIMED, QUEUED
from collector.db import meta_get, meta_set
from collector.schema import followers, notices

ASKED, WAITING, AGREED, FOLLOWING, LEAVING = "asked", "waiting", "agreed", "following", "leaving"
EMAIL, TELEGRAM = "email", "telegram"
MOST = 5000
# places one address may follow, and questions that are under way altogether
MOST_EACH, MOST_UNANSWERED = 10, 500
# an address is asked no more often than this: anybody may enter it, while a chat asks for itself
ASK_AGAIN_S = {EMAIL: 6 * 3600.0, TELEGRAM: 10.0}
ANSWER_S = 86400.0
LONGEST = 200
# in table meta: whether this centre lets anybody follow
_OPEN = "followers"
_F = followers.c


@dataclass(frozen=True, slots=True)
class Follower:
    """One address that follows one place; `told`: marks of what it has heard of."""

    id: int
    place: str
    way: str
    address: str
    language: str
    state: str
    salt: str
    asked_at: float
    confirmed_at: float | None
    told: tuple[str, ...]


def open_to_all(connection: Connection) -> bool:
    """Whether anybody may follow a place here."""
    return meta_get(connection, _OPEN) == "open"


def let_in(connection: Connection, open_now: bool) -> None:
    """From now on anybody may follow, or nobody."""
    meta_set(connection, _OPEN, "open" if open_now else "")


def ask(
    connection: Connection, place: str, way: str, address: str, language: str, now: float
) -> bool:
    """Somebody wants this address to be told; False where nobody is asked because of it."""
    mine = (_F.way == way, _F.address == address)
    known = list(connection.execute(select(followers).where(_F.way == way, _box(way, address))))
    here = [row for row in known if row.place == place and row.address == address]
    if any(row.state in (AGREED, FOLLOWING) for row in here):
        return False
    asked = [row.asked_at for row in known if row.state in (ASKED, WAITING)]
    if any(0 <= now - at < ASK_AGAIN_S[way] for at in asked):
        return False
    if len({row.place for row in known} | {place}) > MOST_EACH or _full(connection):
        return False
    connection.execute(delete(followers).where(*mine, _F.place == place))
    connection.execute(
        insert(followers).values(
            place=place, way=way, address=address, language=language, state=ASKED,
            salt=secrets.token_hex(8), asked_at=now, confirmed_at=None, told="[]",
        )
    )  # fmt: skip
    return True


def _box(way: str, address: str) -> ColumnElement[bool]:
    """Rows of the same mailbox: `ibu+1@` and `ibu+2@` are one person's, who is asked once."""
    local, _, domain = address.rpartition("@")
    bare = local.partition("+")[0]
    if way != EMAIL or not bare:
        return _F.address == address
    tagged = _F.address.startswith(f"{bare}+", autoescape=True)
    return (_F.address == f"{bare}@{domain}") | (
        tagged & _F.address.endswith(f"@{domain}", autoescape=True)
    )


def _full(connection: Connection) -> bool:
    total = select(func.count()).select_from(followers)
    waiting = total.where(_F.state.in_((ASKED, WAITING)))
    counts = [int(connection.execute(query).scalar_one()) for query in (total, waiting)]
    return counts[0] >= MOST or counts[1] >= MOST_UNANSWERED


def find(connection: Connection, number: int) -> Follower | None:
    """One of them."""
    row = connection.execute(select(followers).where(_F.id == number)).first()
    return None if row is None else _follower(row)


def of_state(connection: Connection, *states: str, limit: int = MOST) -> list[Follower]:
    """Those in these states, the oldest first."""
    query = select(followers).where(_F.state.in_(states)).order_by(_F.id).limit(limit)
    return [_follower(row) for row in connection.execute(query)]


def at(connection: Connection, way: str, address: str) -> list[Follower]:
    """All that one address follows, or is asked about, the newest first."""
    query = select(followers).where(_F.way == way, _F.address == address)
    return [_follower(row) for row in connection.execute(query.order_by(_F.id.desc()))]


def move(connection: Connection, one: Follower, state: str, now: float | None = None) -> bool:
    """It is so from now on; False where it is no more as it was."""
    values: dict[str, Any] = {"state": state}
    if state == AGREED:
        values["confirmed_at"] = now
    same = (_F.id == one.id, _F.state == one.state)
    return connection.execute(update(followers).where(*same).values(values)).rowcount == 1


def heard(connection: Connection, one: Follower, told: Sequence[str]) -> None:
    """What it has heard of."""
    text = json.dumps(list(told))
    connection.execute(update(followers).where(_F.id == one.id).values(told=text))


def remove(connection: Connection, number: int) -> bool:
    """It is forgotten, address and all."""
    return connection.execute(delete(followers).where(_F.id == number)).rowcount == 1


def unsent(connection: Connection) -> int:
    """How many messages to followers have not left yet."""
    n = notices.c
    waiting = (n.channel == FOLLOWERS, n.state.in_((QUEUED, CLAIMED)))
    query = select(func.count()).select_from(notices).where(*waiting)
    return int(connection.execute(query).scalar_one())


def sweep(connection: Connection, now: float) -> int:
    """Who did not say yes within a day is forgotten; how many that is."""
    old = (_F.state.in_((ASKED, WAITING, LEAVING)), _F.asked_at < now - ANSWER_S)
    return connection.execute(delete(followers).where(*old)).rowcount


def _follower(row: Row[Any]) -> Follower:
    values = dict(row._mapping)
    return Follower(**{**values, "told": tuple(json.loads(values["told"]))})
