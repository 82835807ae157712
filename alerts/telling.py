"""Who is told what of an incident: the notices that tell of it, each in its reader's language."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from alerts import message, people
from alerts.ailments import Ailment
from alerts.incidents import Incident
from alerts.message import Facts
from alerts.notices import OPENED, RESOLVED, Draft, Notice
from collector import inventory, states
from collector.cli_common import iso
from collector.inventory import Contact, Site, Uplink
from collector.settings import Settings
from collector.states import SiteState

# a guess is not told as what it was
_SURE = 0.7
_PLACES = 3


@dataclass(frozen=True, slots=True)
class Around:
    """What there is to say of a site: its people, its line, its state."""

    site: Site
    contacts: Sequence[Contact] = ()
    uplink: Uplink | None = None
    state: SiteState | None = None

    @property
    def isp(self) -> str:
        return (self.uplink.isp if self.uplink else "") or next(iter(self.site.isps), "")


@dataclass(frozen=True, slots=True)
class Scenery:
    """Sites by code with what there is to say of them, and the names of areas."""

    around: Mapping[str, Around]
    areas: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """An incident with what is told of it now, and where."""

    incident: Incident
    ailments: Sequence[Ailment]
    scenery: Scenery

    def of(self, ailment: Ailment) -> Around | None:
        return self.scenery.around.get(ailment.site)


class Teller:
    """Writes drafts of notices; which channels there are is known from the start."""

    def __init__(self, settings: Settings, serving: people.Serving) -> None:
        self._settings = settings
        self._serving = serving

    def look(
        self, connection: Connection, ailments: Sequence[Ailment], sites: Mapping[str, Site]
    ) -> Scenery:
        """Everything that messages about these need, read at once."""
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
        return Scenery(around, inventory.area_names(connection) if len(listed) > 1 else {})

    def one(self, story: Story, now: float) -> Iterator[Draft]:
        """Of one fault: the people of its site who are told first."""
        ailment = story.ailments[0]
        around = story.of(ailment)
        for contact in people.told_first(around.contacts, self._serving) if around else ():
            yield from self._draft(OPENED, story, [ailment], contact, now)

    def many(self, story: Story, now: float, news: bool = True) -> Iterator[Draft]:
        """Of many: each village once, and the others once about all (not when it is no news)."""
        villages: dict[tuple[str, ...], tuple[Contact, list[Ailment]]] = {}
        others: dict[tuple[str, ...], Contact] = {}
        for ailment in story.ailments:
            around = story.of(ailment)
            for contact in people.told_first(around.contacts, self._serving) if around else ():
                who = (contact.name, *people.ways(contact, self._serving)[0])
                if contact.role == "village":
                    villages.setdefault(who, (contact, []))[1].append(ailment)
                else:
                    others.setdefault(who, contact)
        for contact in others.values() if news else ():
            yield from self._draft(OPENED, story, story.ailments, contact, now, "mass")
        for contact, theirs in villages.values():
            yield from self._draft(OPENED, story, theirs, contact, now)

    def recovered(
        self,
        story: Story,
        told: Iterable[Notice],
        over: Mapping[str, float],
        now: float,
        stragglers: Sequence[Ailment] = (),
    ) -> Iterator[Draft]:
        """To everybody who was told: it is over. `over`: since when, by site.

        People of a village where it is not over hear nothing yet.
        """
        seen: set[tuple[str, str, str]] = set()
        for notice in told:
            body = json.loads(notice.body)
            who = (notice.person, notice.channel, notice.target)
            codes = body.get("sites") or [body["site"]["code"]]
            village = body.get("role") == "village"
            if who in seen or (village and not any(code in over for code in codes)):
                continue
            seen.add(who)
            mass = bool(story.incident.parent) and not village
            theirs = [a for a in story.ailments if mass or a.site in codes]
            reader = Contact(
                "", notice.person, body.get("role", ""), 1, body["language"], *[""] * 5
            )
            at = max((over[code] for code in codes if code in over), default=now)
            text = self._body(
                RESOLVED, story, theirs or story.ailments, reader, now,
                "mass_recovered" if mass else "", at, stragglers,
            )  # fmt: skip
            ways = [way for way in notice.ways if way[0] != people.PHONE]
            if ways:
                (channel, target), *rest = ways
                yield Draft(
                    story.incident.id, RESOLVED, notice.person, channel, target, text, tuple(rest)
                )

    def _draft(
        self,
        news: str,
        story: Story,
        ailments: Sequence[Ailment],
        contact: Contact,
        now: float,
        template: str = "",
    ) -> Iterator[Draft]:
        ways = people.ways(contact, self._serving)
        if ways:
            (channel, target), *rest = ways
            body = self._body(news, story, ailments, contact, now, template)
            yield Draft(story.incident.id, news, contact.name, channel, target, body, tuple(rest))

    def _body(
        self,
        news: str,
        story: Story,
        ailments: Sequence[Ailment],
        contact: Contact,
        now: float,
        template: str = "",
        over_at: float | None = None,
        stragglers: Sequence[Ailment] = (),
    ) -> str:
        incident = replace(story.incident, resolved_at=over_at or story.incident.resolved_at)
        first = ailments[0]
        facts = self._facts(replace(story, incident=incident), ailments, contact, now, stragglers)
        chosen = template or choose(news, incident, first, facts)
        free = first.told.get("message", "") if news == OPENED and not template else ""
        own = free if free and not message.known(free) else ""
        body: dict[str, Any] = {
            "incident": incident.id,
            "news": news,
            "text": message.render(news, facts, contact.language, chosen, own),
            "sms": message.sms(news, facts, contact.language, chosen, own),
            "title": incident.title,
            "subject": incident.subject,
            "severity": incident.severity,
            "state": incident.state,
            "site": _place(story.of(first)),
            "sites": list(dict.fromkeys(a.site for a in ailments))[:500],
            "members": incident.members,
            "check": first.check,
            "kind": first.kind,
            "rule": first.rule,
            "reason": first.reason,
            "cause": incident.cause,
            "down_since": iso(incident.down_since if template else first.at),
            "opened_at": iso(incident.opened_at),
            "resolved_at": iso(incident.resolved_at),
            "person": contact.name,
            "role": contact.role,
            "language": contact.language,
        }
        return json.dumps(body, ensure_ascii=False)

    def _facts(
        self,
        story: Story,
        ailments: Sequence[Ailment],
        contact: Contact,
        now: float,
        stragglers: Sequence[Ailment],
    ) -> Facts:
        incident, first = story.incident, ailments[0]
        around = story.of(first)
        site = around.site if around else None
        state = around.state.state if around and around.state else "normal"
        line = around.uplink if around else None
        zone = inventory.zone(site.code if site else "", self._settings.timezone)
        return Facts(
            incident=incident.id,
            check=first.check,
            kind=first.kind,
            site_code=site.code if site else "",
            site_name=site.name if site else "",
            site_state=state,
            reason=first.reason,
            zone=zone,
            down_since=incident.down_since if len(ailments) > 1 else first.at,
            now=now,
            resolved_at=incident.resolved_at,
            role=contact.role,
            cause=incident.cause if incident.confidence >= _SURE else "",
            isp=around.isp if around else "",
            isp_phone=line.isp_phone if line is not None else "",
            service_no=line.service_no if line is not None else "",
            more={**first.told, **_of_many(story, ailments, stragglers, contact.language)},
        )


def choose(news: str, incident: Incident, ailment: Ailment, facts: Facts) -> str:
    """Which template tells this."""
    if news != OPENED:
        return "recovered"
    if ailment.of_site:
        return {"power": "power", "suspended": "suspended"}.get(incident.cause, "internet")
    if message.known(named := ailment.told.get("message", "")):
        return named
    return message.choose(news, facts)


def _place(around: Around | None) -> dict[str, str]:
    if around is None:
        return {"code": "", "name": "", "district": "", "regency": ""}
    site = around.site
    return {
        "code": site.code,
        "name": site.name,
        "district": site.district,
        "regency": site.regency,
    }


def _of_many(
    story: Story, ailments: Sequence[Ailment], stragglers: Sequence[Ailment], language: str
) -> dict[str, str]:
    """What stands in the places of a message about several sites."""
    incident = story.incident
    if not incident.parent:
        return {"what": ailments[0].title} if not ailments[0].check else {}
    sites = [around.site for a in ailments if (around := story.of(a)) is not None]
    isps = dict.fromkeys(isp for site in sites for isp in site.isps[:1])
    areas = dict.fromkeys(".".join(site.code.split(".")[:3]) for site in sites)
    districts = [story.scenery.areas.get(area, "") or area for area in areas]
    replaced = incident.details.get("replaces", [])
    names = [message.place(site.code, site.name, language) for site in sites]
    return {
        "what": incident.title,
        "parent": incident.parent.partition("|")[0],
        "members": str(incident.members),
        "isp": ", ".join(isps) if len(isps) <= _PLACES else "",
        "districts": _some(districts),
        "replaces": ", ".join(f"#{number}" for number in replaced[:_PLACES]),
        "stragglers": _some([a.title for a in stragglers]),
        **({"place": _some(names)} if len(set(names)) > 1 else {}),
    }


def _some(names: Sequence[str]) -> str:
    """A, B, C + 34."""
    listed = list(dict.fromkeys(names))
    shown = ", ".join(listed[:_PLACES])
    return f"{shown} +{len(listed) - _PLACES}" if len(listed) > _PLACES else shown
