"""History strips: states over time as bars. Tall is bad, unknown is hollow, normal a low line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from collector.availability import Interval, clip

HEIGHT = 28.0
_TALL = {"down": 28.0, "slow": 14.0, "unknown": 14.0, "maintenance": 9.0, "normal": 4.0}
# a day with this much trouble stands at full height
_FULL_S = 4 * 3600
# trouble shorter than this does not colour a whole day
_BLIP_S = 60.0
_WORST = ("down", "slow", "unknown", "maintenance")


class Spell(Protocol):
    """A state that lasted; an Interval is one."""

    @property
    def since(self) -> float: ...

    @property
    def end(self) -> float: ...

    @property
    def state(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a strip; `kind` is the state's first letter, which is its class."""

    kind: str
    x: float
    width: float
    height: float


def paths(bars: Iterable[Bar]) -> dict[str, str]:
    """One SVG path for all bars of a kind, in the order in which the kinds first come."""
    drawn: dict[str, str] = {}
    for bar in bars:
        box = f"M{bar.x:g} {HEIGHT:g}v-{bar.height:g}h{bar.width:g}v{bar.height:g}z"
        drawn[bar.kind] = drawn.get(bar.kind, "") + box
    return drawn


def hours(spells: Iterable[Interval], start: float, end: float, width: float) -> list[Bar]:
    """Bars in proportion to time, `width` wide in all; a short outage stays visible."""
    scale = width / (end - start)
    least = width / 480
    bars = []
    for part in clip(spells, start, end):
        state, begin = part.state, part.since
        wide = (min(part.end, end) - begin) * scale
        if state != "normal":
            wide = max(wide, least)
        x = min((begin - start) * scale, width - wide)
        bars.append(Bar(state[0], round(x, 1), round(wide, 1), _TALL.get(state, 4.0)))
    # trouble is drawn last, so that a widened bar lies over its quiet neighbours
    return sorted(bars, key=lambda bar: bar.height)


def days(spells: Sequence[Spell], edges: Sequence[float], step: float) -> list[Bar]:
    """One bar for each day between two of `edges`, `step` apart; a day nobody watched has none."""
    return bars_of_days(by_day(spells, edges), step)


def bars_of_days(spent: Iterable[Mapping[str, float]], step: float) -> list[Bar]:
    """The same of seconds by state, day after day."""
    bars = []
    for place, seconds in enumerate(spent):
        if seconds:
            state, height = _judge(seconds)
            bars.append(Bar(state[0], round(place * step + step * 0.1, 1), step * 0.8, height))
    return bars


def by_day(spells: Iterable[Spell], edges: Sequence[float]) -> list[dict[str, float]]:
    """Seconds by state of each day between two of `edges`, in one pass over spells in order."""
    spent: list[dict[str, float]] = [{} for _ in edges[1:]]
    last, day = len(spent), 0
    for spell in spells:
        since, end, state = spell.since, spell.end, spell.state
        while day < last and edges[day + 1] <= since:
            day += 1
        at = day
        while at < last and edges[at] < end:
            length = min(end, edges[at + 1]) - max(since, edges[at])
            if length > 0:
                spent[at][state] = spent[at].get(state, 0.0) + length
            at += 1
    return spent


def total(spent: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Seconds by state of all days together."""
    found: dict[str, float] = {}
    for day in spent:
        for state, seconds in day.items():
            found[state] = found.get(state, 0.0) + seconds
    return found


def available(spent: Mapping[str, float]) -> float | None:
    """The part of the known time in which the uplink worked; None when nothing is known."""
    worked = spent.get("normal", 0.0) + spent.get("slow", 0.0)
    known = worked + spent.get("down", 0.0)
    return worked / known if known > 0 else None


def _judge(spent: Mapping[str, float]) -> tuple[str, float]:
    for state in _WORST:
        seconds = spent.get(state, 0.0)
        if seconds >= _BLIP_S:
            least = _TALL["normal"] + 3
            reach = _TALL[state] - least
            return state, round(least + reach * min(1.0, seconds / _FULL_S), 1)
    return "normal", _TALL["normal"]
