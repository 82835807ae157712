"""History strips: states over time as bars. Tall is bad, unknown is hollow, normal a low line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from collector.availability import Interval, clip

HEIGHT = 28.0
_TALL = {"down": 28.0, "slow": 14.0, "unknown": 14.0, "maintenance": 9.0, "normal": 4.0}
# a day with this much trouble stands at full height
_FULL_S = 4 * 3600
# trouble shorter than this does not colour a whole day
_BLIP_S = 60.0
_WORST = ("down", "slow", "unknown", "maintenance")
_STATES = (*_WORST, "normal")
_PLACE = {state: place for place, state in enumerate(_STATES)}

Table = np.ndarray[Any, np.dtype[np.float64]]


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
    drawn: dict[str, list[str]] = {}
    for bar in bars:
        box = f"M{bar.x:g} {HEIGHT:g}v-{bar.height:g}h{bar.width:g}v{bar.height:g}z"
        drawn.setdefault(bar.kind, []).append(box)
    return {kind: "".join(boxes) for kind, boxes in drawn.items()}


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


def days(spells: Sequence[Spell], edges: Sequence[float], step: float) -> dict[str, str]:
    """As `paths`: one bar for each day between two of `edges`, `step` apart; a day nobody
    watched has none."""
    return day_paths(by_day(spells, edges), step)


def by_day(spells: Sequence[Spell], edges: Sequence[float]) -> Table:
    """Seconds by state (in the order of _WORST, then normal) and by day between two of `edges`."""
    table = np.zeros((len(_STATES), len(edges) - 1))
    if not spells:
        return table
    # how long each state has lasted in all grows along its spells and stands still between them
    moments = np.empty(2 * len(spells))
    moments[0::2] = [spell.since for spell in spells]
    moments[1::2] = [min(spell.end, edges[-1]) for spell in spells]
    lasted = np.maximum(moments[1::2] - moments[0::2], 0.0)
    states = np.array([_PLACE.get(spell.state, len(_WORST)) for spell in spells])
    grown = np.empty(2 * len(spells))
    for state in np.unique(states).tolist():
        grown[1::2] = np.cumsum(np.where(states == state, lasted, 0.0))
        grown[0::2] = np.append(0.0, grown[1:-1:2])
        table[state] = np.diff(np.interp(edges, moments, grown))
    return table


def day_paths(table: Table, step: float) -> dict[str, str]:
    """The bars of `by_day`, each as tall as its day was bad."""
    trouble = table[: len(_WORST)] >= _BLIP_S
    worst = np.where(trouble.any(axis=0), trouble.argmax(axis=0), len(_WORST))
    worst = np.where(table.sum(axis=0) > 0, worst, -1)
    least = _TALL["normal"] + 3
    drawn: dict[str, list[str]] = {}
    for place, state in enumerate(worst.tolist()):
        if state < 0:
            continue
        name, height = _STATES[state], _TALL["normal"]
        if state < len(_WORST):
            part = min(1.0, float(table[state, place]) / _FULL_S)
            height = round(least + (_TALL[name] - least) * part, 1)
        drawn.setdefault(name[0], []).append(_box(place, step, height))
    return {kind: "".join(boxes) for kind, boxes in drawn.items()}


def total(table: Table) -> dict[str, float]:
    """Seconds by state of all days together."""
    return dict(zip(_STATES, table.sum(axis=1).tolist(), strict=True))


@lru_cache(maxsize=20_000)
def _box(place: int, step: float, height: float) -> str:
    x, width = round(place * step + step * 0.1, 1), step * 0.8
    return f"M{x:g} {HEIGHT:g}v-{height:g}h{width:g}v{height:g}z"


def available(spent: Mapping[str, float]) -> float | None:
    """The part of the known time in which the uplink worked; None when nothing is known."""
    worked = spent.get("normal", 0.0) + spent.get("slow", 0.0)
    known = worked + spent.get("down", 0.0)
    return worked / known if known > 0 else None
