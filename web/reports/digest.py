"""What a month comes to for a reader in a hurry: worst villages, causes, clocks, changes. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from collector.availability import State
from collector.evidence.clocks import Kept, kept_share
from collector.evidence.report import DISTRICT, ISP, SITE, TOTAL, Report, Row
from collector.evidence.schedule import ALWAYS
from collector.evidence.tally import Tally

WORST = 10
UP = (State.NORMAL, State.SLOW)


@dataclass(frozen=True, slots=True)
class Cause:
    """Seconds down by one cause."""

    cause: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Sop:
    """How incidents stood against the time in which each is to be handled."""

    count: int
    in_time: int
    late: int
    running: int
    share: Fraction | None
    detected_s: int | None
    acknowledged_s: int | None
    handled_s: int | None
    mended_s: int | None


@dataclass(slots=True)
class Earlier:
    """What became of one earlier month since the report before."""

    records: int = 0
    seconds: Counter[str] = field(default_factory=Counter)
    rupiah: int = 0
    supplements: int = 0


def total(report: Report) -> Tally:
    """All sites together, at all hours."""
    found = [row for row in report.of(TOTAL) if row.schedule == ALWAYS]
    return found[0].tally if found else Tally()


def rows(report: Report, kind: str) -> list[Row]:
    """Rows of a kind at all hours; what worked least first."""
    found = [row for row in report.of(kind) if row.schedule == ALWAYS]
    return sorted(found, key=lambda row: (worked(row.tally), row.name, row.code))


def worked(one: Tally) -> float:
    """The part of the known time that it worked; what nobody knows of comes last."""
    share = one.share(*UP)
    return 2.0 if share is None else float(share)


def known(one: Tally) -> Fraction | None:
    """The part of the time of which anybody knows how it was, planned work left out; None: there
    was no time.
    """
    blind = one.seconds[State.UNKNOWN] - one.not_counted_s
    return Fraction(one.known_s, one.known_s + blind) if one.known_s + blind else None


def districts(report: Report) -> list[Row]:
    return rows(report, DISTRICT)


def providers(report: Report) -> list[Row]:
    return rows(report, ISP)


def worst(report: Report, most: int = WORST) -> list[Row]:
    """The villages that were down longest, with any time down at all."""
    found = [row for row in rows(report, SITE) if row.tally.seconds[State.DOWN]]
    return sorted(found, key=lambda row: (-row.tally.seconds[State.DOWN], row.code))[:most]


def causes(one: Tally) -> list[Cause]:
    """Causes of the time down, the longest first; they add up to it."""
    found: Counter[str] = Counter()
    for (state, cause), seconds in one.causes.items():
        if state == State.DOWN and seconds:
            found[cause or "unknown"] += seconds
    rest = one.seconds[State.DOWN] - found.total()
    found["unknown"] += rest
    return [Cause(*each) for each in found.most_common() if each[1]]


def sop(report: Report) -> Sop:
    """The clocks of the incidents of the period; times are medians."""
    every = [each.clocks for each in report.handled]
    kept = Counter(each.kept for each in every)
    return Sop(
        len(every),
        kept[Kept.IN_TIME],
        kept[Kept.LATE],
        kept[Kept.RUNNING],
        kept_share(every),
        median([each.detected_s for each in every]),
        median([each.acknowledged_s for each in every]),
        median([each.handled_s for each in every]),
        median([each.mended_s for each in every]),
    )


def earlier(report: Report) -> dict[str, Earlier]:
    """By month, what is told of it that was not told before."""
    found: dict[str, Earlier] = {}
    for change in report.changes:
        one = found.setdefault(change.month, Earlier())
        one.records += 1
        one.seconds.update(change.seconds)
    for paid in report.paid:
        one = found.setdefault(paid.month, Earlier())
        one.supplements += 1
        one.rupiah += paid.rupiah
    return dict(sorted(found.items()))


def median(told: Sequence[int | None]) -> int | None:
    """The middle one of those that are known."""
    known = sorted(each for each in told if each is not None)
    if not known:
        return None
    middle = len(known) // 2
    return known[middle] if len(known) % 2 else (known[middle - 1] + known[middle]) // 2
