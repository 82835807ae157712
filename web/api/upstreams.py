"""The tree of upstreams by program: which sites share a POP or tower, or a power feeder."""

from typing import Annotated

from msgspec import Meta, Struct

from collector.db import reading
from collector.inventory.tree import FEEDER, UPSTREAM
from collector.inventory.tree import Branch as Grown
from web.api import cursors, params
from web.api.shapes import Listed, sliced
from web.api.table import EDITORS, Call, Endpoint, Reply
from web.context import centre
from web.inventory import upstreams

_MOST_SITES = 500


class Branch(Struct, frozen=True):
    """What several sites hang on; `sites` are the first 500 by code, `total` counts all."""

    kind: Annotated[str, Meta(extra_json_schema={"enum": [UPSTREAM, FEEDER]})]
    isp: str
    name: Annotated[str, Meta(description="empty: sites of this provider that name none")]
    total: int
    sites: tuple[str, ...]
    alike: Annotated[tuple[str, ...], Meta(description="the same name, written another way")]


def _list(call: Call) -> Reply:
    with reading(centre().store) as connection:
        found = upstreams.seen(connection, call.query.get("area", ""))
    return Reply(sliced(call, found, _branch, lambda one: (one.kind, one.isp, one.name)))


def _branch(one: Grown) -> Branch:
    sites = tuple(site.code for site in one.sites[:_MOST_SITES])
    return Branch(one.kind, one.isp, one.name, len(one.sites), sites, tuple(one.alike))


ENDPOINTS = (
    Endpoint(
        "GET", "/inventory/upstreams", "listUpstreams", "inventory",
        "Which sites share a POP or tower of a provider, or a power feeder", _list,
        gives=Listed[Branch], roles=EDITORS, query=(
            params.AREA, params.cursor(lambda text: cursors.words(3, text)), params.LIMIT,
        ),
    ),
)  # fmt: skip
