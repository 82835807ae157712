"""What the inventory says: questions other floors ask of sites, areas, services."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import (
    Column,
    ColumnClause,
    ColumnElement,
    Connection,
    Row,
    Table,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
)

from collector import schema
from collector.inventory import places
from collector.inventory.further import settings_in

# bound parameters a statement may have, with room to spare
_AT_ONCE = 500

# made once: putting a statement together costs as much as asking it
_SITE = select(schema.sites).where(schema.sites.c.code == bindparam("code"))
_SITES_OF = select(schema.sites).where(schema.sites.c.code.in_(bindparam("codes", expanding=True)))
_SERVICES_AT = select(schema.services).where(
    schema.services.c.scope == "desa",
    schema.services.c.site.in_(bindparam("places", expanding=True)),
)
_SEEN_ELSEWHERE = select(schema.services).where(
    (schema.services.c.scope != "desa") | (schema.services.c.public != "")
)
_SEEN_FROM = select(schema.services).where(
    (schema.services.c.vantage == bindparam("code"))
    | ((schema.services.c.site == bindparam("code")) & (schema.services.c.scope != "desa"))
)
_UPLINKS = select(schema.uplinks).where(schema.uplinks.c.site == bindparam("code"))
_DEVICES = (
    select(schema.devices)
    .where(schema.devices.c.site == bindparam("code"))
    .order_by(*schema.devices.primary_key.columns)
)


@dataclass(frozen=True, slots=True)
class Site:
    """A place with an agent; `row` is its place in the window, `isps` main first."""

    code: str
    row: int
    name: str
    district: str
    regency: str
    lat: float | None
    lon: float | None
    isp: str
    upstream: str
    power_feeder: str
    hours: str
    report_every_s: int
    lifecycle: str
    profile: str
    check_every_s: int | None = None
    bytes_per_day: int | None = None

    @property
    def isps(self) -> list[str]:
        return [name for name in self.isp.split("|") if name]

    @property
    def upstreams(self) -> list[str]:
        return [name for name in self.upstream.split("|") if name]

    @property
    def watched(self) -> bool:
        """An agent of this centre stands there, or will."""
        return self.lifecycle in ("planned", "active")


@dataclass(frozen=True, slots=True)
class Uplink:
    """What to tell the provider of a line on the phone."""

    name: str
    isp: str
    service_no: str
    isp_phone: str


@dataclass(frozen=True, slots=True)
class Service:
    """Something people use; `settings` are further settings of its probe, as text."""

    name: str
    site: str
    scope: str
    owner: str
    depends_on: str
    kind: str
    target: str
    public: str = ""
    vantage: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


def site(connection: Connection, code: str) -> Site | None:
    """One site."""
    row = connection.execute(_SITE, {"code": code}).first()
    return None if row is None else Site(**row._mapping)


def sites_of(connection: Connection, codes: Sequence[str]) -> list[Site]:
    """Those of these codes that are there, in any order."""
    found: list[Site] = []
    for begin in range(0, len(codes), _AT_ONCE):
        these = {"codes": codes[begin : begin + _AT_ONCE]}
        found += (Site(**row._mapping) for row in connection.execute(_SITES_OF, these))
    return found


def sites(
    connection: Connection, area: str = "", lifecycle: str = "", only: Iterable[str] = ()
) -> list[Site]:
    """Sites by code; of one area, of one lifecycle, of these codes, where given."""
    table = schema.sites
    statement = select(table).order_by(table.c.code)
    if lifecycle:
        statement = statement.where(table.c.lifecycle == lifecycle)
    if wanted := list(only):
        statement = statement.where(table.c.code.in_(wanted))
    found = (Site(**row._mapping) for row in connection.execute(statement))
    return [one for one in found if not area or places.within(one.code, area)]


def count(connection: Connection) -> int:
    """How many sites there are, or will be: all but those that were given up."""
    query = select(func.count()).where(schema.sites.c.lifecycle != "retired")
    return int(connection.execute(query).scalar_one())


def lies_in(
    column: Column[str] | ColumnClause[str], areas: Sequence[str], sites: Sequence[str]
) -> ColumnElement[bool]:
    """Whether a code in this column is one of these sites or lies in these areas; of neither
    any, everything does."""
    if not areas and not sites:
        return true()
    parts: list[ColumnElement[bool]] = [column.in_(sites)] if sites else []
    for area in areas:
        parts += [column == area, *(column.startswith(area + s, autoescape=True) for s in ".-")]
    return or_(false(), *parts)


def terms(connection: Connection, only: Iterable[str] = ()) -> list[dict[str, Any]]:
    """What the fold goes by of the lines of all sites, or of these, as rows."""
    t = schema.uplinks.c
    picked = (t.site, t.name, t.isp, t.upstream, t.type, t.bill_day, t.ends, t.mbps)
    statement = select(*picked).order_by(t.site, t.name)
    if wanted := list(only):
        statement = statement.where(t.site.in_(wanted))
    return [dict(row._mapping) for row in connection.execute(statement)]


def with_lines(sites: Iterable[Site], lines: Iterable[Mapping[str, Any]]) -> list[Site]:
    """Sites with the providers and upstreams that their lines name, where their own rows name
    none; `lines` as `terms` gives them. Pure."""
    behind: dict[str, list[Mapping[str, Any]]] = {}
    for line in sorted(lines, key=lambda line: line["name"] != "main"):
        behind.setdefault(line["site"], []).append(line)
    return [_filled(site, behind.get(site.code, ())) for site in sites]


def _filled(site: Site, lines: Sequence[Mapping[str, Any]]) -> Site:
    if not lines or (site.isp and site.upstream):
        return site
    isps, upstreams = (
        "|".join(dict.fromkeys(line[column] for line in lines if line[column]))
        for column in ("isp", "upstream")
    )
    return replace(site, isp=site.isp or isps, upstream=site.upstream or upstreams)


def site_rows(connection: Connection) -> dict[str, int]:
    """Where each site stands in the window and in the blocks."""
    table = schema.sites
    return {code: row for code, row in connection.execute(select(table.c.code, table.c.row))}


def area_names(connection: Connection) -> dict[str, str]:
    """The name of every area by its code."""
    table = schema.areas
    return {code: name for code, name in connection.execute(select(table.c.code, table.c.name))}


def names_of(connection: Connection, areas: Iterable[str]) -> dict[str, str]:
    """The names of these areas by code."""
    table, wanted = schema.areas, sorted(areas)
    found: dict[str, str] = {}
    for begin in range(0, len(wanted), _AT_ONCE):
        these = table.c.code.in_(wanted[begin : begin + _AT_ONCE])
        rows = connection.execute(select(table.c.code, table.c.name).where(these))
        found |= {row.code: row.name for row in rows}
    return found


def labels(site: Site, areas: Mapping[str, str] | None = None) -> dict[str, str]:
    """The labels the collector adds to a site's series; `areas` as area_names gives them.

    What the site's own row calls its district and regency, else the names of the areas its code
    lies in. Of several ISPs the main one.
    """
    known = areas or {}
    _, regency, district = places.parents(site.code)
    return {
        "site": site.code,
        "village": _named(known, places.village(site.code)) or site.name,
        "district": site.district or _named(known, district),
        "regency": site.regency or _named(known, regency),
        "isp": next(iter(site.isps), ""),
        "upstream": next(iter(site.upstreams), ""),
    }


def main_uplink(connection: Connection, site: str) -> Uplink | None:
    """The line called main, else the first of the site's."""
    return main_uplinks(connection, [site]).get(site)


