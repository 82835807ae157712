"""Series of a test as a source: what was written by hand, and what rules made of it so far."""

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from agent.strict import Refused
from collector.promql.labels import Labels, Words, of_rows, say
from collector.promql.limits import Limits
from collector.promql.matchers import rows_of
from collector.promql.vectors import Series, Wanted

LOOKBACK_MS = 300_000
MOST_SAMPLES = 5_000_000


class Stage:
    """Nothing later than `until_ms` is seen: a test's future has not happened yet."""

    def __init__(self) -> None:
        self.words = Words()
        self.until_ms = 0
        self._rows: list[dict[str, str]] = []
        self._times: list[list[int]] = []
        self._values: list[list[float]] = []
        self._places: dict[str, int] = {}
        self._labels: Labels | None = None
        self._samples = 0

    def add(self, labels: dict[str, str], time_ms: int, value: float) -> None:
        """One sample; the same time again replaces, an earlier one than the last is left out."""
        key = say(labels)
        if key not in self._places:
            self._places[key] = len(self._rows)
            self._rows.append(dict(labels))
            self._times.append([])
            self._values.append([])
            self._labels = None
        times = self._times[self._places[key]]
        values = self._values[self._places[key]]
        if times and times[-1] == time_ms:
            values[-1] = value
        elif not times or times[-1] < time_ms:
            self._samples += 1
            if self._samples > MOST_SAMPLES:
                raise Refused("", f"the test has more than {MOST_SAMPLES:,} samples")
            times.append(time_ms)
            values.append(value)

    def load(
        self, labels: dict[str, str], points: Sequence[float | None], start_ms: int, step_ms: int
    ) -> None:
        """Points at start, start + step, ...; None leaves one out."""
        for place, value in enumerate(points):
            if value is not None:
                self.add(labels, start_ms + place * step_ms, value)

    def select(self, wanted: Wanted, limits: Limits) -> Series:
        if self._labels is None:
            self._labels = of_rows(self.words, self._rows)
        rows = np.flatnonzero(rows_of(self._labels, wanted.matchers))
        start = wanted.start_ms - (LOOKBACK_MS if wanted.reach else 0)
        end = min(wanted.end_ms, self.until_ms)
        times: list[int] = []
        values: list[float] = []
        offsets = [0]
        for row in rows.tolist():
            first, behind = (
                bisect_right(self._times[row], start),
                bisect_right(self._times[row], end),
            )
            times += self._times[row][first:behind]
            values += self._values[row][first:behind]
            offsets.append(len(times))
        limits.check_samples(len(times))
        return Series(
            self._labels.take(rows),
            np.array(times, np.int64),
            np.array(values, np.float64),
            np.array(offsets, np.int64),
            np.full(len(rows), LOOKBACK_MS),
        )
