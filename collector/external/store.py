"""What is asked of the tables for the engine: codes of sites, days that may go, and that stay."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, exists, func, or_, select

from collector.db import upsert
from collector.schema import aliases, blocks, days, rollups, sites, stays
from collector.series.rollup_store import DAY_S

_s, _d, _b, _r = stays.c, days.c, blocks.c, rollups.c
# rows are hours, of which a day has 24
_LOOSE = exists().where(
    _b.site_row == _d.site_row, _b.hour >= _d.day * 24, _b.hour <= _d.day * 24 + 23
)


@dataclass(frozen=True, slots=True)
class SiteDay:
    """A packed day of a site; `tries`: so often it was looked for in the engine in vain."""

    site_row: int
    day: int
    version: int
    tries: int


def codes_of(connection: Connection, site_row: int) -> Sequence[str]:
    """The code of the site at this row, and those that lead to it."""
    code = connection.execute(select(sites.c.code).where(sites.c.row == site_row)).scalar()
    if code is None:
        return ()
    old = select(aliases.c.old).where(aliases.c.new == code).order_by(aliases.c.old)
    return [code, *connection.execute(old).scalars()]


def may_go(connection: Connection, before: int, now: float, most: int) -> list[SiteDay]:
    """Packed days before this one to which nothing waits to be added, oldest first, but those
    that were looked for and are not to be looked for again yet."""
    same = and_(_s.site_row == _d.site_row, _s.day == _d.day, _s.version == _d.version)
    query = (
        select(_d.site_row, _d.day, _d.version, func.coalesce(_s.tries, 0))
        .select_from(days.outerjoin(stays, same))
        .where(_d.day < before, or_(_s.again_at.is_(None), _s.again_at <= now), ~_LOOSE)
        .order_by(_d.day, _d.site_row)
        .limit(most)
    )
    return [SiteDay(*row) for row in connection.execute(query)]


def added_to(connection: Connection, before: int, now: float, most: int) -> list[SiteDay]:
    """Days before this one that are only in the engine, and to which something came late; the
    version is the newest part of it."""
    whole = _b.hour // 24
    parts = (
        select(_b.site_row, whole.label("day"), func.max(_b.part).label("part"))
        .where(_b.hour < before * 24)
        .group_by(_b.site_row, whole)
        .subquery()
    )
    p = parts.c
    gone = exists().where(_r.site_row == p.site_row, _r.day == p.day, _r.step_s == DAY_S)
    here = exists().where(_d.site_row == p.site_row, _d.day == p.day)
    same = and_(_s.site_row == p.site_row, _s.day == p.day, _s.version == 0)
    query = (
        select(p.site_row, p.day, p.part, func.coalesce(_s.tries, 0))
        .select_from(parts.outerjoin(stays, same))
        .where(gone, ~here, or_(_s.again_at.is_(None), _s.again_at <= now))
        .order_by(p.day, p.site_row)
        .limit(most)
    )
    return [SiteDay(*row) for row in connection.execute(query)]


def still(connection: Connection, one: SiteDay) -> bool:
    """Whether the day is as it was, and nothing waits to be added to it."""
    query = select(_d.version).where(_d.site_row == one.site_row, _d.day == one.day, ~_LOOSE)
    return connection.execute(query).scalar() == one.version


def put_off(connection: Connection, one: SiteDay, again_at: float, missing: int) -> None:
    """It stays here, and is looked for again then."""
    key = {"site_row": one.site_row, "day": one.day, "version": one.version}
    told = {"tries": one.tries + 1, "again_at": again_at, "missing": missing}
    upsert(stays, [key | told], connection)


def let_go(connection: Connection, site_row: int, day: int) -> None:
    """It does not stay any more."""
    connection.execute(delete(stays).where(_s.site_row == site_row, _s.day == day))


def tidy(connection: Connection) -> int:
    """Forget of days that were forgotten themselves that they stay; how many do."""
    here = exists().where(_d.site_row == _s.site_row, _d.day == _s.day)
    connection.execute(delete(stays).where(~here, _s.version > 0))
    return int(connection.execute(select(func.count()).select_from(stays)).scalar() or 0)
