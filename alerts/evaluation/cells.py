"""Expressions worked out for many sites at one time: sites stand where a query has its steps.

The walk over the tree, its operators and functions are those of queries; only selectors are read
differently. So the answers are the same, and no label set is built before something is bad.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alerts.evaluation import registered
from alerts.evaluation.looking import Look
from alerts.evaluation.meaning import Meaning, Meanings
from alerts.evaluation.overlay import Overlay
from alerts.evaluation.registered import at_once
from collector.promql import derived
from collector.promql.evaluating import Steps
from collector.promql.labels import Ids, Labels, of_rows, stack
from collector.promql.limits import Failed, Limits
from collector.promql.plan import Matcher, Node, Selector
from collector.promql.segments import Floats
from collector.promql.vectors import Scalar, Series, Use, Value, Vector, Wanted, Windows
from collector.series.window_part import Flat, WindowPart, joined

Bools = NDArray[np.bool_]
Beyond = Callable[[NDArray[np.int32], Ids, float, float], Flat]


@dataclass(frozen=True, slots=True, eq=False)
class Portion:
    """Some sites of one look, with what their window holds; what was read is kept for all rules.

    `places` are in the order of the window's rows. `wanted`: columns any of the rules asks for.
    """

    look: Look
    places: Ids
    codes: list[str]
    place_of: dict[str, int]  # by code of a site: its place here
    part: WindowPart | None
    wanted: NDArray[np.int32]
    overlay: Overlay
    meanings: Meanings
    beyond: Beyond | None = None  # reads what is older than the window
    _vectors: dict[tuple[tuple[Matcher, ...], int], Vector] = field(default_factory=dict)
    _newest: dict[int, tuple[NDArray[np.int32], Floats, Floats]] = field(default_factory=dict)

    def select(self, wanted: Wanted, limits: Limits) -> Series:
        """For an evaluation this is its source; it reads selectors by itself."""
        raise Failed("is not about each site")

    def vector(self, matchers: tuple[Matcher, ...], offset_ms: int) -> Vector:
        """What a selector finds at each site."""
        key = (matchers, offset_ms)
        if key not in self._vectors:
            self._vectors[key] = self._read(matchers, offset_ms)
        return self._vectors[key]

    def windows(self, matchers: tuple[Matcher, ...], offset_ms: int, range_ms: int) -> Windows:
        """The samples of a range at each site, without nulls."""
        end_ms = self.now_ms - offset_ms
        start_ms = end_ms - range_ms
        meaning = self.meanings.of(self.look.catalogue, matchers)
        columns = np.intersect1d(meaning.columns, self.wanted, assume_unique=True)
        which, sites, times, values = self._samples(columns, start_ms, end_ms)
        stamps = np.rint(times * 1000.0).astype(np.int64)
        there = meaning.sites[self.places] & self.look.seen[self.places]
        good = ~np.isnan(values) & (stamps > start_ms) & (stamps <= end_ms) & there[sites]
        which, sites, stamps, values = which[good], sites[good], stamps[good], values[good]
        keys = which * len(self.places) + sites
        # minute by minute they are in order already: a stable sort finds that
        order = np.argsort(keys * (range_ms + 1) + (stamps - start_ms), kind="stable")
        shape = (len(columns), len(self.places))
        edges = np.searchsorted(keys[order], np.arange(shape[0] * shape[1] + 1)).astype(np.int64)
        steps = np.full(len(self.places), self.now_ms, np.int64)
        return Windows(
            self._labels(columns),
            np.zeros(len(columns), bool),
            stamps[order],
            values[order],
            edges[:-1].reshape(shape),
            edges[1:].reshape(shape),
            steps - offset_ms,
            steps,
            range_ms,
        )

    @property
    def now_ms(self) -> int:
        return round(self.look.at * 1000)

    def _read(self, matchers: tuple[Matcher, ...], offset_ms: int) -> Vector:
        recorded = self.overlay.vector(matchers, self.look, self.places) if not offset_ms else None
        if recorded is not None:
            return recorded
        meaning = self.meanings.of(self.look.catalogue, matchers)
        there = meaning.sites[self.places]
        parts = [self._stored(meaning, there, offset_ms)]
        if not offset_ms:
            parts += self._derived(meaning, there)
            parts += registered.vectors(self.look, self.places, meaning, there)
        parts = [part for part in parts if len(part)] or parts[:1]
        return parts[0] if len(parts) == 1 else _beside(parts)

    def _stored(self, meaning: Meaning, there: Bools, offset_ms: int) -> Vector:
        columns = np.intersect1d(meaning.columns, self.wanted, assume_unique=True)
        at_ms = self.now_ms - offset_ms
        known, times, values = self._latest(at_ms)
        rows = np.searchsorted(known, columns)
        stamps = np.rint(times[rows] * 1000.0).astype(np.int64)
        found = values[rows]
        holds = self.look.catalogue.sites.lookback_ms[self.places]
        if (since_ms := at_ms - round(self.look.set_back * 1000)) > 0:
            holds = np.minimum(holds, since_ms)
        there = there & self.look.seen[self.places]
        present = (stamps > at_ms - holds) & ~np.isnan(found) & there & (times[rows] > 0)
        return Vector(
            self._labels(columns),
            np.where(present, found, 0.0),
            present,
            np.zeros(len(columns), bool),
            stamps,
        )

    def _derived(self, meaning: Meaning, there: Bools) -> list[Vector]:
        if not meaning.derived:
            return []
        times = np.array([self.now_ms], np.int64)
        codes = self.look.state[self.places][:, None]
        reports = self.look.last_reports
        found = [
            derived.worth(n, codes, self.look.catalogue, self.places, reports, times)
            for n in meaning.derived
        ]
        values = np.stack([part[0][:, 0] for part in found])
        present = np.stack([part[1][:, 0] for part in found])
        present &= there & self.look.active[self.places]
        own = of_rows(self.look.words, [derived.NAMES[n] for n in meaning.derived])
        return [at_once(own, values, present, self.now_ms)]

    def _labels(self, columns: NDArray[np.int32]) -> Labels:
        found = self.look.catalogue.columns.take(columns.astype(np.int64))
        return Labels(self.look.words, found.names, found.codes)

    def _latest(self, at_ms: int) -> tuple[NDArray[np.int32], Floats, Floats]:
        """The newest samples of all wanted columns."""
        if at_ms not in self._newest:
            holds = self.look.catalogue.sites.lookback_ms[self.places].max(initial=0)
            self._newest[at_ms] = self._newest_of((at_ms - int(holds)) / 1000, at_ms / 1000)
        return self._newest[at_ms]

    def _newest_of(self, start: float, end: float) -> tuple[NDArray[np.int32], Floats, Floats]:
        shape = (len(self.wanted), len(self.places))
        if self.beyond is not None:
            times, values = np.zeros(shape), np.zeros(shape)
            which, sites, stamps, found = self.beyond(self.wanted, self.places, start, end)
            # in order of time: the newest is written last
            times[which, sites], values[which, sites] = stamps, found
            return self.wanted, times, values
        if self.part is None:
            return self.wanted, np.zeros(shape), np.zeros(shape)
        return self.wanted, *self.part.newest(self.wanted, start, end)

    def _samples(self, columns: NDArray[np.int32], start_ms: int, end_ms: int) -> Flat:
        start, end = start_ms / 1000, end_ms / 1000
        if self.beyond is not None:
            return self.beyond(columns, self.places, start, end)
        if self.part is None or not len(columns):
            return joined([])
        return self.part.samples(columns, start, end)


@dataclass(frozen=True, slots=True, eq=False)
class Cells(Steps):
    """The evaluation of an expression at every site of a portion; `moved`: a number by site."""

    portion: Portion
    threshold: Node | None = None
    moved: Floats | None = None

    def value(self, node: Node) -> Value:
        if node is self.threshold and self.moved is not None:
            return Scalar(self.moved)
        return Steps.value(self, node)

    def windows(self, node: Node, use: Use = Use.RAW) -> Windows:
        assert isinstance(node, Selector)
        return self.portion.windows(node.matchers, node.offset_ms, node.range_ms)

    def _selected(self, node: Selector) -> Vector:
        return self.portion.vector(node.matchers, node.offset_ms)


def _beside(parts: Sequence[Vector]) -> Vector:
    stamps = [part.stamps for part in parts if part.stamps is not None]
    return Vector(
        stack([part.labels for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.present for part in parts]),
        np.concatenate([part.dropped for part in parts]),
        np.concatenate(stamps),
    )
