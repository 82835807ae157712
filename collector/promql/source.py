"""The numbers of a centre as series: the window for all sites at once, blocks site by site.

What other programs sent is a second source beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from sqlalchemy import Engine

from collector.db import open_history, reading
from collector.promql import derived, longrange, others, register
from collector.promql.catalogue import INTERVALS, Book, Catalogue, of_sites
from collector.promql.fleet import Found, Reader, joined
from collector.promql.labels import Ids, Words, groups, nothing, stack
from collector.promql.limits import Limits
from collector.promql.longrange import LongRange
from collector.promql.segments import Floats
from collector.promql.vectors import STALE, Millis, Series, Spans, Use, Wanted
from collector.series.foreign import Foreign
from collector.series.history import History
from collector.series.window import read_head
from collector.settings import Settings


class Centre:
    """A source over inventory, states and history of one centre; safe to share by threads."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        blocks: Engine | None = None,
        history: History | None = None,
    ) -> None:
        """`history`: the one over `blocks` that others in this process read, too."""
        self._engine = engine
        self.blocks = open_history(settings) if blocks is None else blocks
        self.history = History(settings, self.blocks) if history is None else history
        self._window = settings.window
        self.foreign = Foreign(self.blocks)
        self._book = Book(engine, self.blocks, self.history.columns, self.foreign)

    def look(self) -> Catalogue:
        """What there is now."""
        return self._book.look()

    def words(self) -> Words:
        """A place for the words of one query, knowing those of the centre's labels."""
        return Words(self.look().words)

    def series_of(
        self, catalogue: Catalogue, words: Words, wanted: Wanted, limits: Limits
    ) -> Series:
        """The series that match, with their samples."""
        places = catalogue.sites_of(wanted.matchers)
        columns = catalogue.columns_of(wanted.matchers)
        parts = []
        if columns and len(places):
            self._check(catalogue, places, columns, wanted, limits)
            parts += self._ours(catalogue, words, places, columns, wanted, limits)
        with reading(self._engine) as connection:
            reports = self.history.last_reports()
            parts += derived.select(wanted, catalogue, words, places, reports, connection, limits)
            parts += register.select(wanted, catalogue, words, places, connection, limits)
        theirs = others.select(self.foreign, catalogue, words, wanted, limits)
        found = together(words, [*parts, *theirs])
        return distinct(found) if theirs else found

    def _check(
        self,
        catalogue: Catalogue,
        places: Ids,
        columns: Sequence[int],
        wanted: Wanted,
        limits: Limits,
    ) -> None:
        """Refuse before reading what would be too much by what the window holds now."""
        if wanted.steps == 1 or len(places) * len(columns) * wanted.steps <= limits.points:
            return
        rows, series = catalogue.sites.rows[places], 0
        asked = np.zeros(int(rows.max()) + 1, bool)
        asked[rows] = True
        for column in columns:
            for there in self.history.window.holders(column):
                series += int(asked[there[there < len(asked)]].sum())
                limits.check_series(series, wanted.steps, "at least ")

    def _ours(
        self,
        catalogue: Catalogue,
        words: Words,
        places: Ids,
        columns: Sequence[int],
        wanted: Wanted,
        limits: Limits,
    ) -> list[Series]:
        """What agents reported: samples, or over long ranges steps of time that stand for them."""
        reach = int(catalogue.sites.lookback_ms[places].max()) if wanted.reach else 0
        start = wanted.start_ms - reach
        reader = self._reader(catalogue, places, limits)
        every = LongRange(self.history, catalogue, places, columns, limits)
        many = _expected(catalogue, places, columns, start, wanted.end_ms) > longrange.MANY
        suited = longrange.suited(catalogue, columns, wanted.use)
        parts = []
        long = bool(suited) and longrange.worth(wanted, start, many)
        whole = long and len(suited) == len(columns)
        # what the window reaches is never forgotten
        old = start / 1000.0 < reader.covered() and not whole
        forgetful = every.forgetful(start, wanted.end_ms) if old else []
        if suited and (long or forgetful):
            rolled = replace(every, columns=suited).read(wanted, start, many)
            if wanted.use == Use.LAST:
                found = _ended([rolled.samples()], reader, wanted)
                one = series_of_found(catalogue, words, found, start / 1000.0, limits)
                parts.append(replace(one, remarks=rolled.remarks))
            else:
                parts.append(rolled.series(catalogue, words))
            columns = [column for column in columns if column not in suited]
        if columns:
            if forgetful:
                some = replace(every, columns=columns)
                some.refuse_forgotten(forgetful, start, wanted.end_ms)
            end = wanted.end_ms / 1000.0
            read = reader.read(columns, start / 1000.0, end, wanted.newest, wanted.steps)
            found = _ended(read, reader, wanted) if wanted.reach else read
            parts.append(series_of_found(catalogue, words, found, start / 1000.0, limits))
        return parts

    def _reader(self, catalogue: Catalogue, places: Ids, limits: Limits) -> Reader:
        head = read_head(self._window)
        reach_s = 0.0 if head is None else (head.minutes - 1) * 60.0
        sites = catalogue.sites
        return Reader(self._engine, self.blocks, self.history, sites, places, reach_s, limits)


