"""What the page behind a message link shows: one incident as one person was told of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from alerts import (
    afterwards,
    chronicle,
    hands,
    incidents,
    members,
    message,
    people,
    photos,
    phrases,
    recipients,
    responsible,
    wording,
)
from alerts.ailments import SITE
from alerts.hindsight import CORRECTED
from alerts.incidents import Incident
from alerts.links import Opened
from collector import inventory, states
from collector.cause import CAUSES
from collector.inventory import Contact, Site, Uplink
from collector.inventory.scope import Scope
from collector.settings import Settings
from web import incident_page, incident_words, labels, tongue, words
from web.fourhours import FourHours, fourhours
from web.tongue import gettext, ngettext

# beside the steps of first aid, in their order: which lamp, which cable
_DRAWINGS = {
    "uplink": ("power", "los", "cable"),
    "silent": ("", "power", "los", "cable"),
    "fiber": ("los",),
}
_MOST_PLACES, _MOST_NUMBERS = 3, 3
# whom a village phones where it is no line: nobody at the provider mends an application
_LINE_LAST = ("noc", "isp", "pln")
_WHOM = {"service": ("noc",), "agent": ("noc", "pln")}


@dataclass(frozen=True, slots=True)
class Call:
    """A provider to phone, and what to say there."""

    isp: str
    phone: str
    say: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What the page shows of one incident to one person."""

    incident: Incident
    person: Contact
    headline: str
    shape: str
    word: str
    place: str
    reason: str
    since: str
    lasted: str
    over_at: str
    cause: str
    guessed: bool
    causes: list[tuple[str, str]]
    holder: str
    mine: bool
    steps: list[str]
    whom: Sequence[str]
    calls: list[Call]
    rooms: list[tuple[str, str]]
    village: list[tuple[str, str]]
    draft: str
    clock: FourHours
    limit: str
    drawings: Sequence[str]
    photos: int
    most_photos: int

    @property
    def back_here(self) -> bool:
        """It goes on elsewhere; in this person's village it was seen good again."""
        return self.shape == "normal" and not self.incident.over and self.person.role == "village"

    @property
    def says_nothing(self) -> bool:
        """It is silence, and neither a fault that cannot be seen nor what a rule says of lines."""
        it = self.incident
        silent = it.key.startswith(SITE) or (bool(it.parent) and "/" not in it.parent_kind)
        return self.shape == "unknown" and silent and not it.unseen


def scene(connection: Connection, opened: Opened, settings: Settings, now: float) -> Scene | None:
    """None where the incident is not there any more."""
    found = incidents.find(connection, opened.incident)
    if found is None:
        return None
    person, language = opened.person, tongue.spoken()
    sites = _sites(connection, found, person)
    zone = inventory.zone(sites[0].code if sites else "", settings.timezone)
    holder = _holder(connection, found)
    until = now if found.resolved_at is None else found.resolved_at
    shape = _shape(connection, found, person)
    clock = fourhours(found, settings.handled_within_s, now)
    about = phrases.closest(language, *_about(found, person))
    return Scene(
        found,
        person,
        incident_words.headline(found),
        "normal" if found.over else shape,
        words.sentence(incident_words.state("resolved"))
        if found.over
        else incident_words.shape_word(shape, found),
        _place(sites, language),
        _reason(found, _state(connection, found.site), language),
        message.local(found.down_since, zone, now, language),
        message.lasted(until - found.down_since, language),
        message.local(until, zone, now, language) if found.resolved_at is not None else "",
        message.cause(found.cause, found.confidence, language),
        CORRECTED not in found.details,
        _causes(found) if afterwards.asks(found, person) else [],
        holder,
        holder == person.name,
        [] if shape == "normal" else _steps(found, person, about),
        _whom(found, person),
        _calls(connection, found, sites),
        _numbers(connection, sites, "noc"),
        [] if wording.wide(found) else _numbers(connection, sites, "village"),
        _draft(connection, found, person, settings, now),
        clock,
        message.local(clock.deadline_at, zone, now, language),
        _DRAWINGS.get(about, ()),
        len(photos.of(connection, found.id)),
        photos.MOST_OF_ONE,
    )


def _steps(found: Incident, person: Contact, about: str) -> list[str]:
    """What to look at there; of what is wide nobody outside of the villages is to ask them."""
    outside = person.role != "village" and wording.wide(found)
    return [] if outside else phrases.first_aid(tongue.spoken(), about)


def _about(found: Incident, person: Contact) -> tuple[str, ...]:
    """What steps of first aid may be for, the closest first: its cause, how it is gone, its sort.

    In one village nobody mends what is wide, but looks whether the mains or the bill is it.
    """
    if person.role == "village" and wording.wide(found):
        return found.cause if found.cause in wording.IN_REACH else "", "wide"
    return found.cause, str(found.details.get("kind", "")), found.subject


