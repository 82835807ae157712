"""Rows of planned work, and the acts that tell the fold which sites are worked on."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, insert, select, update

from agent.strict import Refused
from alerts.planned import Told, Window, holding, maintenance_due
from collector import acts
from collector.db import meta_get, meta_set
from collector.inventory import Site
from collector.schema import windows

VERB = "maintenance"
MOST_STANDING = 1000


def add(connection: Connection, window: Window, now: float) -> int:
    """Write planned work down; its number, also where it stands already. Refused: cannot be."""
    window.check()
    if window.after(now) is None and window.at(now) is None:
        raise Refused("begins", "all of it is in the past")
    planned = standing(connection)
    wanted = replace(window, title=window.title.strip()[:200])
    same = [each.id for each in planned if replace(wanted, id=each.id) == each]
    if same:
        return same[0]
    if len(planned) >= MOST_STANDING:
        raise Refused("windows", f"{MOST_STANDING} are planned: cancel some")
    row = {
        "scope": window.scope,
        "title": wanted.title,
        "mode": window.mode,
        "begins": window.begins,
        "minutes": window.minutes,
        "repeats": window.repeats,
        "zone": window.zone,
        "last_day": window.last_day,
        "by": window.by,
    }
    made = connection.execute(insert(windows).values(row)).inserted_primary_key
    assert made is not None
    acts.record(connection, now, window.by, "window", _subject(int(made[0])), row)
    return int(made[0])


def cancel(connection: Connection, number: int, by: str, now: float) -> bool:
    """No more of this planned work; what goes on now ends. False when that is so already."""
    found = [window for window in standing(connection) if window.id == number]
    open_ones = (windows.c.id == number, windows.c.cancelled_at.is_(None))
    done = connection.execute(update(windows).where(*open_ones).values(cancelled_at=now))
    if done.rowcount != 1:
        return False
    acts.record(connection, now, by, "window_end", _subject(number))
    for window, span in holding(found, now):
        told = written(connection, window.id)
        if told is not None and told["since"] == span.begins:
            # the sites are what they really are from here on
            subject = _stretch(number, span.begins)
            acts.record(connection, now, by, VERB, subject, {**told, "until": now})
    return True


def standing(connection: Connection) -> list[Window]:
    """Planned work that nobody cancelled, past or to come."""
    query = select(windows).where(windows.c.cancelled_at.is_(None)).order_by(windows.c.id)
    return [Window(**row._mapping) for row in connection.execute(query)]


def listing(connection: Connection, limit: int = 1000) -> list[Window]:
    """All planned work, the newest first."""
    query = select(windows).order_by(windows.c.id.desc()).limit(limit)
    return [Window(**row._mapping) for row in connection.execute(query)]


def write_due(
    connection: Connection, sites: Iterable[Site], now: float, known: list[Window] | None = None
) -> int:
    """Write the acts of planned work that has begun, once each; how many that is."""
    plans = standing(connection) if known is None else known
    going_on = holding([window for window in plans if window.mode == "skip"], now)
    before = {window.id: written(connection, window.id) for window, _ in going_on}
    done = frozenset((number, body["since"]) for number, body in before.items() if body)
    if all((window.id, span.begins) in done for window, span in going_on):
        return 0
    places = [Told(site=site.code, upstreams=tuple(site.upstreams)) for site in sites]
    due = maintenance_due([window for window, _ in going_on], places, done, now)
    for one in due:
        acts.record(connection, now, "", VERB, _stretch(one.window, one.since), one.body)
        meta_set(connection, _subject(one.window), json.dumps(one.body))
    return len(due)


def written(connection: Connection, number: int) -> dict[str, Any] | None:
    """What the fold was told last of this planned work; None: nothing yet."""
    text = meta_get(connection, _subject(number))
    told: dict[str, Any] | None = json.loads(text) if text else None
    return told


def _subject(number: int) -> str:
    return f"window:{number}"


def _stretch(number: int, since: float) -> str:
    # a later act of the same subject takes the place of the earlier one: each stretch has its own
    return f"{_subject(number)}/{since:.0f}"
