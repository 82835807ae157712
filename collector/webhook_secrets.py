"""What webhooks are signed with: sealed at rest, opened where messages leave. A store file."""

from sqlalchemy import Connection, select

from collector import sealing
from collector.schema import webhooks

_PURPOSE = "secrets of webhooks"


def closed(centre: bytes, name: str, plain: str) -> bytes:
    """The secret of the webhook of this name as it is kept."""
    return sealing.closed(centre, _PURPOSE, name, plain)


def opened(centre: bytes, name: str, box: bytes) -> str | None:
    """And as messages are signed with it; None where another key sealed it."""
    return sealing.opened(centre, _PURPOSE, name, box)


def unreadable(connection: Connection, centre: bytes) -> list[str]:
    """Webhooks whose secret this centre's key does not open: they are told nothing."""
    rows = connection.execute(select(webhooks.c.name, webhooks.c.box))
    return sorted(row.name for row in rows if opened(centre, row.name, row.box) is None)
