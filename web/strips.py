"""History strips: states over time as bars. Tall is bad, unknown is hollow, normal a low line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collector.availability import Interval, clip, seconds

HEIGHT = 28.0
_TALL = {"down": 28.0, "slow": 14.0, "unknown": 14.0, "maintenance": 9.0, "normal": 4.0}
# a day with this much trouble stands at full height
_FULL_S = 4 * 3600
# trouble shorter than this does not colour a whole day
_BLIP_S = 60.0
_WORST = ("down", "slow", "unknown", "maintenance")


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


def days(spells: Sequence[Interval], edges: Sequence[float], step: float) -> list[Bar]:
    """One bar for each day between two of `edges`, `step` apart; a day nobody watched has none."""
    bars = []
    for place, (start, end) in enumerate(zip(edges, edges[1:], strict=False)):
        spent = seconds(spells, start, end)
        if spent:
            state, height = _judge(spent)
            bars.append(Bar(state[0], round(place * step + step * 0.1, 1), step * 0.8, height))
    return bars


def available(spent: dict[str, float]) -> float | None:
    """The part of the known time in which the uplink worked; None when nothing is known."""
    worked = spent.get("normal", 0.0) + spent.get("slow", 0.0)
    known = worked + spent.get("down", 0.0)
    return worked / known if known > 0 else None


def _judge(spent: dict[str, float]) -> tuple[str, float]:
    for state in _WORST:
        seconds = spent.get(state, 0.0)
        if seconds >= _BLIP_S:
            least = _TALL["normal"] + 3
            reach = _TALL[state] - least
            return state, round(least + reach * min(1.0, seconds / _FULL_S), 1)
    return "normal", _TALL["normal"]
