"""Rows of sessions: each on one device, until somebody ends it or the account's number moves on."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from collector.schema import signins, users

# however often it is used
SESSION_S = 14 * 86400

# one's number is the account's: what ended all of them ended each
_SAME = (signins.c.user == users.c.name) & (signins.c.revocation == users.c.revocation)
_HOLDS = (
    select(signins.c.user)
    .join(users, _SAME)
    .where(signins.c.key_hash == bindparam("hash"), signins.c.user == bindparam("name"))
)


def add(connection: Connection, key_hash: str, most: int, dead: float, **values: Any) -> None:
    """Keep a new one; those of the same person that began before `dead`, or are too many, go."""
    mine = signins.c.user == values["user"]
    connection.execute(delete(signins).where(mine, signins.c.began < dead))
    newest = select(signins.c.key_hash).where(mine).order_by(signins.c.began.desc())
    held = connection.execute(newest).scalars().all()
    connection.execute(delete(signins).where(signins.c.key_hash.in_(held[most - 1 :])))
    connection.execute(insert(signins).values(key_hash=key_hash, **values))


def holds(connection: Connection, key_hash: str, name: str) -> bool:
    """Does this session of this account still stand?"""
    return connection.execute(_HOLDS, {"hash": key_hash, "name": name}).first() is not None


def standing(connection: Connection, hashes: Iterable[str]) -> set[str]:
    """Which of these still do."""
    query = select(signins.c.key_hash).join(users, _SAME)
    wanted = query.where(signins.c.key_hash.in_(sorted(hashes)))
    return set(connection.execute(wanted).scalars())


def of(connection: Connection, name: str, since: float) -> Sequence[Row[Any]]:
    """Those of one account that began after `since` and stand, the newest first."""
    query = select(signins).join(users, _SAME)
    mine = query.where(signins.c.user == name, signins.c.began > since)
    return connection.execute(mine.order_by(signins.c.began.desc(), signins.c.key_hash)).all()


def end(connection: Connection, key_hash: str, name: str) -> bool:
    """End one of this account; False when there is none."""
    mine = (signins.c.key_hash == key_hash, signins.c.user == name)
    return connection.execute(delete(signins).where(*mine)).rowcount == 1


def forget(connection: Connection, before: float) -> int:
    """Drop all that began before this; how many there were."""
    return connection.execute(delete(signins).where(signins.c.began < before)).rowcount
