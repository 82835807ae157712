"""The series that other programs sent: labels of their own, samples by series and day."""

from collections.abc import Sequence

import numpy as np

from collector.promql.catalogue import LOOKBACK_S, Catalogue
from collector.promql.labels import Ids, Labels, Words
from collector.promql.limits import Limits
from collector.promql.matchers import rows_of
from collector.promql.plan import Matcher
from collector.promql.vectors import Series, Wanted
from collector.series.foreign import DAY_MS, Foreign, Found

_LOOKBACK_MS = int(LOOKBACK_S * 1000)
# about so many samples, and at most so many series, are read at once
_SAMPLES = 2_000_000
_SERIES = 500


def rows_that(catalogue: Catalogue, matchers: Sequence[Matcher]) -> Ids:
    """Rows of the others' series for which all matchers hold, those of a caller's areas too."""
    rows: Ids = np.flatnonzero(rows_of(catalogue.others, matchers)).astype(np.int64)
    return rows


def labels_of(catalogue: Catalogue, words: Words, rows: Ids) -> Labels:
    """The labels of these rows, over the words of a query."""
    found = catalogue.others.take(rows)
    return Labels(words, found.names, found.codes)


def select(
    foreign: Foreign, catalogue: Catalogue, words: Words, wanted: Wanted, limits: Limits
) -> list[Series]:
    """The series that match, with their samples."""
    rows = rows_that(catalogue, wanted.matchers) if len(catalogue.other_ids) else ()
    if not len(rows):
        return []
    before = _LOOKBACK_MS if wanted.reach else 0
    start, end = wanted.start_ms - before + 1, wanted.end_ms
    ids = catalogue.other_ids[rows].tolist()
    _check(foreign, ids, start, end, limits)
    parts = _read(foreign, ids, start, end, wanted.steps, limits)
    return [_series(catalogue, words, part) for part in parts]


def _check(foreign: Foreign, ids: Sequence[int], start: int, end: int, limits: Limits) -> None:
    """Refuse before reading what would be too much by its whole days alone."""
    first, behind = -(-start // DAY_MS), (end + 1) // DAY_MS
    if first < behind:
        limits.check_samples(foreign.count(ids, first * DAY_MS, behind * DAY_MS - 1))


def _read(
    foreign: Foreign, ids: Sequence[int], start: int, end: int, steps: int, limits: Limits
) -> list[Found]:
    """A few series at a time, since whole days are unpacked to read a minute."""
    most = foreign.count(ids, start, end)
    if not most:
        return []
    portion = max(1, min(_SERIES, len(ids) * _SAMPLES // most))
    parts: list[Found] = []
    series = samples = 0
    for at in range(0, len(ids), portion):
        found = foreign.read(ids[at : at + portion], start, end)
        series += len(np.unique(found.series))
        samples += len(found.times_ms)
        limits.check_series(series, steps)
        limits.check_samples(samples)
        if len(found.times_ms):
            parts.append(found)
    return parts


def _series(catalogue: Catalogue, words: Words, found: Found) -> Series:
    ids, first = np.unique(found.series, return_index=True)
    rows = np.searchsorted(catalogue.other_ids, ids).astype(np.int64)
    return Series(
        labels_of(catalogue, words, rows),
        found.times_ms,
        found.values,
        np.append(first, len(found.times_ms)).astype(np.int64),
        np.full(len(ids), _LOOKBACK_MS, np.int64),
    )
