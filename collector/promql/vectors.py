"""What expressions are worth: numbers of many series at many steps, as arrays."""

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from collector.promql.labels import Labels, groups, stack
from collector.promql.limits import Failed, Limits
from collector.promql.plan import Matcher

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Millis = NDArray[np.int64]

# a NaN with this payload ends a series until its next sample
STALE_BITS = 0x7FF0000000000002
STALE = float(np.array([STALE_BITS], np.uint64).view(np.float64)[0])

SAME_LABELS = "vector cannot contain metrics with the same labelset"


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """Values of k series at T steps, where `present`.

    `dropped[k]`: the name is to go at the end (it still tells series apart until then).
    `stamps[k, T]`: times of the samples, where the vector is what a selector found.
    """

    labels: Labels
    values: Floats
    present: Bools
    dropped: Bools
    stamps: Millis | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self) -> Bools:
        """Which series have a value at any step."""
        found: Bools = np.logical_or.reduce(self.present, axis=1)
        return found

    def steps(self) -> Bools:
        """At which steps any series has a value."""
        found: Bools = np.logical_or.reduce(self.present, axis=0)
        return found

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "Vector":
        stamps = None if self.stamps is None else self.stamps[rows]
        return Vector(
            self.labels.take(rows),
            self.values[rows],
            self.present[rows],
            self.dropped[rows],
            stamps,
        )

    def valued(self, values: Floats, present: Bools | None = None) -> "Vector":
        """Other numbers of the same series, whose names are to go."""
        there = self.present if present is None else present
        return Vector(self.labels, values, there, np.ones(len(self), bool))


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """One number a step."""

    values: Floats


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Beside samples that are the last ones of steps of time: what those steps came to.

    `begins`: time of the first one. `growth`: of a counter within the step, resets included.
    """

    counts: Millis
    begins: Millis
    firsts: Floats
    least: Floats
    most: Floats
    totals: Floats
    growth: Floats

    def take(self, places: NDArray[np.int64] | Bools) -> "Spans":
        return Spans(*(getattr(self, spec.name)[places] for spec in fields(self)))

    @staticmethod
    def of(times: Millis, values: Floats) -> "Spans":
        """Samples, each a step of its own."""
        ones, none = np.ones(len(times), np.int64), np.zeros(len(times))
        return Spans(ones, times, values, values, values, values, none)


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """For each series and step the samples `lo` to before `hi` of `times` and `values`.

    Window t covers (ends[t] - range_ms, ends[t]]; `steps` are the times it is asked at. With
    `spans` a sample may stand for many, none of them in another window.
    """

    labels: Labels
    dropped: Bools
    times: Millis
    values: Floats
    lo: Millis
    hi: Millis
    ends: Millis
    steps: Millis
    range_ms: int
    spans: Spans | None = None

    def sizes(self) -> Millis:
        """[k, T]: how many samples each window has."""
        if self.spans is None:
            return self.hi - self.lo
        behind = np.concatenate([[0], np.cumsum(self.spans.counts)])
        found: Millis = behind[self.hi] - behind[self.lo]
        return found

    def filled(self) -> Bools:
        """[k, T]: which windows have a sample."""
        found: Bools = self.hi > self.lo
        return found


Value = Vector | Scalar | Text | Windows


class Use(StrEnum):
    """What the samples are for: steps of time that stand for many know enough for some of it."""

    RAW = "every sample"
    SPANS = "what samples come to"
    GROWTH = "how counters grow"
    LAST = "the last value"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a selector asks of a source: samples in (start, end] of the series that match.

    With `use` other than RAW, steps of time may stand for samples that none of the `cuts`, the
    moments at which windows begin or end, divides.
    With `reach`, also what came before the start and still holds there: the source knows for how
    long a sample of each series holds; `times` are the moments it is about. With `newest`, only
    each series' newest sample is needed.
    """

    matchers: tuple[Matcher, ...]
    start_ms: int
    end_ms: int
    steps: int
    reach: bool = False
    newest: bool = False
    use: Use = Use.RAW
    times: Millis = field(default_factory=lambda: np.zeros(0, np.int64))
    cuts: Millis = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Samples of series i: `offsets[i]` to before `offsets[i + 1]`, in order of time.

    `lookback_ms[i]`: for how long a sample holds; `remarks`: what to say about the answer.
    """

    labels: Labels
    times: Millis
    values: Floats
    offsets: Millis
    lookback_ms: Millis
    remarks: tuple[str, ...] = field(default=())
    spans: Spans | None = None


class Source(Protocol):
    """Where series come from."""

    def select(self, wanted: Wanted, limits: Limits) -> Series:
        """The series that match, with their samples; series without any may be left out."""


def empty(labels: Labels, steps: int) -> Vector:
    """No series at all."""
    none = labels.take(np.zeros(0, np.int64))
    return Vector(none, np.zeros((0, steps)), np.zeros((0, steps), bool), np.zeros(0, bool))


def without_names(vector: Vector) -> Vector:
    """The names that are to go are gone, and series that are the same then are one."""
    labels = vector.labels.clear("__name__", vector.dropped)
    if labels is vector.labels:
        return vector
    return merged(replace(vector, labels=labels, dropped=np.zeros(len(vector), bool)))


def merged(vector: Vector) -> Vector:
    """Series with the same labels as one; Failed where two have a value at the same step."""
    ids, first = groups(vector.labels)
    if len(first) == len(vector):
        return vector
    order = np.argsort(ids, kind="stable")
    starts = np.searchsorted(ids[order], np.arange(len(first)))
    there = vector.present[order]
    if (np.add.reduceat(there.astype(np.int32), starts, axis=0) > 1).any():
        raise Failed(SAME_LABELS)
    values = np.where(there, vector.values[order], 0.0)
    return Vector(
        vector.labels.take(first),
        np.add.reduceat(values, starts, axis=0),
        np.logical_or.reduceat(there, starts, axis=0),
        np.logical_or.reduceat(vector.dropped[order], starts),
    )


def joined(parts: list[Vector]) -> Vector:
    """The series of several vectors, one vector's after the other's."""
    return Vector(
        stack([part.labels for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.present for part in parts]),
        np.concatenate([part.dropped for part in parts]),
    )
