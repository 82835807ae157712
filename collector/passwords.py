"""Passwords that checks need, each under a name: sealed at rest, opened for agents alone.

Rows of checks name them, so that no list, page, export or act ever holds one. The seal is the
centre's secret: without it (a backup without its key) they have to be entered again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from agent.strict import Refused
from collector import acts, sealing
from collector.db import upsert
from collector.schema import passwords

# settings of a check that name a password, and what the agent gets in their place
NAMING = {
    "community_secret": "community",
    "auth_secret": "auth_password",
    "priv_secret": "priv_password",
}
# in a configuration on its way: when each of its passwords was set, so that its tag changes
MARKS = "passwords_set"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
# SNMPv3 wants eight, and an agent refuses fewer
_LEAST, _MOST = 8, 255
_PURPOSE = "passwords of checks"
_SUBJECT = "passwords"


@dataclass(frozen=True, slots=True)
class Kept:
    """What may be shown of a password."""

    name: str
    set_at: float
    by: str


def named(text: str) -> str:
    """A name under which one may be kept; ValueError when it is none."""
    if not _NAME.fullmatch(text):
        raise ValueError(f"expected the name of a password (letters, digits, . _ -), got {text!r}")
    return text


def put(connection: Connection, secret: bytes, name: str, plain: str, now: float, by: str) -> None:
    """Keep a password under a name; what was there before is over."""
    try:
        named(name)
    except ValueError as error:
        raise Refused("name", str(error)) from None
    if not _LEAST <= len(plain) <= _MOST or not plain.isprintable():
        raise Refused("password", f"not {_LEAST} to {_MOST} printable characters")
    box = sealing.seal(secret, _PURPOSE, name, plain)
    upsert(passwords, [{"name": name, "box": box, "set_at": now, "by": by}], connection)
    acts.record(connection, now, by, "password", _SUBJECT, {"set": name})


def forget(connection: Connection, name: str, now: float, by: str) -> None:
    if not connection.execute(delete(passwords).where(passwords.c.name == name)).rowcount:
        raise Refused("name", f"there is no password {name!r}")
    acts.record(connection, now, by, "password", _SUBJECT, {"forgotten": name})


def kept(connection: Connection) -> list[Kept]:
    """All of them, by name."""
    t = passwords.c
    rows = connection.execute(select(t.name, t.set_at, t.by).order_by(t.name))
    return [Kept(row.name, row.set_at, row.by) for row in rows]


def needed_by(check: Mapping[str, Any]) -> list[str]:
    """The names of the passwords that a check needs."""
    return [check[key] for key in NAMING if key in check]


def unreadable(connection: Connection, secret: bytes) -> list[str]:
    """Those that this centre's secret does not open."""
    names = [row.name for row in kept(connection)]
    return sorted(set(names) - set(_opened(connection, secret, names)))


def open_in(connection: Connection, secret: bytes, table: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration as its agent gets it: passwords in the place of their names.

    A check whose password cannot be opened is left out: without it a device would be asked
    in the wrong way.
    """
    found = {key: value for key, value in table.items() if key != MARKS}
    wanted = {name for check in table.get("checks", ()) for name in needed_by(check)}
    if not wanted:
        return found
    plain = _opened(connection, secret, wanted)
    checks = (given(check, plain) for check in table["checks"])
    return {**found, "checks": [check for check in checks if check is not None]}


def given(check: Mapping[str, Any], plain: Mapping[str, str]) -> dict[str, Any] | None:
    """The check with passwords in the place of their names; None where one is not there."""
    if any(name not in plain for name in needed_by(check)):
        return None
    told = {NAMING[key]: plain[check[key]] for key in NAMING if key in check}
    return {key: value for key, value in check.items() if key not in NAMING} | told


def _opened(connection: Connection, secret: bytes, names: Iterable[str]) -> dict[str, str]:
    t, found = passwords.c, {}
    for row in connection.execute(select(t.name, t.box).where(t.name.in_(list(names)))):
        plain = sealing.unseal(secret, _PURPOSE, row.name, row.box)
        if plain is not None:
            found[row.name] = plain
    return found
