"""The figures of areas as series: what goes to the centre above, and nothing of a person. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from agent.report import parse_series, series
from collector import centres
from collector.availability import State
from collector.centres import AGES
from collector.inventory.places import AREA_CODE, within

STATES = tuple(str(state) for state in State)
# a report carries 2,000 series
MOST_AREAS = 90
HOUR_S = 3600
# so long after its end an hour is told: what comes a little late is in it
SETTLE_S = 120
# of a centre that was away for longer the hours before are not told
MOST_HOURS = 168
# what a number of sites, people, seconds or a moment can be
_LARGEST = 1e12
_LABELS: Mapping[str, Sequence[str]] = {"state": STATES, "age": AGES}
_BOUNDS = (3600.0, 4 * 3600.0, 24 * 3600.0, math.inf)


@dataclass(slots=True)
class Part:
    """One area as it is now; None: nobody counts there, nothing is sealed yet."""

    states: Counter[str] = field(default_factory=Counter)
    ages: Counter[str] = field(default_factory=Counter)
    largest: int = 0
    people: int | None = None
    available: float | None = None
    available_day: float | None = None


@dataclass(slots=True)
class Hour:
    """One area in an hour that is over: seconds of its sites by state, incidents."""

    seconds: Counter[str] = field(default_factory=Counter)
    opened: int = 0
    resolved: int = 0


Values = dict[str, float | None]


def told(area: str, part: Part, heard: float) -> Values:
    """The series of an area; `heard`: of which moment they are."""
    made: Values = {_of(centres.STATES_OF, area, state=s): float(part.states[s]) for s in STATES}
    made |= {_of(centres.OPEN, area, age=age): float(part.ages[age]) for age in AGES}
    made[_of(centres.LARGEST, area)] = float(part.largest)
    made[_of(centres.PEOPLE, area)] = None if part.people is None else float(part.people)
    made[_of(centres.AVAILABLE, area)] = part.available
    made[_of(centres.AVAILABLE_DAY, area)] = part.available_day
    made[_of(centres.HEARD, area)] = heard
    return made


def told_of_hour(area: str, hour: int, found: Hour) -> Values:
    """The same of an hour, which is hours since the epoch."""
    made: Values = {
        _of(centres.HOUR_STATES, area, state=s): float(round(found.seconds[s])) for s in STATES
    }
    made[_of(centres.HOUR_OPENED, area)] = float(found.opened)
    made[_of(centres.HOUR_RESOLVED, area)] = float(found.resolved)
    made[_of(centres.HOUR, area)] = float(hour * HOUR_S)
    return made


def due(last: int | None, now: float) -> int:
    """The hour to tell of: the one after the last, none left out, or that again until there is."""
    newest = int((now - SETTLE_S) // HOUR_S) - 1
    if last is None or last > newest:
        return newest
    return max(min(last + 1, newest), newest - MOST_HOURS)


def age(seconds: float) -> str:
    """`under_4h` for two hours."""
    return next(name for name, most in zip(AGES, _BOUNDS, strict=True) if seconds < most)


def forwarded(latest: Mapping[str, tuple[float, float]], since: float, own: str) -> Values:
    """What the centre of area `own` told last, if not before `since`, ready to go further up.

    What it says of areas that are not its own is nobody's word.
    """
    return {
        name: None if math.isnan(value) else value
        for name, (at, value) in latest.items()
        if at >= since and _is_of(name, own) and (math.isnan(value) or 0 <= value < _LARGEST)
    }


def _is_of(name: str, own: str) -> bool:
    """Whether it is one of our series, spelled as we do, about an area in `own`."""
    metric, labels = parse_series(name)
    area = labels.pop("area", "")
    return (
        metric in centres.SERIES
        and AREA_CODE.fullmatch(area) is not None
        and within(area, own)
        and all(told in _LABELS.get(label, ()) for label, told in labels.items())
    )


def areas_in(values: Iterable[str]) -> set[str]:
    """The areas that series tell of."""
    return {area for name in values if (area := parse_series(name)[1].get("area"))}


def bounded(values: Values, most: int = MOST_AREAS) -> Values:
    """At most so many areas, the first by code; the others are counted in a series of their own."""
    areas = sorted(areas_in(values))
    kept = set(areas[:most])
    made = {name: v for name, v in values.items() if parse_series(name)[1]["area"] in kept}
    made[centres.LEFT_OUT] = float(len(areas) - len(kept))
    return made


def by_area(codes: Sequence[str], below: set[str]) -> dict[str, str]:
    """The regency each site is told under; under its province where a centre of the regency
    tells of it itself."""
    made = {}
    for code in codes:
        regency = ".".join(code.split(".")[:2])
        made[code] = regency.partition(".")[0] if regency in below else regency
    return made


def _of(metric: str, area: str, **labels: str) -> str:
    return series(metric, {"area": area, **labels})
