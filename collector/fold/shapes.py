"""The frames of a batch that share one list of series: judged and written together."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collector.judge import Columns, Thresholds, columns, judge, signs
from collector.series.layouts import Layout

Values = Sequence[float | None]


class Shape:
    """One list of series names, as many agents have it, with the batch's live frames."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.where: Columns = columns(names)
        self.checks_of = _getter(self.where.checks)
        self.checks = frozenset(check for check, _ in self.where.check_names)
        self.times: list[float] = []
        self.values: list[Values] = []
        self.layouts: list[Layout] = []
        self.codes: list[int] = []
        self.limits = Thresholds()
        self.signs: list[int] = []
        self.matrix: NDArray[np.float64] = np.empty((0, len(names)))

    def add(self, time: float, values: Values, layout: Layout) -> int:
        """Take in a live frame; its place in the batch."""
        self.times.append(time)
        self.values.append(values)
        self.layouts.append(layout)
        return len(self.times) - 1

    def fill(self) -> None:
        """Fill `matrix` for the frames of the batch."""
        self.matrix = np.array(self.values, dtype=np.float64)

    def judge(self, limits: Thresholds) -> None:
        """Fill `matrix`, `codes` and `signs` for the frames of the batch."""
        self.fill()
        self.limits = limits
        self.codes = judge(self.matrix, self.where, limits).tolist()
        self.signs = signs(self.matrix, self.where).tolist()

    def clear(self) -> None:
        self.times, self.values, self.layouts = [], [], []
        self.codes, self.signs = [], []
        self.matrix = np.empty((0, len(self.names)))


class Shapes:
    """Shapes by their names; `used` are those with frames in the batch, in order of use."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Shape] = {}
        self.used: list[Shape] = []

    def of(self, layout: Layout) -> Shape:
        shape = self._known.get(layout.names)
        if shape is None:
            shape = self._known[layout.names] = Shape(layout.names)
        return shape

    def add(self, shape: Shape, time: float, values: Values, layout: Layout) -> int:
        if not shape.times:
            self.used.append(shape)
        return shape.add(time, values, layout)

    def judge(self, limits: Thresholds) -> None:
        for shape in self.used:
            shape.judge(limits)

    def clear(self) -> None:
        for shape in self.used:
            shape.clear()
        self.used = []


def _getter(places: Sequence[int]) -> Callable[[Values], Any]:
    """The values at these places, as something that compares quickly."""
    if not places:
        return lambda values: None
    return itemgetter(*places)
