"""Rows of notices, the outbox: queued -> claimed -> sent | failed | skipped, by compare-and-set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from collector.schema import notices

QUEUED, CLAIMED, SENT, FAILED, SKIPPED = "queued", "claimed", "sent", "failed", "skipped"
_UNFINISHED = (QUEUED, CLAIMED)
_ANSWER_CHARS = 500


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person by one channel; `body` is JSON that the channel understands."""

    id: int
    incident: int
    news: str
    person: str
    channel: str
    target: str
    body: str
    state: str
    attempts: int
    next_try: float
    created_at: float
    sent_at: float | None
    answer: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice before it has a row."""

    incident: int
    news: str
    person: str
    channel: str
    target: str
    body: str


def queue(connection: Connection, drafts: Iterable[Draft], now: float) -> None:
    """Write notices to be sent, in the transaction that makes the news."""
    rows = [
        {
            "incident": draft.incident,
            "news": draft.news,
            "person": draft.person,
            "channel": draft.channel,
            "target": draft.target,
            "body": draft.body,
            "state": QUEUED,
            "next_try": now,
            "created_at": now,
        }
        for draft in drafts
    ]
    if rows:
        connection.execute(insert(notices), rows)


def due(connection: Connection, now: float, limit: int, busy: Sequence[str] = ()) -> list[Notice]:
    """Queued notices whose time has come and whose earlier news is through, oldest first.

    Those to the `busy` targets are left for later.
    """
    earlier = notices.alias("earlier")
    held_back = (
        select(earlier.c.id)
        .where(
            earlier.c.incident == notices.c.incident,
            earlier.c.channel == notices.c.channel,
            earlier.c.target == notices.c.target,
            earlier.c.id < notices.c.id,
            earlier.c.state.in_(_UNFINISHED),
        )
        .exists()
    )
    query = (
        select(notices)
        .where(
            notices.c.state == QUEUED,
            notices.c.next_try <= now,
            notices.c.target.not_in(list(busy)),
            ~held_back,
        )
        .order_by(notices.c.id)
        .limit(limit)
    )
    return [_notice(row) for row in connection.execute(query)]


def of_incidents(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Notice]]:
    """All notices of these incidents, in the order they were written."""
    found: dict[int, list[Notice]] = {number: [] for number in numbers}
    query = select(notices).where(notices.c.incident.in_(list(numbers))).order_by(notices.c.id)
    for row in connection.execute(query):
        found[row.incident].append(_notice(row))
    return found


def told(connection: Connection, incident: int, target: str) -> bool:
    """Whether any earlier news of this incident reached this target."""
    query = select(notices.c.id).where(
        notices.c.incident == incident, notices.c.target == target, notices.c.state == SENT
    )
    return connection.execute(query.limit(1)).first() is not None


def claim(connection: Connection, notice: Notice) -> bool:
    """Take a queued notice in hand before it is sent; False when somebody else was faster."""
    return _move(connection, notice, QUEUED, state=CLAIMED, attempts=notice.attempts + 1)


def settle(connection: Connection, notice: Notice, state: str, **values: Any) -> bool:
    """What became of a claimed notice."""
    if "answer" in values:
        values["answer"] = values["answer"][:_ANSWER_CHARS]
    return _move(connection, notice, CLAIMED, state=state, **values)


def skip(connection: Connection, notice: Notice, why: str) -> bool:
    """Do not send a queued notice after all."""
    return _move(connection, notice, QUEUED, state=SKIPPED, answer=why)


def postpone(connection: Connection, later: Sequence[Notice], until: float) -> None:
    """Queued notices are not tried before `until`."""
    numbers = [notice.id for notice in later]
    statement = update(notices).where(notices.c.id.in_(numbers), notices.c.state == QUEUED)
    connection.execute(statement.values(next_try=until))


def requeue_claimed(connection: Connection, now: float) -> int:
    """Claims of a process that is gone are open again; how many there were."""
    statement = update(notices).where(notices.c.state == CLAIMED)
    return connection.execute(statement.values(state=QUEUED, next_try=now)).rowcount


def skip_older(connection: Connection, before: float, why: str) -> int:
    """Unsent notices written before a moment are not sent any more; how many there were."""
    old = (notices.c.state.in_(_UNFINISHED), notices.c.created_at < before)
    return connection.execute(
        update(notices).where(*old).values(state=SKIPPED, answer=why)
    ).rowcount


def _move(connection: Connection, notice: Notice, expected: str, **values: Any) -> bool:
    statement = update(notices).where(notices.c.id == notice.id, notices.c.state == expected)
    return connection.execute(statement.values(**values)).rowcount == 1


def _notice(row: Row[Any]) -> Notice:
    return Notice(**row._mapping)
