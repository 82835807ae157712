"""What an outage was, once more is known: its cause, and one line when a backlog came."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from alerts import chronicle, incidents
from alerts.ailments import SITE
from alerts.cases import Case
from alerts.causes import Guess, of_several
from alerts.incidents import Incident
from collector import states
from collector.availability import Interval, State, clip, seconds
from collector.cause import spell
from collector.states import SiteState

BACKLOG = "backlog"
CORRECTED = "corrected"
_OUTAGE = frozenset({State.DOWN, State.UNKNOWN})
# of so many members at most the states are read to say what they have in common
_MOST = 500


def explain(connection: Connection, case: Case) -> None:
    """The cause of an open incident about sites is what the collector thinks of them by now."""
    incident = incidents.find(connection, case.id)
    gone = [member for member in case.members.values() if member.key.startswith(SITE)]
    if incident is None or not gone or CORRECTED in incident.details:
        return
    some = gone[:_MOST]
    since = min(member.bad_at for member in some)
    timelines = states.timelines(connection, {member.site for member in some}, since)
    told = [
        (member.site, interval)
        for member in some
        for interval in _of_outage(timelines[member.site], member.bad_at)
    ]
    guess = _guess(case, told)
    if guess is not None:
        _write(connection, incident, guess, incidents.UNRESOLVED)


def with_a_past(connection: Connection, codes: Sequence[str]) -> list[str]:
    """Those of these sites that ever were an incident: of a country nearly none."""
    known = incidents.ever(connection, [f"{SITE}{code}" for code in codes])
    return [code for code in codes if f"{SITE}{code}" in known]


def remember(connection: Connection, code: str, now: float) -> None:
    """A backlog may have told what the last outage of a site was: nobody is paged for it."""
    past = incidents.last_of(connection, f"{SITE}{code}")
    if past is None or past.resolved_at is None:
        return
    told = _outages(connection, code, past.down_since, past.resolved_at)
    if not any(interval.source == BACKLOG or interval.cause for interval in told):
        return
    within = states.timeline(connection, code, past.down_since, past.resolved_at)
    if any(interval.source == BACKLOG for interval in within):
        line = summary(within, past.down_since, past.resolved_at)
        chronicle.replace(connection, past.id, now, BACKLOG, line)
    longest = max(told, key=lambda interval: interval.end - interval.since)
    if CORRECTED not in past.details and longest.cause:
        guess = Guess(longest.cause, longest.confidence, longest.evidence)
        _write(connection, past, guess, (incidents.RESOLVED,))


def summary(timeline: Sequence[Interval], begin: float, end: float) -> str:
    """What the time was by what is known now: `down 2 h (fiber), unknown 5 min`."""
    spent = seconds(timeline, begin, end)
    causes = {i.state: i.cause for i in clip(timeline, begin, end) if i.cause}
    parts = [
        f"{state} {spell(length)}" + (f" ({causes[state]})" if causes.get(state) else "")
        for state, length in sorted(spent.items(), key=lambda item: -item[1])
        if length >= 1
    ]
    return ", ".join(parts)


def _outages(connection: Connection, code: str, begin: float, end: float) -> list[Interval]:
    return _of_outage(states.timeline(connection, code, begin, end), begin)


def _of_outage(timeline: Sequence[Interval], begin: float) -> list[Interval]:
    return [one for one in timeline if one.state in _OUTAGE and one.end > begin]


def _guess(case: Case, told: Sequence[tuple[str, Interval]]) -> Guess | None:
    standing = [_standing(code, interval) for code, interval in told if interval.cause]
    if not standing:
        return None
    if case.parent is not None:
        return of_several(case.parent, standing)
    surest = max(standing, key=lambda one: one.confidence)
    return Guess(surest.cause, surest.confidence, surest.evidence)


def _standing(code: str, interval: Interval) -> SiteState:
    return SiteState(
        code,
        interval.state,
        interval.since,
        interval.reason,
        interval.cause,
        interval.confidence,
        interval.evidence,
        interval.source,
        0,
    )


def _write(
    connection: Connection, incident: Incident, guess: Guess, expected: Sequence[str]
) -> None:
    before = Guess(incident.cause, incident.confidence, incident.evidence)
    if replace(guess, evidence=tuple(guess.evidence)) != before:
        incidents.change(
            connection,
            incident.id,
            expected,
            cause=guess.cause,
            confidence=guess.confidence,
            evidence=list(guess.evidence),
        )
