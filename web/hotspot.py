"""Who uses the wifi, by hour and day: today beside yesterday, and a week of hours. Pure.

People are counted, never told apart.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from agent.report import parse_series
from collector.series.steps import Steps
from web.midnights import midnights

WEEK = 7
LEVELS = 5
_USERS, _SESSIONS = "ronda_wifi_clients", "ronda_hotspot_sessions"

Latest = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Point:
    """One access point now; None is not known."""

    name: str
    up: bool | None
    users: float | None
    busy: float | None
    at: float


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week's picture: mean users by hour, None where nobody counted."""

    at: float
    hours: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Crowd:
    """Users by hour; `days` end with today. `top` is what a full cell or bar stands for."""

    now: float | None
    at: float | None
    days: Sequence[Day]
    top: float

    @property
    def today(self) -> Day:
        return self.days[-1]

    @property
    def yesterday(self) -> Day:
        return self.days[-2]

    @property
    def peak(self) -> tuple[int, float] | None:
        """Today's busiest hour with its users."""
        return self._peak(self.today)

    @property
    def peak_then(self) -> tuple[int, float] | None:
        """Yesterday's."""
        return self._peak(self.yesterday)

    @property
    def heat(self) -> dict[str, str]:
        """A path for each level of the week's cells: `h0` for nobody, up to LEVELS."""
        drawn: dict[str, list[str]] = {}
        for row, day in enumerate(self.days):
            for hour, users in enumerate(day.hours):
                if users is not None:
                    cell = f"M{hour}.04 {row}.06h.92v.88h-.92z"
                    drawn.setdefault(f"h{self._level(users)}", []).append(cell)
        return {kind: "".join(cells) for kind, cells in drawn.items()}

    @property
    def bars(self) -> str:
        """Today's hours as bars in a box of 24 by 60."""
        drawn = []
        for hour, users in enumerate(self.today.hours):
            if users is not None:
                tall = round(60 * users / self.top, 1)
                drawn.append(f"M{hour}.14 60v-{tall:g}h.72v{tall:g}z")
        return "".join(drawn)

    @property
    def then(self) -> str:
        """Yesterday's hours as a line of steps in the same box."""
        drawn, down = [], False
        for hour, users in enumerate(self.yesterday.hours):
            if users is not None:
                y = f"{round(60 - 60 * users / self.top, 1):g}"
                drawn.append(f"V{y}h1" if down else f"M{hour} {y}h1")
            down = users is not None
        return "".join(drawn)

    def _level(self, users: float) -> int:
        return math.ceil(min(1.0, users / self.top) * LEVELS) if users >= 0.5 else 0

    @staticmethod
    def _peak(day: Day) -> tuple[int, float] | None:
        known = [(hour, users) for hour, users in enumerate(day.hours) if users is not None]
        return max(known, key=lambda pair: pair[1], default=None)


def series_of(names: Iterable[str]) -> list[str]:
    """The series that count users: of the access points, else of the hotspot's sessions."""
    listed = sorted(names)
    users = [name for name in listed if name.partition("{")[0] == _USERS]
    return users or [name for name in listed if name.partition("{")[0] == _SESSIONS]


def crowd(latest: Latest, hours: Mapping[str, Steps], now: float, zone: tzinfo) -> Crowd | None:
    """The users of a site; None where nobody counts any."""
    counted = [latest[name] for name in series_of(latest) if latest[name][1] == latest[name][1]]
    begins = midnights(now, zone, WEEK)
    if not counted and not hours:
        return None
    days = [Day(at, _hours_of(hours, at, now)) for at in begins]
    most = max((u for day in days for u in day.hours if u is not None), default=0.0)
    return Crowd(
        now=sum(users for _, users in counted) if counted else None,
        at=min((at for at, _ in counted), default=None),
        days=days,
        top=_round_up(max(most, 4.0)),
    )


def points(latest: Latest) -> list[Point]:
    """The access points by name."""
    told: dict[str, dict[str, list[float]]] = {}
    seen: dict[str, float] = {}
    for series, (at, value) in latest.items():
        name = series.partition("{")[0]
        key = {"ronda_wifi_up": "up", _USERS: "users", "ronda_wifi_channel_busy_ratio": "busy"}
        if name not in key or value != value:
            continue
        ap = parse_series(series)[1].get("ap", "")
        told.setdefault(ap, {}).setdefault(key[name], []).append(value)
        seen[ap] = max(at, seen.get(ap, at))
    return [
        Point(
            name,
            max(values["up"]) > 0 if "up" in values else None,
            sum(values["users"]) if "users" in values else None,
            max(values["busy"]) if "busy" in values else None,
            seen[name],
        )
        for name, values in sorted(told.items())
    ]


def first_day(now: float, zone: tzinfo) -> float:
    """When the week that the picture shows began."""
    return midnights(now, zone, WEEK)[0]


def _hours_of(hours: Mapping[str, Steps], begin: float, now: float) -> list[float | None]:
    found: list[float | None] = [None] * 24
    for each in hours.values():
        inside = (each.starts >= begin) & (each.starts < min(begin + 86400, now))
        places = ((each.starts[inside] - begin) // 3600).astype(int).tolist()
        for place, mean in zip(places, each.mean[inside].tolist(), strict=True):
            found[place] = (found[place] or 0.0) + mean
    return found


def _round_up(value: float) -> float:
    size: float = 10.0 ** math.floor(math.log10(value))
    return next(step * size for step in (1, 2, 4, 5, 6, 8, 10) if step * size >= value - 1e-9)
