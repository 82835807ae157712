"""What may fall together, and what can be decided of it: the words of storms.

A fault is something that turned bad and has no incident yet. A parent is what several faults may
have in common: a POP, a power feeder, one provider in one district, a shared server.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

SERVICE = "service"


class Parent(NamedTuple):
    """`kind` is upstream, feeder, isp (one provider in one district) or service (depends_on)."""

    kind: str
    name: str

    @property
    def called(self) -> str:
        """As people know it: without the district or the village that tells it from others."""
        return self.name.partition("@" if self.kind == SERVICE else "|")[0]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is bad; times are epoch seconds."""

    key: str  # which site, which alarm
    site: str  # "" when it is of no site
    at: float  # when it turned bad: the verdict, or the last contact
    noticed: float  # when the centre learnt it
    parents: tuple[Parent, ...] = ()
    alone: bool = False  # its own agent tells it over a working uplink
    own: Parent | None = None  # the parent whose own alarm this is

    @property
    def ties(self) -> tuple[Parent, ...]:
        """What it may share: a fault that its own agent tells shares a service at most."""
        shared = self.parents
        if self.alone:
            shared = tuple([parent for parent in shared if parent.kind == SERVICE])
        return shared if self.own is None or self.own in shared else (*shared, self.own)


@dataclass(frozen=True, slots=True)
class Open:
    """An incident that is not over; of one fault while `parent` is None."""

    id: int
    parent: Parent | None
    keys: frozenset[str]  # its members
    at: float  # when its first member turned bad
    last: float  # when its newest member turned bad
    told: bool  # a message has gone out or is queued
    shared: Mapping[Parent, int]  # how many members have each parent: `shared_by`


def shared_by(faults: Iterable[Fault]) -> dict[Parent, int]:
    """How many of these faults have each parent."""
    return Counter(parent for fault in faults for parent in fault.ties)


class Why(StrEnum):
    """Reasons, as the console shows them."""

    HOLDS = "waits whether others of the same parent fall"
    MORE_COME = "waits on: others of the same parent are falling"
    OWN_WORD = "its own agent tells it over a working uplink"
    NOTHING_SHARED = "it shares nothing with others"
    TOO_FEW = "too few others of its parents fell with it"
    A_SHARE = "a large share of the parent's children fell together"
    MANY = "many children of the parent fell together"
    OWN_ALARM = "the parent's own alarm"
    MEMBER = "it is a member already"
    CHILD = "its parent is known to be down"
    TOGETHER = "it fell together with the members, whose parent still explains most"
    WIDER = "a wider parent explains the members and those that fell after them"


@dataclass(frozen=True, slots=True)
class Wait:
    """No decision before `until`, unless more falls."""

    fault: Fault
    until: float
    why: Why


@dataclass(frozen=True, slots=True)
class Alone:
    """An incident of its own, told now."""

    fault: Fault
    why: Why


@dataclass(frozen=True, slots=True)
class Gather:
    """One new incident on the parent, one message; incidents of one fault are taken into it."""

    parent: Parent
    faults: tuple[Fault, ...]
    replaces: tuple[int, ...]  # told already: the message names them
    absorbs: tuple[int, ...]  # nobody has heard of them
    why: Why


@dataclass(frozen=True, slots=True)
class Join:
    """New members of an open incident, without a message to those who know of it."""

    incident: int
    faults: tuple[Fault, ...]
    why: Why


@dataclass(frozen=True, slots=True)
class Rise:
    """The incident moves to another parent and takes these in, without a message."""

    incident: int
    parent: Parent
    faults: tuple[Fault, ...]
    absorbs: tuple[int, ...]
    why: Why


@dataclass(frozen=True, slots=True)
class Decisions:
    """Every waiting fault is in exactly one of them."""

    wait: tuple[Wait, ...] = ()
    alone: tuple[Alone, ...] = ()
    gather: tuple[Gather, ...] = ()
    join: tuple[Join, ...] = ()
    rise: tuple[Rise, ...] = ()

    @property
    def again_at(self) -> float | None:
        """When to decide again even if nothing more falls."""
        return min((one.until for one in self.wait), default=None)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, and what makes many faults one."""

    hold_s: float = 8.0
    prolong_s: float = 5.0
    longest_hold_s: float = 20.0
    together_s: float = 180.0  # children that turned bad within this of each other count
    few: int = 3
    share: float = 0.2
    many: int = 10
    covers: float = 0.8

    def storm(self, fallen: int, children: int) -> Why | None:
        """Why so many of a parent's children are one incident; None when they are not."""
        if fallen >= self.few and fallen >= self.share * children:
            return Why.A_SHARE
        return Why.MANY if fallen >= self.many else None

    def covered(self, part: int, whole: int) -> bool:
        """Whether a parent of `part` explains the `whole`."""
        # a sum of floats must not turn 8 of 10 away
        return part >= self.covers * whole - 1e-9


USUAL = Limits()
