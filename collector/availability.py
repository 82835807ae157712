"""What a site's time was made of: intervals of states that leave no hole and never overlap."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class State(StrEnum):
    NORMAL = "normal"
    SLOW = "slow"
    DOWN = "down"
    UNKNOWN = "unknown"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Word:
    """What a person said of a cause, and the guess that it stands in place of."""

    by: str
    at: float
    note: str
    cause: str = ""
    confidence: float = 0.0
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """One state from `since` to before `until` (None: it still holds), and how we know."""

    since: float
    until: float | None
    state: str
    reason: str = ""
    cause: str = ""
    confidence: float = 0.0
    evidence: tuple[str, ...] = ()
    source: str = "live"  # live, backlog, person
    word: Word | None = None
    # of a maintenance: what its agent said meanwhile, without a hole
    beneath: tuple["Interval", ...] = ()

    @property
    def end(self) -> float:
        return float("inf") if self.until is None else self.until

    def like(self, other: "Interval") -> bool:
        """The same news: they may be told as one."""
        if self.state != other.state or self.reason != other.reason:
            return False
        return replace(self, since=other.since, until=other.until) == other


def follow(timeline: Sequence[Interval], new: Interval) -> list[Interval]:
    """`timeline` up to `new.since`, then `new`; what began later is gone, nothing overlaps."""
    kept = [cut(old, old.since, new.since) for old in timeline if old.since < new.since]
    if kept and kept[-1].until == new.since and kept[-1].like(new):
        return [*kept[:-1], replace(new, since=kept[-1].since)]
    return [*kept, new]


def overlay(
    timeline: Sequence[Interval],
    told: Sequence[Interval],
    gives_way: Callable[[Interval], bool],
) -> list[Interval]:
    """`timeline` with the parts of intervals that give way rewritten by what was `told`.

    `told` is sorted and without overlaps; what it does not speak of stays.
    """
    made: list[Interval] = []
    for old in timeline:
        if not gives_way(old):
            made.append(old)
            continue
        at = old.since
        for new in told:
            begin, end = max(at, new.since), min(old.end, new.end)
            if begin < end:
                made += [] if begin == at else [cut(old, at, begin)]
                made.append(replace(new, since=begin, until=old.until if end == old.end else end))
                at = end
        if at < old.end:
            made.append(cut(old, at, old.end))
    return merge(made)


def merge(timeline: Iterable[Interval]) -> list[Interval]:
    """Neighbours that tell the same are one interval."""
    made: list[Interval] = []
    for interval in timeline:
        if made and made[-1].until == interval.since and made[-1].like(interval):
            made[-1] = replace(interval, since=made[-1].since)
        else:
            made.append(interval)
    return made


def cut(interval: Interval, begin: float, end: float) -> Interval:
    """The part of an interval within [begin, end)."""
    if interval.since >= begin and interval.end <= end:
        return interval
    since, until = max(interval.since, begin), min(interval.end, end)
    return between(interval, since, None if until == float("inf") else until)


def between(old: Interval, since: float, until: float | None) -> Interval:
    """The same of another time."""
    # replace() takes three times as long, and a country has each of its sites begin in a minute
    return Interval(
        since,
        until,
        old.state,
        old.reason,
        old.cause,
        old.confidence,
        old.evidence,
        old.source,
        old.word,
        old.beneath,
    )


def clip(timeline: Iterable[Interval], begin: float, end: float) -> list[Interval]:
    """The parts of a timeline within [begin, end)."""
    return [cut(i, begin, end) for i in timeline if i.since < end and i.end > begin]


def seconds(timeline: Iterable[Interval], begin: float, end: float) -> dict[str, float]:
    """Seconds by state within [begin, end); with no holes they add up to `end - begin`."""
    spent: dict[str, float] = {}
    for part in clip(timeline, begin, end):
        spent[part.state] = spent.get(part.state, 0.0) + part.end - part.since
    return spent


def changes(old: Sequence[Interval], new: Sequence[Interval]) -> tuple[list[float], list[Interval]]:
    """What makes rows of `old` into rows of `new`: starts to delete, intervals to write."""
    before = {interval.since: interval for interval in old}
    after = {interval.since: interval for interval in new}
    gone = [since for since in before if since not in after]
    written = [interval for since, interval in after.items() if before.get(since) != interval]
    return gone, written
