"""A line of a few characters for a terminal: how a number went."""

import math
from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 60


def chart(name: str, values: Sequence[float]) -> str:
    """The series' name, its lowest, highest and last value, and its line below."""
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return f"{name}\n  no numbers"
    low, high = min(known), max(known)
    last = f"min {low:g}  max {high:g}  last {known[-1]:g}"
    return f"{name}\n  {line(values, low, high)}  {last}".lstrip("\n")


def line(values: Sequence[float], low: float, high: float) -> str:
    """One bar for each stretch of the values, a blank where there is none."""
    width = min(_WIDTH, len(values))
    bars = []
    for place in range(width):
        part = values[place * len(values) // width : (place + 1) * len(values) // width]
        known = [value for value in part if math.isfinite(value)]
        if not known:
            bars.append(" ")
            continue
        share = (max(known) - low) / (high - low) if high > low else 0.5
        bars.append(_BARS[min(int(share * len(_BARS)), len(_BARS) - 1)])
    return "".join(bars)
