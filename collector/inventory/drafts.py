"""Imports that people began, took and undid: the rows of table imports."""

import base64
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from collector.inventory.changes import Change
from collector.inventory.previewing import File
from collector.schema import imports

# what nobody took within a day is thrown away; it may hold telephone numbers
DRAFT_S = 86400.0
# so many of one person wait, and so many of all
MOST_OWN = 5
MOST_DRAFTS = 60
# so many imports, and none older, can be undone
MOST_UNDOABLE = 50
UNDOABLE_S = 90 * 86400.0
MOST_LISTED = 100

_SHOWN = [column for column in imports.columns if column.name != "body"]


@dataclass(frozen=True, slots=True)
class Draft:
    """One import; `told` has its files and, once it was taken, how many rows of each kind."""

    id: int
    at: float
    by: str
    state: str
    told: Mapping[str, Any]
    applied_at: float | None
    applied_by: str
    undone_at: float | None
    undone_by: str
    undoable: bool = False


def begin(connection: Connection, files: Sequence[File], now: float, by: str) -> int:
    """Keep files until somebody takes them; its number."""
    make_room(connection, now, by)
    told = {"files": [{"name": one.name, "kind": one.kind, "plan": one.plan} for one in files]}
    kept = [
        {"name": one.name, "kind": one.kind, "plan": one.plan, "data": _text(one.data)}
        for one in files
    ]
    row = {"at": now, "by": by, "state": "waiting", "told": json.dumps(told), "body": _pack(kept)}
    made = connection.execute(insert(imports).values(row)).inserted_primary_key
    assert made is not None
    return int(made[0])


def make_room(connection: Connection, now: float, by: str) -> list[Draft]:
    """Let go of what has to fall so that one more of this person's may wait; what fell.

    It is the oldest of their own; a person without any takes the place of who holds the most.
    """
    forget(connection, now)
    query = select(*_SHOWN, imports.c.body.is_not(None).label("kept"))
    rows = connection.execute(query.where(imports.c.state == "waiting").order_by(imports.c.id))
    falls = _falling([_draft(row._mapping) for row in rows], by)
    for one in falls:
        drop(connection, one.id)
    return falls


def _falling(waiting: Sequence[Draft], by: str) -> list[Draft]:
    """Of drafts, the oldest first, those that have to go before `by` has another one."""
    own = [one for one in waiting if one.by == by]
    over = own[: max(0, len(own) + 1 - MOST_OWN)]
    left = [one for one in waiting if one not in over]
    if len(left) < MOST_DRAFTS:
        return over
    held = Counter(one.by for one in left)
    most = by if held[by] else held.most_common(1)[0][0]
    return [*over, next(one for one in left if one.by == most)]


def find(connection: Connection, number: int) -> Draft | None:
    """One import without its rows."""
    query = select(*_SHOWN, (imports.c.body.is_not(None)).label("kept"))
    row = connection.execute(query.where(imports.c.id == number)).first()
    return None if row is None else _draft(row._mapping)


def listed(connection: Connection, by: str = "") -> list[Draft]:
    """The newest imports, of one person where one is named, the newest first."""
    query = select(*_SHOWN, (imports.c.body.is_not(None)).label("kept"))
    query = query.where(imports.c.by == by) if by else query
    ordered = query.order_by(imports.c.id.desc()).limit(MOST_LISTED)
    return [_draft(row._mapping) for row in connection.execute(ordered)]


def files(connection: Connection, number: int) -> list[File]:
    """The files of an import that waits."""
    return [
        File(each["name"], each["kind"], base64.b85decode(each["data"]), each["plan"])
        for each in _body(connection, number, "waiting")
    ]


def held(connection: Connection) -> Iterator[tuple[int, str]]:
    """Every import that still holds files or rows, with all that stands in them."""
    kept = select(imports.c.id, imports.c.state, imports.c.body)
    for row in connection.execute(kept.where(imports.c.body.is_not(None))):
        plain = zlib.decompress(row.body).decode()
        yield row.id, _in_files(plain) if row.state == "waiting" else plain


def changes(connection: Connection, number: int) -> list[Change]:
    """What an import changed, in the order it did; none when that is too long ago."""
    kept = _body(connection, number, "applied")
    return [Change(kind, before, after) for kind, before, after in kept]


def applied(
    connection: Connection,
    number: int,
    told: Mapping[str, Any],
    changes: Sequence[Change],
    now: float,
    by: str,
) -> bool:
    """It was taken; False when it does not wait any more."""
    body = _pack([[each.kind, each.before, each.after] for each in changes])
    values = {"state": "applied", "told": json.dumps(dict(told)), "body": body}
    done = _move(connection, number, "waiting", **values, applied_at=now, applied_by=by)
    forget(connection, now)
    return done


def undone(connection: Connection, number: int, now: float, by: str) -> bool:
    """It was undone; False when that was so already."""
    values = {"state": "undone", "body": None, "undone_at": now, "undone_by": by}
    return _move(connection, number, "applied", **values)


def drop(connection: Connection, number: int) -> bool:
    """Throw away an import that waits."""
    mine = (imports.c.id == number) & (imports.c.state == "waiting")
    return connection.execute(delete(imports).where(mine)).rowcount == 1


def _move(connection: Connection, number: int, old: str, **values: object) -> bool:
    mine = (imports.c.id == number) & (imports.c.state == old)
    return connection.execute(update(imports).where(mine).values(**values)).rowcount == 1


def forget(connection: Connection, now: float) -> int:
    """What is over the bounds: old drafts, and what older imports changed; of how many."""
    waiting = imports.c.state == "waiting"
    old = connection.execute(delete(imports).where(waiting, imports.c.at < now - DRAFT_S))
    taken = imports.c.state == "applied"
    kept = select(imports.c.id).where(taken, imports.c.applied_at >= now - UNDOABLE_S)
    latest = _ids(connection, kept.order_by(imports.c.id.desc()).limit(MOST_UNDOABLE))
    held = taken & imports.c.body.is_not(None) & imports.c.id.not_in(latest)
    return old.rowcount + connection.execute(update(imports).where(held).values(body=None)).rowcount


def _ids(connection: Connection, query: Any) -> list[int]:
    return [number for (number,) in connection.execute(query)]


def _body(connection: Connection, number: int, state: str) -> list[Any]:
    query = select(imports.c.body).where(imports.c.id == number, imports.c.state == state)
    packed = connection.execute(query).scalar()
    found: list[Any] = [] if packed is None else json.loads(zlib.decompress(packed))
    return found


def _pack(body: Sequence[Any]) -> bytes:
    return zlib.compress(json.dumps(body, ensure_ascii=False).encode(), 6)


def _text(data: bytes) -> str:
    return base64.b85encode(data).decode()


def _in_files(plain: str) -> str:
    data = (base64.b85decode(each["data"]) for each in json.loads(plain))
    # spreadsheets write two bytes a character, too
    return "\n".join(one.replace(b"\0", b"").decode("utf-8", "replace") for one in data)


def _draft(row: Mapping[Any, Any]) -> Draft:
    values = dict(row)
    kept = values.pop("kept")
    undoable = bool(kept) and values["state"] == "applied"
    return Draft(**{**values, "told": json.loads(values["told"])}, undoable=undoable)
