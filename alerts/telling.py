"""The notices that tell of an incident, each in its reader's language."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from alerts import bodies, escalation, message, of_many, people, villagers, way_back, whom, wording
from alerts.ailments import Ailment
from alerts.incidents import Incident
from alerts.message import Facts
from alerts.notices import OPENED, RESOLVED, Draft, Notice
from alerts.scenery import Story
from alerts.way_back import WayBack
from collector import inventory
from collector.cli_common import iso
from collector.inventory import Contact
from collector.settings import Settings

_MOST_SITES = 500


@dataclass(frozen=True, slots=True)
class Letter:
    """What one message is: its news, template (empty: the incident's own), what else it says.

    `limit`: it warns that the limit is near. `there`: the people of the village, for those
    elsewhere.
    """

    news: str = OPENED
    template: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    limit: bool = False
    there: whom.There | None = None
    not_before: float = 0.0
    resolved_at: float | None = None
    stragglers: Sequence[Ailment] = ()


PLAIN = Letter()


class Teller:
    """Writes drafts of notices; which channels there are is known from the start."""

    def __init__(
        self,
        settings: Settings,
        serving: people.Serving,
        back: WayBack = way_back.NONE,
    ) -> None:
        self.serving = serving
        self._settings, self._back = settings, back

    def draft(
        self,
        story: Story,
        ailments: Sequence[Ailment],
        contact: Contact,
        now: float,
        letter: Letter = PLAIN,
    ) -> Draft | None:
        """A notice to one person, by their first way; None: nobody knows how to reach them."""
        ways = people.ways(contact, self.serving)
        if not ways:
            return None
        (channel, target), *rest = ways
        body = self._body(story, ailments, contact, ways, now, letter)
        return Draft(
            story.incident.id,
            letter.news,
            contact.name,
            channel,
            target,
            body,
            tuple(rest),
            letter.not_before,
        )

    def villages(
        self, story: Story, now: float, resting: frozenset[Contact] = frozenset()
    ) -> Iterator[tuple[Contact, Draft]]:
        """Of many: those told first in each village, a person in charge of several once."""
        found: dict[tuple[str, ...], tuple[Contact, list[Ailment]]] = {}
        for ailment in story.ailments:
            for contact in villagers.first_told(story.contacts(ailment), resting, self.serving):
                who = (contact.name, *people.ways(contact, self.serving)[0])
                found.setdefault(who, (contact, []))[1].append(ailment)
        for contact, theirs in found.values():
            if (draft := self.draft(story, theirs, contact, now)) is not None:
                yield contact, draft

    def nocs(
        self, story: Story, now: float, resting: frozenset[Contact] = frozenset()
    ) -> Iterator[tuple[Contact, Draft]]:
        """Of many: every NOC in whose scope some of it is."""
        near = escalation.awake(story.everybody(), resting)
        for contact in people.told_first(near, self.serving):
            draft = self.of_all(story, contact, now)
            if contact.role == "noc" and draft is not None:
                yield contact, draft

    def of_all(
        self, story: Story, contact: Contact, now: float, letter: Letter = PLAIN
    ) -> Draft | None:
        """To somebody who is of no village: of many in a few words, else of the one fault."""
        if not wording.wide(story.incident):
            return self.draft(story, story.ailments[:1], contact, now, letter)
        return self.draft(story, story.ailments, contact, now, replace(letter, template="mass"))

    def recovered(
        self,
        story: Story,
        told: Iterable[Notice],
        over: Mapping[str, float],
        now: float,
        stragglers: Sequence[Ailment] = (),
    ) -> Iterator[tuple[Contact, Draft]]:
        """To everybody who was told: it is over. `over`: since when, by site.

        People of a village where it is not over hear nothing yet.
        """
        for notice, body in bodies.each_once(told):
            codes = bodies.sites_of(body)
            village = body.get("role") == "village"
            ended = [over[code] for code in codes if code in over]
            if village and not ended:
                continue
            wide = wording.wide(story.incident)
            mass = wide and not village
            letter = Letter(
                RESOLVED,
                "mass_recovered" if mass else "",
                resolved_at=max(ended) if ended and not mass else None,
                # of other villages nobody in this one wants to hear
                stragglers=stragglers if mass or not wide else (),
            )
            yield from self._again(story, notice, body, codes, now, letter)

    def told_on(
        self, story: Story, told: Iterable[Notice], now: float, letter: Letter
    ) -> Iterator[tuple[Contact, Draft]]:
        """To everybody who was told of the beginning: something more."""
        for notice, body in bodies.each_once(told):
            yield from self._again(story, notice, body, bodies.sites_of(body), now, letter)

    def _again(
        self,
        story: Story,
        notice: Notice,
        body: Mapping[str, Any],
        codes: Sequence[str],
        now: float,
        letter: Letter,
    ) -> Iterator[tuple[Contact, Draft]]:
        """To who was told before, by the same ways; nobody is asked to phone for it."""
        ways = [way for way in notice.ways if way[0] != people.PHONE]
        if ways:
            mass = letter.template.startswith("mass")
            theirs = [a for a in story.ailments if mass or a.site in codes] or story.ailments
            reader = Contact(
                str(body.get("scope", "")),
                notice.person,
                str(body.get("role", "")),
                1,
                str(body.get("language", "id")),
                *_NO_WAY,
            )
            text = self._body(story, theirs, reader, ways, now, letter)
            (channel, target), *rest = ways
            number = story.incident.id
            yield (
                reader,
                Draft(number, letter.news, notice.person, channel, target, text, tuple(rest)),
            )

    def words(self, story: Story, now: float, language: str) -> str:
        """What is told to nobody in particular."""
        reader = Contact("", "", "noc", 1, language, *_NO_WAY)
        letter = Letter(template="mass") if wording.wide(story.incident) else PLAIN
        facts = self._facts(story, story.ailments, reader, now, letter)
        chosen, own = _worded(story.incident, story.ailments[0], facts, letter)
        return message.render(letter.news, facts, language, chosen, own)

    def _body(
        self,
        story: Story,
        ailments: Sequence[Ailment],
        contact: Contact,
        ways: Sequence[tuple[str, str]],
        now: float,
        letter: Letter,
    ) -> str:
        over_at = letter.resolved_at or story.incident.resolved_at
        incident, first = replace(story.incident, resolved_at=over_at), ailments[0]
        bare = self._facts(replace(story, incident=incident), ailments, contact, now, letter)
        # who is told of an end need not answer
        asks = letter.news != RESOLVED
        facts = self._back.onto(bare, contact, ways, now, asks)
        chosen, own = _worded(incident, first, facts, letter)
        opened = letter.news == OPENED
        within = wording.within(chosen, letter.limit, contact.role, opened)
        told = (letter.news, facts, contact.language, chosen, own, within)
        body: dict[str, Any] = {
            "incident": incident.id,
            "news": letter.news,
            "text": message.render(*told),
            "sms": message.sms(*told),
            "title": incident.title,
            "subject": incident.subject,
            "severity": incident.severity,
            "state": incident.state,
            "site": bodies.place(story.of(first)),
            "sites": list(dict.fromkeys(a.site for a in ailments))[:_MOST_SITES],
            "members": incident.members,
            "check": first.check,
            "kind": first.kind,
            "rule": first.rule,
            "reason": first.reason,
            "cause": incident.cause,
            "down_since": iso(facts.down_since),
            "opened_at": iso(incident.opened_at),
            "resolved_at": iso(incident.resolved_at),
            **bodies.reader(contact),
            "link": facts.link,
        }
        return json.dumps(body, ensure_ascii=False)

    def _facts(
        self,
        story: Story,
        ailments: Sequence[Ailment],
        contact: Contact,
        now: float,
        letter: Letter,
    ) -> Facts:
        incident, first = story.incident, ailments[0]
        around = story.of(first)
        site = around.site if around else None
        line = around.uplink if around else None
        many = len(ailments) > 1 or letter.template.startswith("mass")
        language = contact.language
        named = bool(letter.template)
        more = {
            **first.told,
            **of_many.values(story, ailments, language, letter.stragglers, named),
            **whom.of_village(letter.there, language),
            "whom": whom.mending(story, ailments, language),
            "district": site.district if site else "",
            **letter.more,
        }
        return Facts(
            incident=incident.id,
            check=first.check,
            kind=first.kind,
            site_code=site.code if site else "",
            site_name=site.name if site else "",
            site_state=around.state.state if around and around.state else "normal",
            reason=first.reason,
            zone=inventory.zone(site.code if site else "", self._settings.timezone),
            down_since=incident.down_since if many else first.at,
            now=now,
            resolved_at=incident.resolved_at,
            role=contact.role,
            cause=incident.cause if incident.confidence >= message.SURE else "",
            isp=around.isp if around else "",
            isp_phone=line.isp_phone if line is not None else "",
            service_no=line.service_no if line is not None else "",
            more=more,
        )


_NO_WAY = [""] * 5


def _worded(incident: Incident, first: Ailment, facts: Facts, letter: Letter) -> tuple[str, str]:
    """The template that tells this, and the rule's own words where they stand in its place."""
    news = OPENED if letter.limit else letter.news
    chosen = letter.template or wording.choose(news, incident, first, facts)
    plain = news == OPENED and not letter.template
    own = first.told.get("message", "") if plain else ""
    ours = message.known(own) or first.of_site or chosen in wording.WIDE
    return chosen, "" if ours else own
