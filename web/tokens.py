"""Tokens of programs: told once, stored as hashes, bound to a role and an area or a site."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row

from agent.strict import Refused
from collector import acts, api_tokens
from collector.api_tokens import Holding
from collector.db import reading, writing
from collector.inventory import whereabouts
from collector.inventory.keeping import take_turns
from collector.inventory.scope import Scope, of
from web.account_powers import covers, within
from web.people import User, check_area, check_role, subject

LONGEST_NAME, MOST = 60, 20
DAY_S = 86400
DAYS = (7, 30, 90, 365)


@dataclass(frozen=True, slots=True)
class Token:
    """What a program may do."""

    name: str
    role: str
    scope: Scope
    # the account that it was made for; empty: it is the centre's own
    owner: str = ""
    expires_at: float | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """One that was neither revoked nor ended, as lists show it; `id` finds it, opens nothing.

    `stopped`: it opens nothing while its owner is locked.
    """

    id: str
    name: str
    role: str
    area: str
    created_at: float
    expires_at: float | None
    site: str = ""
    owner: str = ""
    stopped: bool = False


def issue(
    engine: Engine, name: str, role: str, area: str, site: str, now: float, by: str = ""
) -> str:
    """A new token of the centre itself, told once; only its hash is stored."""
    _check(name, role, area, site)
    text = secrets.token_urlsafe(32)
    told = {"name": name, "role": role, "area": area, "site": site}
    with writing(engine) as connection:
        if area or site:
            whereabouts.check(connection, area or site)
        api_tokens.add(connection, _hash(text), now, **told)
        acts.record(connection, now, by, "token_add", f"token:{name}", told)
    return text


def give(
    engine: Engine, owner: User, name: str, role: str, area: str, days: int, now: float, text: str
) -> str:
    """A token of somebody's own, at most what they have themselves; the same `text` makes one."""
    name = name.strip()
    _check(name, role, area, "")
    if not within(role, owner.role):
        raise Refused("role", "is more than your own")
    if not covers(owner.scope, [area] if area else []):
        raise Refused("area", "is not inside your areas")
    if days not in DAYS:
        raise Refused("days", f"is not one of {', '.join(map(str, DAYS))}")
    told = {"name": name, "role": role, "area": area}
    with writing(engine) as connection:
        take_turns(connection)
        if api_tokens.belongs(connection, _hash(text), owner.name):
            return text
        if api_tokens.count(connection, owner.name, now) >= MOST:
            raise Refused("most", f"there are {MOST} already")
        ends = now + days * DAY_S
        api_tokens.add(
            connection, _hash(text), now, **told, site="", owner=owner.name, expires_at=ends
        )
        body = {**told, "expires_at": ends}
        acts.record(connection, now, owner.name, "token_add", subject(owner.name), body)
    return text


def owned(engine: Engine, owner: str, now: float) -> Sequence[Own]:
    """Those of one person that still hold, the newest first."""
    with reading(engine) as connection:
        return [_own(row) for row in api_tokens.owned(connection, owner, now)]


def seen(engine: Engine, admin: User, now: float) -> list[Own]:
    """Those that this administrator may end, the newest first: of accounts they may see, and of
    the centre itself within their areas."""
    with reading(engine) as connection:
        rows = api_tokens.standing(connection, now)
    return [_own(row, row.owner != "" and row.locked_by != "") for row in rows if _sees(admin, row)]


def end(engine: Engine, admin: User, number: str, now: float) -> bool:
    """One opens nothing any more; False when it had ended, or is none they may see."""
    with writing(engine) as connection:
        rows = api_tokens.standing(connection, now)
        row = next((r for r in rows if r.token_hash == number and _sees(admin, r)), None)
        if row is None or not api_tokens.revoke(connection, number, row.owner, now):
            return False
        about = subject(row.owner) if row.owner else f"token:{row.name}"
        told = {"token": number[:8]}
        acts.record(connection, now, admin.name, "token_revoke", about, told)
    return True


def revoke(engine: Engine, owner: str, number: str, now: float) -> None:
    """One of somebody's own opens nothing any more; twice is no harm."""
    with writing(engine) as connection:
        if api_tokens.revoke(connection, number, owner, now):
            told = {"token": number[:8]}
            acts.record(connection, now, owner, "token_revoke", subject(owner), told)


def find(engine: Engine, text: str, now: float) -> Token | None:
    """What the program that shows this token may do; None for unknown, ended and revoked ones."""
    with reading(engine) as connection:
        return _bounded(api_tokens.holding(connection, _hash(text), now))


def _bounded(held: Holding | None) -> Token | None:
    """A token never has more than its owner has today."""
    if held is None:
        return None
    inside = of([held.area] if held.area else [], held.site)
    found = Token(held.name, held.role, inside, held.owner, held.expires_at)
    if not held.owner:
        return found
    areas = [held.area] if held.area else []
    good = within(held.role, held.owner_role) and covers(of(held.owner_areas), areas)
    return found if good else None


def _own(row: Row[Any], stopped: bool = False) -> Own:
    told = (row.token_hash, row.name, row.role, row.area, row.created_at, row.expires_at)
    return Own(*told, row.site, row.owner, stopped)


def _sees(admin: User, row: Row[Any]) -> bool:
    if not row.owner:
        return covers(admin.scope, [code for code in (row.area, row.site) if code])
    # whose account is gone opens nothing: it is for who sees everything
    return covers(admin.scope, json.loads(row.owner_areas or "[]"))


def _check(name: str, role: str, area: str, site: str) -> None:
    check_role(role)
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise Refused("name", f"must have 1 to {LONGEST_NAME} characters")
    for code in filter(None, (area, site)):
        check_area(code)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
