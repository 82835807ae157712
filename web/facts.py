"""What pages ask of the floors below, in one place."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Protocol

import numpy as np
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from collector.db import meta_get, reading
from collector.inventory import places
from collector.schema import checks, contacts, sites, states, uplinks
from web import board
from web.scope import Scope

Rev = tuple[int, int]
Line = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


class Numbers(Protocol):
    """The part of collector.series.history.History that pages use."""

    def range(
        self, site_row: int, names: Sequence[str], start: float, end: float
    ) -> Mapping[str, Line]: ...

    def latest(self, site_row: int) -> Mapping[str, tuple[float, float]]: ...

    def last_report(self, site_row: int) -> float | None: ...

    def last_reports(self) -> np.ndarray[Any, Any]: ...


class NoNumbers:
    """Stands in while there is no history yet."""

    def range(
        self, site_row: int, names: Sequence[str], start: float, end: float
    ) -> Mapping[str, Line]:
        return {}

    def latest(self, site_row: int) -> Mapping[str, tuple[float, float]]:
        return {}

    def last_report(self, site_row: int) -> float | None:
        return None

    def last_reports(self) -> np.ndarray[Any, Any]:
        return np.empty(0)


@dataclass(frozen=True, slots=True)
class Fold:
    """How far the engine has come: its lag in seconds, and when it said so."""

    lag_s: float
    at: float


@dataclass(frozen=True, slots=True)
class Interval:
    """One state of a site; `until` None: it holds still."""

    since: float
    until: float | None
    state: str
    reason: str
    cause: str
    confidence: float
    evidence: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a site, as it stands."""

    name: str
    kind: str
    verdict: str
    reason: str
    since: float


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call."""

    scope: str
    name: str
    role: str
    order: int
    channels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Overview:
    """One page of the overview."""

    counts: Mapping[str, int]
    matching: int
    rows: Sequence[board.Row]
    last_reports: Mapping[str, float]


class Facts:
    """Everything pages know about sites."""

    def __init__(self, store: Engine, numbers: Numbers) -> None:
        self.store = store
        self.numbers = numbers

    def overview(self, scope: Scope, wanted: board.Wanted, limit: int, offset: int) -> Overview:
        """Counters and one page of sites, worst first."""
        with reading(self.store) as connection:
            counts = board.counts(connection, scope)
            filtered = bool(wanted.words or wanted.state)
            matching = (
                board.matching(connection, scope, wanted) if filtered else sum(counts.values())
            )
            rows = board.rows(connection, scope, wanted, limit, offset)
        return Overview(counts, matching, rows, self._last_reports(rows))

    def _last_reports(self, rows: Sequence[board.Row]) -> dict[str, float]:
        times = self.numbers.last_reports()
        found = {row.code: float(times[row.row]) for row in rows if row.row < len(times)}
        return {code: at for code, at in found.items() if at > 0}

    def fold(self) -> Fold | None:
        """The engine's own word; None before its first."""
        with reading(self.store) as connection:
            said = meta_get(connection, "fold_status")
        if not said:
            return None
        status = json.loads(said)
        return Fold(float(status.get("lag_s", 0.0)), float(status.get("at", 0.0)))

    def site(self, code: str) -> Mapping[str, Any] | None:
        """The inventory's row of a site."""
        with reading(self.store) as connection:
            statement = select(sites).where(sites.c.code == code)
            found = connection.execute(statement).mappings().first()
            return dict(found) if found else None

    def uplinks(self, code: str) -> list[Mapping[str, Any]]:
        """The uplinks of a site, main first."""
        with reading(self.store) as connection:
            statement = select(uplinks).where(uplinks.c.site == code)
            found = [dict(row) for row in connection.execute(statement).mappings()]
        return sorted(found, key=lambda row: (row["name"] != "main", row["name"]))

    def timeline(self, code: str, start: float, end: float) -> list[Interval]:
        """The states that touch this stretch of time, oldest first."""
        touches = (states.c.since < end) & (states.c.until.is_(None) | (states.c.until > start))
        statement = select(states).where(states.c.site == code, touches).order_by(states.c.since)
        with reading(self.store) as connection:
            return [_interval(row) for row in connection.execute(statement).mappings()]

    def checks(self, code: str) -> list[Check]:
        """The checks of a site: bad, unknown, good."""
        with reading(self.store) as connection:
            found = [_check(row) for row in _checks_of(connection, code)]
        worst = {"bad": 0, "unknown": 1}
        return sorted(found, key=lambda check: (worst.get(check.verdict, 2), check.name))

    def contacts(self, code: str, isps: Sequence[str]) -> list[Contact]:
        """Whom to call about a site: its own people, its areas', its ISP's."""
        parts = code.split("-")[0].split(".")
        areas = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
        scopes = [code, *areas, *(f"isp:{name}" for name in isps), "*"]
        nearest = {name: place for place, name in reversed(list(enumerate(scopes)))}
        with reading(self.store) as connection:
            statement = select(contacts).where(contacts.c.scope.in_(nearest))
            found = [_contact(row) for row in connection.execute(statement).mappings()]
        return sorted(found, key=lambda c: (nearest[c.scope], c.order, c.name))

    def zone(self, code: str, default: str) -> tzinfo:
        """The zone a site's clocks show."""
        return places.zone(code, default)

    def rev(self) -> Rev:
        """A mark that differs as soon as a state or a check changed."""
        highest, count = 0, 0
        with reading(self.store) as connection:
            for table in (states, checks):
                top = connection.execute(select(func.max(table.c.rev))).scalar() or 0
                same = select(func.count()).where(table.c.rev == top)
                mark = (top, connection.execute(same).scalar_one() if top else 0)
                highest, count = (
                    max((highest, count), mark) if top != highest else (top, count + mark[1])
                )
        return highest, count

    def changed(self, since: int, most: int) -> set[str]:
        """The sites whose state or checks changed at this position or after it."""
        found: set[str] = set()
        with reading(self.store) as connection:
            for table in (states, checks):
                newer = select(table.c.site).where(table.c.rev >= since).distinct().limit(most)
                found.update(connection.execute(newer).scalars())
        return found

    def alive(self) -> bool:
        """Does the database answer?"""
        try:
            with reading(self.store) as connection:
                meta_get(connection, "centre")
        except SQLAlchemyError:
            return False
        return True


def _checks_of(connection: Connection, code: str) -> Sequence[Mapping[Any, Any]]:
    statement = select(checks).where(checks.c.site == code)
    return connection.execute(statement).mappings().all()


def _interval(row: Mapping[Any, Any]) -> Interval:
    return Interval(
        row["since"],
        row["until"],
        row["state"],
        row["reason"],
        row["cause"],
        row["confidence"],
        tuple(str(piece) for piece in json.loads(row["evidence"])),
        row["source"],
    )


def _check(row: Mapping[Any, Any]) -> Check:
    return Check(row["name"], row["kind"], row["verdict"], row["reason"], row["since"])


def _contact(row: Mapping[Any, Any]) -> Contact:
    channels = {key: row[key] for key in ("whatsapp", "telegram", "sms", "email") if row[key]}
    return Contact(row["scope"], row["name"], row["role"], row["order"], channels)
