"""What a scenario means for each site at each moment: dark, dead, out of time, or well.

Everything is asked of (site, true time), so a spool of the past tells what then was so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from agent.strict import Refused
from collector.simulate.catalogue import FAR
from collector.simulate.geography import Village
from collector.simulate.scenario import Event, Kind, Scenario

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_WITHOUT_LINK = (Kind.SILENCE, Kind.BACKLOG, Kind.FIBER_CUT, Kind.POWER_CUT)
_LOST = "5 of 5 packets lost"
_FOREVER = float("inf")
_MAX_SPANS = 2000
# RouterOS without a battery wakes on 2 January 1970
WAKES_AT = 86_400.0
CHECK_EVERY_S = 12.0
RECHECK_S = 2.0  # a failing check is asked twice more, a second apart
_GOLDEN = 0.618_033_988_75  # its multiples spread evenly over 0 to 1


@dataclass(frozen=True)
class Span:
    """One event's time on true clocks; flapping has been taken apart into fiber cuts."""

    kind: Kind
    event: Event
    chosen: Bools  # by site
    start: float
    end: float

    @property
    def bad_checks(self) -> dict[str, str]:
        """What the agents' checks say meanwhile: the bad ones and why."""
        if self.kind is Kind.FIBER_CUT:
            return dict.fromkeys(FAR, _LOST)
        if self.kind is Kind.SERVICE_DOWN:
            return {self.event.service: self.event.reason}
        return {}

    @property
    def sites(self) -> Ints:
        return np.flatnonzero(self.chosen)

    def noticed(self, sites: Ints) -> tuple[Floats, Floats]:
        """When the checks of these sites turn bad and good again: each at its own cadence.

        What is over before it was noticed has an end before its beginning.
        """
        delay_s = CHECK_EVERY_S * np.mod(sites * _GOLDEN + self.start * 0.1, 1.0)
        begins: Floats = self.start + delay_s + RECHECK_S
        return begins, np.where(begins < self.end, self.end + delay_s, -_FOREVER)


