"""Everything that one incident's page shows, read at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from agent.strict import Refused
from alerts import (
    chronicle,
    hands,
    incidents,
    isp,
    lines,
    members,
    mutes,
    notices,
    people,
    photos,
    recipients,
    responsible,
)
from alerts.chronicle import Line
from alerts.hindsight import CORRECTED
from alerts.incidents import Incident
from alerts.lines import Provider
from alerts.members import Member, Standing
from alerts.notices import Notice
from alerts.photos import Photo
from alerts.planned import Mute
from collector import inventory, menders, states
from collector.inventory import Contact, Site, Uplink
from collector.inventory.scope import Scope
from collector.settings import Settings
from web import incident_words, labels, ruler
from web.fourhours import FourHours, fourhours
from web.unheard import Unheard, unheard

MOST_MEMBERS, MOST_LINES, MOST_NOTICES, MOST_PEOPLE = 200, 300, 200, 100
_MOST_PROVIDERS = 5
_UNFINISHED = ("queued", "claimed")


@dataclass(frozen=True, slots=True)
class Row:
    """One incident in a list."""

    incident: Incident
    headline: str
    district: str
    shape: str
    word: str
    back: str
    clock: FourHours
    zone: ZoneInfo

    @property
    def holder(self) -> str:
        return incident_words.holder(self.incident)


@dataclass(frozen=True, slots=True)
class Part:
    """One member with its site; `state` of the site now."""

    member: Member
    site: Site | None
    state: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Told:
    """One notice; who reads it, and what they are."""

    notice: Notice
    role: str
    sort: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """One incident for one reader: of members and people elsewhere only how many there are.

    What people wrote and photographed is for everybody whom the incident concerns.
    """

    row: Row
    parts: Sequence[Part]
    outside: int
    lines: Sequence[Line]
    told: Sequence[Told]
    told_outside: int
    photos: Sequence[Photo]
    site: Site | None
    line: Uplink | None
    whom: Sequence[str]
    providers: Sequence[Provider]
    draft: str
    mute: Mute | None
    guess: str
    ticket_by: str
    handled_by: str
    stops: Sequence[float]
    unheard: Unheard | None

    @property
    def incident(self) -> Incident:
        return self.row.incident

    @property
    def settles(self) -> bool:
        """It is good again, and waits whether it stays so."""
        bad = any(part.member.good_at is None for part in self.parts)
        return not self.incident.over and not self.incident.parent and bool(self.parts) and not bad


def listed(
    connection: Connection, numbers: Sequence[int], scope: Scope, settings: Settings, now: float
) -> list[Row]:
    """These incidents as rows of a list, for a reader of this scope."""
    found = incidents.some(connection, numbers)
    codes = {one.site for one in found if one.site}
    there = {s.code: s for s in inventory.sites(connection, only=codes)} if codes else {}
    standing = members.standing(connection, numbers, scope)
    return [_row(one, there, standing[one.id], settings, now) for one in found]


def dossier(
    connection: Connection, incident: Incident, scope: Scope, settings: Settings, now: float
) -> Dossier:
    """All of one incident that a reader of this scope may know."""
    joined = members.of(connection, [incident.id])[incident.id]
    mine = [one for one in joined if scope.everything or scope.sees(one.site)]
    shown = mine[:MOST_MEMBERS]
    codes = {one.site for one in shown if one.site} | ({incident.site} - {""})
    there = {s.code: s for s in inventory.sites(connection, only=codes)} if codes else {}
    standing = _states(connection, codes)
    now_are = members.standing(connection, [incident.id], scope)
    said = chronicle.lines(connection, [incident.id], MOST_LINES)[incident.id]
    told = _told(connection, incident.id, scope)
    if told[1]:
        said = [_unnamed(line) for line in said]
    guess = incident.details.get(CORRECTED, {}).get("guess", {}).get("cause", "")
    return Dossier(
        _row(incident, there, now_are[incident.id], settings, now),
        [_part(one, there, standing, settings) for one in shown],
        len(joined) - len(mine),
        said,
        told[0][:MOST_NOTICES],
        told[1] + max(0, len(told[0]) - MOST_NOTICES),
        photos.of(connection, incident.id),
        there.get(incident.site),
        inventory.main_uplink(connection, incident.site) if incident.site else None,
        responsible.parties(incident),
        shared(connection, incident, mine),
        draft(connection, incident, settings, now) if len(mine) == len(joined) else "",
        _mute(connection, incident, now),
        labels.cause(guess),
        _by(said, "ticket"),
        _by(said, hands.HANDLED),
        ruler.stops(incident.opened_at, settings.handled_within_s, said),
        None if told[0] or told[1] else _unheard(connection, incident, joined, settings),
    )


def _unheard(
    connection: Connection, incident: Incident, joined: Iterable[Member], settings: Settings
) -> Unheard | None:
    sites = {one.site for one in joined} | {incident.site}
    return unheard(connection, incident, sites - {""}, settings)


def shared(connection: Connection, incident: Incident, joined: Sequence[Member]) -> list[Provider]:
    """Whose the lines of these members are, where it is the lines of many that are down, and
    theirs to mend."""
    theirs = responsible.ISP in responsible.parties(incident)
    if not incident.parent or incident.subject != "uplink" or not theirs:
        return []
    # of one that is over all that joined: a few that stayed bad have numbers of their own
    codes = {one.site for one in joined if one.good_at is None or incident.over} - {""}
    return [one for one in lines.providers(connection, codes) if one.name][:_MOST_PROVIDERS]


def draft(connection: Connection, incident: Incident, settings: Settings, now: float) -> str:
    """What to tell the provider; empty where there is no one provider to tell, or nothing."""
    theirs = responsible.ISP in responsible.parties(incident)
    if incident.over or incident.subject != "uplink" or not theirs:
        return ""
    try:
        facts, contacts = isp.facts_of(connection, incident, settings, now)
    except Refused:
        return ""
    letter = isp.letter(facts, incident.subject, contacts)
    return letter.text if facts.isp else ""


def helpers(connection: Connection, incident: Incident) -> tuple[list[str], bool]:
    """Who may be asked: people around it, accounts of those who mend; whether there are more."""
    able = menders.at(connection, incident.site, MOST_PEOPLE + 1)
    found = list(dict.fromkeys([*_around(connection, incident), *able]))
    return sorted(found[:MOST_PEOPLE]), len(found) > MOST_PEOPLE


def helps(connection: Connection, incident: Incident, name: str) -> bool:
    """Whether somebody may be asked; those whom no list had room for, too."""
    if name in _around(connection, incident):
        return True
    return bool(name) and bool(menders.at(connection, incident.site, 1, name))


def _around(connection: Connection, incident: Incident) -> list[str]:
    site = inventory.site(connection, incident.site) if incident.site else None
    found: Iterable[Contact] = (
        inventory.contacts_for(connection, site) if site else inventory.nocs(connection)
    )
    return [one.name for one in found if one.role in ("noc", "village", "district", "agency")]


def _row(
    one: Incident,
    sites: Mapping[str, Site],
    standing: Standing,
    settings: Settings,
    now: float,
) -> Row:
    shape = incident_words.shape(one, standing.bad, standing.here)
    site = sites.get(one.site)
    return Row(
        one,
        incident_words.headline(one),
        site.district if site else one.parent.partition("|")[2],
        shape,
        incident_words.shape_word(shape, one),
        incident_words.back(standing.back, one),
        fourhours(one, settings.handled_within_s, now),
        inventory.zone(one.site, settings.timezone) if one.site else ZoneInfo(settings.timezone),
    )


def _part(
    member: Member, sites: Mapping[str, Site], standing: Mapping[str, str], settings: Settings
) -> Part:
    zone = inventory.zone(member.site, settings.timezone)
    return Part(member, sites.get(member.site), standing.get(member.site, ""), zone)


def _states(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    wanted = list(codes)
    found = states.current(connection, wanted) if wanted else []
    return {one.code: str(one.state) for one in found}


def _told(connection: Connection, incident: int, scope: Scope) -> tuple[list[Told], int]:
    """Notices to people the reader may know of; how many others there are."""
    all_of_it = notices.of_incidents(connection, [incident])[incident]
    # people of one name live in many villages
    who = {
        (one.name, address): one
        for one in recipients.of_incident(connection, incident)
        for address in one.addresses
        if address
    }
    mine = []
    for notice in all_of_it:
        person = who.get((notice.person, notice.target))
        near = person is not None and (person.role == "noc" or scope.sees(person.scope))
        if scope.everything or near:
            mine.append(Told(notice, person.role if person else "", _sort(notice)))
    return mine, len(all_of_it) - len(mine)


def _unnamed(line: Line) -> Line:
    """Why somebody was told, without who."""
    if line.verb not in incident_words.NAMING:
        return line
    return replace(line, note=line.note.rpartition(": ")[2])


def _sort(notice: Notice) -> str:
    if notice.state in _UNFINISHED:
        return "waiting"
    if notice.channel == people.PHONE:
        return "phone" if notice.state == notices.TASK else "skipped"
    return notice.state


def _mute(connection: Connection, incident: Incident, now: float) -> Mute | None:
    scopes = {f"incident:{incident.id}", f"site:{incident.site}", f"rule:{incident.rule}"}
    return next((m for m in mutes.in_force(connection, now) if m.scope in scopes), None)


def _by(lines: Sequence[Line], verb: str) -> str:
    return next((line.by for line in reversed(lines) if line.verb == verb), "")
