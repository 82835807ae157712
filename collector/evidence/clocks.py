"""The clocks of an incident against the time in which it is to be handled. Pure.

Detection -> acknowledged -> handled (the four hours of the standard) -> mended.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Kept(StrEnum):
    """Was it handled in time?"""

    IN_TIME = "in_time"
    LATE = "late"
    RUNNING = "running"  # not handled yet, and there is time


@dataclass(frozen=True, slots=True)
class Course:
    """When what happened to an incident; `paused_s`: how long its clock stood, `paused_at`: since
    when it stands."""

    id: int
    site: str
    subject: str
    title: str
    cause: str
    down_since: float
    opened_at: float
    acknowledged_at: float | None
    handled_at: float | None
    resolved_at: float | None
    paused_at: float | None
    paused_s: float
    ticket: str
    ticket_at: float | None


@dataclass(frozen=True, slots=True)
class Clocks:
    """Whole seconds: fault to detection; detection to the hand on it; to handled, by the clock
    that stands while others are waited for; fault to mended. None: that has not happened."""

    detected_s: int
    acknowledged_s: int | None
    handled_s: int | None
    mended_s: int | None
    paused_s: int
    kept: Kept


def clocks(course: Course, limit_s: float, now: float) -> Clocks:
    """How the clocks stand; what is mended without ever being called handled is handled then."""
    handled_at = course.handled_at if course.handled_at is not None else course.resolved_at
    until = now if handled_at is None else handled_at
    stood = course.paused_s
    if course.paused_at is not None and course.paused_at < until:
        stood += until - course.paused_at
    ran = max(0.0, until - course.opened_at - stood)
    if handled_at is None:
        kept = Kept.RUNNING if ran <= limit_s else Kept.LATE
    else:
        kept = Kept.IN_TIME if ran <= limit_s else Kept.LATE
    return Clocks(
        _seconds(course.down_since, course.opened_at) or 0,
        _seconds(course.opened_at, course.acknowledged_at),
        None if handled_at is None else round(ran),
        _seconds(course.down_since, course.resolved_at),
        round(stood),
        kept,
    )


def kept_share(found: Iterable[Clocks]) -> Fraction | None:
    """The part of the incidents whose time is over, or that are handled, that was in time."""
    over = [each.kept for each in found if each.kept is not Kept.RUNNING]
    return Fraction(over.count(Kept.IN_TIME), len(over)) if over else None


def _seconds(begin: float, end: float | None) -> int | None:
    return None if end is None else max(0, round(end - begin))
