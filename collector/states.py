"""Rows of sites' states and checks' verdicts: what the console asks, what the fold writes."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Connection,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
)

from collector import bulk
from collector.availability import Interval, Word
from collector.schema import checks, states, verdicts

# bound parameters a statement may have, with room to spare
_AT_ONCE = 500
# the reason of a check that nobody looks at any more: it stays as a row and is shown nowhere
RETIRED = "no longer checked"
# of some sites: a bare `until IS NULL` would have SQLite look at the present state of every site
HOLDS = func.coalesce(states.c.until, -1.0) < 0
_OPEN = states.alias()
# the site of a row counts: one of its rows holds
COUNTS = exists().where(_OPEN.c.site == states.c.site, func.coalesce(_OPEN.c.until, -1.0) < 0)

_S, _C, _V = states.c, checks.c, verdicts.c
# the columns of an Interval in its order; read by place, for names cost more than the rest of it
_OF_INTERVAL = [_S[name] for name in Interval.__slots__]
_made: Callable[..., Interval] = Interval
_PLAIN = attrgetter("since", "until", "state", "reason", "cause", "confidence")

# made once: putting a statement together costs as much as asking it
_Given = BindParameter[Any]
_CODE, _START, _END = (_Given(name) for name in ("code", "start", "end"))
_TOUCHING = (_S.site == _CODE, _S.since < _END, or_(_S.until.is_(None), _S.until > _START))
_TIMELINE = select(*_OF_INTERVAL).where(*_TOUCHING).order_by(_S.since)
_CHECKS_OF = select(checks).where(_C.site == _CODE, _C.reason != RETIRED).order_by(_C.name)
_WITHIN = (_V.site == _CODE, _V.at >= _START, _V.at < _END)
_VERDICTS_OF = select(verdicts).where(*_WITHIN).order_by(_V.at, _V.check)
_CURRENT = select(states).where(_S.until.is_(None)).order_by(_S.site)
_SOME = _S.site.in_(bindparam("codes", expanding=True))
_CURRENT_OF = select(states).where(_SOME, HOLDS).order_by(_S.site)


@dataclass(frozen=True, slots=True)
class SiteState:
    """How a site is now, since when and why; `rev` grows with every change of any site."""

    code: str
    state: str
    since: float
    reason: str
    cause: str
    confidence: float
    evidence: tuple[str, ...]
    source: str
    rev: int
    word: Word | None = None  # of a person who corrected the cause, with our guess


# the two are rows as they stand in their tables: a fleet that begins writes 400,000 of them
class CheckState(NamedTuple):
    """The present verdict of a check; `live` is False when only a backlog told it."""

    site: str
    name: str
    kind: str
    verdict: str
    reason: str
    since: float
    live: bool
    rev: int


class Change(NamedTuple):
    """A verdict that an agent reported, in its history."""

    site: str
    check: str
    at: float
    verdict: str
    reason: str
    live: bool
    rev: int


def current(connection: Connection, sites: Iterable[str] = ()) -> list[SiteState]:
    """The state of every site that counts (of these sites, where given), by code."""
    wanted = sorted(sites)
    if not wanted:
        return site_states(connection.execute(_CURRENT))
    found: list[SiteState] = []
    for begin in range(0, len(wanted), _AT_ONCE):
        these = {"codes": wanted[begin : begin + _AT_ONCE]}
        found += site_states(connection.execute(_CURRENT_OF, these))
    return found


def site_states(found: Iterable[Any]) -> list[SiteState]:
    """What whole rows of the table say."""
    made = []
    for row in found:
        # by place: names cost more than the rest of it
        site, since, _, state, reason, cause, sure, evidence, source, word, _, rev = row
        told = (site, state, since, reason, cause, sure, _texts(evidence), source, rev)
        made.append(SiteState(*told, _word(word)))
    return made


def timeline(connection: Connection, site: str, start: float, end: float) -> list[Interval]:
    """Intervals of one site that touch [start, end), uncut, in order."""
    asked = {"code": site, "start": start, "end": end}
    return [_interval(*row) for row in connection.execute(_TIMELINE, asked).all()]


def timelines(
    connection: Connection, sites: Iterable[str], start: float
) -> dict[str, list[Interval]]:
    """The same from `start` on for many sites, by code."""
    t, wanted = states.c, sorted(sites)
    columns = (t.site, *_OF_INTERVAL)
    found: dict[str, list[Interval]] = {code: [] for code in wanted}
    for begin in range(0, len(wanted), _AT_ONCE):
        these = t.site.in_(wanted[begin : begin + _AT_ONCE])
        still = or_(t.until.is_(None), t.until > start)
        query = select(*columns).where(these, still).order_by(t.since)
        for site, *row in connection.execute(query):
            found[site].append(_interval(*row))
    return found


def checks_of(connection: Connection, site: str) -> list[CheckState]:
    """The checks of one site, by name."""
    found = connection.execute(_CHECKS_OF, {"code": site})
    return [CheckState(*row) for row in found]


def sites_with_checks(connection: Connection) -> set[str]:
    """Sites that have a row of any check."""
    return set(connection.execute(select(_C.site).distinct()).scalars())


def checks_named(
    connection: Connection, keys: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], CheckState]:
    """Checks by site and name, of these; those that are not there are left out."""
    wanted = set(keys)
    sites = sorted({site for site, _ in wanted})
    found: dict[tuple[str, str], CheckState] = {}
    for begin in range(0, len(sites), _AT_ONCE):
        these = checks.c.site.in_(sites[begin : begin + _AT_ONCE])
        for row in connection.execute(select(checks).where(these)):
            if (row.site, row.name) in wanted:
                found[row.site, row.name] = CheckState(*row)
    return found


def all_checks(connection: Connection) -> dict[str, list[CheckState]]:
    """The checks of every site, by site code."""
    found: dict[str, list[CheckState]] = {}
    ordered = select(checks).where(checks.c.reason != RETIRED)
    for row in connection.execute(ordered.order_by(checks.c.site, checks.c.name)):
        found.setdefault(row.site, []).append(CheckState(*row))
    return found


def verdicts_of(connection: Connection, site: str, start: float, end: float) -> list[Change]:
    """What the checks of a site reported in [start, end), in order."""
    asked = {"code": site, "start": start, "end": end}
    return [Change(*row) for row in connection.execute(_VERDICTS_OF, asked)]


def open_intervals(connection: Connection) -> dict[str, Interval]:
    """The interval that still holds, by site code."""
    query = select(states.c.site, *_OF_INTERVAL).where(states.c.until.is_(None))
    return {site: _interval(*row) for site, *row in connection.execute(query)}


def ended_at(connection: Connection, sites: Sequence[str]) -> dict[str, float]:
    """When the last closed interval of each site ended; sites without one are left out."""
    found: dict[str, float] = {}
    t = states.c
    for begin in range(0, len(sites), _AT_ONCE):
        these = (t.site.in_(sites[begin : begin + _AT_ONCE]), t.until.is_not(None))
        query = select(t.site, func.max(t.until)).where(*these).group_by(t.site)
        found |= {site: until for site, until in connection.execute(query)}
    return found


def last_reported(
    connection: Connection, sites: Sequence[str]
) -> dict[str, dict[str, tuple[CheckState, Change | None]]]:
    """Checks by site and name, each with the newest verdict its agent reported."""
    found: dict[str, dict[str, tuple[CheckState, Change | None]]] = {site: {} for site in sites}
    for begin in range(0, len(sites), _AT_ONCE):
        these = sites[begin : begin + _AT_ONCE]
        told = {(c.site, c.check): c for c in _newest_verdicts(connection, these)}
        for row in connection.execute(select(checks).where(checks.c.site.in_(these))):
            check = CheckState(*row)
            found[check.site][check.name] = (check, told.get((check.site, check.name)))
    return found


def retired_checks(connection: Connection, sites: Sequence[str]) -> set[tuple[str, str]]:
    """Checks of these sites, by site and name, that nobody looks at any more."""
    found: set[tuple[str, str]] = set()
    t = checks.c
    for begin in range(0, len(sites), _AT_ONCE):
        these = (t.site.in_(sites[begin : begin + _AT_ONCE]), t.reason == RETIRED)
        found.update(
            (site, name) for site, name in connection.execute(select(t.site, t.name).where(*these))
        )
    return found


def save_states(
    connection: Connection,
    gone: Iterable[tuple[str, float]],
    written: Sequence[tuple[str, Interval, int]],
) -> None:
    """Delete rows by (site, since); write (site, interval, rev)."""
    row = (states.c.site == bindparam("code"), states.c.since == bindparam("at"))
    if listed := [{"code": site, "at": since} for site, since in gone]:
        connection.execute(delete(states).where(*row), listed)
    bulk.put(connection, states, [_row(site, interval, rev) for site, interval, rev in written])


def save_checks(connection: Connection, rows: Sequence[CheckState]) -> None:
    flag = bulk.flag(connection)
    made = [
        (site, name, kind, str(verdict), reason, since, flag(live), rev)
        for site, name, kind, verdict, reason, since, live, rev in rows
    ]
    bulk.put(connection, checks, made)


def save_verdicts(connection: Connection, rows: Sequence[Change]) -> None:
    flag = bulk.flag(connection)
    made = [
        (site, check, at, str(verdict), reason, flag(live), rev)
        for site, check, at, verdict, reason, live, rev in rows
    ]
    bulk.put(connection, verdicts, made)


def forget(connection: Connection, before: float) -> int:
    """Remove what ended before; how many rows. What holds still stays, however old."""
    old = states.c.until.is_not(None) & (states.c.until < before)
    gone = connection.execute(delete(states).where(old)).rowcount
    return gone + connection.execute(delete(verdicts).where(verdicts.c.at < before)).rowcount


def _newest_verdicts(connection: Connection, sites: Sequence[str]) -> list[Change]:
    t = verdicts.c
    newest = (
        select(t.site, t.check, func.max(t.at).label("at"))
        .where(t.site.in_(sites))
        .group_by(t.site, t.check)
        .subquery()
    )
    same = and_(t.site == newest.c.site, t.check == newest.c.check, t.at == newest.c.at)
    found = connection.execute(select(verdicts).join(newest, same))
    return [Change(*row) for row in found]


def _interval(*row: Any) -> Interval:
    *plain, evidence, source, word, beneath = row
    return _made(*plain, _texts(evidence), source, _word(word), _beneath(beneath))


@lru_cache(maxsize=4096)
def _texts(told: str) -> tuple[str, ...]:
    """The same few sentences come again and again: a site's past has hundreds of intervals."""
    return tuple(json.loads(told))


def _word(text: str) -> Word | None:
    if not text:
        return None
    told = json.loads(text)
    return Word(**{**told, "evidence": tuple(told["evidence"])})


def _beneath(text: str) -> tuple[Interval, ...]:
    if text == "[]":
        return ()
    made = []
    for told in json.loads(text):
        told["evidence"] = tuple(told["evidence"])
        word = told["word"]
        told["word"] = word and Word(**{**word, "evidence": tuple(word["evidence"])})
        made.append(Interval(**{**told, "beneath": ()}))
    return tuple(made)


def _row(site: str, interval: Interval, rev: int) -> tuple[Any, ...]:
    word = "" if interval.word is None else _json(asdict(interval.word))
    beneath = _json([asdict(piece) for piece in interval.beneath]) if interval.beneath else "[]"
    evidence = _json(interval.evidence) if interval.evidence else "[]"
    since, until, state, *guess = _PLAIN(interval)
    return (site, since, until, str(state), *guess, evidence, interval.source, word, beneath, rev)


def _json(thing: Any) -> str:
    return json.dumps(thing, separators=(",", ":"), ensure_ascii=False)
