"""What happened to a check, with everything around it, and the notices that tell of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from alerts import people, way_back
from alerts.incidents import Incident
from alerts.message import Facts, render, sms
from alerts.notices import OPENED, Draft
from alerts.watch import Scene
from alerts.way_back import WayBack
from collector.cli_common import iso
from collector.inventory import Contact, Site, Uplink
from collector.states import CheckState, SiteState

# a guess is not told as what it was
_SURE = 0.7


@dataclass(frozen=True, slots=True)
class Around:
    """A check with its site, the site's state, and the incident that tells of it already."""

    check: CheckState
    site: Site | None
    state: SiteState | None
    incident: Incident | None
    uplink: Uplink | None = None

    @property
    def scene(self) -> Scene:
        """What the decision needs; a site that left the inventory counts as retired."""
        lifecycle = self.site.lifecycle if self.site is not None else "retired"
        return Scene(lifecycle, self.site_state, self.incident is not None)

    @property
    def site_state(self) -> str:
        # it has just told us of a check: it cannot be unheard of
        return self.state.state if self.state is not None else "normal"


def drafts(
    news: str,
    incident: Incident,
    around: Around,
    contacts: list[Contact],
    zone: ZoneInfo,
    now: float,
    serving: people.Serving = people.WEBHOOKS,
    back: WayBack = way_back.NONE,
) -> Iterator[Draft]:
    """One notice to each person who is told first, by their first way; it knows the others."""
    for contact in people.told_first(contacts, serving):
        ways = people.ways(contact, serving)
        if news != OPENED:
            # nobody is asked to phone because something works again
            ways = [way for way in ways if way[0] != people.PHONE]
        for channel, target in ways[:1]:
            bare = _facts(incident, around, contact, zone, now)
            facts = back.onto(bare, contact, ways, now, asks=news == OPENED)
            body = json.dumps(_body(news, incident, around, contact, facts), ensure_ascii=False)
            yield Draft(incident.id, news, contact.name, channel, target, body, tuple(ways[1:]))


def _facts(
    incident: Incident, around: Around, contact: Contact, zone: ZoneInfo, now: float
) -> Facts:
    check, site, line = around.check, around.site, around.uplink
    assert site is not None
    isp = line.isp if line is not None and line.isp else next(iter(site.isps), "")
    return Facts(
        incident=incident.id,
        check=check.name,
        kind=check.kind,
        site_code=site.code,
        site_name=site.name,
        site_state=around.site_state,
        reason=check.reason,
        zone=zone,
        down_since=incident.down_since,
        now=now,
        resolved_at=incident.resolved_at,
        role=contact.role,
        cause=incident.cause if incident.confidence >= _SURE else "",
        isp=isp,
        isp_phone=line.isp_phone if line is not None else "",
        service_no=line.service_no if line is not None else "",
    )


def _body(
    news: str, incident: Incident, around: Around, contact: Contact, facts: Facts
) -> dict[str, object]:
    check, site = around.check, around.site
    assert site is not None
    return {
        "incident": incident.id,
        "news": news,
        "text": render(news, facts, contact.language),
        "sms": sms(news, facts, contact.language),
        "title": incident.title,
        "subject": incident.subject,
        "severity": incident.severity,
        "state": incident.state,
        "site": {
            "code": site.code,
            "name": site.name,
            "district": site.district,
            "regency": site.regency,
        },
        "check": check.name,
        "kind": check.kind,
        "reason": check.reason,
        "cause": incident.cause,
        "down_since": iso(incident.down_since),
        "opened_at": iso(incident.opened_at),
        "resolved_at": iso(incident.resolved_at),
        "person": contact.name,
        "language": contact.language,
    }
