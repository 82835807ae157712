"""Alerts that another system's Alertmanager tells: which of them we take, and as what. Pure.

By its labels an alert is known, also when it comes again, or from a second Alertmanager beside the
first. One that came from us is not taken again.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from alerts.incidents import Incident
from collector.printable import on_one_line

# the label that says which centre an alert came from
CENTRE = "ronda_centre"
# how keys and rules of what others found begin
KEY = "foreign:"
RULE = "alertmanager:"
FIRING, RESOLVED = "firing", "resolved"
OVER = "its Alertmanager says that it is over"
FORGOTTEN = "its Alertmanager has not told of it for a day"
SUBJECTS = ("uplink", "hotspot", "service", "power", "device", "agent")
SEVERITIES = ("info", "warning", "critical")
# what else people call what pages
_URGENT = frozenset({"page", "error", "high", "emergency", "disaster"})
_LONGEST_NAME, _LONGEST_WORDS = 80, 500
_NAMING = ("instance", "device", "interface", "job")


class Why(StrEnum):
    """Why an alert is not taken."""

    OWN = "it came from this centre"
    NAMELESS = "it has no label alertname"
    UNKNOWN = "the label site names no active site of the token's areas"
    PLACELESS = "it has no label site, and the token is not for everywhere"
    FULL = "too many alerts of others are open"


@dataclass(frozen=True, slots=True)
class Foreign:
    """One alert of others; `ended_at` None: it goes on."""

    key: str
    site: str
    name: str
    subject: str
    severity: str
    title: str
    words: str
    starts_at: float
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A site by its code of today, and its name; of no site both are empty."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """One alert as the message tells it; times are UTC epoch seconds, 0 where it has none."""

    status: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: float
    ends_at: float


Find = Callable[[str], Place | None]


def judge(told: Told, centre: str, find: Find, everywhere: bool, now: float) -> Foreign | Why:
    """What is taken of it. `find` gives an active site that the token may speak of."""
    given = told.labels
    if given.get(CENTRE) == centre:
        return Why.OWN
    name = one_line(given.get("alertname", ""), _LONGEST_NAME)
    if not name:
        return Why.NAMELESS
    place = find(given["site"]) if given.get("site") else Place("", "")
    if place is None:
        return Why.UNKNOWN
    if not place.code and not everywhere:
        return Why.PLACELESS
    thing = next((given[label] for label in _NAMING if given.get(label)), "")
    started = min(told.starts_at or now, now)
    ended = max(min(told.ends_at or now, now), started) if told.status == RESOLVED else None
    title = ": ".join(part for part in (place.name or thing, name) if part)
    return Foreign(
        key_of(given),
        place.code,
        name,
        given["subject"] if given.get("subject") in SUBJECTS else "service",
        severity(given.get("severity", "")),
        one_line(title, 2 * _LONGEST_NAME),
        words(told.annotations, name, thing),
        started,
        ended,
    )


def key_of(given: Mapping[str, str]) -> str:
    """The same for the same labels; the sender's own fingerprint could be anybody's."""
    text = json.dumps(dict(given), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def severity(given: str) -> str:
    """In our words; what we do not know is a warning."""
    small = given.lower()
    if small in _URGENT:
        return "critical"
    return small if small in SEVERITIES else "warning"


def words(annotations: Mapping[str, str], name: str, thing: str) -> str:
    """What people are told: the alert's name, and its own words for it."""
    said = [annotations.get(key, "") for key in ("summary", "description", "message")]
    lines = list(dict.fromkeys(one_line(text, _LONGEST_WORDS) for text in said if text.strip()))
    # the name in front: no words of others can be taken for the name of a template
    return f"{name}: {chr(10).join(lines) or thing}"[:_LONGEST_WORDS]


def one_line(text: str, most: int) -> str:
    """Without what could forge a line."""
    return on_one_line(text)[:most]


def of_others(one: Incident) -> bool:
    """Whether it began as an alert of others: they have it already."""
    return one.key.startswith(KEY) or f"/{RULE}" in one.parent_kind
