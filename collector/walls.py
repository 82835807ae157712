"""Rows of wall screens: links that show some areas to whoever has them, until they are revoked."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, not_, select, update

from collector.schema import walls

_STANDING = walls.c.revoked_at.is_(None)


def add(
    connection: Connection,
    token_hash: str,
    name: str,
    areas: Sequence[str],
    language: str,
    by: str,
    now: float,
) -> int:
    """Keep a new link; its number."""
    row = {"token_hash": token_hash, "name": name, "areas": json.dumps(list(areas))}
    row |= {"language": language, "by": by}
    made = connection.execute(insert(walls).values(**row, created_at=now))
    key: Any = made.inserted_primary_key
    return int(key[0])


def count(connection: Connection) -> int:
    """How many links stand."""
    counted = select(func.count()).select_from(walls).where(_STANDING)
    return int(connection.execute(counted).scalar_one())


def by_hash(connection: Connection, token_hash: str) -> Row[Any] | None:
    """The link of a token, a revoked one too."""
    return connection.execute(select(walls).where(walls.c.token_hash == token_hash)).first()


def current(connection: Connection, most: int) -> Sequence[Row[Any]]:
    """Links that stand, the newest first."""
    return connection.execute(
        select(walls).where(_STANDING).order_by(walls.c.id.desc()).limit(most)
    ).all()


def revoked(connection: Connection, most: int) -> Sequence[Row[Any]]:
    """Links that show nothing any more, the last revoked first."""
    latest = (walls.c.revoked_at.desc(), walls.c.id.desc())
    return connection.execute(
        select(walls).where(not_(_STANDING)).order_by(*latest).limit(most)
    ).all()


def standing(connection: Connection, numbers: Iterable[int]) -> set[int]:
    """Which of these links still stand."""
    wanted = walls.c.id.in_(sorted(numbers))
    return set(connection.execute(select(walls.c.id).where(wanted, _STANDING)).scalars())


def revoke(connection: Connection, number: int, now: float) -> Row[Any] | None:
    """The link as it then is, revoked now or before; None where there is none."""
    mine = walls.c.id == number
    connection.execute(update(walls).where(mine, _STANDING).values(revoked_at=now))
    return connection.execute(select(walls).where(mine)).first()
