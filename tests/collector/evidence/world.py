"""A few sites with a past, as the fold would have written it, for the tests of evidence."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from collector import db, schema, states
from collector.availability import Interval, State, Word

WIB, WITA, WIT = (ZoneInfo(f"Asia/{name}") for name in ("Jakarta", "Makassar", "Jayapura"))
BANTUR, BALI, PAPUA = "35.10.06.2005", "51.03.01.2001", "94.71.01.2001"


def at(text: str, zone: ZoneInfo = WIB) -> float:
    """`2026-10-05 08:30:00` by the clocks of a zone."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def add_site(connection: Connection, code: str = BANTUR, row: int = 0, **more: Any) -> None:
    values = {"code": code, "row": row, "name": f"Desa {row}", "isp": "Telkom", "hours": "24h"}
    connection.execute(insert(schema.sites).values(**{**values, **more}))


def add_uplink(connection: Connection, site: str = BANTUR, name: str = "main", **more: Any) -> None:
    values = {"site": site, "name": name, "isp": "Telkom"}
    connection.execute(insert(schema.uplinks).values(**{**values, **more}))


def tell(
    connection: Connection, intervals: Sequence[Interval], site: str = BANTUR, rev: int = 1
) -> None:
    """Rows of states as the fold writes them; those of the same beginning are replaced."""
    states.save_states(connection, [], [(site, interval, rev) for interval in intervals])


def drop(connection: Connection, since: float, site: str = BANTUR) -> None:
    states.save_states(connection, [(site, since)], [])


def tick(connection: Connection, now: float) -> None:
    """The fold has come so far."""
    db.meta_set(connection, "fold_ticks", json.dumps([now, now, 0.0]))


def normal(since: float, until: float | None = None) -> Interval:
    return Interval(since, until, State.NORMAL)


def down(since: float, until: float | None, cause: str = "fiber", **more: Any) -> Interval:
    evidence = ("the optical receiver saw no light",)
    return Interval(since, until, State.DOWN, "no uplink works", cause, 0.8, evidence, **more)


def unknown(since: float, until: float | None, cause: str = "", reason: str = "silent") -> Interval:
    return Interval(since, until, State.UNKNOWN, reason, cause)


def corrected(interval: Interval, cause: str, by: str, when: float, why: str) -> Interval:
    """As the fold writes it when somebody says why."""
    word = Word(by, when, why, interval.cause, interval.confidence, interval.evidence)
    return Interval(
        interval.since, interval.until, interval.state, interval.reason, cause, 1.0,
        (f"{by} says: {why}",), "person", word,
    )  # fmt: skip


def chained(cuts: Iterable[tuple[float, Interval]]) -> list[Interval]:
    return [interval for _, interval in cuts]
