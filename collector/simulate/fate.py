"""What a scenario means for each site at each moment: dark, dead, out of time, or well.

Everything is asked of (site, true time), so a spool of the past tells what then was so.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from agent.strict import Refused
from collector.inventory.places import zone
from collector.simulate.catalogue import FAR
from collector.simulate.geography import Village
from collector.simulate.scenario import Event, Kind, Scenario

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

# what happens to a line while its agent lives, and what the agent's checks then say
_CUTS = (Kind.FIBER_CUT, Kind.POP_DOWN)
_CHECKED = (Kind.SERVICE_DOWN, *_CUTS)
_WITHOUT_LINK = (Kind.SILENCE, Kind.BACKLOG, Kind.POWER_CUT, *_CUTS)
_LOST = "5 of 5 packets lost"
_FOREVER = float("inf")
_MAX_SPANS = 2000
# RouterOS without a battery wakes on 2 January 1970
WAKES_AT = 86_400.0
_STRENGTHS = (0.5, 0.75, 1.0, 1.25, 1.5)  # of batteries, to what the scenario says
CHECK_EVERY_S = 12.0
RECHECK_S = 2.0  # a failing check is asked twice more, a second apart
_GOLDEN = 0.618_033_988_75  # its multiples spread evenly over 0 to 1


@dataclass(frozen=True)
class Span:
    """One event's time on true clocks.

    Flapping has been taken apart into fiber cuts, a blackout into times on battery and power cuts.
    """

    kind: Kind
    event: Event
    chosen: Bools  # by site
    start: float
    end: float
    lasts_s: float = 0.0  # blackout: of the battery

    @property
    def bad_checks(self) -> dict[str, str]:
        """What the agents' checks say meanwhile: the bad ones and why."""
        if self.kind in _CUTS:
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
        self.keeps_clock = np.zeros(len(fleet), dtype=bool)  # through a power cut
        self._has_ups = np.zeros(len(fleet), dtype=bool)
        for number, event in enumerate(scenario.events):
            chosen = choose(event, fleet, f"events[{number}].sites", seed * 1000 + number)
            if event.kind is Kind.BLACKOUT:
                self._black_out(event, chosen, np.random.default_rng([seed, number]))
            else:
                self.spans += [
                    Span(kind, event, chosen, a, b) for kind, a, b in _times(event, start)
                ]
        if len(self.spans) > _MAX_SPANS:
            raise Refused("events", f"flapping makes {len(self.spans)} cuts; at most {_MAX_SPANS}")
        self.spans.sort(key=lambda span: span.start)
        kinds = {span.kind for span in self.spans}
        self.bends_clocks = bool(kinds & {Kind.CLOCK_SLOW, Kind.CLOCK_1970})
        self._checks = {check for span in self.spans for check in span.bad_checks}
        self._troubles = [kind for kind in _DEGREES if kind in kinds]
        evening = Kind.SLOW_EVENING in kinds
        self._ahead_s = zones(fleet) if evening else np.zeros(len(fleet))

    def _black_out(self, event: Event, chosen: Bools, lots: np.random.Generator) -> None:
        """Who has no UPS goes at once, who has one when its battery is empty."""
        ((_, begin, end),) = _times(event, self._start)
        ups = chosen & (lots.random(len(chosen)) < event.ups)
        self._has_ups |= ups
        self.keeps_clock |= chosen & (lots.random(len(chosen)) >= event.clocks_lost)
        strength = lots.integers(len(_STRENGTHS), size=len(chosen))
        parts = [(chosen & ~ups, 0.0)]
        parts += [(ups & (strength == i), one) for i, one in enumerate(_STRENGTHS)]
        for part, one in parts:
            lasts_s = event.battery_s * one
            empty = min(begin + lasts_s, end)
            # a span of nobody stays: what agents report does not hang on lots
            self.spans.append(Span(Kind.BLACKOUT, event, part, begin, empty, lasts_s))
            if empty < end and part.any():
                self.spans.append(Span(Kind.POWER_CUT, event, part, empty, end))

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
        return self._within(_CUTS, sites, times)

    def failing(self, sites: Ints, times: Floats) -> dict[str, Bools]:
        """By check: the agent has found it bad."""
        found = {check: np.zeros(len(sites), dtype=bool) for check in self._checks}
        for span in self._near(_CHECKED, times, CHECK_EVERY_S):
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
        for span in self._near(_CHECKED, when, CHECK_EVERY_S):
            if span.chosen[site]:
                reasons |= {check: why for check, why in span.bad_checks.items() if check in bad}
        return reasons

    def degrees(self, sites: Ints, times: Floats) -> dict[Kind, Floats]:
        """By trouble of the scenario: how bad it is; for a blackout the charge of the battery."""
        found = {}
        for kind in self._troubles:
            degree = np.zeros(len(sites))
            if kind is Kind.BLACKOUT:
                degree = np.where(self._has_ups[sites], 1.0, np.nan)
            for span in self._near((kind,), times):
                hit = _inside(span, sites, times)
                local = times[hit] + self._ahead_s[sites[hit]]
                degree[hit] = _DEGREES[kind](span, times[hit], local)
            found[kind] = degree
        return found

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


def _charge(span: Span, times: Floats, local: Floats) -> Floats:
    left: Floats = 0.99 - 0.94 * (times - span.start) / max(span.lasts_s, 1.0)
    return left


def _there(span: Span, times: Floats, local: Floats) -> Floats:
    return np.ones(len(times))


def _filled(span: Span, times: Floats, local: Floats) -> Floats:
    return np.minimum(1.0, (times - span.start) / span.event.fills_s)


def _evening(span: Span, times: Floats, local: Floats) -> Floats:
    """Worst in the middle of the hours, half as bad at their ends."""
    first, last = span.event.from_hour, span.event.to_hour
    passed = (np.mod(local, 86_400.0) / 3600 - first) / (last - first)
    within = (passed >= 0) & (passed < 1)
    return np.where(within, 0.5 + 0.5 * np.sin(np.pi * passed), 0.0)


_DEGREES: Mapping[Kind, Callable[[Span, Floats, Floats], Floats]] = {
    Kind.BLACKOUT: _charge,
    Kind.POP_DOWN: _there,
    Kind.ISOLIR: _there,
    Kind.DHCP_EXHAUSTION: _filled,
    Kind.SLOW_EVENING: _evening,
}


def zones(fleet: Sequence[Village]) -> Floats:
    """By how many seconds the villages' clocks are ahead of UTC: the same all year."""
    some_day = datetime(2026, 1, 1, tzinfo=UTC)
    return np.array(
        [
            (some_day.astimezone(zone(v.code)).utcoffset() or timedelta()).total_seconds()
            for v in fleet
        ]
    )


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
    return _some(chosen, event.share, seed)


def _some(chosen: Bools, share: float, seed: int) -> Bools:
    """A share of those chosen, one at least."""
    if share == 1:
        return chosen
    places = np.flatnonzero(chosen)
    lots = np.random.default_rng([seed, 1]).permutation(places)
    part = np.zeros_like(chosen)
    part[lots[: max(1, round(share * len(places)))]] = True
    return part


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
