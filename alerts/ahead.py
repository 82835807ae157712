"""The centre's clock was set back: incidents, alarms and notices have no time ahead of it any more.

What people set to a moment by hand, such as a mute or a planned work, stays as they said it.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Connection, Engine, not_, update

from alerts import incidents
from alerts.notices import QUEUED, SLEEPS
from collector import clocks, schema
from collector.clocks import Time
from collector.db import meta_get, meta_set, reading, writing
from collector.fold.commit import refuse_overtaken
from collector.fold.setback import Step, last

# a row of meta: which step back this floor has followed
KEY = "alerts_set_back"

# in its own way below: not every notice that waits is to go at once
_APART = schema.notices.c.next_try


def followed(store: Engine, position: int) -> bool:
    """Follow the fold, which has come to `position`, where the clock was set back; was it?"""
    with reading(store) as connection:
        step = last(connection)
        if step is None or str(step.count) == meta_get(connection, KEY):
            return False
    with writing(store) as connection:
        refuse_overtaken(connection, position)
        follow(connection, step)
    return True


def follow(connection: Connection, step: Step) -> None:
    """Bring everything to when the clock was set back; nobody hears of that."""
    at, t = step.at, schema.notices.c
    # what was to wait for a moment of the wrong time goes at once; who sleeps goes on sleeping
    slept = (t.answer == SLEEPS) & (t.created_at <= at)
    waiting = (t.state == QUEUED, t.next_try > at, not_(slept))
    connection.execute(update(schema.notices).where(*waiting).values(next_try=at))
    news = {"rev": incidents.newest_rev(connection) + 1}
    for column in clocks.columns(Time.ALERTS):
        if column is not _APART:
            _bring(connection, column, at, news if column.table is schema.incidents else {})
    meta_set(connection, KEY, str(step.count))


def _bring(connection: Connection, column: Column[Any], at: float, more: Mapping[str, Any]) -> None:
    later = update(column.table).where(column > at)
    connection.execute(later.values({column.name: at, **more}))