def _sites(connection: Connection, found: Incident, person: Contact) -> list[Site]:
    """The site it is about; of many, those that this person of a village was told of, and for
    others those that share what is not wide: one village.
    """
    codes = [found.site] if found.site else []
    if found.parent and person.role == "village":
        codes = recipients.sites_told(connection, found.id, person)
    elif found.parent and not wording.wide(found):
        joined = members.of(connection, [found.id])[found.id]
        codes = list(dict.fromkeys(one.site for one in joined if one.site))
    there = {site.code: site for site in inventory.sites_of(connection, codes[:_MOST_PLACES])}
    return [there[code] for code in codes if code in there]


def _shape(connection: Connection, found: Incident, person: Contact) -> str:
    """As what this person was told of is now; whoever is of no village was told of all."""
    mine = Scope()
    if found.parent and person.role == "village":
        mine = Scope(sites=tuple(recipients.sites_told(connection, found.id, person)))
    standing = members.standing(connection, [found.id], mine)[found.id]
    return incident_words.shape(found, standing.bad, standing.here)


def _state(connection: Connection, site: str) -> str:
    held = states.current(connection, [site]) if site else []
    return str(held[0].state) if held else ""


def _place(sites: Sequence[Site], language: str) -> str:
    if len(sites) != 1:
        return ", ".join(message.place(site.code, site.name, language) for site in sites)
    (site,) = sites
    through = gettext("through %(isp)s", isp=site.isps[0]) if site.isps else ""
    named = message.place(site.code, site.name, language)
    return ", ".join(filter(None, (named, site.district, through)))


def _causes(found: Incident) -> list[tuple[str, str]]:
    """What else it may have been."""
    told = found.cause if found.confidence >= message.SURE else ""
    return [(name, labels.cause(name)) for name in CAUSES if name not in ("unknown", told)]


def _reason(found: Incident, state: str, language: str) -> str:
    """What its message says of why, and of the internet; of a line that is gone nothing."""
    if found.parent or found.over or found.key.startswith(SITE):
        return ""
    why = message.reason(str(found.details.get("reason", "")), language)
    around = "" if found.subject == "uplink" else message.internet(state, language)
    return " ".join(filter(None, (f"{why.rstrip('.')}." if why else "", around)))


def _calls(connection: Connection, found: Incident, sites: Sequence[Site]) -> list[Call]:
    """The provider of each site; whoever is in charge of many: each provider, how many lines."""
    if found.parent and not sites:
        if found.over:
            return []
        joined = members.of(connection, [found.id])[found.id]
        theirs = incident_page.shared(connection, found, joined)
        return [
            Call(one.name, one.phone, ngettext("%(num)s line", "%(num)s lines", one.lines))
            for one in theirs
        ]
    mains = inventory.main_uplinks(connection, [site.code for site in sites])
    return [_call(site, mains[site.code], len(sites) > 1) for site in sites if site.code in mains]


def _call(site: Site, line: Uplink, named: bool) -> Call:
    number = (
        gettext("Service number: %(number)s", number=line.service_no) if line.service_no else ""
    )
    said = f"{site.name}: {number}" if named and number else number
    return Call(line.isp, line.isp_phone, said)


def _whom(found: Incident, person: Contact) -> Sequence[str]:
    """Whom this person is to phone, first who can mend it."""
    outside = responsible.parties(found)
    if person.role != "village":
        # of many nobody there can do anything
        return outside if wording.wide(found) else ("village", *outside)
    if wording.wide(found):
        reach = outside[:1] if found.cause in wording.IN_REACH else ()
        return (*reach, "noc")
    if outside or found.subject == "uplink":
        return (*outside[:1], "noc", *outside[1:])
    return _WHOM.get(found.subject, _LINE_LAST)


def _numbers(connection: Connection, sites: Sequence[Site], role: str) -> list[tuple[str, str]]:
    """Those of a role around the place who have a telephone, nearest first."""
    around = inventory.contacts_for(connection, sites[0]) if sites else []
    found = [(c.name, people.number(c)) for c in around if c.role == role and people.number(c)]
    return found[:_MOST_NUMBERS]


def _draft(
    connection: Connection, found: Incident, person: Contact, settings: Settings, now: float
) -> str:
    """What to tell the provider of many lines: for the control room, which tells it."""
    if not found.parent or person.role != "noc":
        return ""
    return incident_page.draft(connection, found, settings, now)


def _holder(connection: Connection, found: Incident) -> str:
    """Who handled it, else who has it."""
    done = chronicle.last(connection, found.id, hands.HANDLED)
    return done.by if done is not None else found.acknowledged_by
