"""Passwords that checks need, each under a name: sealed at rest, opened for agents alone.

Rows of checks name them, so that no list, page, export or act ever holds one. The seal is the
centre's secret: without it (a backup without its key) they have to be entered again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from agent.strict import Refused
from collector import acts, sealing
from collector.db import upsert
from collector.inventory.binding import NAMING, Binding, named, needed_by
from collector.inventory.bound import bindings
from collector.schema import passwords

# in a configuration on its way: when each of its passwords was set, so that its tag changes
MARKS = "passwords_set"
# SNMPv3 wants eight, and an agent refuses fewer
_LEAST, _MOST = 8, 255
_PURPOSE = "passwords of checks"
_SUBJECT = "passwords"

# whether a person may change things at a place: a code, "" everywhere
May = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Kept:
    """What may be shown of a password."""

    name: str
    set_at: float
    by: str
    bound: Binding = Binding()


def put(
    connection: Connection,
    secret: bytes,
    name: str,
    plain: str,
    now: float,
    by: str,
    bound: Binding | None = None,
    may: May = lambda _: True,
) -> None:
    """Keep a password under a name; what was there before is over. Without `bound` it may go
    where the one before might, a new one to no area."""
    try:
        named(name)
    except ValueError as error:
        raise Refused("name", str(error)) from None
    if not _LEAST <= len(plain) <= _MOST or not plain.isprintable():
        raise Refused("password", f"not {_LEAST} to {_MOST} printable characters")
    bound = _allowed(connection, name, bound, may)
    box = sealing.closed(secret, _PURPOSE, name, plain)
    row = {"name": name, "box": box, "set_at": now, "by": by, **_columns(bound)}
    upsert(passwords, [row], connection)
    acts.record(connection, now, by, "password", _SUBJECT, {"set": name, **_said(bound)})


def bind(
    connection: Connection,
    name: str,
    bound: Binding,
    now: float,
    by: str,
    may: May = lambda _: True,
) -> None:
    """Let a password that is kept go elsewhere; it stays what it is."""
    _allowed(connection, name, bound, may)
    chosen = update(passwords).where(passwords.c.name == name)
    if not connection.execute(chosen.values(**_columns(bound))).rowcount:
        raise Refused("name", f"there is no password {name!r}")
    acts.record(connection, now, by, "password", _SUBJECT, {"bound": name, **_said(bound)})


def forget(
    connection: Connection, name: str, now: float, by: str, may: May = lambda _: True
) -> None:
    _allowed(connection, name, None, may)
    if not connection.execute(delete(passwords).where(passwords.c.name == name)).rowcount:
        raise Refused("name", f"there is no password {name!r}")
    acts.record(connection, now, by, "password", _SUBJECT, {"forgotten": name})


def kept(connection: Connection) -> list[Kept]:
    """All of them, by name."""
    t = passwords.c
    where = bindings(connection)
    rows = connection.execute(select(t.name, t.set_at, t.by).order_by(t.name))
    return [Kept(row.name, row.set_at, row.by, where[row.name]) for row in rows]


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
    t = passwords.c
    rows = connection.execute(select(t.name, t.box).where(t.name.in_(list(names))))
    found = {row.name: sealing.opened(secret, _PURPOSE, row.name, row.box) for row in rows}
    return {name: plain for name, plain in found.items() if plain is not None}


def _allowed(connection: Connection, name: str, bound: Binding | None, may: May) -> Binding:
    """Where it may go from now on; Refused where that, or what is there, is not for who says so."""
    before = bindings(connection).get(name)
    if before is not None and not may(before.area):
        raise Refused("name", "a password of this name is kept for another place")
    after = bound or before or Binding()
    if not may(after.area):
        raise Refused("area", "must lie in your areas")
    return after


def _columns(bound: Binding) -> dict[str, str]:
    return {"area": bound.area, "targets": "|".join(bound.targets)}


def _said(bound: Binding) -> dict[str, Any]:
    return {
        key: value for key, value in (("area", bound.area), ("targets", bound.targets)) if value
    }
