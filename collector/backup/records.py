"""What became of each night's work: when, how long, how large, where, and what went wrong."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from sqlalchemy import Connection

from collector.db import meta_get, meta_set

KEY = "backup_works"
# of each kind; the newest stay
_MOST = 30
_LONGEST = 500
CUT_SHORT = "cut short"


class What(StrEnum):
    BACKUP = "backup"
    COPY = "copy"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Work:
    """One time that something was done; `took_s` None: it is under way, or was cut short."""

    what: What
    at: float
    took_s: float | None = None
    bytes: int = 0
    where: str = ""
    says: str = ""
    error: str = ""

    @property
    def fine(self) -> bool:
        return self.took_s is not None and not self.error

    @property
    def failed(self) -> bool:
        return bool(self.error)


def works(connection: Connection) -> list[Work]:
    """The newest first."""
    rows = json.loads(meta_get(connection, KEY, "[]"))
    return [Work(**{**row, "what": What(row["what"])}) for row in rows]


def begin(connection: Connection, what: What, at: float) -> None:
    """Whatever of the kind is not through by now never will be: there is one at a time."""
    before = works(connection)
    _put(connection, [Work(what, at), *(_cut(one) if one.what == what else one for one in before)])


def end(connection: Connection, done: Work) -> None:
    """The outcome of what began at `done.at`."""
    rest = [one for one in works(connection) if (one.what, one.at) != (done.what, done.at)]
    _put(connection, sorted([done, *rest], key=lambda one: -one.at))


def fail_open(connection: Connection, error: str, now: float) -> None:
    """Whoever worked is gone without a word: say so in its place."""
    before = works(connection)
    if any(one.took_s is None for one in before):
        _put(connection, [_cut(one, error, now) for one in before])


def forget_open(connection: Connection) -> None:
    """What was under way when a backup was made is not under way in a centre made of it."""
    _put(connection, [one for one in works(connection) if one.took_s is not None])


def last(done: Iterable[Work], what: What) -> Work | None:
    """The newest that is over."""
    return next((one for one in done if one.what == what and one.took_s is not None), None)


def last_fine(done: Iterable[Work], what: What) -> Work | None:
    return next((one for one in done if one.what == what and one.fine), None)


def _cut(one: Work, error: str = CUT_SHORT, now: float | None = None) -> Work:
    if one.took_s is not None:
        return one
    took_s = max(0.0, now - one.at) if now is not None else 0.0
    return Work(one.what, one.at, took_s, error=error[:_LONGEST] or CUT_SHORT)


def _put(connection: Connection, rows: Iterable[Work]) -> None:
    kept: list[Work] = []
    for one in rows:
        if sum(other.what == one.what for other in kept) < _MOST:
            kept.append(one)
    meta_set(connection, KEY, json.dumps([asdict(one) for one in kept], ensure_ascii=False))