@dataclass(frozen=True, slots=True)
class Query:
    """A source for one query: what the centre had when it began."""

    centre: Centre
    catalogue: Catalogue
    words: Words

    def select(self, wanted: Wanted, limits: Limits) -> Series:
        return self.centre.series_of(self.catalogue, self.words, wanted, limits)


def query_source(centre: Centre) -> Query:
    """A source for one query, with a place for the words it makes."""
    catalogue = centre.look()
    return Query(centre, catalogue, Words(catalogue.words))


def _expected(
    catalogue: Catalogue, places: Ids, columns: Sequence[int], start: int, end: int
) -> float:
    """About how many samples there are, if all the sites have all the columns all the time."""
    every_s = catalogue.sites.silent_s[places] / INTERVALS
    return float(((end - start) / 1000.0 / every_s).sum()) * len(columns)


def _ended(parts: Sequence[Found], reader: Reader, wanted: Wanted) -> list[Found]:
    """With the ends of the series of silent sites."""
    return [*parts, *_endings(parts, reader.silences(), wanted.end_ms)]


def _endings(parts: Sequence[Found], silences: dict[int, float], end_ms: int) -> list[Found]:
    """Stale markers for the series of sites that fell silent."""
    if not silences:
        return []
    over = np.full(1 + max(silences), np.inf)
    over[list(silences)] = list(silences.values())
    made = []
    for part in parts:
        ends = slice(0, 1) if part.alone else slice(None)
        there = np.unique(np.stack([part.columns[ends], part.places[ends]]), axis=1)
        there = there[:, there[1] < len(over)]
        times = over[there[1]]
        some = times * 1000 <= end_ms
        if not some.any():
            continue
        stale = np.full(int(some.sum()), STALE)
        made.append(Found(there[0][some], there[1][some], times[some], stale))
    return made


def series_of_found(
    catalogue: Catalogue, words: Words, parts: Sequence[Found], start: float, limits: Limits
) -> Series:
    """Samples by column, site and time as labelled series."""
    if parts and all(part.alone for part in parts):
        return _of_lines(catalogue, words, parts, start, limits)
    found = joined(parts)
    inside = found.times > start
    if not inside.all():
        found = found.some(inside)
    limits.check_samples(len(found.times))
    times = np.rint(found.times * 1000.0).astype(np.int64)
    # null is "could not be measured": the series ends there until its next number
    values = np.where(np.isnan(found.values), STALE, found.values)
    columns, places, stamps, values = _once(*_ordered(found.columns, found.places, times, values))
    new = np.ones(len(stamps), bool)
    new[1:] = (columns[1:] != columns[:-1]) | (places[1:] != places[:-1])
    first = np.flatnonzero(new)
    labels = of_sites(catalogue, words, catalogue.columns.take(columns[first]), places[first])
    return Series(
        labels,
        stamps,
        values,
        np.append(first, len(stamps)),
        catalogue.sites.lookback_ms[places[first]],
    )


