"""What there is to say of the places an incident is about: people, lines, states; read at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from alerts.ailments import Ailment
from alerts.incidents import Incident
from alerts.members import Member
from collector import inventory, states
from collector.inventory import Contact, Site, Uplink, places
from collector.own import CODE
from collector.states import SiteState


@dataclass(frozen=True, slots=True)
class Around:
    """One site: its people, nearest first, its line, its state."""

    site: Site
    contacts: Sequence[Contact] = ()
    uplink: Uplink | None = None
    state: SiteState | None = None

    @property
    def isp(self) -> str:
        return (self.uplink.isp if self.uplink else "") or next(iter(self.site.isps), "")


@dataclass(frozen=True, slots=True)
class Scenery:
    """Sites by code, names of areas, the people of services by the service's name.

    `everywhere`: who hears of what is of no site: every NOC.
    """

    around: Mapping[str, Around]
    areas: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, Sequence[Contact]] = field(default_factory=dict)
    everywhere: Sequence[Contact] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """An incident with what is told of it now, and where."""

    incident: Incident
    ailments: Sequence[Ailment]
    scenery: Scenery

    def of(self, ailment: Ailment) -> Around | None:
        return self.scenery.around.get(ailment.site)

    def contacts(self, ailment: Ailment) -> list[Contact]:
        """Everybody with a part in it, nearest first; of no site: the owners of the service."""
        around = self.of(ailment)
        near = list(around.contacts if around else ())
        if around is None or _of_the_centre(ailment):
            near += [c for c in self.scenery.everywhere if c not in near]
        owners = [c for c in self.scenery.owners.get(ailment.check, ()) if c not in near]
        return [*near, *owners] if around else [*owners, *near]

    def everybody(self) -> list[Contact]:
        """The people of all of it, each once."""
        found = (c for ailment in self.ailments for c in self.contacts(ailment))
        return list(dict.fromkeys(found))


def look(connection: Connection, ailments: Sequence[Ailment], sites: Mapping[str, Site]) -> Scenery:
    """The scenery of these ailments."""
    listed = list({a.site: sites[a.site] for a in ailments if a.site in sites}.values())
    codes = [site.code for site in listed]
    contacts = inventory.contacts_of(connection, listed)
    uplinks = inventory.main_uplinks(connection, codes)
    standing = {one.code: one for one in states.current(connection, codes)} if codes else {}
    around = {
        site.code: Around(
            site, contacts[site.code], uplinks.get(site.code), standing.get(site.code)
        )
        for site in listed
    }
    districts = {places.district(code) for code in codes} if len(codes) > 1 else ()
    areas = inventory.names_of(connection, districts)
    checks = {a.check for a in ailments if a.check}
    scopes = inventory.in_scopes(connection, [f"service:{name}" for name in checks])
    owners = {name: scopes[f"service:{name}"] for name in checks if f"service:{name}" in scopes}
    placeless = any(not a.site or _of_the_centre(a) for a in ailments)
    return Scenery(around, areas, owners, inventory.nocs(connection) if placeless else ())


def _of_the_centre(ailment: Ailment) -> bool:
    """What the centre's own machine sees is everybody's: no area has its code."""
    return ailment.site == CODE


def ghost(incident: Incident, member: Member) -> Ailment:
    """What was wrong, as far as its rows tell."""
    single = not incident.parent
    details = incident.details if single else {}
    return Ailment(
        member.key,
        member.site,
        incident.subject,
        incident.severity,
        member.title,
        member.bad_at,
        member.joined_at,
        rule=incident.rule,
        check=incident.check,
        kind=details.get("kind", ""),
        reason=details.get("reason", ""),
        told=details.get("told", {}),
    )
