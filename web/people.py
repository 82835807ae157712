"""Who may enter: accounts and one-time sign-in links. The store of both."""

import hashlib
import json
import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, update

from agent.strict import Refused
from collector import acts, api_tokens, second_steps
from collector.db import reading, writing
from collector.inventory.places import AREA_CODE, SITE_CODE
from collector.inventory.scope import Scope
from collector.schema import signin_links, users
from web import password as passwords
from web.tongue import LANGUAGES

ROLES = ("viewer", "village", "technician", "noc", "admin")
FIRST_LINK_S = 15 * 60
LINK_S = 24 * 3600
TRIES = 5
LOCK_S = 15 * 60

# made once: putting a statement together costs as much as asking it
_ACCOUNT = select(users).where(users.c.name == bindparam("name"))

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,59}")


@dataclass(frozen=True, slots=True)
class User:
    """One account; `areas` empty is everywhere, `revocation` counts what ended its sessions."""

    name: str
    role: str
    areas: tuple[str, ...] = ()
    language: str = "id"
    revocation: int = 0
    locked_until: float | None = None
    has_password: bool = True
    rev: int = 0
    locked_by: str = ""
    signed_in_at: float | None = field(default=None, compare=False)
    # by what a provider of accounts knows the person, and whether a password opens it, too
    email: str = field(default="", compare=False)
    subject: str = field(default="", compare=False)
    local: bool = field(default=True, compare=False)
    # the session it is read through; empty: none, or every one
    signin: str = field(default="", compare=False)
    # of a token that was given for one site alone
    sites: tuple[str, ...] = ()

    @property
    def scope(self) -> Scope:
        return Scope(self.areas, self.sites)

    def state(self, now: float) -> str:
        """`locked`, `active`, or `waiting` for somebody to use its link."""
        if self.locked_by or (self.locked_until is not None and self.locked_until > now):
            return "locked"
        return "active" if self.has_password else "waiting"


@dataclass(frozen=True, slots=True)
class Link:
    """A sign-in link that still works; no user: it makes the first admin."""

    user: str


def user(engine: Engine, name: str) -> User | None:
    """The account called `name`, or None."""
    with reading(engine) as connection:
        row = row_of(connection, name)
    return as_user(row) if row else None


def all_users(engine: Engine) -> list[User]:
    """Every account by name."""
    with reading(engine) as connection:
        rows = connection.execute(select(users).order_by(users.c.name)).mappings()
        return [as_user(dict(row)) for row in rows]


def revocations(engine: Engine, names: Sequence[str]) -> dict[str, int]:
    """The revocation number of each of these accounts that still exists."""
    statement = select(users.c.name, users.c.revocation).where(users.c.name.in_(names))
    with reading(engine) as connection:
        return {name: number for name, number in connection.execute(statement)}


def set_language(engine: Engine, name: str, language: str) -> None:
    """The language of someone's pages."""
    if language not in LANGUAGES:
        raise Refused("language", f"is not one of {', '.join(LANGUAGES)}")
    with writing(engine) as connection:
        _change(connection, name, language=language)


def sign_in(engine: Engine, name: str, password: str, now: float) -> User | None:
    """The account, if name and password belong together and it is not locked.

    A locked, a wrong and a missing account look the same from outside, in words and in time. Where
    a second step is asked for, it is that which ends the sign-in.
    """
    name = name.strip().lower()
    with reading(engine) as connection:
        row = row_of(connection, name)
    held = row["password_hash"] if row and row["local"] else ""
    good = passwords.matches(held, password)
    if row is None or is_shut(row, now):
        return None
    with writing(engine) as connection:
        if not good:
            failed(connection, name, now)
            return None
        if second_steps.confirmed(connection, name):
            # half of a sign-in forgives no failures: guesses at codes would never lock
            row = row_of(connection, name)
            return as_user(row) if row and not is_shut(row, now) else None
        return succeeded(connection, name, row, now)


def change_password(
    engine: Engine, name: str, old: str, new: str, now: float, tokens: bool = False
) -> User | None:
    """Another password, by who knows the one before; every session ends, with `tokens` the tokens,
    too. None: does not know it.

    Failures count as those of signing in: they lock.
    """
    passwords.check(new, name)
    if sign_in(engine, name, old, now) is None:
        return None
    made = passwords.make_hash(new)
    with writing(engine) as connection:
        _change(connection, name, password_hash=made, revocation=users.c.revocation + 1)
        _record_password(connection, name, "password", tokens, now)
        row = row_of(connection, name)
    return as_user(row) if row else None


def first_link(engine: Engine, now: float) -> str | None:
    """The path of the link that makes the first admin; None as soon as there is an account.

    Each call ends the link before it.
    """
    with writing(engine) as connection:
        if connection.execute(select(users.c.name).limit(1)).first():
            return None
        return issue_link(connection, "", now + FIRST_LINK_S, now)


def link(engine: Engine, token: str, now: float) -> Link | None:
    """What a sign-in link is for, while it works; looking does not use it up."""
    with reading(engine) as connection:
        found = connection.execute(
            select(signin_links.c.user).where(*_working(token, now))
        ).scalar()
    return None if found is None else Link(found)


