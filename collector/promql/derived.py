"""Series that nobody reports: what a site's state was, and how long it has said nothing.

They have a value at every time, so they are worked out at the times that are asked about: at the
steps of an instant selector, each minute (coarser when that is too much) within a range.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from sqlalchemy import Engine

from collector.availability import State
from collector.db import reading
from collector.promql import store
from collector.promql.catalogue import SITE_LABELS, Catalogue, of_sites
from collector.promql.labels import NAME, Ids, Labels, Words, of_rows, stack
from collector.promql.limits import Limits
from collector.promql.matchers import holds_for
from collector.promql.plan import Matcher
from collector.promql.segments import Floats
from collector.promql.vectors import Bools, Millis, Series, Wanted

_GRID_MS = 60_000
_MOST = 2_000_000
STATES = tuple(str(state) for state in State)
UP = "ronda_site_up"
STATE = "ronda_site_state"
AGE = "ronda_report_age_seconds"
NAMES = [{NAME: UP}, *({NAME: STATE, "state": state} for state in STATES), {NAME: AGE}]
_WORTH = {"normal": 1.0, "slow": 1.0, "down": 0.0}


def select(
    wanted: Wanted,
    catalogue: Catalogue,
    words: Words,
    places: Ids,
    last_reports: Floats,
    engine: Engine,
    limits: Limits,
) -> list[Series]:
    """The derived series that match, of the sites at these places."""
    chosen = _chosen(tuple(m for m in wanted.matchers if m.label not in SITE_LABELS))
    if not chosen or not len(places):
        return []
    own = of_rows(words, NAMES)
    times, remarks = moments(wanted, len(places) * len(chosen))
    limits.check_series(len(places) * len(chosen), len(times))
    codes = _codes(chosen, catalogue, places, times, engine)
    found = []
    for number in chosen:
        values, present = worth(number, codes, catalogue, places, last_reports, times)
        labels = of_sites(catalogue, words, own.take(np.array([number])), places)
        found.append((labels, values, present))
    return [as_series(found, times, remarks)]


@lru_cache(maxsize=64)
def _chosen(asked: tuple[Matcher, ...]) -> tuple[int, ...]:
    """The places in NAMES of what they ask for."""
    return tuple(place for place, labels in enumerate(NAMES) if holds_for(asked, labels))


def moments(wanted: Wanted, series: int) -> tuple[Millis, tuple[str, ...]]:
    """When so many derived series are worked out, and what to say of it."""
    if wanted.reach:
        return np.unique(wanted.times), ()
    span = wanted.end_ms - wanted.start_ms
    every = max(1, -(-span * series // (_GRID_MS * _MOST))) * _GRID_MS
    first = wanted.start_ms // every + 1
    times = np.arange(first, wanted.end_ms // every + 1, dtype=np.int64) * every
    if every == _GRID_MS:
        return times, ()
    return times, (f"states were looked at every {every // 60_000} min, not every minute",)


def _codes(
    chosen: Sequence[int],
    catalogue: Catalogue,
    places: Ids,
    times: Millis,
    engine: Engine,
) -> np.ndarray:
    """[site, time]: which state, -1 before there was one."""
    codes = np.full((len(places), len(times)), -1, np.int8)
    if len(times) == 0 or all(NAMES[number][NAME] == AGE for number in chosen):
        return codes
    everybody = len(places) > len(catalogue.sites.rows) // 2
    names = catalogue.sites.codes(places)
    row_of = {code: row for row, code in enumerate(names)}
    start, end = float(times[0]) / 1000, float(times[-1]) / 1000
    with reading(engine) as connection:
        spells = store.spells(connection, None if everybody else names, start, end)
    if spells:
        _fill(codes, row_of, times, spells)
    return codes


def _fill(
    codes: np.ndarray, row_of: dict[str, int], times: Millis, spells: Sequence[store.Spell]
) -> None:
    """Write each state into the times it held at."""
    sites, since, until, states = zip(*spells, strict=True)
    rows = np.array([row_of.get(site, -1) for site in sites])
    worth = np.array([STATES.index(state) for state in states], np.int8)
    first = np.searchsorted(times, np.array(since) * 1000, "left")
    ends = np.array([np.inf if end is None else end for end in until]) * 1000
    behind = np.searchsorted(times, ends, "left")
    these = np.flatnonzero((rows >= 0) & (first < behind))
    if len(times) == 1:
        codes[rows[these], 0] = worth[these]
        return
    for i in these.tolist():
        codes[rows[i], first[i] : behind[i]] = worth[i]


def worth(
    number: int,
    codes: np.ndarray,
    catalogue: Catalogue,
    places: Ids,
    last_reports: Floats,
    times: Millis,
) -> tuple[Floats, Bools]:
    """[site, time]: values of the series NAMES[number], and where there are any."""
    name = NAMES[number][NAME]
    if name == UP:
        table = np.array([_WORTH.get(state, np.nan) for state in (*STATES, "")])
        values = table[codes]
        return values, ~np.isnan(values)
    if name == STATE:
        values = (codes == STATES.index(NAMES[number]["state"])).astype(np.float64)
        return values, codes >= 0
    rows = catalogue.sites.rows[places]
    known = rows < len(last_reports)
    last = np.where(known, np.append(last_reports, 0.0)[np.where(known, rows, -1)], 0.0)
    values = times[None, :] / 1000.0 - last[:, None]
    return values, (last[:, None] > 0) & (values >= 0)


def as_series(
    found: list[tuple[Labels, Floats, Bools]], times: Millis, remarks: tuple[str, ...] = ()
) -> Series:
    """Labels, values[site, time] and where there are any, as series with samples."""
    labels = stack([part for part, _, _ in found])
    values = np.concatenate([part for _, part, _ in found])
    present = np.concatenate([part for _, _, part in found])
    rows, columns = np.nonzero(present)
    offsets = np.searchsorted(rows, np.arange(len(values) + 1))
    holds = np.ones(len(values), np.int64)
    return Series(labels, times[columns], values[rows, columns], offsets, holds, remarks)
