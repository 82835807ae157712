"""How many reports fell over a bound, today and the day before: no more of them is kept."""

import json

from sqlalchemy import Connection

from collector.db import meta_get, meta_set

KEY = "citizens_refused"
_DAY_S = 86400.0


def add(connection: Connection, now: float) -> None:
    """One more."""
    today, before = _read(connection, now)
    told = {"day": int(now // _DAY_S), "today": today + 1, "before": before}
    meta_set(connection, KEY, json.dumps(told))


def lately(connection: Connection, now: float) -> int:
    """Since the beginning of yesterday (UTC)."""
    return sum(_read(connection, now))


def _read(connection: Connection, now: float) -> tuple[int, int]:
    kept = json.loads(meta_get(connection, KEY, "{}"))
    age = int(now // _DAY_S) - kept.get("day", 0)
    if age == 0:
        return kept["today"], kept["before"]
    return 0, kept["today"] if age == 1 else 0
