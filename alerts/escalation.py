"""Who must have heard of this incident by now? A pure decision, with its reason.

Rungs, in time since the incident opened: first told -> next in order, every 15 minutes -> district,
60 minutes -> the warning, at 3 h 15 of 4 hours -> the agency, 15 minutes after the warning.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from alerts import people
from alerts.notices import OPENED
from collector.inventory import Contact
from collector.settings import Settings

NOBODY, FIRST, DISTRICT, WARNED, TOP = 0, 1, 100, 200, 300
DEADLINE = "deadline"  # template and news of the warning
# of the time until the deadline: 3 h 15 and 3 h 30 of 4 hours
_WARNED_AT, _TOP_AT = 13 / 16, 14 / 16
# what a village cannot mend stays on the side of the NOC
_OF_THE_NOC = frozenset({"agent"})


class Why(StrEnum):
    """The reason of a decision, as the console shows it."""

    OPENED = "it has just opened"
    UNACKNOWLEDGED = "nobody has said that they have it"
    DEADLINE_NEAR = "the deadline is near, and it is not handled"
    NOT_YET = "the next step is not due"
    INFO = "only for information: it never goes up"
    ACKNOWLEDGED = "somebody has it"
    HANDLED = "it is handled"
    OVER = "it is over"
    PAUSED = "the clock stands: somebody else is waited for"
    SNOOZED = "it is left alone for a while"
    NO_MORE = "everybody has heard"


@dataclass(frozen=True, slots=True)
class Ladder:
    """What of an incident the decision needs; `storm`: it is the fault of many sites."""

    opened_at: float
    rung: int = NOBODY
    severity: str = "critical"
    subject: str = "service"
    storm: bool = False
    acknowledged: bool = False
    handled: bool = False
    over: bool = False
    paused_at: float | None = None
    paused_s: float = 0.0
    snoozed_until: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """These people hear now; then the incident stands on `rung`. Ask again at once: there may be
    another step due.

    `template`: empty is the incident's own. `following` are those who come next, at `next_at`;
    `above` all who may still come, in their order.
    """

    people: tuple[Contact, ...]
    template: str
    rung: int
    next_at: float | None
    why: Why
    news: str = OPENED
    following: tuple[Contact, ...] = ()
    above: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nobody more hears before `until`; None: not before something changes."""

    until: float | None
    why: Why


@dataclass(frozen=True, slots=True)
class _Rung:
    number: int
    after_s: float
    people: tuple[Contact, ...]


def due(
    ladder: Ladder,
    contacts: Sequence[Contact],
    now: float,
    settings: Settings,
    serving: people.Serving = people.WEBHOOKS,
    resting: frozenset[Contact] = frozenset(),
) -> Step | Nothing:
    """Who hears next; `contacts` nearest first, `resting` those of them who are off duty."""
    if (stands := _stands(ladder, now)) is not None:
        return stands
    rungs = _unheard(_rungs(ladder, contacts, settings, serving, resting), serving)
    above = _above(ladder, rungs)
    if ladder.rung != NOBODY and ladder.severity == "info":
        return Nothing(None, Why.INFO)
    ran_s = ran(ladder, now)
    reached = _together([rung for rung in above if rung.after_s <= ran_s])
    if not reached:
        return _later(ladder, above, now - ran_s)
    last = reached[-1]
    after = next((rung for rung in above if rung.number > last.number), None)
    warns = last.number == WARNED
    heard = [c for rung in rungs if rung.number <= ladder.rung for c in rung.people]
    return Step(
        tuple(heard if warns else (c for rung in reached for c in rung.people)),
        DEADLINE if warns else "",
        last.number,
        after.after_s + now - ran_s if after else None,
        _why(last),
        DEADLINE if warns else OPENED,
        after.people if after else (),
        tuple(c for rung in above if rung.number > last.number for c in rung.people),
    )


def ran(ladder: Ladder, now: float) -> float:
    """For how long the clock of the incident has run: without the time it stood."""
    stood = ladder.paused_s + (now - ladder.paused_at if ladder.paused_at is not None else 0.0)
    return max(0.0, now - ladder.opened_at - max(0.0, stood))


def deadline_at(ladder: Ladder, now: float, settings: Settings) -> float:
    """When it must be handled; while the clock stands this moves on with `now`."""
    return now - ran(ladder, now) + settings.handled_within_s


