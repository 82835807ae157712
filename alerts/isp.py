"""What a provider is told of a fault: a draft a person sends, never Ronda by itself.

Long outages are as often power, an unpaid bill or a plug as a cut fiber, and the provider's clock
of the contract starts with the report: who reports stands for it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection

from agent.strict import Refused
from alerts import chronicle, lines, members, notices, people
from alerts.channels.config import load, served
from alerts.incidents import Incident
from alerts.lines import Provider
from alerts.message import Facts, render, sms
from alerts.notices import TO_ISP, Draft
from alerts.words import words
from collector import inventory
from collector.inventory import Contact
from collector.settings import Settings

TEMPLATE = "isp"
_THEIRS = frozenset({"fiber", "isp", "backbone", "dns"})
# of the numbers of many lines an SMS has room for
_SMS_NUMBERS_CHARS = 30
_MOST_NAMED = 5


class Why(StrEnum):
    """Whether a fault is the provider's to mend."""

    THEIRS = "the cause is the provider's"
    UNKNOWN = "the cause is not known: look at the power and the lamps first"
    NOT_THEIRS = "the cause is not the provider's"
    NOT_THE_LINE = "it is not about the line"


@dataclass(frozen=True, slots=True)
class Letter:
    """A draft, and whether it should be sent; `lacks` names what the inventory does not know."""

    text: str
    sms: str
    phone: str
    why: Why
    lacks: tuple[str, ...]


def judge(subject: str, cause: str) -> Why:
    """Is this the provider's to mend?"""
    if subject != "uplink":
        return Why.NOT_THE_LINE
    if cause in ("", "unknown"):
        return Why.UNKNOWN
    return Why.THEIRS if cause in _THEIRS else Why.NOT_THEIRS


def letter(facts: Facts, subject: str, contacts: Sequence[Contact], language: str = "id") -> Letter:
    """The message to the provider, with the service number and whom to answer."""
    told = _told(facts, contacts, language)
    lacks = {"service_no": facts.service_no, "isp_phone": facts.isp_phone, "isp": facts.isp}
    return Letter(
        render(TO_ISP, told, language, TEMPLATE),
        sms(TO_ISP, _brief(told), language, TEMPLATE),
        facts.isp_phone,
        judge(subject, facts.cause),
        tuple(name for name, value in lacks.items() if not value),
    )


def drafts(
    facts: Facts, contacts: Sequence[Contact], serving: people.Serving = people.WEBHOOKS
) -> list[Draft]:
    """One notice to each contact `isp:NAME` of the line that is down."""
    theirs = [c for c in contacts if c.role == "isp" and c.scope == f"isp:{facts.isp}"]
    found = []
    for contact in theirs:
        ways = [way for way in people.ways(contact, serving) if way[1]]
        told = _told(facts, contacts, contact.language)
        body = {
            "incident": facts.incident,
            "news": TO_ISP,
            "text": render(TO_ISP, told, contact.language, TEMPLATE),
            "sms": sms(TO_ISP, _brief(told), contact.language, TEMPLATE),
            "title": facts.site_name,
            "person": contact.name,
            "language": contact.language,
        }
        text = json.dumps(body, ensure_ascii=False)
        for channel, target in ways[:1]:
            found.append(
                Draft(facts.incident, TO_ISP, contact.name, channel, target, text, tuple(ways[1:]))
            )
    return found


def send(
    connection: Connection, incident: int, letters: Iterable[Draft], by: str, now: float
) -> int:
    """Queue them, because `by` said so; to how many they go."""
    waiting = list(letters)
    notices.queue(connection, waiting, now)
    if waiting:
        names = ", ".join(draft.person for draft in waiting)
        chronicle.note(connection, incident, now, TO_ISP, names, by)
    return len(waiting)


def tell(
    connection: Connection, incident: Incident, settings: Settings, by: str, now: float
) -> int:
    """Send the letter to the contacts of the line's provider; to how many."""
    facts, contacts = facts_of(connection, incident, settings, now)
    serving = served(load(settings))
    return send(connection, incident.id, drafts(facts, contacts, serving), by, now)


def facts_of(
    connection: Connection, incident: Incident, settings: Settings, now: float
) -> tuple[Facts, list[Contact]]:
    """What a message about an incident of one provider's lines tells, and the people around."""
    if incident.parent:
        return _of_many(connection, incident, settings, now)
    site = inventory.site(connection, incident.site)
    if site is None:
        raise Refused(f"incident {incident.id}", "is not about one site of the inventory")
    line = inventory.main_uplink(connection, site.code)
    facts = replace(
        _facts(incident, settings, site.code, now),
        site_code=site.code,
        site_name=site.name,
        isp=(line.isp if line else "") or next(iter(site.isps), ""),
        isp_phone=line.isp_phone if line else "",
        service_no=line.service_no if line else "",
    )
    return facts, inventory.contacts_for(connection, site)


def _of_many(
    connection: Connection, incident: Incident, settings: Settings, now: float
) -> tuple[Facts, list[Contact]]:
    codes = lines.bad_at(members.of(connection, [incident.id])[incident.id])
    found = lines.providers(connection, codes)
    sites = inventory.sites_of(connection, codes[:1])
    if len(found) != 1 or not found[0].name or not sites:
        raise Refused(f"incident {incident.id}", _whom_to_call(found))
    (theirs,) = found
    facts = replace(
        _facts(incident, settings, sites[0].code, now),
        site_name=incident.title,
        isp=theirs.name,
        isp_phone=theirs.phone,
        service_no=theirs.listed(_SMS_NUMBERS_CHARS),
        more={"members": str(theirs.lines), "service_no": theirs.listed()},
    )
    return facts, inventory.contacts_for(connection, sites[0])


def _facts(incident: Incident, settings: Settings, site: str, now: float) -> Facts:
    zone = inventory.zone(site, settings.timezone)
    since, until = incident.down_since, incident.resolved_at
    return Facts(
        incident.id, incident.check, "", "", "", "", "", zone, since, now, until,
        cause=incident.cause,
    )  # fmt: skip


def _whom_to_call(found: Sequence[Provider]) -> str:
    """Why there is no one draft, and what to do instead."""
    named = [f"{one.name} {one.phone}".strip() for one in found if one.name]
    if not named:
        return "no provider of its sites is in the inventory"
    several = len(named) > 1
    why = "its lines are of several providers" if several else "some of its lines are of nobody"
    return f"{why}: phone {', '.join(named[:_MOST_NAMED])}, PLN 123 where several went at once"


def _told(facts: Facts, contacts: Sequence[Contact], language: str) -> Facts:
    """Without what is ours alone: our links and codes say nothing to a provider."""
    noc = next((people.number(c) for c in contacts if c.role == "noc" and people.number(c)), "")
    more = {**(facts.more or {}), "noc_phone": noc}
    if many := more.get("members"):
        villages = words(language).words["villages"].format(members=many)
        more |= {"place": f"{facts.site_name} ({villages})", "short": facts.site_name}
    return replace(facts, check="", link="", replies=False, more=more)


def _brief(told: Facts) -> Facts:
    """With as many service numbers as an SMS has room for."""
    more = {name: text for name, text in (told.more or {}).items() if name != "service_no"}
    return replace(told, more=more)
