"""Which series of a site are drawn, and how: families, rates, thinning, scales, paths. Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from agent.report import parse_series
from collector.series.steps import Steps
from web.tongue import lazy_gettext

Floats = np.ndarray[Any, np.dtype[np.float64]]
MOST_CHARTS = 12
FINE_POINTS, _COARSE_POINTS = 720, 144
_STEPS = (1, 2, 2.5, 5, 10)
# from this part of the limit on, the limit is shown with the line
_NEAR = 0.4
# more than this many usual steps without a sample: nobody knows what was between
_GAP = 2.5


@dataclass(frozen=True, slots=True)
class Family:
    """One metric name as pages show it; `rate`: a counter, shown per second times `factor`."""

    name: str
    title: Any
    unit: str
    rate: bool = False
    factor: float = 1.0
    limit: float | None = None
    peak: bool = False
    most: int = 2
    from_zero: bool = True
    # the limit is a floor: what lies under it is bad
    floor: bool = False


# what UplinkOpticalLow of alerts/rules/uplink.yml goes by
LIGHT_DBM = -27.0

FAMILIES = (
    Family(
        "ronda_uplink_measured_bits_per_second",
        lazy_gettext("Measured speed"),
        "bit/s",
        floor=True,
        most=4,
    ),
    Family(
        "ronda_uplink_optical_rx_dbm",
        lazy_gettext("Optical power"),
        "dbm",
        limit=LIGHT_DBM,
        from_zero=False,
        floor=True,
    ),
    Family(
        "ronda_uplink_rtt_seconds",
        lazy_gettext("Response time (RTT)"),
        "seconds",
        limit=0.3,
        peak=True,
    ),
    Family("ronda_uplink_loss_ratio", lazy_gettext("Packet loss"), "ratio", limit=0.1, peak=True),
    Family(
        "ronda_uplink_receive_bytes_total",
        lazy_gettext("Traffic down"),
        "bit/s",
        rate=True,
        factor=8,
        most=1,
    ),
    Family(
        "ronda_uplink_transmit_bytes_total",
        lazy_gettext("Traffic up"),
        "bit/s",
        rate=True,
        factor=8,
        most=1,
    ),
    Family("ronda_host_cpu_ratio", lazy_gettext("Processor"), "ratio", limit=0.95),
    Family("ronda_host_memory_used_ratio", lazy_gettext("Memory used"), "ratio", limit=0.95),
    Family("ronda_host_disk_used_ratio", lazy_gettext("Disk used"), "ratio", limit=0.9),
    Family(
        "ronda_host_temperature_celsius",
        lazy_gettext("Temperature"),
        "celsius",
        limit=85.0,
        from_zero=False,
    ),
)
# labels whose values pages do not say as they stand
_ARROWS = dict.fromkeys(("receive", "down", "download"), "\N{DOWNWARDS ARROW}")
_ARROWS |= dict.fromkeys(("transmit", "up", "upload"), "\N{UPWARDS ARROW}")
# what people know best comes first of several interfaces or targets
_FIRST = ("gateway", "internet")
_BY_NAME = {family.name: family for family in FAMILIES}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One series worth a chart; `of` tells it from its siblings: a target, an interface."""

    series: str
    family: Family
    of: str


@dataclass(frozen=True, slots=True)
class Lines:
    """What a value is held against: the limit people are told of, and what is paid for."""

    limit: float | None = None
    contract: float | None = None
    floor: bool = False

    def broken(self, value: float | None) -> bool:
        """Is the value on the wrong side of the limit?"""
        if value is None or self.limit is None:
            return False
        return value < self.limit if self.floor else value > self.limit


@dataclass(frozen=True, slots=True)
class Drawing:
    """A line in a box of 300 by 100; `ticks` from the bottom up."""

    path: str
    area: str
    end: tuple[float, float] | None
    limit_y: float | None
    contract_y: float | None
    ticks: tuple[float, ...]

    @property
    def grid(self) -> str:
        """A line across for each tick."""
        apart = 100 / (len(self.ticks) - 1)
        return "".join(f"M0 {round(apart * place, 1)}H300" for place in range(len(self.ticks)))


def family(series: str) -> Family | None:
    """The family of a series, if pages draw it."""
    return _BY_NAME.get(series.partition("{")[0])


def choose(names: Iterable[str]) -> list[Wanted]:
    """The series worth a chart, in the order of FAMILIES, few of each."""
    found: dict[str, list[Wanted]] = {}
    for name in sorted(names, key=_rank):
        kind = family(name)
        if kind is None:
            continue
        labels = parse_series(name)[1]
        of = named(labels)
        siblings = found.setdefault(kind.name, [])
        if of != "lo" and len(siblings) < kind.most:
            siblings.append(Wanted(name, kind, of))
    ordered = [wanted for kind in FAMILIES for wanted in found.get(kind.name, [])]
    return ordered[:MOST_CHARTS]


def named(labels: Mapping[str, str]) -> str:
    """What tells a series from its siblings: `main ↓`; the only disk needs no name."""
    told = [labels[key] for key in sorted(labels) if key != "direction" and labels[key] != "/"]
    way = labels.get("direction", "")
    return " ".join(filter(None, (", ".join(told), _ARROWS.get(way, way))))


def _rank(name: str) -> tuple[bool, str]:
    return not any(f'"{first}"' in name for first in _FIRST), name


