"""Passwords: hashed slowly, compared in constant time, never more than two at once."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from agent.strict import Refused

SHORTEST, LONGEST = 10, 200
# 19 MiB and 2 rounds are what OWASP asks of argon2id; two at once keep a small machine alive
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_ROOM = BoundedSemaphore(2)
_WAIT_S = 10.0
# Compared with when there is no such account, so that the answer takes as long as any other: of
# nobody's password, and not worked out, which would take each process that knows people 40 ms.
_COST = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
_NOBODY = f"$argon2id$v=19${_COST}${'A' * 22}${'A' * 43}"


class Busy(Exception):
    """Too many passwords are being checked at this moment; trying again can help."""


def check(password: str, name: str) -> None:
    """Refused when the password is too short, too long or the account's own name."""
    if len(password) < SHORTEST:
        raise Refused("password", f"must have {SHORTEST} characters or more")
    if len(password) > LONGEST:
        raise Refused("password", f"must have {LONGEST} characters or fewer")
    if name and password.casefold() == name.casefold():
        raise Refused("password", "must not be the name")


def make_hash(password: str) -> str:
    """What is stored of a password."""
    with _Room():
        return _HASHER.hash(password)


def matches(password_hash: str, password: str) -> bool:
    """Does the password belong to the hash? An empty hash matches nothing, in the same time."""
    with _Room():
        try:
            good = _HASHER.verify(password_hash or _NOBODY, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return good and bool(password_hash)


class _Room:
    def __enter__(self) -> None:
        if not _ROOM.acquire(timeout=_WAIT_S):
            raise Busy("too many passwords are being checked")

    def __exit__(self, *_: object) -> None:
        _ROOM.release()
