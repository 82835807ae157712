"""Is it known already, do enough people say so, does a probe agree? And when is it over? Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from alerts.citizens.report import KEY, TOPICS, Kind, key

# what an incident must be about to be what a citizen sees, the likeliest first
_FITS = {
    "internet": ("uplink", "power", "hotspot"),
    "app": ("service", "uplink", "power"),
}
# a warning about a certificate is nothing a citizen sees
_TOLD = ("warning", "critical")


@dataclass(frozen=True, slots=True)
class Limits:
    """`reporters` different ones within `within_s` raise an incident; nothing is raised before
    `hold_s`: what a probe sees is told by its own rule first.

    Over: nobody said it for `quiet_s`, or for `handled_s` since somebody handled it.
    """

    reporters: int = 3
    within_s: float = 3600.0
    hold_s: float = 60.0
    quiet_s: float = 12 * 3600.0
    handled_s: float = 1800.0


USUAL = Limits()


class Why(StrEnum):
    """The reason of a decision."""

    SAME = "an open incident of this site explains it"
    ENOUGH = "enough people say the same"
    PROBE = "a probe agrees"
    YOUNG = "rules are given a minute to tell it first"
    ALONE = "nobody else says so yet"
    PLANNED = "planned work"
    IDEA = "a suggestion raises nothing"


class Over(StrEnum):
    """Why what citizens said is over."""

    INCIDENT = "its incident is over"
    HANDLED = "handled, and nobody has complained since"
    QUIET = "nobody has complained for half a day"


@dataclass(frozen=True, slots=True)
class Voice:
    """One report, as far as counting goes."""

    id: int
    kind: str
    reporter: str
    at: float


@dataclass(frozen=True, slots=True)
class Known:
    """An incident that is open at the site."""

    id: int
    key: str
    subject: str
    severity: str
    at: float


@dataclass(frozen=True, slots=True)
class Signs:
    """What probes say of the site: its state, subjects of what is bad there."""

    state: str = "normal"
    bad: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Join:
    """These reports are of this incident."""

    reports: tuple[int, ...]
    incident: int
    why: Why = Why.SAME


@dataclass(frozen=True, slots=True)
class Raise:
    """These reports are an incident of their own, since the first of them."""

    topic: str
    reports: tuple[int, ...]
    since: float
    people: int
    why: Why


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing comes of these yet."""

    reports: tuple[int, ...]
    why: Why


Decision = Join | Raise | Wait


def decide(
    site: str,
    waiting: Sequence[Voice],
    known: Sequence[Known],
    signs: Signs,
    now: float,
    limits: Limits = USUAL,
) -> list[Decision]:
    """What becomes of all reports of one site that wait, topic by topic."""
    found: list[Decision] = []
    if ideas := tuple(one.id for one in waiting if one.kind == Kind.IDEA):
        found.append(Wait(ideas, Why.IDEA))
    for topic in dict.fromkeys(TOPICS.values()):
        if voices := [one for one in waiting if TOPICS.get(Kind(one.kind)) == topic]:
            found.append(_of_topic(site, topic, voices, known, signs, now, limits))
    return found


def _of_topic(
    site: str,
    topic: str,
    voices: Sequence[Voice],
    known: Sequence[Known],
    signs: Signs,
    now: float,
    limits: Limits,
) -> Decision:
    reports = tuple(one.id for one in voices)
    if (same := fitting(site, topic, known)) is not None:
        return Join(reports, same.id)
    if signs.state == "maintenance":
        return Wait(reports, Why.PLANNED)
    fresh = [one for one in voices if 0 <= now - one.at <= limits.within_s]
    people = len({one.reporter or f"#{one.id}" for one in fresh})
    enough = people >= limits.reporters
    if not fresh or not (enough or agrees(topic, signs)):
        return Wait(reports, Why.ALONE)
    since = min(one.at for one in fresh)
    if now - since < limits.hold_s:
        return Wait(reports, Why.YOUNG)
    these = tuple(one.id for one in fresh)
    return Raise(topic, these, since, people, Why.ENOUGH if enough else Why.PROBE)


def fitting(site: str, topic: str, known: Sequence[Known]) -> Known | None:
    """The open incident that explains what is said; what was measured before what was said."""
    subjects = _FITS[topic]
    mine = key(site, topic)
    fit = [
        one
        for one in known
        if one.key == mine
        or (one.subject in subjects and one.severity in _TOLD and not one.key.startswith(KEY))
    ]
    return min(
        fit,
        key=lambda one: (one.key == mine, _place(one.subject, subjects), one.at, one.id),
        default=None,
    )


def _place(subject: str, subjects: Sequence[str]) -> int:
    return subjects.index(subject) if subject in subjects else len(subjects)


def agrees(topic: str, signs: Signs) -> bool:
    """Whether probes see what a single citizen says."""
    if signs.state == "down" or (signs.state == "slow" and topic == "internet"):
        return True
    return bool(signs.bad & frozenset(_FITS[topic]))


@dataclass(frozen=True, slots=True)
class Case:
    """The incident of some reports, and when the newest of them was made.

    `measured_bad`: something else than citizens' word keeps it open; None: nothing else is in it.
    """

    newest: float
    over: bool
    handled_at: float | None
    measured_bad: bool | None = None


def ended(case: Case, now: float, limits: Limits = USUAL) -> Over | None:
    """Whether the reports of an incident are over; None: not yet.

    What a probe began ends when the probe says so; what only people said ends by people.
    """
    if case.over or case.measured_bad is False:
        return Over.INCIDENT
    if case.measured_bad:
        return None
    if case.handled_at is not None:
        quiet = now - max(case.handled_at, case.newest) >= limits.handled_s
        return Over.HANDLED if quiet else None
    return Over.QUIET if now - case.newest >= limits.quiet_s else None
