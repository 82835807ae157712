"""Rows of what each Alertmanager may hold of ours. A store file."""

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select

from alerts.alertmanager.alert import Alert
from collector.db import upsert
from collector.schema import alertmanager_alerts as table

_AT_ONCE = 500


def there(connection: Connection, target: str) -> list[Alert]:
    """Alerts that were or may have been sent there, and whose end it was not told."""
    query = select(table).where(table.c.target == target).order_by(table.c.incident)
    return [
        Alert(row.incident, json.loads(row.labels), row.starts_at, {})
        for row in connection.execute(query)
    ]


def begin(connection: Connection, target: str, alerts: Sequence[Alert]) -> None:
    """Written down before they are sent: an answer may be lost."""
    rows = [
        {
            "target": target,
            "fingerprint": one.fingerprint,
            "incident": one.incident,
            "labels": json.dumps(dict(one.labels), ensure_ascii=False),
            "starts_at": one.starts_at,
        }
        for one in alerts
    ]
    if rows:
        upsert(table, rows, connection)


def over(connection: Connection, target: str, alerts: Sequence[Alert]) -> None:
    """It was told that these are over."""
    for begin_at in range(0, len(alerts), _AT_ONCE):
        these = [one.fingerprint for one in alerts[begin_at : begin_at + _AT_ONCE]]
        mine = (table.c.target == target, table.c.fingerprint.in_(these))
        connection.execute(delete(table).where(*mine))


def keep_only(connection: Connection, targets: Iterable[str]) -> None:
    """What is not configured any more lets go of ours by itself."""
    connection.execute(delete(table).where(table.c.target.not_in(list(targets))))
