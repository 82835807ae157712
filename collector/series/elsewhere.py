"""Days whose numbers are somewhere else: what a history asks there, and puts beside its own."""

from collections.abc import Iterator, Mapping, Set
from typing import Protocol

import numpy as np
from sqlalchemy import Engine

from collector.db import reading
from collector.series import rollup_store
from collector.series.days import span
from collector.series.frames import Samples, joined
from collector.series.rollup_store import DAY_S
from collector.unchanged import Unchanged

# so many days of one column are asked for at once
COLUMN_DAYS = 300


class Elsewhere(Protocol):
    """Where the numbers of days are that are no longer here."""

    def samples(
        self, site_row: int, wanted: Mapping[int, str], start: float, end: float
    ) -> Samples:
        """The samples with times in [start, end] of these columns, by name; NaN ends a series.

        Where they cannot be had there are none, and it is remembered that this is to be told.
        """


class Gone:
    """The days of which only roll-ups are left here."""

    def __init__(self, engine: Engine, unchanged: Unchanged) -> None:
        self._engine, self._unchanged = engine, unchanged

    def of(self, site_row: int, start: float, end: float) -> set[int]:
        """Those of a site that [start, end] touches."""
        first, last = span(start, end)

        def ask() -> set[int]:
            with reading(self._engine) as connection:
                return rollup_store.gone(connection, site_row, first, last)

        return self._unchanged.asked(("gone", site_row, first, last), ask)


def borrowed(
    elsewhere: Elsewhere,
    site_row: int,
    wanted: Mapping[int, str],
    gone: Set[int],
    stretch: tuple[float, float],
    here: Samples,
) -> Samples:
    """What is here, and what is elsewhere of these columns on the days that are gone."""
    parts = _lent(elsewhere, site_row, wanted, gone, stretch)
    return joined([here, *(without(part, here) for part in parts)])


def _lent(
    elsewhere: Elsewhere,
    site_row: int,
    wanted: Mapping[int, str],
    gone: Set[int],
    stretch: tuple[float, float],
) -> Iterator[Samples]:
    """A few days at a time."""
    most = max(1, COLUMN_DAYS // max(1, len(wanted)))
    run: list[int] = []
    for day in [*sorted(gone), None]:
        if run and (day != run[-1] + 1 or len(run) == most):
            since, until = float(run[0] * DAY_S), run[-1] * DAY_S + DAY_S - 0.001
            since, until = max(stretch[0], since), min(stretch[1], until)
            yield elsewhere.samples(site_row, wanted, since, until)
            run = []
        if day is not None:
            run.append(day)


def without(lent: Samples, own: Samples) -> Samples:
    """Of what was lent that of which there is nothing here at the same time.

    An engine may keep a number less exactly than it was sent: it is then not a second sample.
    """
    found: Samples = {}
    for column, (times, values) in lent.items():
        if column in own:
            new = ~np.isin(np.rint(times * 1000), np.rint(own[column][0] * 1000))
            times, values = times[new], values[new]
        if len(times):
            found[column] = (times, values)
    return found
