"""What people did, in the order they did it; the fold applies each between two records."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from collector import chain
from collector.schema import acts

_TOLD = ("id", "at", "by", "verb", "subject", "body", "applied")
# made once: putting a statement together costs as much as asking it
_ABOUT = (
    select(acts)
    .where(acts.c.subject == bindparam("subject"), acts.c.verb == bindparam("verb"))
    .order_by(acts.c.id.desc())
    .limit(bindparam("most"))
)
_NEWEST = select(acts.c.id).order_by(acts.c.id.desc()).limit(1)
_SINCE = (
    select(acts.c.id)
    .where(acts.c.id > bindparam("after"), acts.c.verb.in_(bindparam("verbs", expanding=True)))
    .limit(1)
)
_WAITING = select(acts).where(acts.c.applied.is_(None)).order_by(acts.c.id).limit(bindparam("most"))
_LINK = select(acts.c.link).order_by(acts.c.id.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Act:
    """One row of table acts; `applied` is the journal position it took effect at, if it has."""

    id: int
    at: float
    by: str
    verb: str
    subject: str
    body: Mapping[str, Any]
    applied: int | None


def record(
    connection: Connection,
    now: float,
    by: str,
    verb: str,
    subject: str,
    body: Mapping[str, Any] | None = None,
) -> int:
    """Write an act in the caller's transaction, beside the change it tells of; its id."""
    text = json.dumps(dict(body or {}), separators=(",", ":"), ensure_ascii=False)
    row = {"at": now, "by": by, "verb": verb, "subject": subject, "body": text}
    row |= chain.seal(row, connection.execute(_LINK).scalar() or "")
    made = connection.execute(insert(acts).values(row)).inserted_primary_key
    assert made is not None
    return int(made[0])


def newest(connection: Connection) -> int:
    """The id of the newest act; 0 where there is none."""
    return int(connection.execute(_NEWEST).scalar() or 0)


def about(connection: Connection, subject: str, verb: str, limit: int = 20) -> list[Act]:
    """The newest acts of one verb about one thing, the newest first."""
    asked = {"subject": subject, "verb": verb, "most": limit}
    return [_act(row) for row in connection.execute(_ABOUT, asked)]


def since(connection: Connection, after: int, verbs: Sequence[str]) -> bool:
    """Whether anybody did any of this after the act `after`."""
    asked = {"after": after, "verbs": list(verbs)}
    return connection.execute(_SINCE, asked).scalar() is not None


def waiting(connection: Connection, limit: int = 1000) -> list[Act]:
    """Acts that no fold has applied yet, oldest first."""
    return [_act(row) for row in connection.execute(_WAITING, {"most": limit})]


def applied(connection: Connection, after: int, until: int, verb: str = "") -> list[Act]:
    """Acts applied at journal positions in (after, until], in the order they were: for a replay."""
    within = (acts.c.applied > after, acts.c.applied <= until)
    found = select(acts).where(*within).order_by(acts.c.applied, acts.c.id)
    if verb:
        found = found.where(acts.c.verb == verb)
    return [_act(row) for row in connection.execute(found)]


def mark_applied(connection: Connection, ids: Sequence[int], position: int) -> None:
    """These acts took effect at the record boundary `position`; one applied before stays there."""
    statement = update(acts).where(acts.c.id.in_(ids), acts.c.applied.is_(None))
    connection.execute(statement.values(applied=position))


def _act(row: Row[Any]) -> Act:
    values = dict(row._mapping)
    told = {name: values[name] for name in _TOLD}
    return Act(**{**told, "body": json.loads(values["body"])})
