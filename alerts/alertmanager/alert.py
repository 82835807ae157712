"""An incident as an alert of Alertmanager, and what has to be sent so that it knows ours. Pure.

Alertmanager knows an alert by its labels: with other labels it is another alert, and the one before
has to be ended.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.alertmanager.foreign import CENTRE
from alerts.citizens.report import KEY as CITIZENS
from alerts.incidents import Incident
from alerts.message import SURE
from alerts.sources import BACKUP, BLIND, STRANGE
from collector.cli_common import iso

# without word from us for so many rounds, Alertmanager takes it for over
ROUNDS = 10
_LONGEST = 200
_OF_SITE = "site:"
_NAMES = {
    _OF_SITE: "SiteDown",
    BLIND: "CentreBlind",
    BACKUP: "CentreBackup",
    STRANGE: "StrangeHostKey",
    CITIZENS: "CitizensReport",
}
_PARENTS = {"upstream": "upstream", "isp": "isp"}


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; `starts_at` is UTC epoch seconds."""

    incident: int
    labels: Mapping[str, str]
    starts_at: float
    annotations: Mapping[str, str]
    link: str = ""

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.labels)

    def told(self, ends_at: float) -> dict[str, Any]:
        """As `POST /api/v2/alerts` takes it."""
        body: dict[str, Any] = {
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
            "startsAt": iso(self.starts_at),
            # one that ends before it begins is refused
            "endsAt": iso(max(ends_at, self.starts_at)),
        }
        return body | ({"generatorURL": self.link} if self.link else {})


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send: alerts that go on, and ended ones; `new`: those not written down yet."""

    going: Sequence[Alert]
    ended: Sequence[Alert]
    new: Sequence[Alert]


def plan(wanted: Sequence[Alert], there: Sequence[Alert], everything: bool) -> Plan:
    """`there` is what Alertmanager may hold; without `everything` only what differs."""
    known = {one.fingerprint for one in there}
    now = {one.fingerprint for one in wanted}
    new = [one for one in wanted if one.fingerprint not in known]
    ended = [one for one in there if one.fingerprint not in now]
    return Plan(wanted if everything else new, ended, new)


def labels(one: Incident, places: Mapping[str, str], centre: str) -> dict[str, str]:
    """What it is known by: only what seldom changes while it is open; what is empty is left out."""
    kind, _, rule = one.parent_kind.partition("/")
    called = one.parent.partition("|")[0].partition("@")[0]
    found = {
        "alertname": one.rule or rule or _name(one),
        "incident": str(one.id),
        "severity": one.severity,
        "subject": one.subject,
        "check": one.check,
        # a guess comes and goes
        "cause": one.cause if one.confidence >= SURE else "",
        "parent": called,
        **places,
        CENTRE: centre,
    }
    if name := _PARENTS.get(kind):
        found[name] = called
    return {key: text[:_LONGEST] for key, text in found.items() if text}


def fingerprint(told: Mapping[str, str]) -> str:
    """The same for the same labels."""
    text = json.dumps(dict(told), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _name(one: Incident) -> str:
    if one.parent:
        return "ManySites"
    return next((name for key, name in _NAMES.items() if one.key.startswith(key)), "Incident")
