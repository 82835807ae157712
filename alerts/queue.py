"""How long notices wait to leave: asked often, so each is one cheap question. A store file."""

from sqlalchemy import Connection, func, select

from alerts.notices import QUEUED
from collector.schema import notices

# made once: putting a statement together costs more than asking it
_FIRST = select(func.min(notices.c.next_try)).where(notices.c.state == QUEUED)
_FRESH = _FIRST.where(notices.c.attempts == 0)


def next_due(connection: Connection) -> float | None:
    """When the first queued notice is to be tried; None: none is queued."""
    first: float | None = connection.execute(_FIRST).scalar()
    return first


def waits_since(connection: Connection) -> float | None:
    """When the first message that should have left by now, and never was tried, came due."""
    oldest: float | None = connection.execute(_FRESH).scalar()
    return oldest