def _stands(ladder: Ladder, now: float) -> Nothing | None:
    """What stops the ladder altogether; the first telling waits for nothing but the end."""
    if ladder.over:
        return Nothing(None, Why.OVER)
    if ladder.rung == NOBODY:
        return None
    if ladder.handled:
        return Nothing(None, Why.HANDLED)
    if ladder.snoozed_until is not None and now < ladder.snoozed_until:
        return Nothing(ladder.snoozed_until, Why.SNOOZED)
    if ladder.paused_at is not None:
        return Nothing(None, Why.PAUSED)
    return None


def _together(reached: list[_Rung]) -> list[_Rung]:
    """After a long wait several rungs are due: those that tell the same go in one step."""
    if reached and reached[0].number == WARNED:
        return reached[:1]
    return [rung for rung in reached if rung.number < WARNED] or reached


def _later(ladder: Ladder, above: list[_Rung], begun: float) -> Nothing:
    if not above:
        return Nothing(None, Why.ACKNOWLEDGED if ladder.acknowledged else Why.NO_MORE)
    why = Why.ACKNOWLEDGED if ladder.acknowledged else Why.NOT_YET
    return Nothing(begun + above[0].after_s, why)


def _why(rung: _Rung) -> Why:
    if rung.number == FIRST:
        return Why.OPENED
    return Why.DEADLINE_NEAR if rung.number == WARNED else Why.UNACKNOWLEDGED


def _rungs(
    ladder: Ladder,
    contacts: Sequence[Contact],
    settings: Settings,
    serving: people.Serving,
    resting: frozenset[Contact],
) -> Iterator[_Rung]:
    """The whole ladder of an incident; a rung may be empty."""
    ours = [c for c in contacts if c.role in ("noc", "agency")]
    contacts = ours if ladder.storm else contacts
    listed = {(c.scope, c.name): c for c in contacts}
    first = people.told_first(awake(contacts, resting), serving)
    first = [listed[(c.scope, c.name)] for c in first]
    yield _Rung(FIRST, 0.0, tuple(first))
    within = ours if ladder.subject in _OF_THE_NOC else contacts
    able = people.reachable(within, serving)
    warned_s = settings.handled_within_s * _WARNED_AT
    district_s = min(settings.district_after_s, warned_s)
    for index, group in enumerate(_next(able, first, resting), 1):
        after_s = min(index * settings.escalate_after_s, district_s)
        yield _Rung(min(FIRST + index, DISTRICT - 1), after_s, tuple(group))
    agency = tuple(c for c in able if c.role == "agency")
    district = tuple(c for c in able if c.role == "district")
    # on the NOC's side nobody stands between it and the agency
    yield _Rung(DISTRICT, district_s, agency if within is ours else district)
    yield _Rung(WARNED, warned_s, ())
    yield _Rung(TOP, settings.handled_within_s * _TOP_AT, agency)


def _unheard(rungs: Iterator[_Rung], serving: people.Serving) -> list[_Rung]:
    """Nobody stands on two rungs, also who stands in several scopes and roles."""
    found: list[_Rung] = []
    heard: set[tuple[object, ...]] = set()
    for rung in rungs:
        fresh = {(c.name, *people.ways(c, serving)[:1]): c for c in reversed(rung.people)}
        kept = [c for key, c in reversed(fresh.items()) if key not in heard]
        heard |= fresh.keys()
        found.append(replace(rung, people=tuple(kept)))
    return found


def _above(ladder: Ladder, rungs: list[_Rung]) -> list[_Rung]:
    """What is still to come; the warning goes to those who heard before."""
    above = [r for r in rungs if r.number > ladder.rung and (r.people or r.number == WARNED)]
    return [r for r in above if r.number == WARNED] if ladder.acknowledged else above


def _next(
    able: Sequence[Contact], first: Sequence[Contact], resting: frozenset[Contact]
) -> list[list[Contact]]:
    """The village's others in their order, those off duty last; the NOC's off duty with the first.

    The order of a village's people is in steps of their own: whose turn would come after the
    district's hears with it.
    """
    village = [c for c in able if c.role == "village" and c not in first]
    turns = sorted({(c in resting, c.order) for c in village})
    groups = [[c for c in village if (c in resting, c.order) == turn] for turn in turns]
    off = [c for c in able if c.role == "noc" and c not in first]
    return [[*(groups[0] if groups else []), *off], *groups[1:]]


def awake(contacts: Sequence[Contact], resting: frozenset[Contact]) -> list[Contact]:
    """Those on duty; of a village whose first is off duty, the next one is the first."""
    on = [c for c in contacts if c not in resting]
    if not any(c.role == "village" for c in resting):
        return on
    lowest = min((c.order for c in on if c.role == "village"), default=1)
    return [people.in_order(c, 1) if c.role == "village" and c.order == lowest else c for c in on]
