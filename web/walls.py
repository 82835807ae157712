"""Links of wall screens: made, found by their token, revoked.

A link shows and never acts, so it needs no sign-in and never signs out; only its hash is kept.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row

from agent.strict import Refused
from collector import walls
from collector.db import reading, writing
from collector.inventory.scope import Scope, of
from web.people import check_area
from web.tongue import LANGUAGES

PATH = "/wall/"
MOST, MOST_REVOKED = 200, 50
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Wall:
    """One link; `areas` empty is everywhere."""

    id: int
    name: str
    areas: tuple[str, ...]
    language: str
    by: str
    created_at: float
    revoked_at: float | None = None

    @property
    def scope(self) -> Scope:
        return of(self.areas)


def add(
    engine: Engine,
    name: str,
    areas: Sequence[str],
    language: str,
    by: str,
    now: float,
    token: str = "",
) -> tuple[int, str]:
    """A new link's number and path, the path told once; Refused when it cannot be.

    A `token` that is a link already makes no second one.
    """
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise Refused("name", f"must have 1 to {_LONGEST_NAME} characters")
    if language not in LANGUAGES:
        raise Refused("language", f"is not one of {', '.join(LANGUAGES)}")
    for area in areas:
        check_area(area)
    token = token or secrets.token_urlsafe(32)
    with writing(engine) as connection:
        made = walls.by_hash(connection, _hash(token))
        if made is not None:
            if made.revoked_at is not None:
                raise Refused("wall", "this link was revoked")
            return made.id, f"{PATH}{token}"
        if walls.count(connection) >= MOST:
            raise Refused("name", f"there are {MOST} wall screens already; revoke one first")
        number = walls.add(connection, _hash(token), name, areas, language, by, now)
    return number, f"{PATH}{token}"


def find(engine: Engine, token: str) -> Wall | None:
    """The wall a token belongs to, revoked ones too; None for a token that never was one."""
    with reading(engine) as connection:
        row = walls.by_hash(connection, _hash(token))
    return _wall(row) if row else None


def listing(engine: Engine) -> list[Wall]:
    """All links that stand, then those revoked last; newest first, each kind."""
    with reading(engine) as connection:
        rows = [*walls.current(connection, MOST), *walls.revoked(connection, MOST_REVOKED)]
    return [_wall(row) for row in rows]


def standing(engine: Engine, numbers: Iterable[int]) -> set[int]:
    """Which of these links still stand."""
    with reading(engine) as connection:
        return walls.standing(connection, numbers)


def revoke(engine: Engine, number: int, now: float) -> Wall:
    """The link shows nothing any more; Refused when there is none. Twice is no harm."""
    with writing(engine) as connection:
        row = walls.revoke(connection, number, now)
    if row is None:
        raise Refused("wall", f"there is no wall screen {number}")
    return _wall(row)


def _wall(row: Row[Any]) -> Wall:
    areas = tuple(json.loads(row.areas))
    return Wall(row.id, row.name, areas, row.language, row.by, row.created_at, row.revoked_at)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
