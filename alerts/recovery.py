"""When is an incident over, and who is left behind? One message for all that came back.

A storm is over when nine tenths of its members have been good for a minute; the rest become
incidents of their own, told in the same message. An incident of one fault is over at once: how
long it must stay good is its rule's `keep_firing_for`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Member:
    """One fault of an incident; `good_at` is since when it is good again, None while it is bad."""

    key: str
    good_at: float | None


@dataclass(frozen=True, slots=True)
class Back:
    """What makes a storm over."""

    share: float = 0.9
    steady_s: float = 60.0


USUAL = Back()


class Reason(StrEnum):
    """Why an incident is over or not, as the console shows it."""

    STILL_BAD = "too few members are good again"
    NOT_YET_STEADY = "nine tenths are good, but not for a minute yet"
    ALONE = "what was bad is good again"
    ALL_BACK = "all members are good again"
    MOST_BACK = "nine tenths of the members are good again"


@dataclass(frozen=True, slots=True)
class Recovery:
    """The answer; `stragglers` become incidents of their own, only when it is over."""

    over: bool
    why: Reason
    good: tuple[str, ...] = ()
    stragglers: tuple[str, ...] = ()
    since: float | None = None  # when enough were good: the outage ended then
    again_at: float | None = None  # when to ask again if nothing changes


def recovered(members: Sequence[Member], now: float, limits: Back = USUAL) -> Recovery:
    """Whether an incident with these members, all that ever joined, is over at `now`."""
    times = sorted(one.good_at for one in members if one.good_at is not None)
    # a sum of floats must not ask for 271 of 300
    needed = max(1, math.ceil(limits.share * len(members) - 1e-9))
    if len(times) < needed:
        return Recovery(False, Reason.STILL_BAD)
    since = times[needed - 1]
    steady_at = since if len(members) == 1 else since + limits.steady_s
    if now < steady_at:
        return Recovery(False, Reason.NOT_YET_STEADY, again_at=steady_at)
    good = tuple(one.key for one in members if one.good_at is not None)
    stragglers = tuple(one.key for one in members if one.good_at is None)
    why = Reason.MOST_BACK if stragglers else Reason.ALL_BACK
    return Recovery(True, Reason.ALONE if len(members) == 1 else why, good, stragglers, since)
