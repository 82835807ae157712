"""How much of the time to handle an incident is gone, for the clock that pages draw."""

from dataclasses import dataclass

from alerts.incidents import Incident
from web import words
from web.tongue import gettext

# the last quarter is the hour in which somebody must hurry
_SOON = 0.75


@dataclass(frozen=True, slots=True)
class FourHours:
    """`used` of 1; `kind` is "", soon, late, paused or done; while paused the deadline moves."""

    kind: str
    used: float
    left_s: float
    deadline_at: float
    paused_why: str = ""
    handled: bool = True

    @property
    def word(self) -> str:
        """`sisa 1 j 53 mnt`, `terlambat 25 mnt`, `dijeda`."""
        if self.kind == "done":
            return gettext("handled") if self.handled else gettext("recovered")
        if self.kind == "paused":
            return gettext("paused")
        if self.left_s < 0:
            return gettext("late by %(time)s", time=words.lasted(-self.left_s))
        return gettext("%(time)s left", time=words.lasted(self.left_s))


def fourhours(incident: Incident, within_s: float, now: float) -> FourHours:
    """The clock of an incident: it runs from its opening, without the time it stood."""
    until = now
    for end in (incident.handled_at, incident.resolved_at):
        until = min(until, end) if end is not None else until
    stood = incident.paused_s
    if incident.paused_at is not None:
        stood += max(0.0, until - incident.paused_at)
    ran = max(0.0, until - incident.opened_at - max(0.0, stood))
    used = min(1.0, ran / within_s)
    return FourHours(
        _kind(incident, ran / within_s),
        used,
        within_s - ran,
        until - ran + within_s,
        incident.paused_why if incident.paused_at is not None else "",
        incident.handled_at is not None,
    )


def _kind(incident: Incident, used: float) -> str:
    if incident.handled_at is not None or incident.resolved_at is not None:
        return "done"
    if incident.paused_at is not None:
        return "paused"
    if used > 1:
        return "late"
    return "soon" if used >= _SOON else ""
