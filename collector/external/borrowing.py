"""The numbers that only the engine has, for one question at a time: in bounds, and never a silent
hole. What it does not answer is told as a warning."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Engine

from collector.db import reading
from collector.external import store
from collector.external.line import Line, TooLong, Unanswered
from collector.external.naming import Names, matchers
from collector.external.place import Place, place_of
from collector.external.standing import read as read_standing
from collector.external.ways import WAYS, Lent, Question, Way
from collector.series.frames import Line as Run
from collector.series.frames import Samples
from collector.series.layouts import Columns
from collector.settings import Settings

_LEAST_S = 3600.0


class External:
    """The engine of one centre, for all threads of a process."""

    def __init__(
        self,
        place: Place,
        engine: Engine,
        columns: Columns,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.line = Line(place, clock)
        self._engine, self._columns = engine, columns
        self._names = Names(())
        self._known = 0

    def borrow(self) -> "Borrowed":
        """For one question, which waits for the engine no longer than it may."""
        return Borrowed(self)

    def way(self) -> Way:
        """How its samples are read; Unanswered before a probe has found that out."""
        with reading(self._engine) as connection:
            standing = read_standing(connection)
        way = WAYS.get(standing.way) if standing is not None else None
        if way is None:
            raise Unanswered("no probe of it has worked yet")
        return way

    def codes(self, site_row: int) -> Sequence[str]:
        """The site's code, and those that it had."""
        with reading(self._engine) as connection:
            return store.codes_of(connection, site_row)

    def names(self) -> Names:
        known = self._columns.names()
        if len(known) != self._known:
            self._names, self._known = Names(known), len(known)
        return self._names


class Borrowed:
    """What one question asks of the engine; once it did not answer it is not asked again."""

    def __init__(self, external: External) -> None:
        self._external = external
        self._spent_s = 0.0
        self._way: Way | None = None
        self._why: Unanswered | None = None
        self._missing: list[float] = []

    @property
    def why(self) -> str:
        """Why it did not answer; empty while it did."""
        return "" if self._why is None else str(self._why)

    @property
    def whole(self) -> bool:
        """Whether it is seen where series end."""
        return self._way is not WAYS["query"]

    def samples(
        self, site_row: int, wanted: Mapping[int, str], start: float, end: float
    ) -> Samples:
        """As `series.elsewhere.Elsewhere` has it."""
        if self._why is None:
            line = self._external.line
            began = line.clock()
            try:
                until = began + line.place.timeout_s - self._spent_s
                return self._ask(site_row, wanted, (start, end), until)
            except Unanswered as error:
                self._why = error
            finally:
                self._spent_s += line.clock() - began
        self._missing += [start, end]
        return {}

    def take_remarks(self) -> tuple[str, ...]:
        """What is to be told since this was asked last."""
        if self._why is None or not self._missing:
            return ()
        first, last = (
            datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")
            for at in (min(self._missing), max(self._missing))
        )
        self._missing = []
        host = self._external.line.place.host
        what = f"numbers between {first} and {last} UTC are missing"
        return (f"{what}: the external engine {host} does not give them: {self._why.why}",)

    def _ask(
        self, site_row: int, wanted: Mapping[int, str], stretch: tuple[float, float], until: float
    ) -> Samples:
        """In parts where it is too much at once, all of them together until then."""
        if self._way is None:
            self._way = self._external.way()
        (start, end), line = stretch, self._external.line
        asked = matchers(self._external.codes(site_row), wanted.values())
        limit_s = until - line.clock()
        question = Question(asked, round(start * 1000), round(end * 1000), limit_s)
        try:
            lent = self._way(line, question)
        except TooLong:
            if end - start <= _LEAST_S:
                raise
            half = round((start + end) / 2)
            first = self._ask(site_row, wanted, (start, half - 0.001), until)
            return _both(first, self._ask(site_row, wanted, (half, end), until))
        return by_column(lent, wanted, self._external.names())


def by_column(lent: Sequence[Lent], wanted: Mapping[int, str], names: Names) -> Samples:
    """Series of the engine as columns of a site, each time once."""
    keys = names.keys(wanted)
    pieces: dict[int, list[Run]] = {}
    for one in lent:
        column = keys.get(names.key(one.labels))
        if column is not None and len(one.times_ms):
            pieces.setdefault(column, []).append((one.times_ms / 1000.0, one.values))
    return {column: _once(runs) for column, runs in pieces.items()}


def _once(runs: Sequence[Run]) -> Run:
    """In order of time; of what two series, or two copies, say of one time the first."""
    times = np.concatenate([times for times, _ in runs])
    values = np.concatenate([values for _, values in runs])
    times, first = np.unique(times, return_index=True)
    return times, np.where(np.isnan(values[first]), np.nan, values[first])


def _both(first: Samples, second: Samples) -> Samples:
    found = dict(first)
    for column, run in second.items():
        found[column] = _once([found[column], run]) if column in found else run
    return found


def external_of(settings: Settings, engine: Engine, columns: Columns) -> External | None:
    """The configured one; None where all is kept here."""
    place = place_of(settings)
    return None if place is None else External(place, engine, columns)
