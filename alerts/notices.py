"""Rows of notices, the outbox: queued -> claimed -> sent | failed | skipped, by compare-and-set.

A notice that failed hands its reader's further ways to the next one; the last way is a task for a
person: phone them.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, update

from collector.schema import notices

QUEUED, CLAIMED, SENT, FAILED, SKIPPED = "queued", "claimed", "sent", "failed", "skipped"
# not to be sent by a machine: somebody has to phone
TASK = "task"
PHONE = "phone"
OPENED, RESOLVED = "opened", "resolved"
# an answer to somebody who wrote, and what a provider is asked: no end of a story told before
REPLY, TO_ISP, TRIAL, CITIZEN = "reply", "isp", "trial", "citizen"
WEBHOOK, FOLLOWER = "webhook", "follower"  # no end of what these hear waits for a beginning
BEGINNINGS = frozenset({OPENED, REPLY, TO_ISP, TRIAL, WEBHOOK, FOLLOWER, CITIZEN})
HELD_BACK = "held back"
SLEEPS = "held until quiet hours end"
_UNFINISHED = (QUEUED, CLAIMED)
_ANSWER_CHARS = 500

Way = tuple[str, str]  # channel and address


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
    further: tuple[Way, ...] = ()

    @property
    def ways(self) -> tuple[Way, ...]:
        """This way and those that are left."""
        return ((self.channel, self.target), *self.further)


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice before it has a row."""

    incident: int
    news: str
    person: str
    channel: str
    target: str
    body: str
    further: tuple[Way, ...] = ()
    # not to be sent sooner: its reader sleeps
    not_before: float = 0.0

    @property
    def readers(self) -> frozenset[tuple[str, str, str]]:
        """Who reads it, by each of their ways: people of one name live in many villages."""
        ways = ((self.channel, self.target), *self.further)
        return frozenset((self.person, *way) for way in ways)


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
            "state": TASK if draft.channel == PHONE else QUEUED,
            "next_try": max(now, draft.not_before),
            "created_at": now,
            "further": json.dumps(draft.further),
            "answer": SLEEPS if draft.not_before > now else "",
        }
        for draft in drafts
    ]
    if rows:
        connection.execute(insert(notices), rows)


def due(
    connection: Connection, channel: str, now: float, limit: int, busy: Iterable[str] = ()
) -> list[Notice]:
    """Queued notices of a channel whose time has come and whose earlier news is through.

    The oldest first, those to citizens last; those to the `busy` targets are left for later.
    """
    wanted = (notices.c.channel == channel, notices.c.target.not_in(list(busy)))
    return _due(connection, now, limit, *wanted)


def due_elsewhere(
    connection: Connection, known: Iterable[str], now: float, limit: int
) -> list[Notice]:
    """Queued notices whose channel is none of the known ones."""
    return _due(connection, now, limit, notices.c.channel.not_in(list(known)))


def with_a_way_left(
    connection: Connection, channel: str, before: float, limit: int
) -> list[Notice]:
    """Queued notices of a channel, written before a moment, whose reader has another way."""
    return _due(
        connection,
        float("inf"),
        limit,
        notices.c.channel == channel,
        notices.c.created_at < before,
        notices.c.further != "[]",
    )


def _due(
    connection: Connection, now: float, limit: int, *wanted: ColumnElement[bool]
) -> list[Notice]:
    earlier = notices.alias("earlier")
    before_this = and_(
        earlier.c.channel == notices.c.channel,
        earlier.c.target == notices.c.target,
        earlier.c.id < notices.c.id,
    )
    # the end of a story waits for its beginning, by whichever way that goes
    beginning = and_(
        notices.c.news != OPENED,
        earlier.c.news == OPENED,
        earlier.c.person == notices.c.person,
    )
    held_back = (
        select(earlier.c.id)
        .where(
            earlier.c.incident == notices.c.incident,
            or_(before_this, beginning),
            earlier.c.state.in_(_UNFINISHED),
        )
        .exists()
    )
    ready = [notices.c.state == QUEUED, ~held_back, *wanted]
    if now != float("inf"):
        ready.append(notices.c.next_try <= now)
    query = select(notices).where(*ready).order_by(notices.c.news == CITIZEN, notices.c.id)
    return [_notice(row) for row in connection.execute(query.limit(limit))]


def of_incidents(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Notice]]:
    """All notices of these incidents, in the order they were written."""
    found: dict[int, list[Notice]] = {number: [] for number in numbers}
    query = select(notices).where(notices.c.incident.in_(list(numbers))).order_by(notices.c.id)
    for row in connection.execute(query):
        found[row.incident].append(_notice(row))
    return found


def beginnings(connection: Connection, numbers: Sequence[int]) -> list[Notice]:
    """The notices that told people of the beginning of these incidents, whatever became of them.

    One that was handed on to the reader's next way stands here once for each way.
    """
    # whose data were erased is told nothing any more
    known = (notices.c.target != "") | (notices.c.channel == PHONE)
    told = (notices.c.incident.in_(list(numbers)), notices.c.news == OPENED, known)
    query = select(notices).where(*told).order_by(notices.c.id)
    return [_notice(row) for row in connection.execute(query)]


