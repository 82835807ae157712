"""What a webhook was told last of each incident, and whether it is on its way. A store file."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from alerts.notices import QUEUED
from collector.schema import notices


@dataclass(frozen=True, slots=True)
class Last:
    """The newest notice of an incident to one address."""

    id: int
    state: str
    body: str


def last(
    connection: Connection, channel: str, target: str, numbers: Sequence[int]
) -> dict[int, Last]:
    """By incident, of those that were told of at all."""
    t = notices.c
    mine = (t.channel == channel, t.target == target, t.incident.in_(list(numbers)))
    query = select(t.incident, t.id, t.state, t.body).where(*mine).order_by(t.id)
    return {row.incident: Last(row.id, row.state, row.body) for row in connection.execute(query)}


def rewrite(connection: Connection, notice: Last, body: str) -> bool:
    """A queued notice tells this instead; False when it is on its way already."""
    waiting = (notices.c.id == notice.id, notices.c.state == QUEUED)
    return connection.execute(update(notices).where(*waiting).values(body=body)).rowcount == 1
