"""Sessions of an account, one by one: where each began, and the end of it."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine

from collector import acts, signins
from collector.db import reading, writing
from web import people
from web.people import User, subject

# who enters once more ends the oldest
MOST = 50
SESSION_S = signins.SESSION_S
_LONGEST = 60
# the first that is named counts: each of them names those after it as well
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("UCBrowser", "UC Browser"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Signin:
    """One session; `id` finds it and opens nothing."""

    id: str
    began: float
    address: str
    device: str


def device(agent: str) -> str:
    """`Firefox, Android` of what a browser calls itself; empty when it says nothing known.

    No more is kept: the whole would tell people apart.
    """
    named = (
        next((title for mark, title in table if mark in agent), "")
        for table in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(filter(None, named))


def begin(engine: Engine, user: User, address: str, told: str, now: float) -> str:
    """A new session's key, for the cookie alone."""
    key = secrets.token_urlsafe(32)
    row = {"user": user.name, "revocation": user.revocation, "began": now}
    row |= {"address": address[:_LONGEST], "device": device(told)}
    with writing(engine) as connection:
        signins.add(connection, identity(key), MOST, now - SESSION_S, **row)
    return key


def holder(engine: Engine, key: str, name: str) -> User | None:
    """The account, unless it is gone or this session of it was ended."""
    with reading(engine) as connection:
        stands = signins.holds(connection, identity(key), name)
        row = people.row_of(connection, name) if stands else None
    return people.as_user(row) if row else None


def standing(engine: Engine, ids: Iterable[str]) -> set[str]:
    """Which of these sessions were not ended."""
    with reading(engine) as connection:
        return signins.standing(connection, ids)


def of(engine: Engine, name: str, now: float) -> list[Signin]:
    """Those of one account, the newest first."""
    with reading(engine) as connection:
        rows = signins.of(connection, name, now - SESSION_S)
    return [Signin(row.key_hash, row.began, row.address, row.device) for row in rows]


def end(engine: Engine, name: str, number: str, now: float) -> None:
    """End one session of this account; twice is no harm."""
    with writing(engine) as connection:
        if signins.end(connection, number, name):
            acts.record(connection, now, name, "session_end", subject(name), {"s": number[:8]})


def identity(key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode()).hexdigest()
