"""What the wifi of villages was used for in a period: people, hours, gigabytes, the busiest hour.

People are counted, never told apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from collector.evidence.sources import Place
from collector.series.steps import Steps
from web.hotspot import series_of

CLIENTS, SESSIONS = "ronda_wifi_clients", "ronda_hotspot_sessions"
BYTES = ("ronda_wifi_receive_bytes_total", "ronda_wifi_transmit_bytes_total")
HOUR_S = 3600
# access points have names of their own, each a series; of more the rest is not read
MOST_SERIES = 400


class Past(Protocol):
    """The part of collector.series.history.History that is asked."""

    def steps(
        self, site_row: int, names: Sequence[str], start: float, end: float, step_s: int
    ) -> Mapping[str, Steps]: ...

    def named(self, metric: str) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Use:
    """Of one site. `hours`: in which somebody counted; `person_hours`: people times hours;
    `peak`: people in the busiest hour, which began at `peak_at`; `gb`: both ways, None: untold."""

    site: str
    hours: int
    person_hours: float
    peak: float
    peak_at: float
    gb: float | None

    @property
    def mean(self) -> float:
        """People online, on the average of the hours that were counted."""
        return self.person_hours / self.hours if self.hours else 0.0


def usage(past: Past, places: Iterable[tuple[Place, tuple[int, int]]]) -> Iterator[Use]:
    """Each site with its bounds in turn; those where nobody counts are left out."""
    people = [*past.named(CLIENTS), *past.named(SESSIONS)][:MOST_SERIES]
    traffic = [name for metric in BYTES for name in past.named(metric)][:MOST_SERIES]
    for place, (begin, end) in places:
        steps = past.steps(place.row, [*people, *traffic], begin, end, HOUR_S)
        if (found := used(place.code, steps, begin, end)) is not None:
            yield found


def used(site: str, steps: Mapping[str, Steps], begin: float, end: float) -> Use | None:
    """What hours of a site's series come to. Pure."""
    counted = series_of(steps)
    people = _by_hour((steps[name].within(begin, end) for name in counted), "mean")
    traffic = [name for name in steps if name.partition("{")[0] in BYTES]
    grown = [steps[name].within(begin, end).growth for name in traffic]
    gb = sum(float(np.nansum(each)) for each in grown) / 1e9 if traffic else None
    if not people:
        return None if gb is None else Use(site, 0, 0.0, 0.0, begin, gb)
    peak_at, peak = max(people.items(), key=lambda pair: (pair[1], -pair[0]))
    return Use(site, len(people), sum(people.values()), peak, peak_at, gb)


def _by_hour(found: Iterable[Steps], what: str) -> dict[float, float]:
    """The sums of several series by hour."""
    summed: dict[float, float] = {}
    for steps in found:
        for start, value in zip(steps.starts.tolist(), getattr(steps, what).tolist(), strict=True):
            if value == value:
                summed[start] = summed.get(start, 0.0) + value
    return summed
