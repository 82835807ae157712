"""What a site's time is read from: states, verdicts, samples of uplinks, the inventory. A store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Protocol

from sqlalchemy import Connection, and_, bindparam, func, or_, select

from agent.report import series
from collector import acts, corrections, states
from collector.evidence import lines, spells
from collector.evidence.lines import Line, Verdict
from collector.fold.commit import read_ticks
from collector.inventory import places
from collector.schema import (
    areas,
    checks,
    holidays,
    incidents,
    members,
    services,
    sites,
    uplinks,
    verdicts,
)
from collector.schema import states as state_rows
from collector.states import RETIRED

_AT_ONCE = 500
# every check of a site with what its agent said of it last before a moment
_EARLIER = verdicts.alias()
_LAST = (
    select(func.max(_EARLIER.c.at))
    .where(
        _EARLIER.c.site == checks.c.site,
        _EARLIER.c.check == checks.c.name,
        _EARLIER.c.at < bindparam("moment"),
    )
    .scalar_subquery()
)
_BEFORE = and_(
    verdicts.c.site == checks.c.site,
    verdicts.c.check == checks.c.name,
    verdicts.c.at == _LAST,
)
_CHECKS = (
    select(checks, verdicts.c.verdict.label("said"), verdicts.c.reason.label("because"))
    .select_from(checks.outerjoin(verdicts, _BEFORE))
    .where(checks.c.site == bindparam("code"))
    .order_by(checks.c.name)
)


class Numbers(Protocol):
    """The part of collector.series.history.History that is asked."""

    def range(
        self, site_row: int, names: Sequence[str], start: float, end: float
    ) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A site as the inventory has it now, with its lines, the main one first."""

    code: str
    row: int
    name: str
    district: str
    isps: tuple[str, ...]
    hours: str
    every_s: float
    lifecycle: str
    uplinks: tuple[Mapping[str, Any], ...] = ()

    def zone(self, fallback: str) -> tzinfo:
        return places.zone(self.code, fallback)


def sites_of(connection: Connection, codes: Sequence[str] | None = None) -> list[Place]:
    """Every site that is not only planned (of these, where given), by code."""
    found: list[Place] = []
    lines_by_site = _uplinks(connection, codes)
    for row in _rows(connection, sites, sites.c.code, codes):
        if row["lifecycle"] in ("planned", "centre"):
            continue
        mine = lines_by_site.get(row["code"], [])
        found.append(
            Place(
                row["code"],
                row["row"],
                row["name"],
                row["district"],
                tuple(part for part in row["isp"].split("|") if part),
                row["hours"],
                float(row["report_every_s"]),
                row["lifecycle"],
                tuple(sorted(mine, key=lambda each: (each["name"] != "main", each["name"]))),
            )
        )
    return found


def codes_after(connection: Connection, after: str, limit: int) -> list[str]:
    """The next codes of sites, planned or not, behind one."""
    query = select(sites.c.code).where(sites.c.code > after).order_by(sites.c.code).limit(limit)
    return list(connection.execute(query).scalars())


def known_until(connection: Connection, now: float) -> float:
    """Up to when the centre has seen what it tells of; where it never ran, `now`."""
    newest = read_ticks(connection).newest
    return now if newest is None else min(newest, now)


def lines_of(
    connection: Connection,
    numbers: Numbers | None,
    place: Place,
    begin: int,
    end: int,
    known: float,
) -> list[Line]:
    """Every timeline of a site in [begin, end); none when it did not count at all."""
    # a second more on both sides: a boundary may be rounded into the stretch
    told = states.timeline(connection, place.code, begin - 1, end + 1)
    site = spells.of(told, begin, end, known)
    if not any(spell.counts for spell in site):
        return []
    made = [Line(lines.SITE, "", "", tuple(site))]
    made += _lines_out(numbers, place, site)
    made += _checks(connection, place.code, site)
    return made


def _lines_out(numbers: Numbers | None, place: Place, site: Sequence[spells.Spell]) -> list[Line]:
    if not place.uplinks:
        return []
    if len(place.uplinks) == 1 or numbers is None:
        samples: Mapping[str, Any] = {}
    else:
        names = {_series(each["name"]): each["name"] for each in place.uplinks}
        begin, end = site[0].begin - 2.5 * place.every_s, site[-1].end
        samples = {
            names[name]: list(zip(times.tolist(), values.tolist(), strict=True))
            for name, (times, values) in numbers.range(place.row, list(names), begin, end).items()
        }
    made = []
    for number, each in enumerate(place.uplinks):
        if (mine := samples.get(each["name"])) is not None:
            timeline = lines.uplink(mine, site, place.every_s, main=number == 0)
        elif number == 0:
            timeline = lines.only_uplink(site)
        else:
            timeline = lines.unseen_uplink(site)
        made.append(Line(lines.UPLINK, each["name"], each["isp"], timeline))
    return made


def _checks(connection: Connection, code: str, site: Sequence[spells.Spell]) -> list[Line]:
    begin, end = site[0].begin, site[-1].end
    told: dict[str, list[Verdict]] = {}
    for change in states.verdicts_of(connection, code, begin - 0.5, end):
        told.setdefault(change.check, []).append(Verdict(change.at, change.verdict, change.reason))
    made = []
    for row in connection.execute(_CHECKS, {"code": code, "moment": begin - 0.5}):
        retired = row.since if row.reason == RETIRED else None
        if retired is not None and retired <= begin:
            continue
        mine = [*_first(row, begin), *told.get(row.name, [])]
        timeline = lines.check("", mine, site, row.kind, retired)
        if any(spell.counts for spell in timeline):
            made.append(Line(lines.CHECK, row.name, row.kind, timeline))
    return made


