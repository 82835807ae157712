"""What sites and services have in common: the parents that one fault could be the fault of."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection

from alerts.ailments import Ailment
from alerts.faults import SERVICE, Fault, Parent
from collector import inventory
from collector.inventory import Catalogue, Service, Site, Watched, places
from collector.inventory.applying import inside_name
from collector.inventory.store import terms, with_lines
from collector.looking import watched
from collector.promql.store import inventory_mark

ACTIVE = "active"
FEEDER = "feeder"
_NOWHERE = Watched("")


class Census(Mapping[Parent, int]):
    """How many active children each parent has, whatever sort of fault they share it for."""

    def __init__(self, counted: Mapping[Parent, int]) -> None:
        # a Counter would say that everything is in it
        self._counted = dict(counted)

    def __getitem__(self, parent: Parent) -> int:
        return self._counted[Parent(parent.kind.partition("/")[0], parent.name)]

    def __iter__(self) -> Iterator[Parent]:
        return iter(self._counted)

    def __len__(self) -> int:
        return len(self._counted)


class Kinship:
    """Sites, what they share, and how many share it; as of one state of the inventory."""

    def __init__(
        self,
        sites: Iterable[Site],
        services: Sequence[Service],
        watched: Watched = _NOWHERE,
    ) -> None:
        """`watched`: where central services are looked at."""
        self.sites = {site.code: site for site in sites}
        active = [site for site in self.sites.values() if site.lifecycle == ACTIVE]
        self._parents = {site.code: parents_of(site) for site in active}
        self._services, self._watched = Catalogue(services), watched
        # a central one of the same name is what others mean
        names = {one.name for one in self._services.everybody}
        self._local = names - self._services.central.keys()
        self.census = Census(self._count(active))

    def fault(self, ailment: Ailment) -> Fault:
        """What decides whether it is one of many."""
        return Fault(
            ailment.key,
            ailment.site,
            ailment.at,
            ailment.noticed,
            self._shared(ailment),
            # what is of no site shares nothing
            alone=ailment.subject != "uplink" or not ailment.site,
            own=self._own(ailment),
        )

    def suspects(self, since: Mapping[str, float]) -> dict[Parent, list[float]]:
        """By parent: since when its children are suspect, that are not gone yet."""
        found: dict[Parent, list[float]] = {}
        for site, at in since.items():
            for parent in self._parents.get(site, ()):
                found.setdefault(parent, []).append(at)
        return found

    def _shared(self, ailment: Ailment) -> tuple[Parent, ...]:
        if ailment.subject != "uplink":
            parent = self._depended(ailment.check, ailment.site)
            return () if parent is None else (parent,)
        parents = self._parents.get(ailment.site, ())
        if ailment.of_site:
            return parents
        # ailments of another sort gather apart: slow lines do not join the silence of a cut; and
        # what an agent tells of its line it tells with power, so no feeder is to blame for it
        return tuple(
            Parent(f"{kind}/{ailment.rule}", name) for kind, name in parents if kind != FEEDER
        )

    def _own(self, ailment: Ailment) -> Parent | None:
        """Others depend on this very service."""
        if self._of_village(ailment.check, ailment.site):
            return None
        parent = self._service(ailment.check, ailment.site)
        return parent if ailment.check and parent in self.census else None

    def _of_village(self, check: str, site: str) -> bool:
        """A village's own check that has the name of a central service."""
        if check not in self._services.central or self.where(check, site) == site:
            return False
        place = self.sites.get(site)
        return place is not None and check in self._services.of(place)

    def depends_on(self, check: str, site: str) -> str:
        """The name of the service that a check of a site depends on; empty: none is known."""
        name, place = inside_name(check), self.sites.get(site)
        central = self._services.central.get(name)
        if central is not None and self.where(name, site) == site:
            return central.depends_on
        return "" if place is None else self._services.depends_on(name, place)

    def where(self, service: str, site: str) -> str:
        """The site whose agents look at a service that something at `site` depends on."""
        central = self._services.central.get(service)
        return site if central is None else self._watched.where(central)

    def _depended(self, check: str, site: str) -> Parent | None:
        """What a service of a site depends on."""
        depends = self.depends_on(check, site)
        return self._service(depends, site) if check and depends else None

    def _service(self, name: str, site: str) -> Parent:
        # a service that every village has of its own is shared within the village
        return Parent(SERVICE, f"{name}@{site}" if name in self._local else name)

    def _count(self, active: Sequence[Site]) -> Counter[Parent]:
        found: Counter[Parent] = Counter()
        for shared in self._parents.values():
            found.update(shared)
        for central in self._services.central.values():
            if central.depends_on:
                found[self._service(central.depends_on, "")] += 1
        for site in active if self._services.has_dependents else ():
            for name in self._services.of(site):
                if depends := self._services.depends_on(name, site):
                    found[self._service(depends, site.code)] += 1
        return found


def parents_of(site: Site) -> tuple[Parent, ...]:
    """Upstreams, power feeder, and each provider within the district."""
    district = places.district(site.code)
    found = [Parent("upstream", name) for name in site.upstreams]
    if site.power_feeder:
        found.append(Parent("feeder", site.power_feeder))
    found += [Parent("isp", f"{isp}|{district}") for isp in site.isps]
    return tuple(dict.fromkeys(found))


class Kin:
    """The kinship of now; read anew when the inventory changed."""

    def __init__(self) -> None:
        self._mark: object = None
        self._known: Kinship | None = None

    def look(self, connection: Connection) -> Kinship:
        mark = inventory_mark(connection)
        if self._known is None or mark != self._mark:
            self._mark = mark
            services = inventory.services(connection)
            sites = with_lines(inventory.sites(connection), terms(connection))
            self._known = Kinship(sites, services, watched(connection))
        return self._known
