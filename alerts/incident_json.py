"""An incident as JSON tells it: to commands, to programs, to webhooks. Pure."""

from collections.abc import Iterable
from typing import Any

from alerts.climbing import ladder_of
from alerts.escalation import deadline_at
from alerts.incidents import Incident
from alerts.members import Member
from collector.cli_common import iso
from collector.settings import Settings

# of a storm over the whole country nobody reads more
MOST_SITES = 5000


def sites_of(one: Incident, joined: Iterable[Member]) -> list[str]:
    """The sites that it is about, its own first."""
    return list(dict.fromkeys(s for s in (one.site, *(m.site for m in joined)) if s))


def core(one: Incident, sites: Iterable[str], settings: Settings, now: float) -> dict[str, Any]:
    """What `ronda incidents list --json` promises, without who was told."""
    return {
        "id": one.id,
        "subject": one.subject,
        "title": one.title,
        "cause": one.cause,
        "confidence": one.confidence,
        "evidence": list(one.evidence),
        "severity": one.severity,
        "state": one.state,
        "sites": list(sites)[:MOST_SITES],
        "members": one.members,
        "opened_at": iso(one.opened_at),
        "down_since": iso(one.down_since),
        "acknowledged_by": one.acknowledged_by or None,
        "acknowledged_at": iso(one.acknowledged_at),
        "handled_at": iso(one.handled_at),
        "resolved_at": iso(one.resolved_at),
        "deadline_at": iso(deadline_at(ladder_of(one), now, settings)),
    }


def further(one: Incident) -> dict[str, Any]:
    """The rest of it: the clock, the provider's ticket, what it is part of."""
    return {
        "parent": one.parent or None,
        "rule": one.rule or None,
        "unseen": one.unseen,
        "assigned_to": one.assigned_to or None,
        "paused_at": iso(one.paused_at),
        "paused_why": one.paused_why or None,
        "snoozed_until": iso(one.snoozed_until),
        "ticket": one.ticket or None,
        "ticket_at": iso(one.ticket_at),
        "merged_into": one.merged_into,
    }
