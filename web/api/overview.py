"""The whole of what a token sees in one look, and one search through all of it."""

from typing import Annotated

from msgspec import Meta, Struct

from web import overview
from web.api import params
from web.api.shapes import Time, moment
from web.api.table import Call, Endpoint, Reply
from web.context import facts, scope
from web.search import Place, find


class AreaCounts(Struct, frozen=True):
    """One area beneath: its sites in operation, those that are not well, those to come."""

    code: str
    name: str
    total: int
    down: int
    slow: int
    silent: int
    planned: int
    coming: int


class Overview(Struct, frozen=True):
    """Counters as on the first page; `stale`: what is shown is older than it should be."""

    title: str
    counts: Annotated[dict[str, int], Meta(description="sites in operation by state")]
    total: int
    reported: Annotated[int, Meta(description="sites heard in the last two and a half minutes")]
    people: Annotated[int, Meta(description="online at the sites that count them")]
    counted: int
    counted_at: Time
    incidents: Annotated[int, Meta(description="open ones")]
    late: int
    untaken: int
    at: Time | None
    stale: bool
    blind_since: Time | None
    areas: tuple[AreaCounts, ...]


class FoundSite(Struct, frozen=True):
    code: str
    name: str
    where: str
    state: str


class FoundArea(Struct, frozen=True):
    code: str
    name: str


class FoundLine(Struct, frozen=True):
    """A line by its service or contract number."""

    site: str
    site_name: str
    name: str
    isp: str
    service_no: str
    contract_no: str


class FoundPerson(Struct, frozen=True):
    """A contact by a phone number; for who acts."""

    scope: str
    name: str
    role: str
    phone: str


class Found(Struct, frozen=True):
    """What a text is, or is part of; `matching` counts every site, of which 20 are told."""

    incident: int | None
    sites: tuple[FoundSite, ...]
    matching: int
    areas: tuple[FoundArea, ...]
    lines: tuple[FoundLine, ...]
    people: tuple[FoundPerson, ...]


def _look(call: Call) -> Reply:
    seen = overview.look(scope(), overview.chosen(call.query.get("area", "")))
    beneath = (
        AreaCounts(*(getattr(one, name) for name in AreaCounts.__struct_fields__))
        for one in seen.board.areas
    )
    return Reply(
        Overview(
            seen.title,
            dict(seen.counts),
            seen.total,
            seen.reported,
            seen.people,
            seen.counted,
            moment(seen.counted_at),
            seen.open.total,
            seen.open.late,
            seen.open.untaken,
            None if seen.fresh.at is None else moment(seen.fresh.at),
            seen.stale,
            None if seen.blind_since is None else moment(seen.blind_since),
            tuple(beneath),
        )
    )


def _search(call: Call) -> Reply:
    found = find(call.query.get("q", ""), facts().directory(), scope())
    return Reply(
        Found(
            None if found.incident is None else found.incident.id,
            tuple(map(_site, found.sites)),
            found.matching,
            tuple(FoundArea(*one) for one in found.areas),
            tuple(FoundLine(line.site, name, *line[1:]) for line, name in found.lines),
            tuple(FoundPerson(one.scope, one.name, one.role, one.phone) for one in found.people),
        )
    )


def _site(one: Place) -> FoundSite:
    return FoundSite(one.code, one.name, one.where, one.state)


ENDPOINTS = (
    Endpoint(
        "GET", "/overview", "showOverview", "sites", "Counters of all that the token sees, or of "
        "an area of it", _look, gives=Overview, query=(params.AREA,), found=True,
    ),
    Endpoint(
        "GET", "/search", "search", "sites", "A village, a code, a phone, a service number, an "
        "incident", _search, gives=Found, query=(params.words("what to look for"),),
    ),
)  # fmt: skip
