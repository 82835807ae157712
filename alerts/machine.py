"""The life of one alarm, as a pure function: no clock, no database, no sending.

nothing --bad--> PENDING --bad for `for`--> FIRING --good--> KEEPING --good for keep--> nothing
What cannot be seen any more is HELD where it fires, and forgotten where it was pending.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Phase(StrEnum):
    PENDING = "pending"
    FIRING = "firing"
    KEEPING = "keeping"  # good again, not yet for long enough
    HELD = "held"  # it fired, and nobody can see how it is now


class Seen(StrEnum):
    """What one evaluation saw of an alarm's series."""

    BAD = "bad"
    GOOD = "good"
    UNKNOWN = "unknown"  # the series has no value: we are blind, not told


class News(StrEnum):
    FIRED = "fired"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Life:
    """Where an alarm stands; times are UTC epoch seconds."""

    phase: Phase
    since: float  # when this phase began
    active_at: float  # when it was first seen bad
    fired_at: float | None = None


def advance(
    life: Life | None, seen: Seen, for_s: float, keep_s: float, now: float
) -> tuple[Life | None, News | None]:
    """The alarm after one evaluation (None: there is none), and what people should hear of it."""
    if life is None or life.phase is Phase.PENDING:
        return _before(life, seen, for_s, now)
    if seen is Seen.UNKNOWN:
        return _to(life, Phase.HELD, now), None
    if seen is Seen.BAD:
        return _to(life, Phase.FIRING, now), None
    kept = life if life.phase is Phase.KEEPING else _to(life, Phase.KEEPING, now)
    if now - kept.since >= keep_s:
        return None, News.RESOLVED
    return kept, None


def _before(
    life: Life | None, seen: Seen, for_s: float, now: float
) -> tuple[Life | None, News | None]:
    if seen is not Seen.BAD:
        return None, None
    life = life or Life(Phase.PENDING, now, now)
    if now - life.active_at >= for_s:
        return Life(Phase.FIRING, now, life.active_at, now), News.FIRED
    return life, None


def _to(life: Life, phase: Phase, now: float) -> Life:
    return life if life.phase is phase else replace(life, phase=phase, since=now)
