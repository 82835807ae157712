"""Rows of second steps and of the codes that stand in for a lost phone. A store file."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from collector import sealing
from collector.db import upsert
from collector.schema import recovery_codes, second_steps

_PURPOSE = "second steps"
# made once: putting a statement together costs as much as asking it
_STEP = select(second_steps).where(second_steps.c.user == bindparam("user"))


@dataclass(frozen=True, slots=True)
class Step:
    """The second step of one account; no `confirmed_at`: begun, and not asked for yet."""

    user: str
    box: bytes
    begun_at: float
    confirmed_at: float | None
    last_step: int


def of(connection: Connection, user: str) -> Step | None:
    """What this account has, confirmed or begun."""
    row = connection.execute(_STEP, {"user": user}).first()
    return Step(**row._mapping) if row else None


def confirmed(connection: Connection, user: str) -> bool:
    """Is it asked for when this account signs in?"""
    found = of(connection, user)
    return found is not None and found.confirmed_at is not None


def names(connection: Connection) -> frozenset[str]:
    """The accounts that are asked for a code."""
    t = second_steps.c
    rows = connection.execute(select(t.user).where(t.confirmed_at.is_not(None)))
    return frozenset(rows.scalars())


def begin(connection: Connection, user: str, box: bytes, now: float) -> None:
    """Another secret that is still to be confirmed, in the place of one that was not."""
    row = {"user": user, "box": box, "begun_at": now, "confirmed_at": None, "last_step": 0}
    upsert(second_steps, [row], connection)


def confirm(connection: Connection, user: str, step: int, now: float) -> bool:
    """From now on it is asked for; False when it was before, or nothing was begun."""
    mine = (second_steps.c.user == user, second_steps.c.confirmed_at.is_(None))
    values = {"confirmed_at": now, "last_step": step}
    return connection.execute(update(second_steps).where(*mine).values(**values)).rowcount == 1


def take(connection: Connection, user: str, step: int) -> bool:
    """Use up the code of this step of time; False when it, or a later one, was used before."""
    t = second_steps.c
    mine = (t.user == user, t.confirmed_at.is_not(None), t.last_step < step)
    return (
        connection.execute(update(second_steps).where(*mine).values(last_step=step)).rowcount == 1
    )


def drop(connection: Connection, user: str) -> bool:
    """No second step any more, nor its recovery codes; False when there was none to ask for."""
    had = confirmed(connection, user)
    connection.execute(delete(second_steps).where(second_steps.c.user == user))
    renew(connection, user, ())
    return had


def renew(connection: Connection, user: str, hashes: Sequence[str]) -> None:
    """These recovery codes and no others."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user == user))
    if hashes:
        rows = [{"code_hash": each, "user": user} for each in hashes]
        connection.execute(insert(recovery_codes), rows)


def use_recovery(connection: Connection, user: str, code_hash: str) -> bool:
    """Use a recovery code up; False when there is none such."""
    mine = (recovery_codes.c.user == user, recovery_codes.c.code_hash == code_hash)
    return connection.execute(delete(recovery_codes).where(*mine)).rowcount == 1


def left(connection: Connection, user: str) -> int:
    """How many recovery codes there still are."""
    query = select(func.count()).where(recovery_codes.c.user == user)
    return int(connection.execute(query).scalar_one())


def holds(connection: Connection, user: str, hashes: Sequence[str]) -> bool:
    """Are these all of the account's recovery codes?"""
    query = select(recovery_codes.c.code_hash).where(recovery_codes.c.user == user)
    return set(connection.execute(query).scalars()) == set(hashes)


def unreadable(connection: Connection, secret: bytes) -> list[str]:
    """Accounts whose second step this centre's secret does not open."""
    t = second_steps.c
    rows = connection.execute(select(t.user, t.box).where(t.confirmed_at.is_not(None))).all()
    return sorted(row.user for row in rows if opened(secret, row.user, row.box) is None)


def closed(secret: bytes, user: str, plain: str) -> bytes:
    """The secret of an account's codes as it is kept."""
    return sealing.closed(secret, _PURPOSE, user, plain)


def opened(secret: bytes, user: str, box: bytes) -> str | None:
    """And as codes are made of it; None where another key sealed it."""
    return sealing.opened(secret, _PURPOSE, user, box)
