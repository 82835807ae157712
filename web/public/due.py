"""What somebody who follows a place hears now, and of what it waits to hear the end. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from web.public.tales import Tale
from web.public.works import Work

# what is over sooner is told to nobody
HOLD_S = 600.0
# planned work is told so long before
AHEAD_S = 86400.0
MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be told, and the marks that stand for all that was."""

    begun: Sequence[Tale]
    over: Sequence[Tale]
    planned: Sequence[Work]
    told: Sequence[str]

    @property
    def anything(self) -> bool:
        return bool(self.begun or self.over or self.planned)


def due(
    told: Sequence[str],
    standing: Sequence[Tale],
    ended: Sequence[Tale],
    works: Sequence[Work],
    now: float,
) -> Due:
    """What is new to somebody who heard of `told`; the end of a thing only where its beginning
    was told."""
    known, open_ones = set(told), {_fault(each) for each in standing}
    begun = [each for each in standing if _fault(each) not in known and now - each.since >= HOLD_S]
    over = [each for each in ended if _fault(each) in known - open_ones]
    planned = [
        each
        for each in works
        if _work(each) not in known and each.ends > now and each.begins - now <= AHEAD_S
    ]
    # what became part of another incident, or is shown no more, has no end of its own
    kept = [mark for mark in told if mark in open_ones or mark in {_work(each) for each in works}]
    kept += [*map(_fault, begun), *map(_work, planned)]
    return Due(begun, over, planned, kept[-MOST_TOLD:])


def _fault(one: Tale) -> str:
    return f"f{one.number}"


def _work(one: Work) -> str:
    return f"w{one.window}/{one.begins:.0f}"
