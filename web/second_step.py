"""The second step of signing in: set up, asked for, given back, each in one transaction."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, Engine

from agent.strict import Refused
from collector import acts, second_steps
from collector.db import reading, writing
from collector.second_steps import Step
from collector.secret import derive
from web import people, totp
from web.people import User, subject

ISSUER = "Ronda"
REMOVED = "account_step_remove"
_LONGEST = 40


class Need(StrEnum):
    """What still stands between a good password and a session."""

    NOTHING = "nothing"
    CODE = "code"
    SET_UP = "set_up"


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown of an account's second step."""

    since: float | None
    left: int
    # who took it away, and when, if that was the last thing that happened to it
    removed_by: str = ""
    removed_at: float | None = None


def need(engine: Engine, user: User, roles: Sequence[str]) -> Need:
    """What this account is still asked for; `roles`: those that must have a second step."""
    with reading(engine) as connection:
        if second_steps.confirmed(connection, user.name):
            return Need.CODE
    return Need.SET_UP if user.role in roles else Need.NOTHING


def shown(engine: Engine, name: str) -> Shown:
    """For the pages of this account."""
    with reading(engine) as connection:
        found = second_steps.of(connection, name)
        since = found.confirmed_at if found else None
        removals = acts.about(connection, subject(name), REMOVED, 1)
        told = next((act for act in removals if act.by != name and since is None), None)
        left = second_steps.left(connection, name)
    return Shown(since, left, told.by if told else "", told.at if told else None)


def begin(engine: Engine, secret: bytes, name: str, now: float) -> None:
    """A new secret that waits for its first code; Refused where one counts already."""
    plain = totp.secret_of(secrets.token_bytes(totp.SECRET_BYTES))
    with writing(engine) as connection:
        if second_steps.confirmed(connection, name):
            raise Refused("step", "is there already")
        box = second_steps.closed(secret, name, plain)
        second_steps.begin(connection, name, box, now)


def begun(engine: Engine, secret: bytes, name: str) -> str | None:
    """The secret that waits for its first code; one that counts is never shown again."""
    with reading(engine) as connection:
        found = second_steps.of(connection, name)
    if found is None or found.confirmed_at is not None:
        return None
    return _plain(secret, found)


def confirm(
    engine: Engine, secret: bytes, name: str, given: str, now: float, form: str
) -> list[str] | None:
    """The recovery codes, if the code was right: from now on it is asked for.

    The same form once more gives the same codes. None: the code is wrong, or nothing was begun.
    """
    codes = _recovery(secret, name, form)
    hashes = [_hash(secret, name, each) for each in codes]
    with writing(engine) as connection:
        found = second_steps.of(connection, name)
        if found is None:
            return None
        if found.confirmed_at is not None:
            return codes if second_steps.holds(connection, name, hashes) else None
        plain = _plain(secret, found)
        step = totp.step_of(plain, given, now) if plain else None
        if step is None or not second_steps.confirm(connection, name, step, now):
            return None
        second_steps.renew(connection, name, hashes)
        acts.record(connection, now, name, "account_step_add", subject(name), {})
    return codes


def answer(engine: Engine, secret: bytes, name: str, given: str, now: float) -> User | None:
    """The account, if the code is its own and was not used; failures count and lock."""
    with writing(engine) as connection:
        row = people.row_of(connection, name)
        if row is None or not _taken(connection, secret, name, given, now):
            return None
        return people.succeeded(connection, name, row, now)


def fresh_codes(
    engine: Engine, secret: bytes, name: str, given: str, now: float, form: str
) -> list[str] | None:
    """Other recovery codes in the place of the old ones, by who has a code; the same form twice
    gives the same."""
    codes = _recovery(secret, name, form)
    hashes = [_hash(secret, name, each) for each in codes]
    with writing(engine) as connection:
        if second_steps.holds(connection, name, hashes):
            return codes
        if not _taken(connection, secret, name, given, now):
            return None
        second_steps.renew(connection, name, hashes)
        acts.record(connection, now, name, "account_step_codes", subject(name), {})
    return codes


def remove(engine: Engine, secret: bytes, name: str, given: str, now: float) -> bool:
    """No second step any more, by its owner, who has a code."""
    with writing(engine) as connection:
        if not _taken(connection, secret, name, given, now):
            return False
        second_steps.drop(connection, name)
        acts.record(connection, now, name, REMOVED, subject(name), {})
    return True


def _taken(connection: Connection, secret: bytes, name: str, given: str, now: float) -> bool:
    """Was this a code of the account, not used before? Used up now, or counted as a failure."""
    row = people.row_of(connection, name)
    if row is None or people.is_shut(row, now):
        return False
    found = second_steps.of(connection, name)
    if found is not None and found.confirmed_at is not None:
        text = totp.plain(given[:_LONGEST])
        plain = _plain(secret, found)
        step = totp.step_of(plain, text, now, found.last_step) if plain else None
        if step is not None and second_steps.take(connection, name, step):
            return True
        if second_steps.use_recovery(connection, name, _hash(secret, name, text)):
            acts.record(connection, now, name, "account_step_recovery", subject(name), {})
            return True
    people.failed(connection, name, now)
    return False


def _plain(secret: bytes, step: Step) -> str | None:
    return second_steps.opened(secret, step.user, step.box)


def _recovery(secret: bytes, name: str, form: str) -> list[str]:
    # the same for the same form: pressed twice, the codes on the screen are those that count
    made = (derive(secret, "recovery codes", name, form, n) for n in range(totp.RECOVERY))
    return [totp.recovery_of(each) for each in made]


def _hash(secret: bytes, name: str, given: str) -> str:
    """What is stored of a recovery code; without the key nobody can try codes on it."""
    return derive(secret, "recovery code", name, totp.plain(given)).hex()
