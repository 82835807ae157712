"""The checks of one site's agents: each with what it is told to look at, and whose word it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from collector import agents, inventory, reach, vocabularies
from collector.db import meta_get
from collector.inventory import Catalogue, Service, Site, Watched
from collector.inventory.applying import OWN_SITE, VILLAGE, from_outside, services_for
from collector.inventory.fitting import MOST_WATCHED
from collector.inventory.probes import checks_of

# an agent of a village refuses a configuration with more
MOST_CHECKS = 64
# how often a public name is looked at where the service does not say
OUTSIDE_EVERY_S = 60

Check = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A check as the agent gets it; `of` is the place that the row names, None for a standard one.

    `site` is the village it speaks of, where that is another one; `withheld` says why it is not
    given to the agent at all, `row` is what it was made from.
    """

    check: Check
    of: str | None = None
    site: str = ""
    withheld: str = ""
    row: Service | None = None

    def asking(self, agents_at: str) -> str:
        """The place whose agents look by this row: a village's own row speaks for all of its."""
        own = self.row is not None and self.row.scope == VILLAGE and not self.site
        return self.of or "" if own else agents_at


@dataclass(frozen=True, slots=True)
class Place:
    """A site and what its agents are told by, asked for once: the services whose rows count here,
    the site of the centre's own machine, what the site's agents say they know."""

    site: Site
    services: list[Service]
    own_site: str
    spoken: list[str]

    @property
    def own(self) -> bool:
        """Do the agents stand beside the centre?"""
        return self.site.code == self.own_site


def place_of(connection: Connection, site: Site) -> Place:
    """The same of a site that is at hand."""
    own_site, spoken = meta_get(connection, OWN_SITE), vocabularies.at(connection, site.code)
    return Place(site, services_for(connection, site), own_site, spoken)


def watched(connection: Connection) -> Watched:
    """Where central services and public names are looked at that name no place for it."""
    return Watched(meta_get(connection, OWN_SITE))


def of_services(place: Place) -> list[Told]:
    """What the site's own agents look at; one that comes along never takes a service's name."""
    return _by_name(map(_checks, place.services))


def elsewhere(connection: Connection, place: Place) -> list[Told]:
    """What they look at for others: central services, and the public names of villages.

    Villages that the site's agents were not granted are left out: the centre would refuse all
    their numbers for one name.
    """
    site, default = place.site, Watched(place.own_site)
    # a country has a public name in every village: only the centre's own machine reads them all
    seen = (
        inventory.services_seen_elsewhere(connection)
        if place.own
        else inventory.services_seen_from(connection, site.code)
    )
    catalogue = Catalogue(seen)
    central = _by_name(map(_checks, catalogue.watched_at(site.code, default)))
    found = central + list(_outside(connection, site, catalogue.seen_from(site.code, default)))
    if site.code == default.default:
        # the centre's own machine may reach what strangers may not: see the agent's fence
        found = [replace(one, check={**one.check, "fenced": True}) for one in found]
    return found[:MOST_WATCHED]


def fence(told: Iterable[Told], allow_targets: Iterable[str]) -> dict[str, Any]:
    """What fenced checks need to know; nothing where none is."""
    if not any(one.check.get("fenced") for one in told):
        return {}
    allowed = [str(network) for network in reach.parse(allow_targets)]
    return {"off_limits": reach.off_limits(reach.own_networks()), "allowed": allowed}


def _outside(connection: Connection, site: Site, seen: list[Service]) -> Iterator[Told]:
    if not seen or not (granted := agents.granted(connection, site.code)):
        return
    active = inventory.sites(connection, lifecycle="active", only={one.site for one in seen})
    known = {one.code for one in active if all(one.code in each for each in granted)}
    for service in seen:
        if service.site in known:
            for check in checks_of(from_outside(service)):
                check.setdefault("every_s", OUTSIDE_EVERY_S)
                told = {**check, "site": service.site}
                yield Told(told, service.site, service.site, row=service)


def _checks(service: Service) -> list[Told]:
    return [Told(check, service.site, row=service) for check in checks_of(service)]


def _by_name(found: Iterable[list[Told]]) -> list[Told]:
    """Each name once; one that comes along with another never takes the name of a service."""
    listed = list(found)
    along = {one.check["name"]: one for each in listed for one in each[1:]}
    named = {each[0].check["name"]: each[0] for each in listed if each}
    return list({**named, **along, **named}.values())