def _first(row: Any, begin: int) -> list[Verdict]:
    """What held when the stretch began."""
    if row.said is not None:
        return [Verdict(begin - 1.0, row.said, row.because)]
    if row.since < begin and row.reason != RETIRED:
        # the verdict that holds since then is older than verdicts are kept
        return [Verdict(begin - 1.0, row.verdict, row.reason)]
    return []


def holidays_of(connection: Connection) -> frozenset[str]:
    """Days without office hours, as 2026-12-25."""
    return frozenset(connection.execute(select(holidays.c.date)).scalars())


def incidents_of(
    connection: Connection, codes: Sequence[str], since: float, until: float
) -> list[Mapping[str, Any]]:
    """Incidents that were opened in [since, until) and are of these sites, or have members there,
    by number."""
    opened = and_(incidents.c.opened_at >= since, incidents.c.opened_at < until)
    opened &= incidents.c.merged_into.is_(None)
    found: dict[int, Mapping[str, Any]] = {}
    for begin in range(0, len(codes), _AT_ONCE):
        some = codes[begin : begin + _AT_ONCE]
        within = select(members.c.incident).where(members.c.site.in_(some))
        mine = or_(incidents.c.site.in_(some), incidents.c.id.in_(within))
        for row in connection.execute(select(incidents).where(opened, mine)).mappings():
            found[row["id"]] = dict(row)
    return [found[number] for number in sorted(found)]


def tickets_of(
    connection: Connection, site: str, begin: float, end: float
) -> list[Mapping[str, Any]]:
    """Incidents of a site, merged ones too, of which the provider gave a ticket and that had not
    ended at `begin` and were there before `end`: an outage of months has its ticket from long ago.
    """
    within = select(members.c.incident).where(members.c.site == site)
    query = select(incidents).where(
        incidents.c.ticket_at.is_not(None),
        incidents.c.down_since < end,
        or_(incidents.c.resolved_at.is_(None), incidents.c.resolved_at >= begin),
        or_(incidents.c.site == site, incidents.c.id.in_(within)),
    )
    return list(map(dict, connection.execute(query.order_by(incidents.c.id)).mappings()))


def ticketed(connection: Connection, after: int) -> tuple[list[tuple[str, float, float]], int]:
    """Sites of incidents with tickets that changed behind a position, from when until when they
    were; and the newest position."""
    top = connection.execute(select(func.max(incidents.c.rev))).scalar() or 0
    where = (incidents.c.rev > after, incidents.c.ticket_at.is_not(None))
    times = (incidents.c.down_since, incidents.c.resolved_at)
    own = select(incidents.c.site, *times).where(*where, incidents.c.site != "")
    joined = select(members.c.site, *times).where(*where, members.c.incident == incidents.c.id)
    found = [
        (site, since, float("inf") if until is None else until)
        for query in (own, joined)
        for site, since, until in connection.execute(query)
    ]
    return found, int(top)


def first_state(connection: Connection, provinces: Sequence[str]) -> float | None:
    """When the first thing that is known of any site in these provinces began."""
    here = func.substr(state_rows.c.site, 1, 2).in_(provinces)
    return connection.execute(select(func.min(state_rows.c.since)).where(here)).scalar()


def provinces(connection: Connection) -> list[str]:
    """The first two digits that codes of sites have."""
    return sorted(connection.execute(select(func.substr(sites.c.code, 1, 2)).distinct()).scalars())


def _uplinks(
    connection: Connection, codes: Sequence[str] | None
) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in _rows(connection, uplinks, uplinks.c.site, codes):
        found.setdefault(row["site"], []).append(row)
    return found


def _rows(
    connection: Connection, table: Any, column: Any, codes: Sequence[str] | None
) -> Iterable[Mapping[str, Any]]:
    query = select(table).order_by(*table.primary_key.columns)
    if codes is None:
        yield from map(dict, connection.execute(query).mappings())
        return
    wanted = sorted(codes)
    for begin in range(0, len(wanted), _AT_ONCE):
        some = query.where(column.in_(wanted[begin : begin + _AT_ONCE]))
        yield from map(dict, connection.execute(some).mappings())


def _series(name: str) -> str:
    return series("ronda_uplink_up", {"uplink": name})


def area_names(connection: Connection) -> dict[str, str]:
    """By code, the areas that somebody named."""
    found = connection.execute(select(areas.c.code, areas.c.name))
    return {code: name for code, name in found if name != code}


def owners(connection: Connection) -> dict[tuple[str, str], str]:
    """Whose a service is, by its name and site; with site "" that of any of its name."""
    table = services.c
    query = select(table.name, table.site, table.owner).where(table.owner != "")
    found: dict[tuple[str, str], str] = {}
    for name, site, owner in connection.execute(query.order_by(table.name, table.site)):
        found[name, site] = owner
        found.setdefault((name, ""), owner)
    return found


def words_on(connection: Connection, site: str) -> dict[float, tuple[str, str]]:
    """Who corrected a cause of a site and why, by when that was said."""
    told = acts.about(connection, site, corrections.VERB, limit=1000)
    return {act.at: (act.by, str(act.body.get("note", ""))) for act in told}


def uplink_rows(
    connection: Connection, codes: Sequence[str] | None = None
) -> list[Mapping[str, Any]]:
    """Every line of the inventory, or of these sites, by site and name."""
    return list(_rows(connection, uplinks, uplinks.c.site, codes))
