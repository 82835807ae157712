"""Series kept in memory, as a source: for tests of queries and of rules."""

from collections.abc import Sequence

import numpy as np

from collector.promql.labels import Words, of_rows, say
from collector.promql.limits import Limits
from collector.promql.matchers import rows_of
from collector.promql.vectors import Series, Wanted

LOOKBACK_MS = 300_000


class Memory:
    """What was added, in the order in which the series first came."""

    def __init__(self, words: Words, lookback_ms: int = LOOKBACK_MS) -> None:
        self.words = words
        self._lookback_ms = lookback_ms
        self._rows: list[dict[str, str]] = []
        self._samples: list[dict[int, float]] = []
        self._places: dict[str, int] = {}

    def add(
        self, labels: dict[str, str], points: Sequence[float | None], start_ms: int, step_ms: int
    ) -> None:
        """Points at start, start + step, ...; None leaves one out, the same time again replaces."""
        key = say(labels)
        if key not in self._places:
            self._places[key] = len(self._rows)
            self._rows.append(dict(labels))
            self._samples.append({})
        samples = self._samples[self._places[key]]
        for i, value in enumerate(points):
            if value is not None:
                samples[start_ms + i * step_ms] = value

    def clear(self) -> None:
        self._rows, self._samples, self._places = [], [], {}

    def select(self, wanted: Wanted, limits: Limits) -> Series:
        labels = of_rows(self.words, self._rows)
        rows = np.flatnonzero(rows_of(labels, wanted.matchers))
        start = wanted.start_ms - (self._lookback_ms if wanted.reach else 0)
        times, values, offsets = [], [], [0]
        for row in rows.tolist():
            samples = self._samples[row]
            inside = sorted(t for t in samples if start < t <= wanted.end_ms)
            times += inside
            values += [samples[t] for t in inside]
            offsets.append(len(times))
        limits.check_samples(len(times))
        return Series(
            labels.take(rows),
            np.array(times, np.int64),
            np.array(values, np.float64),
            np.array(offsets, np.int64),
            np.full(len(rows), self._lookback_ms),
        )
