"""Figures of a run with what they must be beside them, as one table, and whether all are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

MET, LATER, MISSED, UNKNOWN = "met", "only after settling", "MISSED", "not measured"


@dataclass(frozen=True, slots=True)
class Figure:
    """`must`: the most it may be; None: it is only told. `settled` None: there is one figure."""

    what: str
    unit: str
    whole: float
    settled: float | None = None
    must: float | None = None

    @property
    def verdict(self) -> str:
        if self.must is None:
            return ""
        if math.isnan(self.whole):
            return UNKNOWN
        if self.whole <= self.must:
            return MET
        later = self.settled is not None and self.settled <= self.must
        return LATER if later else MISSED


def show(title: str, figures: Sequence[Figure]) -> None:
    print(f"\n== {title}")
    print(f"   {'':44} {'whole run':>11} {'settled':>11} {'must':>9}")
    for one in figures:
        cells = f"{number(one.whole):>11} {number(one.settled):>11} {number(one.must):>9}"
        print(f"   {f'{one.what}, {one.unit}':44} {cells}  {one.verdict}".rstrip(), flush=True)


def number(value: float | None) -> str:
    if value is None:
        return ""
    if math.isnan(value):
        return "?"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def all_met(figures: Sequence[Figure]) -> bool:
    """Of the whole run: what is met only later is not."""
    return all(one.must is None or one.verdict == MET for one in figures)
