"""Which changes of a check's verdict are news: a pure decision, with its reason in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from collector.states import RETIRED, CheckState


class Action(StrEnum):
    """What to do about one check."""

    OPEN = "open"
    RESOLVE = "resolve"
    CLOSE = "close"  # resolve, and tell nobody
    WAIT = "wait"  # look again later
    NOTHING = "nothing"


class Why(StrEnum):
    """The reason of a decision, as the console shows it."""

    BAD = "the check is bad"
    GOOD = "the check is good again"
    NOT_YET = "not bad for long enough"
    EXPLAINED = "explained by the state of the site"
    PAST = "told by a backlog: the past pages nobody"
    UNKNOWN = "nobody could look"
    TOLD = "there is an incident already"
    QUIET = "good, as before"
    NOT_ACTIVE = "the site is not active"
    RETIRED = "nobody checks it any more"


@dataclass(frozen=True, slots=True)
class Decision:
    action: Action
    why: Why


# in these states the site itself is the news, not what stands behind it
_EXPLAINS = frozenset({"down", "unknown", "maintenance"})


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known around a check: its site's lifecycle and state, and whether it is told of."""

    lifecycle: str
    site_state: str
    open: bool  # an incident of this check is open


def decide(check: CheckState, scene: Scene, now: float, hold_s: float = 0.0) -> Decision:
    """What to do about `check` as it stands at `now`; bad must have lasted `hold_s`."""
    if scene.open:
        return _told(check, scene)
    if check.verdict != "bad":
        return Decision(Action.NOTHING, Why.UNKNOWN if check.verdict == "unknown" else Why.QUIET)
    if scene.lifecycle != "active":
        return Decision(Action.NOTHING, Why.NOT_ACTIVE)
    if not check.live:
        return Decision(Action.NOTHING, Why.PAST)
    if scene.site_state in _EXPLAINS:
        return Decision(Action.WAIT, Why.EXPLAINED)
    if now - check.since < hold_s:
        return Decision(Action.WAIT, Why.NOT_YET)
    return Decision(Action.OPEN, Why.BAD)


def _told(check: CheckState, scene: Scene) -> Decision:
    if scene.lifecycle != "active":
        return Decision(Action.CLOSE, Why.NOT_ACTIVE)
    if check.reason == RETIRED:
        return Decision(Action.CLOSE, Why.RETIRED)
    if check.verdict == "good":
        # what a backlog tells is over: the incident ends, no message follows it
        action = Action.RESOLVE if check.live else Action.CLOSE
        return Decision(action, Why.GOOD)
    return Decision(Action.NOTHING, Why.TOLD if check.verdict == "bad" else Why.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Nature:
    """What an incident of a kind of check is about, and the first guess at its cause."""

    subject: str
    severity: str
    cause: str = ""
    confidence: float = 0.0


_OTHER = Nature("service", "warning")
_NATURES: Mapping[str, Nature] = {
    "http": Nature("service", "critical", "app", 0.5),
    "tcp": Nature("service", "critical", "app", 0.4),
    "service": Nature("service", "critical", "app", 0.6),
    "dns": Nature("uplink", "critical", "dns", 0.6),
    "ping": Nature("uplink", "warning"),
    "known": Nature("uplink", "critical", "suspended", 0.5),
}


def nature(kind: str) -> Nature:
    """Subject, severity and first cause of an incident about a check of this kind."""
    return _NATURES.get(kind, _OTHER)
