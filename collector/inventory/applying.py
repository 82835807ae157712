"""Which services are looked at where: from a village itself, from a group's rows, from outside.

A row of services names one site, an area, a provider (isp:NAME), a profile (profile:NAME), or
nothing, which is every site. The nearest row of a name counts for a site; without a target it
switches the check off there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from collector.inventory import places, store
from collector.inventory.probes import OUTSIDE, WITH_CONTENTS
from collector.inventory.store import Service, Site

VILLAGE = "desa"
# names the site of the machine the centre runs on, in table meta
OWN_SITE = "own_site"
# settings that hold inside only: its own network, a certificate made at home, a password kept there
_OF_THE_VILLAGE = frozenset({"address", "verify_certificate", "uplink", "login"})
_OF_CONTENTS = frozenset({"gambling", "words", "allowed"})


def scopes_of(site: Site) -> list[str]:
    """Places that a row of services may name and mean this site, the widest first."""
    isps = [f"isp:{isp}" for isp in reversed(site.isps)]
    return ["", f"profile:{site.profile}", *isps, *places.parents(site.code), site.code]


def outside_name(name: str) -> str:
    return f"{OUTSIDE}{name}"


def inside_name(check: str) -> str:
    """The service a check speaks of, from wherever it looks."""
    return check.removeprefix(OUTSIDE)


@dataclass(frozen=True, slots=True)
class Watched:
    """Where the agents stand that look at what is not in their own village."""

    # of those that name no `vantage`: the centre's own machine; "" while it has none
    default: str

    def where(self, service: Service) -> str:
        # rows that were put by programs may name the site itself
        return service.vantage or (service.scope != VILLAGE and service.site) or self.default


class Catalogue:
    """All services, by the place they name."""

    def __init__(self, services: Iterable[Service]) -> None:
        # of villages, wherever they apply
        self.everybody: list[Service] = []
        self._at: dict[str, dict[str, Service]] = {}
        self.central: dict[str, Service] = {}
        self.public: list[Service] = []
        for one in services:
            if one.scope != VILLAGE:
                self.central[one.name] = one
                continue
            self.everybody.append(one)
            self._at.setdefault(one.site, {})[one.name] = one
            if one.public:
                self.public.append(one)

    def of(self, site: Site) -> dict[str, Service]:
        """What the site's own agent would look at, by name; a row without a target included."""
        found: dict[str, Service] = {}
        for scope in scopes_of(site):
            if rows := self._at.get(scope):
                found |= rows
        return found

    def depends_on(self, name: str, site: Site) -> str:
        """What the site's service of this name depends on, by the nearest row that says so."""
        for scope in reversed(scopes_of(site)):
            row = self._at.get(scope, {}).get(name)
            if row is not None and row.depends_on:
                return row.depends_on
        return ""

    @property
    def has_dependents(self) -> bool:
        """Whether any service of a village depends on something."""
        return any(one.depends_on for one in self.everybody)

    def watched_at(self, code: str, watched: Watched) -> list[Service]:
        """Central services that the agents of this site look at, by name."""
        found = [one for one in self.central.values() if watched.where(one) == code]
        return sorted(found, key=lambda one: one.name)

    def seen_from(self, code: str, watched: Watched) -> list[Service]:
        """Services of villages whose public names the agents of this site look at."""
        found = [one for one in self.public if watched.where(one) == code]
        return sorted(found, key=lambda one: (one.site, one.name))


def from_outside(service: Service) -> Service:
    """The same service as everybody else sees it, by its public name."""
    # what the page shows is told by the look from inside, where there is one
    told = service.kind in WITH_CONTENTS and bool(service.target)
    left_out = _OF_THE_VILLAGE | (_OF_CONTENTS if told else frozenset())
    settings = {key: text for key, text in service.settings.items() if key not in left_out}
    if told:
        settings["gambling"] = "false"
    name = outside_name(service.name)
    return replace(service, name=name, target=service.public, settings=settings)


def services_of(connection: Connection, code: str) -> list[Service]:
    """The rows that count for this site, by name; those without a target included."""
    site = store.site(connection, code)
    return [] if site is None else services_for(connection, site)


def services_for(connection: Connection, site: Site) -> list[Service]:
    """The same of a site that is at hand."""
    found = Catalogue(store.services_at(connection, scopes_of(site))).of(site)
    return [found[name] for name in sorted(found)]
