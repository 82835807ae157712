"""Samples by column, site and time become series with labels, each sample once."""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from collector.promql.catalogue import Catalogue, of_sites
from collector.promql.fleet import Found, joined
from collector.promql.labels import Ids, Words, groups, nothing, stack
from collector.promql.limits import Limits
from collector.promql.segments import Floats
from collector.promql.vectors import STALE, Millis, Series, Spans

# samples to a moment from which it pays to leave out those that no moment sees
_MANY = 2


def series_of_found(
    catalogue: Catalogue,
    words: Words,
    parts: Sequence[Found],
    start: float,
    limits: Limits,
    moments: Millis | None = None,
) -> Series:
    """Samples by column, site and time as labelled series; of whole series perhaps only those
    that are the newest at one of these moments, which ascend."""
    if parts and all(part.alone for part in parts):
        return _of_lines(catalogue, words, parts, start, limits, moments)
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
    catalogue: Catalogue,
    words: Words,
    parts: Sequence[Found],
    start: float,
    limits: Limits,
    moments: Millis | None,
) -> Series:
    """The same of whole series, one after the other."""
    # series of one site mostly share their times
    distinct = {id(part.times): part.times for part in parts}
    chosen = {key: _seen(times, start, moments) for key, times in distinct.items()}
    lines = [(part, *chosen[id(part.times)]) for part in parts]
    lines = [line for line in lines if len(line[1])]
    if not lines:
        return together(words, [])
    limits.check_samples(sum(len(part.times) for part, *_ in lines))
    times = np.concatenate([stamps for _, stamps, _ in lines])
    values = np.concatenate([part.values[these] for part, _, these in lines])
    null = np.isnan(values)
    if null.any():
        values[null] = STALE
    columns = np.array([part.columns[0] for part, *_ in lines], np.int64)
    places = np.array([part.places[0] for part, *_ in lines], np.int64)
    return Series(
        of_sites(catalogue, words, catalogue.columns.take(columns), places),
        times,
        values,
        np.cumsum([0, *(len(stamps) for _, stamps, _ in lines)]),
        catalogue.sites.lookback_ms[places],
    )


def _seen(times: Floats, start: float, moments: Millis | None) -> tuple[Millis, slice | Ids]:
    """The times after the start in milliseconds, and where they stand; where the moments are few,
    only of samples that are the newest at one of them."""
    first = int(times.searchsorted(start, "right"))
    stamps = np.rint(times[first:] * 1000.0).astype(np.int64)
    if moments is None or len(stamps) < _MANY * len(moments):
        return stamps, slice(first, None)
    places = np.unique(np.searchsorted(stamps, moments, "right"))
    places = places[places > 0] - 1
    return stamps[places], places + first


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
