"""Rows of alarms: what rules say of series now."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select

from alerts.evaluation.model import Alarm, Change
from alerts.machine import Life, Phase
from collector.db import upsert
from collector.schema import alarms

_AT_ONCE = 2_000


def all(connection: Connection) -> list[Alarm]:
    """Every alarm, by rule and series."""
    ordered = select(alarms).order_by(alarms.c.rule, alarms.c.series)
    return [_alarm(row) for row in connection.execute(ordered)]


def save(connection: Connection, changes: Iterable[Change]) -> None:
    """Write what changed; of several changes of one alarm the last one counts."""
    last = {(c.alarm.rule, c.alarm.series): c for c in changes}
    gone = [key for key, change in last.items() if change.gone]
    kept = [change.alarm for change in last.values() if not change.gone]
    this = (alarms.c.rule == bindparam("of_rule"), alarms.c.series == bindparam("of_series"))
    for some in _portions(gone):
        rows = [{"of_rule": rule, "of_series": series} for rule, series in some]
        connection.execute(delete(alarms).where(*this), rows)
    for portion in _portions(kept):
        upsert(alarms, [_row(alarm) for alarm in portion], connection)


def _portions(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE))


def _row(alarm: Alarm) -> dict[str, Any]:
    return {
        "rule": alarm.rule,
        "series": alarm.series,
        "site": alarm.site,
        "labels": json.dumps(dict(alarm.labels), ensure_ascii=False),
        "annotations": json.dumps(dict(alarm.annotations), ensure_ascii=False),
        "phase": str(alarm.life.phase),
        "since": alarm.life.since,
        "active_at": alarm.life.active_at,
        "fired_at": alarm.life.fired_at,
        "value": alarm.value,
    }


def _alarm(row: Row[Any]) -> Alarm:
    life = Life(Phase(row.phase), row.since, row.active_at, row.fired_at)
    return Alarm(
        row.rule,
        row.series,
        row.site,
        json.loads(row.labels),
        json.loads(row.annotations),
        life,
        float("nan") if row.value is None else row.value,
    )