def drop_unsent(connection: Connection, incident: int, why: str) -> int:
    """What of an incident has not gone out yet does not go out; how many notices that is."""
    mine = (notices.c.incident == incident, notices.c.news != WEBHOOK)
    waiting = update(notices).where(*mine, notices.c.state.in_((QUEUED, TASK)))
    return connection.execute(waiting.values(state=SKIPPED, answer=why)).rowcount


def told_by(connection: Connection, numbers: Sequence[int], ways: Sequence[Way]) -> Way | None:
    """By which of these ways the newest news of these incidents got through; None if by none."""
    query = (
        select(notices.c.channel, notices.c.target)
        .where(notices.c.incident.in_(list(numbers)), notices.c.state == SENT)
        .order_by(notices.c.id.desc())
    )
    sent = [(row.channel, row.target) for row in connection.execute(query)]
    return next((way for way in sent if way in ways), None)


def sent_since(connection: Connection, channel: str, moment: float) -> int:
    """How many messages a channel has taken since a moment."""
    counted = select(func.count()).where(
        notices.c.channel == channel, notices.c.state == SENT, notices.c.sent_at >= moment
    )
    return int(connection.execute(counted).scalar_one())


def held_since(connection: Connection, channel: str, moment: float) -> int:
    """How many messages the cap of a channel has held back since a moment."""
    counted = select(func.count()).where(
        notices.c.channel == channel,
        notices.c.state == FAILED,
        notices.c.created_at >= moment,
        notices.c.answer.like(f"{HELD_BACK}%"),
    )
    return int(connection.execute(counted).scalar_one())


def claim(connection: Connection, notice: Notice) -> bool:
    """Take a queued notice in hand before it is sent; False when somebody else was faster."""
    return _move(connection, notice, QUEUED, state=CLAIMED, attempts=notice.attempts + 1)


def drop(connection: Connection, notice: Notice, why: str) -> bool:
    """A queued notice does not go out by its way."""
    return _move(connection, notice, QUEUED, state=FAILED, answer=why[:_ANSWER_CHARS])


def settle(connection: Connection, notice: Notice, state: str, **values: Any) -> bool:
    """What became of a claimed notice."""
    if "answer" in values:
        values["answer"] = values["answer"][:_ANSWER_CHARS]
    return _move(connection, notice, CLAIMED, state=state, **values)


def skip(connection: Connection, notice: Notice, why: str) -> bool:
    """Do not send a queued notice after all."""
    return _move(connection, notice, QUEUED, state=SKIPPED, answer=why)


def hand_on(connection: Connection, notice: Notice, now: float, why: str) -> Way | None:
    """Write the notice of the reader's next way, a task when that is the phone; None: none is left.

    It is the caller's transaction that says what became of this one.
    """
    if not notice.further:
        return None
    (channel, target), *rest = notice.further
    row = {
        "incident": notice.incident,
        "news": notice.news,
        "person": notice.person,
        "channel": channel,
        "target": target,
        "body": notice.body,
        "state": TASK if channel == PHONE else QUEUED,
        # this one's time had come, so the next one's has
        "next_try": notice.next_try,
        "created_at": now,
        "answer": why[:_ANSWER_CHARS] if channel == PHONE else "",
        "further": json.dumps(rest),
    }
    connection.execute(insert(notices).values(row))
    return channel, target


def turn(connection: Connection, notice: Notice, way: Way) -> bool:
    """Send a queued notice by another of its reader's ways, and by those after it."""
    later = notice.ways[notice.ways.index(way) + 1 :]
    values = {"channel": way[0], "target": way[1], "further": json.dumps(later)}
    return _move(connection, notice, QUEUED, **values)


def close_tasks(connection: Connection, incident: int, why: str, person: str = "") -> int:
    """Nobody needs to phone any more; how many tasks that ends."""
    done = [notices.c.incident == incident, notices.c.state == TASK]
    if person:
        done.append(notices.c.person == person)
    return connection.execute(
        update(notices).where(*done).values(state=SKIPPED, answer=why)
    ).rowcount


def postpone(connection: Connection, later: Sequence[Notice], until: float) -> None:
    """Queued notices are not tried before `until`."""
    numbers = [notice.id for notice in later]
    statement = update(notices).where(notices.c.id.in_(numbers), notices.c.state == QUEUED)
    connection.execute(statement.values(next_try=until))


def let_sleep(connection: Connection, incident: int, now: float, why: str) -> int:
    """What was held for the morning is not told at all any more; how many notices that ends."""
    held = (notices.c.incident == incident, notices.c.answer == SLEEPS, notices.c.next_try > now)
    statement = update(notices).where(*held, notices.c.state == QUEUED)
    return connection.execute(statement.values(state=SKIPPED, answer=why)).rowcount


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
    values = dict(row._mapping)
    further = tuple((channel, target) for channel, target in json.loads(values["further"]))
    return Notice(**{**values, "further": further})