class Fate:
    """The scenario laid over a fleet; `start` is when the run began."""

    def __init__(
        self, scenario: Scenario, fleet: Sequence[Village], start: float, seed: int
    ) -> None:
        self._start = start
        self.spans: list[Span] = []
        for number, event in enumerate(scenario.events):
            chosen = choose(event, fleet, f"events[{number}].sites", seed * 1000 + number)
            self.spans += [Span(kind, event, chosen, a, b) for kind, a, b in _times(event, start)]
        if len(self.spans) > _MAX_SPANS:
            raise Refused("events", f"flapping makes {len(self.spans)} cuts; at most {_MAX_SPANS}")
        self.spans.sort(key=lambda span: span.start)
        self.bends_clocks = any(s.kind in (Kind.CLOCK_SLOW, Kind.CLOCK_1970) for s in self.spans)
        self._checks = {check for span in self.spans for check in span.bad_checks}

    def move(self, start: float) -> None:
        """Let the scenario begin at `start` after all."""
        moved_s, self._start = start - self._start, start
        self.spans = [replace(s, start=s.start + moved_s, end=s.end + moved_s) for s in self.spans]

    def silent(self, sites: Ints, times: Floats) -> Bools:
        """Nothing of these sites reaches the centre."""
        return self._within(_WITHOUT_LINK, sites, times)

    def dead(self, sites: Ints, times: Floats) -> Bools:
        """No power: nothing is even measured."""
        return self._within((Kind.POWER_CUT,), sites, times)

    def cut(self, sites: Ints, times: Floats) -> Bools:
        """The agent lives and sees that its uplink carries nothing."""
        return self._within((Kind.FIBER_CUT,), sites, times)

    def failing(self, sites: Ints, times: Floats) -> dict[str, Bools]:
        """By check: the agent has found it bad."""
        found = {check: np.zeros(len(sites), dtype=bool) for check in self._checks}
        for span in self._near((Kind.SERVICE_DOWN, Kind.FIBER_CUT), times, CHECK_EVERY_S):
            begins, ends = span.noticed(sites)
            bad = span.chosen[sites] & (times >= begins) & (times < ends)
            for check in span.bad_checks:
                found[check] |= bad
        return found

    def bad_checks(self, site: int, at: float) -> dict[str, str]:
        """Checks that one site's agent has found bad, with the reason."""
        here, when = np.array([site]), np.array([at])
        bad = {check for check, hit in self.failing(here, when).items() if hit[0]}
        reasons: dict[str, str] = {}
        for span in self._near((Kind.SERVICE_DOWN, Kind.FIBER_CUT), when, CHECK_EVERY_S):
            if span.chosen[site]:
                reasons |= {check: why for check, why in span.bad_checks.items() if check in bad}
        return reasons

    def clock_error(self, sites: Ints, times: Floats) -> Floats:
        """Wall clock of the site minus true time."""
        error = np.zeros(len(sites))
        for span in self._near((Kind.CLOCK_SLOW, Kind.CLOCK_1970), times):
            wrong = -span.event.by_s
            if span.kind is Kind.CLOCK_1970:
                wrong = WAKES_AT - span.start
            error[_inside(span, sites, times)] = wrong
        return error

    def beacon_loss(self, sites: Ints, times: Floats) -> Floats:
        """How many beacons and echoes of these sites are lost, 0 to 1."""
        ratio = np.zeros(len(sites))
        for span in self._near((Kind.BEACON_LOSS,), times):
            hit = _inside(span, sites, times)
            ratio[hit] = np.maximum(ratio[hit], span.event.ratio)
        return ratio

    def _within(self, kinds: tuple[Kind, ...], sites: Ints, times: Floats) -> Bools:
        found = np.zeros(len(sites), dtype=bool)
        for span in self._near(kinds, times):
            found |= _inside(span, sites, times)
        return found

    def _near(self, kinds: tuple[Kind, ...], times: Floats, after_s: float = 0.0) -> Iterator[Span]:
        if len(times):
            first, last = times.min(), times.max()
            for span in self.spans:
                if span.kind in kinds and span.start <= last and span.end + after_s > first:
                    yield span


def _inside(span: Span, sites: Ints, times: Floats) -> Bools:
    hit: Bools = span.chosen[sites] & (times >= span.start) & (times < span.end)
    return hit


def choose(event: Event, fleet: Sequence[Village], place: str, seed: int) -> Bools:
    """Whom an event befalls; Refused when it names nobody of this fleet."""
    chosen = np.zeros(len(fleet), dtype=bool)
    if isinstance(event.sites, float):
        count = max(1, round(event.sites * len(fleet)))
        chosen[np.random.default_rng(seed).permutation(len(fleet))[:count]] = True
    elif isinstance(event.sites, dict):
        wanted = event.sites.items()
        chosen[:] = [all(getattr(v, key) == value for key, value in wanted) for v in fleet]
        if not chosen.any():
            raise Refused(place, f"no simulated site has {event.sites}")
    else:
        known = {village.code: number for number, village in enumerate(fleet)}
        for number, code in enumerate(event.sites):
            if code not in known:
                raise Refused(f"{place}[{number}]", f"{code!r} is not a simulated site")
            chosen[known[code]] = True
    return chosen


def _times(event: Event, start: float) -> Iterator[tuple[Kind, float, float]]:
    begin = start + event.at_s
    end = _FOREVER if event.until_s is None else start + event.until_s
    if event.kind is Kind.BACKLOG:
        yield event.kind, start - event.hours * 3600, begin
    elif event.kind is Kind.FLAPPING:
        while begin < end:
            yield Kind.FIBER_CUT, begin, min(begin + event.period_s / 2, end)
            begin += event.period_s
    else:
        yield event.kind, begin, end
