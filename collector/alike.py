"""Configurations of many sites at once: those that are equal but for the site are made once.

A country has 83,763 sites and some dozens of configurations. `config.agent_config` stays the one
place that says what is in them; here stands only which sites are alike.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from collector import inventory, measuring, tunnels, vocabularies
from collector.config import TAG_CHARS, etag, spelled
from collector.db import meta_get
from collector.inventory import Site, places
from collector.inventory.applying import OWN_SITE, scopes_of
from collector.passwords import MARKS
from collector.settings import Settings

Table = Mapping[str, Any]
Build = Callable[[Connection, str, Settings], dict[str, Any]]
# of each check, by the other site that it is about, if any, and its name
Kinds = Mapping[tuple[str, str], str]

# where contracts and agents differ more than this, the rest are made one by one
_MOST_SHARED = 2000
# sites whose checks are called alike share what tells their kinds
_MOST_KINDS = 5000
# what of a site's row no configuration goes by; another column may count until it stands here
_NOWHERE: dict[str, Any] = {
    "code": "",
    "row": 0,
    "name": "",
    "district": "",
    "regency": "",
    "lat": None,
    "lon": None,
    "upstream": "",
    "power_feeder": "",
    "hours": "",
}


class Shared:
    """What sites that are alike are told; each has a tag of its own, since it names its site."""

    __slots__ = ("_head", "_tail", "kinds", "table")

    def __init__(self, table: Table, kinds: Kinds, head: str, tail: str) -> None:
        self.table, self.kinds = table, kinds
        self._head, self._tail = hashlib.sha256(head.encode()), tail.encode()

    def etag(self, code: str) -> str:
        made = self._head.copy()
        made.update(json.dumps(code).encode() + self._tail)
        return made.hexdigest()[:TAG_CHARS]

    def table_of(self, code: str) -> Table:
        """The configuration as it is sent: there is no password in it."""
        return {**self.table, "site": code}


class Single:
    """The tag of a site that is like no other; its configuration is made when it is sent."""

    __slots__ = ("_etag", "kinds")

    def __init__(self, tag: str, kinds: Kinds) -> None:
        self._etag, self.kinds = tag, kinds

    def etag(self, code: str) -> str:
        return self._etag


Told = Shared | Single
# what decides, of a site that has nothing of its own
_Key = tuple[Site, int, tuple[str, ...], tuple[str, ...], str]


@dataclass(slots=True)
class World:
    """What was found of everybody; good until somebody changes what may concern everybody.

    Filled by one thread at a time.
    """

    read: bool = False
    # places that rows of services name, areas and providers among them
    placed: Collection[str] = frozenset()
    # sites that look at what is elsewhere, or whose devices are reached by a tunnel
    special: Collection[str] = frozenset()
    offsets: dict[str, int] = field(default_factory=dict)
    # None: what they are told names a site in other places, too, or needs a password
    shared: dict[_Key, Shared | None] = field(default_factory=dict)
    kinds: dict[tuple[tuple[tuple[str, str], str], ...], Kinds] = field(default_factory=dict)


def kinds_of(table: Table) -> dict[tuple[str, str], str]:
    """The kind of each check of a configuration."""
    checks = table.get("checks", ())
    return {(check.get("site", ""), check["name"]): check["kind"] for check in checks}


class Alike:
    """Makes what sites are told."""

    def __init__(self, settings: Settings, build: Build) -> None:
        self._settings, self._build = settings, build

    def tell(
        self, connection: Connection, codes: Sequence[str], world: World
    ) -> Iterator[tuple[str, Told]]:
        """By code; sites that are not there are left out."""
        if not world.read:
            self._look(connection, world)
        said = vocabularies.at_all(connection, codes)
        lines = measuring.lines_of(connection, codes, self._settings)
        for site in inventory.sites_of(connection, codes):
            code = site.code
            if code in world.special or code in world.placed:
                yield code, self._single(connection, code, world)
                continue
            checks = measuring.check_for(lines.get(code, []), site, self._settings)
            yield code, self._told(connection, site, said.get(code, []), checks, world)

    def _look(self, connection: Connection, world: World) -> None:
        own = meta_get(connection, OWN_SITE)
        world.placed = inventory.places_of_services(connection)
        world.special = inventory.vantages(connection) | {own}
        if self._settings.tunnel_ssh:
            world.special |= tunnels.sites(connection)
        world.read = True

    def _told(
        self,
        connection: Connection,
        site: Site,
        said: list[str],
        checks: list[dict[str, Any]],
        world: World,
    ) -> Told:
        scopes = tuple(scope for scope in scopes_of(site) if scope in world.placed)
        plain = replace(site, **_NOWHERE)
        key = (plain, self._offset(site.code, world), scopes, tuple(said), json.dumps(checks))
        if key not in world.shared and len(world.shared) < _MOST_SHARED:
            world.shared[key] = self._shared(connection, site.code, world)
        return world.shared.get(key) or self._single(connection, site.code, world)

    def _offset(self, code: str, world: World) -> int:
        province = code[:2]
        if province not in world.offsets:
            zone = places.zone(code, self._settings.timezone)
            world.offsets[province] = measuring.offset_s(zone)
        return world.offsets[province]

    def _shared(self, connection: Connection, code: str, world: World) -> Shared | None:
        table = self._build(connection, code, self._settings)
        parts = spelled(table).split(json.dumps(code))
        if MARKS in table or len(parts) != 2:
            return None
        return Shared(table, _kept(kinds_of(table), world), *parts)

    def _single(self, connection: Connection, code: str, world: World) -> Single:
        table = self._build(connection, code, self._settings)
        return Single(etag(table), _kept(kinds_of(table), world))


def _kept(kinds: dict[tuple[str, str], str], world: World) -> Kinds:
    if len(world.kinds) >= _MOST_KINDS:
        world.kinds.clear()
    return world.kinds.setdefault(tuple(kinds.items()), kinds)