def _of_lines(
    catalogue: Catalogue, words: Words, parts: Sequence[Found], start: float, limits: Limits
) -> Series:
    """The same of whole series, one after the other."""
    lines = [(part, int(part.times.searchsorted(start, "right"))) for part in parts]
    lines = [(part, first) for part, first in lines if first < len(part.times)]
    if not lines:
        return together(words, [])
    lengths = [len(part.times) - first for part, first in lines]
    limits.check_samples(sum(lengths))
    # series of one site mostly share their times
    distinct = {id(part.times): part.times for part, _ in lines}
    stamps = {key: np.rint(at * 1000.0).astype(np.int64) for key, at in distinct.items()}
    times = np.concatenate([stamps[id(part.times)][first:] for part, first in lines])
    values = np.concatenate([part.values[first:] for part, first in lines])
    null = np.isnan(values)
    if null.any():
        values[null] = STALE
    columns = np.array([part.columns[0] for part, _ in lines], np.int64)
    places = np.array([part.places[0] for part, _ in lines], np.int64)
    return Series(
        of_sites(catalogue, words, catalogue.columns.take(columns), places),
        times,
        values,
        np.cumsum([0, *lengths]),
        catalogue.sites.lookback_ms[places],
    )


def _ordered(
    columns: Ids, places: Ids, times: Millis, values: Floats
) -> tuple[Ids, Ids, Millis, Floats]:
    """By column, place and time, which they mostly are already, site by site."""
    if not len(times):
        return columns, places, times, values
    low, sites = int(times.min()), int(places.max()) + 1
    span = int(times.max()) - low + 1
    if (int(columns.max()) + 1) * sites * span < 2**63:
        keys = (columns * sites + places) * span + (times - low)
        if (keys[1:] >= keys[:-1]).all():
            return columns, places, times, values
        # quick where much is in order
        order = np.argsort(keys, kind="stable")
    else:
        order = np.lexsort((times, places, columns))
    return columns[order], places[order], times[order], values[order]


def _once(
    columns: Ids, places: Ids, times: Millis, values: Floats
) -> tuple[Ids, Ids, Millis, Floats]:
    """The same sample, read from two places, once."""
    same = np.zeros(len(times), bool)
    same[1:] = times[1:] == times[:-1]
    if not same.any():
        return columns, places, times, values
    same[1:] &= (columns[1:] == columns[:-1]) & (places[1:] == places[:-1])
    same[1:] &= values[1:].view(np.uint64) == values[:-1].view(np.uint64)
    if not same.any():
        return columns, places, times, values
    return columns[~same], places[~same], times[~same], values[~same]


def together(words: Words, parts: Sequence[Series]) -> Series:
    if not parts:
        none = np.zeros(0, np.int64)
        return Series(nothing(words), none, np.zeros(0), np.zeros(1, np.int64), none)
    if len(parts) == 1:
        return parts[0]
    behind = np.cumsum([0, *(len(part.times) for part in parts)])
    offsets = [
        part.offsets[:-1] + shift for part, shift in zip(parts, behind.tolist(), strict=False)
    ]
    return Series(
        stack([part.labels for part in parts]),
        np.concatenate([part.times for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.append(np.concatenate(offsets), behind[-1]),
        np.concatenate([part.lookback_ms for part in parts]),
        tuple(remark for part in parts for remark in part.remarks),
        _spans_of(parts),
    )


def _spans_of(parts: Sequence[Series]) -> Spans | None:
    """What the samples of all the parts stand for, where some stand for more than themselves."""
    if all(part.spans is None for part in parts):
        return None
    each = [part.spans or Spans.of(part.times, part.values) for part in parts]
    return Spans(
        *(np.concatenate([getattr(one, spec.name) for one in each]) for spec in fields(Spans))
    )


def distinct(series: Series) -> Series:
    """Of series with the same labels the first: ours stand before those of others."""
    first = np.sort(groups(series.labels)[1])
    if len(first) == len(series.labels):
        return series
    lengths = np.diff(series.offsets)
    kept = np.zeros(len(lengths), bool)
    kept[first] = True
    samples = np.repeat(kept, lengths)
    return Series(
        series.labels.take(first),
        series.times[samples],
        series.values[samples],
        np.append(0, np.cumsum(lengths[first])),
        series.lookback_ms[first],
        series.remarks,
        None if series.spans is None else series.spans.take(samples),
    )
