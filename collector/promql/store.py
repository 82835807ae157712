"""What the query language asks of the tables: sites with their labels, states, late samples."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, func, not_, or_, select

from collector import inventory
from collector.inventory.store import terms, with_lines
from collector.schema import (
    acts,
    agents,
    blocks,
    days,
    foreign_blocks,
    rollups,
    sites,
    states,
    uplinks,
)
from collector.series.days import DAY_S
from collector.series.foreign import DAY_MS
from collector.states import COUNTS, HOLDS

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site as its series know it; `row` is its place in the window and in blocks."""

    row: int
    report_every_s: int
    labels: dict[str, str]


# site, since, until (None: it still holds), state
Spell = tuple[str, float, float | None, str]

# made once: putting a statement together costs more than asking it
_NEWEST_ACT = select(acts.c.id).where(acts.c.verb == "inventory").order_by(acts.c.id.desc())
# each by itself: together they would be looked up row by row
_MARK = select(
    select(func.count()).select_from(sites).scalar_subquery(),
    select(func.max(sites.c.row)).scalar_subquery(),
    _NEWEST_ACT.limit(1).scalar_subquery(),
)
_NEWEST_AGENT = select(func.max(agents.c.rev))
_AT_REV = select(func.count()).select_from(states).where(states.c.rev == bindparam("rev"))
_FROM_REV = (
    select(states.c.site, states.c.since, HOLDS, states.c.state)
    .where(states.c.rev >= bindparam("rev"), or_(HOLDS, not_(COUNTS)))
    .order_by(states.c.rev, HOLDS)
)
_SILENT = select(states.c.site, states.c.since).where(
    states.c.until.is_(None), states.c.state == "unknown"
)


def inventory_mark(connection: Connection) -> tuple[int, int, int]:
    """Something that changes when sites or areas do."""
    count, last, act = connection.execute(_MARK).one()
    return int(count), int(last or 0), int(act or 0)


def site_rows(connection: Connection) -> list[SiteRow]:
    """Every site by its code."""
    areas = inventory.area_names(connection)
    return [
        SiteRow(site.row, site.report_every_s, inventory.labels(site, areas))
        for site in with_lines(inventory.sites(connection), terms(connection))
    ]


def lines(connection: Connection) -> list[tuple[str, str, float | None]]:
    """Site, name and contracted Mbps of every line of the inventory."""
    t = uplinks.c
    found = connection.execute(select(t.site, t.name, t.mbps).order_by(t.site, t.name))
    return [tuple(row) for row in found]


def refused_configurations(connection: Connection) -> set[str]:
    """Sites with an agent that refused the configuration it was given."""
    t = agents.c
    query = select(t.site).where(t.config_error != "", t.state == "active")
    return set(connection.execute(query).scalars())


def newest_agent(connection: Connection) -> int:
    """A number that grows with every change of any agent."""
    return int(connection.execute(_NEWEST_AGENT).scalar() or 0)


def spells(
    connection: Connection, codes: Sequence[str] | None, start: float, end: float
) -> list[Spell]:
    """States that touch [start, end] of these sites (None: of all), in no order."""
    t = states.c
    query = select(t.site, t.since, t.until, t.state).where(
        t.since <= end, or_(t.until.is_(None), t.until > start)
    )
    if codes is None:
        return [tuple(row) for row in connection.execute(query).all()]
    found: list[Spell] = []
    for at in range(0, len(codes), _AT_ONCE):
        these = query.where(t.site.in_(codes[at : at + _AT_ONCE]))
        found += [tuple(row) for row in connection.execute(these).all()]
    return found


def silent_since(connection: Connection) -> dict[str, float]:
    """Sites of which nothing is known now, and since when."""
    return {site: since for site, since in connection.execute(_SILENT)}


def lifecycles(connection: Connection) -> dict[str, str]:
    """By code of a site: planned, active or retired."""
    found = connection.execute(select(sites.c.code, sites.c.lifecycle))
    return {code: lifecycle for code, lifecycle in found}


def states_of(connection: Connection, rev: int) -> int:
    """How many states came or changed at `rev`."""
    return int(connection.execute(_AT_REV, {"rev": rev}).scalar() or 0)


def state_changes(connection: Connection, rev: int) -> list[tuple[str, float, bool, str]]:
    """States that came or changed at `rev` or later, in their order: site, since, does it still
    hold?, state. Of sites that count only what holds, of the others what has ended."""
    rows = connection.execute(_FROM_REV, {"rev": rev})
    return [(site, since, bool(holds), state) for site, since, holds, state in rows]


def states_now(connection: Connection) -> list[tuple[str, float, bool, str]]:
    """The state of every site that has one, as `state_changes` gives it."""
    t = states.c
    query = select(t.site, t.since, t.state).where(t.until.is_(None))
    return [(site, since, True, state) for site, since, state in connection.execute(query)]


def newest_state(connection: Connection) -> int:
    """The highest `rev` of any state, 0 before there is one."""
    return int(connection.execute(select(func.max(states.c.rev))).scalar() or 0)


def rows_with_blocks(
    connection: Connection, rows: Sequence[int], start: float, end: float, late: bool
) -> list[int]:
    """Which of these sites have hours, days or roll-ups that [start, end] touches.

    `late`: only hours of backlogs, for a time so short ago that it is in no packed day.
    """
    b, d, r = blocks.c, days.c, rollups.c
    hours = b.hour.between(int(start // 3600), int(end // 3600))
    whole = d.day.between(int(start // DAY_S), int(end // DAY_S))
    # of days whose numbers are forgotten, or elsewhere
    left = and_(r.step_s == DAY_S, r.day.between(int(start // DAY_S), int(end // DAY_S)))
    found: set[int] = set()
    for at in range(0, len(rows), _AT_ONCE):
        these = rows[at : at + _AT_ONCE]
        query = select(b.site_row).distinct().where(b.site_row.in_(these), hours)
        if late:
            query = query.where(b.part > 0)
        found.update(row for (row,) in connection.execute(query))
        if not late:
            packed = select(d.site_row).distinct().where(d.site_row.in_(these), whole)
            found.update(row for (row,) in connection.execute(packed))
            rolled = select(r.site_row).distinct().where(r.site_row.in_(these), left)
            found.update(row for (row,) in connection.execute(rolled))
    return sorted(found)


def others_with_days(
    connection: Connection, ids: Sequence[int], start_ms: int, end_ms: int
) -> list[int]:
    """Which of these series of others have samples on the days that [start, end] touches."""
    b = foreign_blocks.c
    then = b.day.between(start_ms // DAY_MS, end_ms // DAY_MS)
    found: set[int] = set()
    for at in range(0, len(ids), _AT_ONCE):
        query = select(b.series).distinct().where(b.series.in_(ids[at : at + _AT_ONCE]), then)
        found.update(series for (series,) in connection.execute(query))
    return sorted(found)
