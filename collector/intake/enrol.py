"""A code becomes an agent, a token is followed by a new one; asking twice does no harm."""

import base64
import hmac
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from collector.agents import (
    DAY_S,
    AgentRow,
    CodeRow,
    add_agent,
    digest,
    find_agent,
    find_code,
    grant,
    normal_code,
    rotate,
    set_token,
    use_code,
)
from collector.db import meta_get
from collector.granted import EVERY
from collector.intake.names import clean
from collector.inventory.applying import OWN_SITE
from collector.secret import derive

REPEAT_DAYS = 7
_MAX_KEYS = 16
_MAX_KEY_CHARS = 2048


class Wish(msgspec.Struct):
    """What an agent sends to be enrolled."""

    code: str
    nonce: str
    name: str = ""
    boot: str = ""
    host_keys: list[str] = []

    def problem(self) -> str:
        """Why it cannot be used; empty when it can."""
        if not 1 <= len(self.nonce) <= 200:
            return "nonce: expected 1 to 200 characters"
        if len(self.code) > 200 or len(self.name) > 200:
            return "code, name: at most 200 characters"
        if len(self.host_keys) > _MAX_KEYS or any(len(k) > _MAX_KEY_CHARS for k in self.host_keys):
            return f"host_keys: at most {_MAX_KEYS} of {_MAX_KEY_CHARS} characters"
        return ""


class Raced(Exception):
    """Two came with one code at the same moment; asking again settles it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """unknown, used or expired."""

    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A person has to approve first."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Welcome: who it is now and what it signs with."""

    agent: int
    site: str
    token: str
    key: str


Outcome = Refusal | Waiting | Enrolled


def enrol(connection: Connection, secret: bytes, wish: Wish, approval: bool, now: float) -> Outcome:
    """Enrol, or give the same enrolment again to the same code and nonce."""
    code = find_code(connection, wish.code)
    if code is None:
        return Refusal("unknown")
    if code.agent is None:
        if code.expires_at <= now:
            return Refusal("expired")
        wait = approval or code.approval
        agent = _first_time(connection, code, wish, "waiting" if wait else "active", now)
    else:
        agent = code.agent
        if not hmac.compare_digest(code.nonce_hash or "", digest(wish.nonce)):
            return Refusal("used")
    row = find_agent(connection, agent)
    return Refusal("used") if row is None else _answer(connection, secret, code, row, wish, now)


def _first_time(connection: Connection, code: CodeRow, wish: Wish, state: str, now: float) -> int:
    keys = [clean(key) for key in wish.host_keys]
    agent = add_agent(connection, code.site, clean(wish.name), keys, state, now)
    if code.site == meta_get(connection, OWN_SITE):
        # the centre's own machine looks at every village from outside
        grant(connection, agent, [EVERY])
    # the transaction holds the write lock; on PostgreSQL a rival may have been faster
    if not use_code(connection, wish.code, wish.nonce, agent, now):
        raise Raced("the code is being used by somebody else")
    return agent


def _answer(
    connection: Connection,
    secret: bytes,
    code: CodeRow,
    row: AgentRow,
    wish: Wish,
    now: float,
) -> Outcome:
    if row.state == "waiting":
        return Waiting()
    if row.state != "active" or now - (row.enrolled_at or now) > REPEAT_DAYS * DAY_S:
        return Refusal("used")
    token = first_token(secret, wish.code, wish.nonce, row.id)
    if row.token_hash is None:
        set_token(connection, row.id, token)
    return Enrolled(row.id, code.site, token, beacon_key(secret, row.id, row.generation))


def first_token(secret: bytes, code: str, nonce: str, agent: int) -> str:
    return _text(derive(secret, "token", normal_code(code), nonce, agent, 1))


def next_token(secret: bytes, nonce: str, agent: int, generation: int) -> str:
    return _text(derive(secret, "token", "rotate", nonce, agent, generation))


def beacon_key(secret: bytes, agent: int, generation: int) -> str:
    """What an agent signs beacons with; derived whenever it is needed, never stored."""
    return derive(secret, agent, generation, "beacon").hex()


def follow(
    connection: Connection, secret: bytes, agent: int, with_old: bool, nonce: str
) -> dict[str, Any] | None:
    """Give an agent its next token; the same nonce gives the same token again.

    None when the token it came with was replaced and its successor is in use: an agent restored
    from an old backup must not push out the one that lives.
    """
    row = find_agent(connection, agent)
    if row is None or row.state != "active":
        return None
    again = next_token(secret, nonce, agent, row.generation)
    if with_old and hmac.compare_digest(digest(again), row.token_hash or ""):
        return _rotated(secret, row.id, row.generation, again)
    if not with_old:
        generation = row.generation + 1
    elif row.old_token_until is None:
        # the answer with the newest token was lost: nobody has it, it may be replaced
        generation = row.generation
    else:
        return None
    token = next_token(secret, nonce, agent, generation)
    if not rotate(connection, row, token, keep_old=not with_old, generation=generation):
        return None
    return _rotated(secret, row.id, generation, token)


def _rotated(secret: bytes, agent: int, generation: int, token: str) -> dict[str, Any]:
    return {"agent": agent, "token": token, "key": beacon_key(secret, agent, generation)}


def _text(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=")
