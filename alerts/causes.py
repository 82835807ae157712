"""The first cause of an incident: what the collector thinks of its site, else what it is about."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alerts.ailments import Ailment
from alerts.faults import SERVICE, Parent
from collector.states import SiteState

# what a parent of many stands for when its members have no word of their own
_OF_PARENT = {"upstream": "isp", "isp": "isp", "feeder": "power", SERVICE: "server"}
_OF_SUBJECT = {"uplink": "isp", "hotspot": "wifi", "service": "app", "power": "power"}
_OF_KIND: Mapping[str, tuple[str, float]] = {
    "http": ("app", 0.5),
    "tcp": ("app", 0.4),
    "service": ("app", 0.6),
    "dns": ("dns", 0.6),
    "known": ("suspended", 0.5),
}


@dataclass(frozen=True, slots=True)
class Guess:
    """A cause, how sure we are (0 to 1), and what speaks for it."""

    cause: str = ""
    confidence: float = 0.0
    evidence: tuple[str, ...] = ()


def of_one(ailment: Ailment, state: SiteState | None) -> Guess:
    """Of a site that is gone as its state has it; of anything else by what it is about."""
    if ailment.of_site and state is not None:
        return of_state(state)
    cause, confidence = _OF_KIND.get(ailment.kind, (_OF_SUBJECT.get(ailment.subject, ""), 0.3))
    said = (ailment.reason,) if ailment.reason else ()
    return Guess(cause, confidence if cause else 0.0, said)


def of_state(state: SiteState) -> Guess:
    return Guess(state.cause, state.confidence, state.evidence)


def of_several(parent: Parent, states: Sequence[SiteState]) -> Guess:
    """What most of the members have, with the evidence of the surest; else what the parent says."""
    named = Counter(state.cause for state in states if state.cause not in ("", "unknown"))
    if not named:
        kind = parent.kind.partition("/")[0]
        line = f"many of {parent.name.partition('|')[0]} fell together"
        return Guess(_OF_PARENT.get(kind, ""), 0.4, (line,))
    cause, _ = named.most_common(1)[0]
    surest = max((s for s in states if s.cause == cause), key=lambda one: one.confidence)
    return Guess(cause, surest.confidence, surest.evidence)
