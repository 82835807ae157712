"""Tokens of programs: told once, stored as hashes, bound to a role and an area or a site."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Engine, bindparam, insert, select

from agent.strict import Refused
from collector.db import reading, writing
from collector.inventory.scope import Scope, of
from collector.schema import api_tokens
from web.people import check_area, check_role

LONGEST_NAME = 60

# made once: putting a statement together costs as much as asking it
_TOKEN = select(api_tokens).where(
    api_tokens.c.token_hash == bindparam("hash"), api_tokens.c.revoked_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Token:
    """What a program may do."""

    name: str
    role: str
    scope: Scope


def issue(engine: Engine, name: str, role: str, area: str, site: str, now: float) -> str:
    """A new token for a program, told once; only its hash is stored."""
    check_role(role)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refused("name", f"must have 1 to {LONGEST_NAME} characters")
    for code in filter(None, (area, site)):
        check_area(code)
    text = secrets.token_urlsafe(32)
    row = {"token_hash": _hash(text), "name": name, "role": role, "area": area, "site": site}
    with writing(engine) as connection:
        connection.execute(insert(api_tokens).values(**row, created_at=now))
    return text


def find(engine: Engine, text: str) -> Token | None:
    """What the program that shows this token may do; None for unknown and revoked ones."""
    with reading(engine) as connection:
        row = connection.execute(_TOKEN, {"hash": _hash(text)}).mappings().first()
    if row is None:
        return None
    return Token(row["name"], row["role"], of([row["area"]] if row["area"] else [], row["site"]))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
