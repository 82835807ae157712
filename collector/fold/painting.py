"""Maintenance lies over what agents say: rows of states show it, what lies beneath is kept.

`lay` makes rows of what agents said and of the works on a site; `lift` takes them apart again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from collector.availability import Interval, State, Word, clip, cut, merge

MAINTENANCE = "maintenance"
# pieces that one row keeps; of more, the first ones are told as unknown
_MOST_BENEATH = 400


@dataclass(frozen=True, slots=True)
class Work:
    """Somebody works on a site from `since` to before `until` (inf: nobody knows how long)."""

    since: float
    until: float
    by: str
    at: float  # when it was said
    why: str


def lay(said: Sequence[Interval], works: Sequence[Work]) -> list[Interval]:
    """What agents `said`, with the works over it; works are in order and do not overlap."""
    # a site that was retired the moment it changed leaves a piece without length
    said = [interval for interval in said if interval.since < interval.end]
    made: list[Interval] = []
    at = float("-inf")
    for work in works:
        made += clip(said, at, work.since)
        made += _row(clip(said, work.since, work.until), work)
        at = work.until
    return merge([*made, *clip(said, at, float("inf"))])


def lift(rows: Iterable[Interval]) -> tuple[list[Interval], list[Work]]:
    """What agents said, and the works that were over it."""
    said: list[Interval] = []
    works: list[Work] = []
    for row in rows:
        if row.state == State.MAINTENANCE and row.word is not None:
            said += row.beneath
            word = row.word
            works.append(Work(row.since, row.end, word.by, word.at, word.note))
        else:
            said.append(row)
    return said, works


def without(works: Iterable[Work], begin: float, end: float) -> list[Work]:
    """The works outside of [begin, end)."""
    left: list[Work] = []
    for work in works:
        if work.since < begin:
            left.append(replace(work, until=min(work.until, begin)))
        if work.until > end:
            left.append(replace(work, since=max(work.since, end)))
    return left


def _row(beneath: list[Interval], work: Work) -> list[Interval]:
    if not beneath:
        return []
    if len(beneath) > _MOST_BENEATH:
        first = beneath[-_MOST_BENEATH]
        lost = Interval(beneath[0].since, first.since, State.UNKNOWN, MAINTENANCE)
        beneath = [lost, *beneath[-_MOST_BENEATH:]]
    line = f"{work.by} works on it: {work.why}" if work.why else f"{work.by} works on it"
    row = Interval(
        beneath[0].since,
        beneath[-1].until,
        State.MAINTENANCE,
        MAINTENANCE,
        MAINTENANCE,
        1.0,
        (line,),
        "person",
        Word(work.by, work.at, work.why),
        tuple(beneath),
    )
    return [cut(row, work.since, work.until)]