def main_uplinks(connection: Connection, sites: Iterable[str]) -> dict[str, Uplink]:
    """The same for many sites, by code; those without a line are left out."""
    table, wanted = schema.uplinks, sorted(sites)
    asked = select(table.c.site, table.c.name, table.c.isp, table.c.service_no, table.c.isp_phone)
    found: dict[str, Uplink] = {}
    for begin in range(0, len(wanted), _AT_ONCE):
        these = asked.where(table.c.site.in_(wanted[begin : begin + _AT_ONCE]))
        for row in connection.execute(these.order_by(table.c.site, table.c.name)):
            line = Uplink(row.name, row.isp, row.service_no, row.isp_phone)
            if row.site not in found or line.name == "main":
                found[row.site] = line
    return found


def services_at(connection: Connection, scopes: Iterable[str]) -> list[Service]:
    """Services of villages whose rows name one of these places."""
    asked = {"places": list(scopes)}
    return [_service(row) for row in connection.execute(_SERVICES_AT, asked)]


def services_seen_elsewhere(connection: Connection) -> list[Service]:
    """Central services, and those of villages that have a public name."""
    return [_service(row) for row in connection.execute(_SEEN_ELSEWHERE)]


def services_seen_from(connection: Connection, code: str) -> list[Service]:
    """Those of them that may be looked at from this site because a row names it."""
    return [_service(row) for row in connection.execute(_SEEN_FROM, {"code": code})]


def devices_of(connection: Connection, site: str) -> list[dict[str, Any]]:
    """The devices of a site by name, as rows."""
    return [dict(row._mapping) for row in connection.execute(_DEVICES, {"code": site})]


def uplinks_of(connection: Connection, site: str) -> list[dict[str, Any]]:
    """The lines of a site as rows, the one called main first."""
    found = [dict(row._mapping) for row in connection.execute(_UPLINKS, {"code": site})]
    return sorted(found, key=lambda row: (row["name"] != "main", row["name"]))


def services(connection: Connection) -> list[Service]:
    """All services."""
    table = schema.services
    ordered = select(table).order_by(table.c.name, table.c.site)
    return [_service(row) for row in connection.execute(ordered)]


def rows_of(
    connection: Connection, table: Table, where: ColumnElement[bool] | None = None
) -> list[dict[str, Any]]:
    """Every row (or those that match) of one table of the inventory, by its key."""
    ordered = select(table).order_by(*table.primary_key.columns)
    if where is not None:
        ordered = ordered.where(where)
    return [dict(row._mapping) for row in connection.execute(ordered)]


def _service(row: Row[Any]) -> Service:
    values = dict(row._mapping)
    return Service(**{**values, "settings": settings_in(values["settings"])})


def _named(areas: Mapping[str, str], code: str) -> str:
    """An area made from a site's code has no name yet but its code."""
    name = areas.get(code, "")
    return "" if name == code else name
