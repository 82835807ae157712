"""Rows of tokens that programs show: which hold now, and whose they are."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from collector.schema import api_tokens, users


@dataclass(frozen=True, slots=True)
class Holding:
    """A token that holds; `owner_role` and `owner_areas` are what its owner has today."""

    name: str
    role: str
    area: str
    site: str
    owner: str
    owner_role: str
    owner_areas: tuple[str, ...]
    expires_at: float | None = None


_LIVE = (
    api_tokens.c.revoked_at.is_(None),
    or_(api_tokens.c.expires_at.is_(None), api_tokens.c.expires_at > bindparam("now")),
)
# a token of somebody who is gone or locked holds no more
_OWNED = or_(api_tokens.c.owner == "", users.c.locked_by == "")
# more than anybody reads; a centre of a country has fewer
MOST_SHOWN = 10_000
_HOLDING = (
    select(api_tokens, users.c.role.label("owner_role"), users.c.areas.label("owner_areas"))
    .select_from(api_tokens.outerjoin(users, api_tokens.c.owner == users.c.name))
    .where(api_tokens.c.token_hash == bindparam("hash"), *_LIVE, _OWNED)
)


def holding(connection: Connection, token_hash: str, now: float) -> Holding | None:
    """What is known of a token, while it holds."""
    row = connection.execute(_HOLDING, {"hash": token_hash, "now": now}).first()
    if row is None:
        return None
    areas = tuple(json.loads(row.owner_areas or "[]"))
    mine = (row.owner, row.owner_role or "", areas)
    return Holding(row.name, row.role, row.area, row.site, *mine, row.expires_at)


def add(connection: Connection, token_hash: str, now: float, **values: Any) -> None:
    """Keep a new one."""
    connection.execute(insert(api_tokens).values(token_hash=token_hash, created_at=now, **values))


def owned(connection: Connection, owner: str, now: float) -> Sequence[Row[Any]]:
    """Those of one person that were neither revoked nor ended, the newest first."""
    query = select(api_tokens).where(api_tokens.c.owner == owner, *_LIVE)
    newest = query.order_by(api_tokens.c.created_at.desc(), api_tokens.c.token_hash)
    return connection.execute(newest, {"now": now}).all()


def standing(connection: Connection, now: float) -> Sequence[Row[Any]]:
    """All that were neither revoked nor ended, the newest first, with how their owners stand."""
    joined = api_tokens.outerjoin(users, api_tokens.c.owner == users.c.name)
    query = select(api_tokens, users.c.areas.label("owner_areas"), users.c.locked_by)
    newest = query.select_from(joined).where(*_LIVE).limit(MOST_SHOWN)
    ordered = newest.order_by(api_tokens.c.created_at.desc(), api_tokens.c.token_hash)
    return connection.execute(ordered, {"now": now}).all()


def counts(connection: Connection, now: float) -> dict[str, int]:
    """How many of each person hold."""
    query = select(api_tokens.c.owner, func.count()).where(*_LIVE).group_by(api_tokens.c.owner)
    return {owner: int(count) for owner, count in connection.execute(query, {"now": now})}


def count(connection: Connection, owner: str, now: float) -> int:
    """How many of one person hold."""
    query = select(func.count()).select_from(api_tokens).where(api_tokens.c.owner == owner, *_LIVE)
    return int(connection.execute(query, {"now": now}).scalar_one())


def belongs(connection: Connection, token_hash: str, owner: str) -> bool:
    """Was it made for this person, whatever became of it?"""
    mine = (api_tokens.c.token_hash == token_hash, api_tokens.c.owner == owner)
    return connection.execute(select(api_tokens.c.name).where(*mine)).first() is not None


def revoke(connection: Connection, token_hash: str, owner: str, now: float) -> bool:
    """End one of this person; False when it had ended or is none of theirs."""
    mine = (api_tokens.c.token_hash == token_hash, api_tokens.c.owner == owner)
    ended = update(api_tokens).where(*mine, api_tokens.c.revoked_at.is_(None))
    return connection.execute(ended.values(revoked_at=now)).rowcount == 1


def revoke_all(connection: Connection, owner: str, now: float) -> int:
    """End all of this person that hold; how many there were."""
    theirs = update(api_tokens).where(api_tokens.c.owner == owner, *_LIVE)
    return connection.execute(theirs.values(revoked_at=now), {"now": now}).rowcount
