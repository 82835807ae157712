"""How many incidents are open and how many messages wait to leave: for /metrics. A store file."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from alerts.incidents import UNRESOLVED
from alerts.notices import CLAIMED, QUEUED
from alerts.queue import waits_since
from collector.schema import incidents, notices


@dataclass(frozen=True, slots=True)
class Figures:
    """`waited_s`: for how long the oldest message that was never tried has been due."""

    open: int
    waiting: int
    waited_s: float


def look(connection: Connection, now: float) -> Figures:
    """As the rows are."""
    going = select(func.count()).where(incidents.c.state.in_(UNRESOLVED))
    leaving = select(func.count()).where(
        notices.c.state.in_((QUEUED, CLAIMED)), notices.c.next_try <= now
    )
    since = waits_since(connection)
    return Figures(
        int(connection.execute(going).scalar_one()),
        int(connection.execute(leaving).scalar_one()),
        max(0.0, now - since) if since is not None else 0.0,
    )
