"""When something was to work: always, or in office hours except on holidays. Pure."""

from collections.abc import Collection
from datetime import tzinfo

from collector.evidence.moments import Period, midnight
from collector.inventory.hours import Hours

ALWAYS = "24h"
Span = tuple[int, int]


def spans(hours: Hours, holidays: Collection[str], period: Period, zone: tzinfo) -> list[Span]:
    """The stretches of a period in which somebody was to be there, in order, without overlaps.

    Holidays, as 2026-12-25, have no office hours; what is open for 24 hours knows none.
    """
    if not hours.spans:
        return [period.bounds(zone)]
    found: list[Span] = []
    for day in period.days():
        if day.isoformat() in holidays:
            continue
        start = midnight(day, zone)
        found += [
            (start + span.start * 60, start + span.end * 60)
            for span in hours.spans
            if day.weekday() in span.days
        ]
    return _joined(found)


def _joined(found: list[Span]) -> list[Span]:
    """Hours that somebody wrote down twice count once."""
    made: list[Span] = []
    for begin, end in sorted(found):
        if made and begin <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((begin, end))
    return made