def shown(family: Family, times: Floats, values: Floats) -> tuple[Floats, Floats]:
    """The values as pages show them: counters become rates, a reset or a hole is a gap."""
    if not family.rate:
        return times, values
    if len(times) < 2:
        return times[:0], values[:0]
    steps, growth = np.diff(times), np.diff(values)
    fine = (steps > 0) & (steps <= _GAP * np.median(steps)) & (growth >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(fine, growth / steps * family.factor, np.nan)
    return times[1:], rates


def thin(times: Floats, values: Floats, most: int, peak: bool) -> tuple[Floats, Floats]:
    """At most about `most` points: mean or highest of equal stretches; a stretch without
    a number, and a gap longer than 2.5 usual steps, becomes NaN."""
    if len(times) <= most:
        return _with_gaps(times, values)
    width = (times[-1] - times[0]) / most
    place = np.minimum(((times - times[0]) / width).astype(np.int64), most - 1)
    centres = times[0] + width * (np.arange(most) + 0.5)
    good = ~np.isnan(values)
    if not good.all():
        place, values = place[good], values[good]
    if peak:
        result = np.full(most, -np.inf)
        np.maximum.at(result, place, values)
        result[np.isinf(result)] = np.nan
        return centres, result
    counts = np.bincount(place, minlength=most)
    sums = np.bincount(place, values, most)
    with np.errstate(invalid="ignore"):
        return centres, sums / counts


def lines_of(family: Family) -> Lines:
    """What the values of a family are held against where nobody says otherwise."""
    return Lines(family.limit, None, family.floor)


def stepped(family: Family, steps: Steps) -> tuple[Floats, Floats]:
    """A step's mean, peak or rate as pages show it, at the middle of the step."""
    middles = steps.starts + steps.step_s / 2
    if family.rate:
        return middles, steps.growth / steps.step_s * family.factor
    return middles, steps.peak if family.peak else steps.mean


def draw(
    family: Family,
    times: Floats,
    values: Floats,
    start: float,
    end: float,
    lines: Lines | None = None,
) -> Drawing | None:
    """The line of a series between `start` and `end`; None when there is no number.

    It is drawn coarsely, but the scale holds the finer points that a script may put over it.
    """
    lines = lines_of(family) if lines is None else lines
    fine = (
        values if len(values) <= FINE_POINTS else thin(times, values, FINE_POINTS, family.peak)[1]
    )
    fine = fine[~np.isnan(fine)]
    if not len(fine):
        return None
    ticks = scale(float(fine.min()), float(fine.max()), family, lines)
    times, values = thin(times, values, _COARSE_POINTS, family.peak)
    low, high = ticks[0], ticks[-1]
    x = (times - start) / (end - start) * 300
    y = 100 - (values - low) / (high - low) * 100
    path, area = _path(x, y)
    limit_y, contract_y = (
        100 - (value - low) / (high - low) * 100
        if value is not None and low <= value <= high
        else None
        for value in (lines.limit, lines.contract)
    )
    last = (round(float(x[-1]), 1), round(float(y[-1]), 1)) if not np.isnan(y[-1]) else None
    return Drawing(path, area, last, limit_y, contract_y, ticks)


def scale(low: float, high: float, family: Family, lines: Lines | None = None) -> tuple[float, ...]:
    """Two to five round numbers that hold the values; shares of a whole end at 100%."""
    if family.from_zero:
        low = 0.0
    lines = lines_of(family) if lines is None else lines
    limit = lines.limit
    if lines.contract:
        high = max(high, lines.contract)
    elif limit and lines.floor:
        # how far above its floor a value stands is the news
        low = min(low, limit)
    elif limit and high >= limit * _NEAR:
        high = max(high, limit)
    if high - low < 1e-9:
        high = low + (abs(low) * 0.1 or (0.01 if family.unit in ("ratio", "seconds") else 1.0))
    step = _round_step((high - low) / 3)
    bottom, top = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(place * step, 10) for place in range(bottom, top + 1))
    if family.unit == "ratio" and ticks[-1] > 1 and high <= 1:
        return (0.0, 0.5, 1.0)
    return ticks


def _round_step(rough: float) -> float:
    size: float = 10.0 ** math.floor(math.log10(rough))
    return next(step * size for step in _STEPS if step * size >= rough * (1 - 1e-9))


def _with_gaps(times: Floats, values: Floats) -> tuple[Floats, Floats]:
    if len(times) < 3:
        return times, values
    steps = times[1:] - times[:-1]
    # nothing wide is asked for first: the middle of all steps takes longer than the rest
    if steps.max() <= _GAP * steps.min():
        return times, values
    wide = np.flatnonzero(steps > _GAP * np.median(steps))
    if not len(wide):
        return times, values
    middles = (times[wide] + times[wide + 1]) / 2
    return np.insert(times, wide + 1, middles), np.insert(values, wide + 1, np.nan)


def _path(x: Floats, y: Floats) -> tuple[str, str]:
    lines, areas = [], []
    for begin, end in _runs(~np.isnan(y)):
        places = np.stack((x[begin:end], y[begin:end]), axis=1).ravel().tolist()
        # one formatting of all numbers is several times cheaper than one for each
        points = ("%.1f %.1fL" * (end - begin))[:-1] % tuple(places)
        lines.append(f"M{points}h.1" if end - begin == 1 else f"M{points}")
        areas.append(f"M{places[0]:.1f} 100L{points}L{places[-2]:.1f} 100z")
    return "".join(lines), "".join(areas)


def _runs(good: np.ndarray[Any, np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """First and first beyond of each stretch of what is good."""
    inside = np.zeros(len(good) + 2, bool)
    inside[1:-1] = good
    edges = np.flatnonzero(inside[1:] != inside[:-1]).tolist()
    return list(zip(edges[0::2], edges[1::2], strict=True))
