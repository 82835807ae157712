"""Rows of alarms: what the rules say of each series now."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from alerts.evaluation import Alarm, Change
from alerts.machine import Life, Phase
from collector.db import upsert
from collector.schema import alarms


def all(connection: Connection) -> list[Alarm]:
    return [
        Alarm(
            row.rule,
            row.series,
            row.site,
            json.loads(row.labels),
            json.loads(row.annotations),
            Life(Phase(row.phase), row.since, row.active_at, row.fired_at),
            row.value,
        )
        for row in connection.execute(select(alarms))
    ]


def save(connection: Connection, changes: Sequence[Change]) -> None:
    """Write what changed, in the caller's transaction."""
    for change in changes:
        alarm = change.alarm
        if change.gone:
            mine = (alarms.c.rule == alarm.rule, alarms.c.series == alarm.series)
            connection.execute(delete(alarms).where(*mine))
    rows = [
        {
            "rule": one.alarm.rule,
            "series": one.alarm.series,
            "site": one.alarm.site,
            "labels": json.dumps(dict(one.alarm.labels)),
            "annotations": json.dumps(dict(one.alarm.annotations)),
            "phase": one.alarm.life.phase,
            "since": one.alarm.life.since,
            "active_at": one.alarm.life.active_at,
            "fired_at": one.alarm.life.fired_at,
            "value": one.alarm.value,
        }
        for one in changes
        if not one.gone
    ]
    upsert(alarms, rows, connection)
