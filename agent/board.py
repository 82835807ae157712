"""The latest reading of every check, and the frame of numbers that they make. Pure."""

import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.config import Check
from agent.report import Reading, Verdict, layout_id, parse_series, series

# kinds that only count: their silence is no verdict
COUNTING = frozenset({"link", "host", "wifi"})
# two checks may speak of the same thing (the router's DNS, the ISP's; the hotspots of two halls):
# a fault of one shows
_STEPS = ("dhcp", "dns", "portal", "login", "internet")
_WORST = (
    "ronda_uplink_dns_up",
    "ronda_uplink_content_ok",
    *(series("ronda_hotspot_journey_up", {"step": step}) for step in _STEPS),
)
_MAINS = "ronda_power_on_mains"
_UP = {Verdict.GOOD: 1.0, Verdict.BAD: 0.0}
_NULL = float("nan")
_WHOLE_FROM = 1e5
_MOST_SERIES = 2000
# a series nobody gave for so many frames leaves the layout when a new one is made
_FORGET_FRAMES = 120


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict that is not what it was; `uplink`: an uplink came or went with it.

    `site` is "" where it speaks of the agent's own."""

    check: str
    verdict: Verdict
    reason: str
    uplink: bool
    site: str = ""


class Board:
    """What is known now of each check."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._checks = {check.key: check for check in checks}
        self._readings: dict[str, tuple[Reading, float]] = {}

    def replace(self, checks: Sequence[Check]) -> None:
        """Another configuration: a check that is what it was keeps its reading."""
        kept = {c.key for c in checks if self._checks.get(c.key) == c}
        self._readings = {k: r for k, r in self._readings.items() if k in kept}
        self._checks = {check.key: check for check in checks}

    def verdict(self, key: str) -> Verdict | None:
        known = self._readings.get(key)
        return known[0].verdict if known else None

    def take(self, key: str, reading: Reading, duration_s: float) -> Change | None:
        """Put the reading on the board; the change of verdict it brings, if any."""
        check = self._checks.get(key)
        if check is None:
            return None
        before, uplink = self.verdict(key), self._uplink(check.site, check.uplink)
        said = self._readings[key][0].reason if before else ""
        self._readings[key] = (reading, duration_s)
        if check.kind in COUNTING or reading.verdict is None:
            return None
        if reading.verdict == before and not _says_more(check, said, reading.reason):
            return None
        moved = self._uplink(check.site, check.uplink) != uplink
        return Change(check.name, reading.verdict, reading.reason, moved, check.site)

    def mains(self) -> dict[str, float | None]:
        """What is known of the mains: nobody may hear of it a report later, if ever."""
        known = (reading.values.items() for reading, _ in self._readings.values())
        return {name: v for values in known for name, v in values if name.startswith(_MAINS)}

    def values(self) -> dict[str, float | None]:
        """All series of all checks, the verdicts and the uplinks they make."""
        values: dict[str, float | None] = {}
        for key, (reading, duration_s) in self._readings.items():
            check = self._checks[key]
            seen = _of_site(reading.values, check.site)
            values |= {**seen, **_worst(values, seen)}
            if check.kind not in COUNTING and reading.verdict is not None:
                place = {"site": check.site} if check.site else {}
                labels = {"check": check.name, **place}
                up = series("ronda_check_up", {**labels, "kind": check.kind})
                values[up] = _UP.get(reading.verdict)
                values[series("ronda_check_duration_seconds", labels)] = duration_s
        for site, uplink in {(c.site, c.uplink) for c in self._checks.values() if c.uplink}:
            up = series("ronda_uplink_up", {"uplink": uplink})
            values |= _of_site({up: self._uplink(site, uplink)}, site)
        return values

    def readings(self) -> Iterable[tuple[Check, Reading]]:
        return [(self._checks[key], reading) for key, (reading, _) in self._readings.items()]

    def _uplink(self, site: str, uplink: str | None) -> float | None:
        """1 when any check of the uplink is good, 0 when all are bad, None otherwise."""
        mine = [c for c in self._checks.values() if uplink and c.uplink == uplink]
        keys = [c.key for c in mine if c.site == site]
        verdicts = {self.verdict(key) for key in keys}
        if Verdict.GOOD in verdicts:
            return 1.0
        return 0.0 if verdicts == {Verdict.BAD} else None


def _says_more(check: Check, said: str, reason: str) -> bool:
    """Is the reason news by itself? Of most kinds only the verdict is."""
    return getattr(check.probe, "tells_reasons", False) and said != reason


def _of_site(values: Mapping[str, float | None], site: str) -> Mapping[str, float | None]:
    """The same series, said of another site."""
    if not site:
        return values
    parsed = ((parse_series(name), value) for name, value in values.items())
    return {series(name, {**labels, "site": site}): v for (name, labels), v in parsed}


def _worst(one: Mapping[str, float | None], two: Mapping[str, float | None]) -> dict[str, float]:
    """What both of them measured of the same thing, at its worst."""
    both = {name: [v for v in (one.get(name), two.get(name)) if v is not None] for name in _WORST}
    return {name: min(known) for name, known in both.items() if known}


class Shape:
    """Keeps the layout of frames steady: a series that is missing is null, not a new layout."""

    def __init__(self) -> None:
        self._missing: dict[str, int] = {}
        self.names: tuple[str, ...] = ()
        self.layout = layout_id(())
        self.left_out = 0

    def form(self, values: Mapping[str, float | None]) -> "array[float]":
        """The values in the order of `names`; a series never seen before makes a new layout."""
        if any(name not in self._missing for name in values):
            self._extend(values)
        for name in self._missing:
            self._missing[name] = 0 if name in values else self._missing[name] + 1
        return array("d", (number(values.get(name)) for name in self.names))

    def _extend(self, values: Mapping[str, float | None]) -> None:
        lasting = {n: m for n, m in self._missing.items() if m < _FORGET_FRAMES}
        wanted = lasting | dict.fromkeys((n for n in values if n not in lasting), 0)
        # sorted: the same series make the same layout after every start
        self.names = tuple(sorted(wanted))[:_MOST_SERIES]
        self.left_out = len(wanted) - len(self.names)
        self._missing = {name: wanted[name] for name in self.names}
        self.layout = layout_id(self.names)


def number(value: object) -> float:
    """A number as it is sent: NaN for null, no more digits than a measurement has.

    Five significant digits keep the line small: RTT to a microsecond, ratios to 0.001 %.
    Counters and times of day are whole and stay exact.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return float(value) if isinstance(value, bool) else _NULL
    if value == int(value):
        return float(value)
    return float(round(value)) if abs(value) >= _WHOLE_FROM else float(f"{value:.5g}")