def use_link(
    engine: Engine, token: str, name: str, password: str, now: float, tokens: bool = False
) -> User | None:
    """Set the password (and, for the first admin, the name) by a link, with `tokens` end those of
    programs, too; None if the link works no more."""
    known = link(engine, token, now)
    if known is None:
        return None
    name = known.user or checked_name(name)
    passwords.check(password, name)
    password_hash = passwords.make_hash(password)
    with writing(engine) as connection:
        used = update(signin_links).where(*_working(token, now)).values(used_at=now)
        if connection.execute(used).rowcount == 0:
            return None
        if not known.user:
            return _make_first(connection, name, password_hash, now)
        fresh: dict[str, Any] = {"failed": 0, "locked_until": None, "signed_in_at": now}
        fresh |= {"password_hash": password_hash, "revocation": users.c.revocation + 1}
        _change(connection, name, **fresh)
        _record_password(connection, name, "link", tokens, now)
        row = row_of(connection, name)
    return as_user(row) if row else None


def _record_password(connection: Connection, name: str, by: str, tokens: bool, now: float) -> None:
    ended = {"tokens": api_tokens.revoke_all(connection, name, now)} if tokens else {}
    acts.record(connection, now, name, "account_password", subject(name), {"by": by, **ended})


def is_name(text: str) -> bool:
    """Could an account be called so?"""
    return _NAME.fullmatch(text) is not None


def checked_name(name: str) -> str:
    """An account's name as it is stored, or Refused."""
    name = name.strip().lower()
    if not is_name(name):
        raise Refused("name", "must have 2 to 60 of a-z, 0-9 and . _ - @")
    return name


def check_area(code: str) -> None:
    """Refused unless `code` looks like an area or a site."""
    if not AREA_CODE.fullmatch(code) and not SITE_CODE.fullmatch(code):
        raise Refused("area", f"{code!r} is not an area code such as 35.10 or 35.10.06.2005")


def subject(name: str) -> str:
    """What acts about an account are about."""
    return f"account:{name}"


def check_role(role: str) -> None:
    """Refused unless there is such a role."""
    if role not in ROLES:
        raise Refused("role", f"{role!r} is not one of {', '.join(ROLES)}")


def row_of(connection: Connection, name: str) -> Mapping[str, Any] | None:
    """The row of an account, for the caller's transaction."""
    found = connection.execute(_ACCOUNT, {"name": name}).mappings().first()
    return dict(found) if found else None


def as_user(row: Mapping[str, Any]) -> User:
    """A row as everybody else knows it: without the hash of its password."""
    return User(
        row["name"],
        row["role"],
        tuple(json.loads(row["areas"])),
        row["language"],
        row["revocation"],
        row["locked_until"],
        bool(row["password_hash"]),
        row["rev"],
        row["locked_by"],
        row["signed_in_at"],
        row["email"],
        row["subject"],
        row["local"],
    )


def insert_account(connection: Connection, new: User, password_hash: str, now: float) -> None:
    """A new row."""
    row = {"name": new.name, "role": new.role, "areas": json.dumps(new.areas)}
    row |= {"language": new.language, "password_hash": password_hash}
    times = {"created_at": now, "signed_in_at": new.signed_in_at}
    connection.execute(insert(users).values(**row, **times))


def _change(connection: Connection, name: str, **values: Any) -> None:
    changed = connection.execute(update(users).where(users.c.name == name).values(**values))
    if changed.rowcount == 0:
        raise Refused("name", f"there is no account {name}")


def is_shut(row: Mapping[str, Any], now: float) -> bool:
    """Is the account locked, by failures or by somebody?"""
    return (row["locked_until"] or 0) > now or bool(row["locked_by"])


def succeeded(connection: Connection, name: str, row: Mapping[str, Any], now: float) -> User | None:
    """The sign-in is whole: failures are forgiven. None when the account was locked meanwhile."""
    # asked again under the write lock: guesses that ran beside this one may have locked it
    free = users.c.locked_until.is_(None) | (users.c.locked_until <= now)
    mine = (users.c.name == name, free, users.c.locked_by == "")
    done = connection.execute(
        update(users).where(*mine).values(failed=0, locked_until=None, signed_in_at=now)
    )
    return as_user(row) if done.rowcount else None


def failed(connection: Connection, name: str, now: float) -> None:
    """Count a wrong password or code; five of them lock for a while."""
    mine = users.c.name == name
    connection.execute(update(users).where(mine).values(failed=users.c.failed + 1))
    too_many = mine & (users.c.failed >= TRIES)
    shut = {"failed": 0, "locked_until": now + LOCK_S}
    if connection.execute(update(users).where(too_many).values(**shut)).rowcount:
        logging.getLogger(__name__).warning("account %s is locked for %d min", name, LOCK_S // 60)


def issue_link(
    connection: Connection, name: str, expires_at: float, now: float, text: str = ""
) -> str:
    """The path of a new link; those the account had before end."""
    old = (signin_links.c.user == name) | (signin_links.c.expires_at < now)
    connection.execute(delete(signin_links).where(old))
    text = text or secrets.token_urlsafe(32)
    row = {"token_hash": _hash(text), "user": name, "expires_at": expires_at}
    connection.execute(insert(signin_links).values(**row))
    return f"/link/{text}"


def issued(connection: Connection, name: str, text: str) -> str | None:
    """The path of this link, if it was made for this account already."""
    mine = (signin_links.c.token_hash == _hash(text), signin_links.c.user == name)
    found = connection.execute(select(signin_links.c.user).where(*mine)).first()
    return f"/link/{text}" if found else None


def _working(token: str, now: float) -> Sequence[Any]:
    return (
        signin_links.c.token_hash == _hash(token),
        signin_links.c.used_at.is_(None),
        signin_links.c.expires_at > now,
    )


def _make_first(connection: Connection, name: str, password_hash: str, now: float) -> User | None:
    if connection.execute(select(users.c.name).limit(1)).first():
        return None
    first = User(name, "admin", signed_in_at=now)
    insert_account(connection, first, password_hash, now)
    acts.record(connection, now, name, "account_add", subject(name), {"role": first.role})
    return first


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
