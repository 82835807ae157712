"""Numbers older than the tail leave, a day of a site at a time, once the engine gave them back.

So a day of a site is whole here or whole there. What comes late for one that is there brings it
back: here it is put together, and leaves again when the engine has all of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from collector.db import reading, writing
from collector.external import store
from collector.external.borrowing import Borrowed, External
from collector.external.store import SiteDay
from collector.series import blocks, days, rollup_store, sheet
from collector.series.elsewhere import without
from collector.series.frames import Frames, Samples, Times, Values, samples
from collector.series.layouts import Columns
from collector.series.merging import rolled
from collector.series.rollup_store import DAY_S, HOUR_S
from collector.series.thinning import Thinning

# days of sites that are looked at between two looks at the clock
AT_ONCE = 50
# one that the engine does not have is looked for again after a day, two, four, ... and then stays
_TRIES = 6
_NEVER = 1e12
_EXACT = 1e-12


@dataclass
class Done:
    """Site-days that left, came back, stay; `why`: the engine stopped to answer."""

    gone: int = 0
    back: int = 0
    stays: int = 0
    why: str = ""

    @property
    def some(self) -> int:
        return self.gone + self.back + self.stays

    def __iadd__(self, other: "Done") -> "Done":
        self.gone += other.gone
        self.back += other.back
        self.stays += other.stays
        self.why = other.why
        return self


@dataclass
class Shelving:
    """`engine` is that of history; only the process that writes it may hold one."""

    engine: Engine
    external: External
    columns: Columns
    # the newest late part of days that are there, when they were looked at last
    _parts: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._thinning = Thinning(self.engine)

    def step(self, before: int, now: float) -> Done:
        """Look at some days before this one; nothing done means that there are none for now."""
        done = Done()
        with reading(self.engine) as connection:
            late = store.added_to(connection, before, now, AT_ONCE)
            some = store.may_go(connection, before, now, AT_ONCE)
        for one in self._quiet(late):
            if not done.why:
                self._bring_back(one, now, done)
        for one in some:
            if not done.why:
                self._look_at(one, now, done)
        return done

    def _quiet(self, late: list[SiteDay]) -> list[SiteDay]:
        """Those to which nothing was added since the last look: each is put together once."""
        known = {(one.site_row, one.day): one.version for one in late}
        quiet = [one for one in late if self._parts.get((one.site_row, one.day)) == one.version]
        self._parts = known
        return quiet

    def _look_at(self, one: SiteDay, now: float, done: Done) -> None:
        """Let a day go that the engine has."""
        with reading(self.engine) as connection:
            ours = samples(days.frames_of(connection, one.site_row, one.day))
        borrowed = self.external.borrow()
        theirs = self._lent(borrowed, one, ours)
        if borrowed.why:
            done.why = borrowed.why
            return
        missing = lacking(ours, theirs, borrowed.whole)
        with writing(self.engine) as connection:
            if not store.still(connection, one):
                return
            if missing:
                self._stay(connection, one, now, missing)
                done.stays += 1
            else:
                self._thinning.thin(connection, one.site_row, one.day)
                store.let_go(connection, one.site_row, one.day)
                done.gone += 1

    def _bring_back(self, one: SiteDay, now: float, done: Done) -> None:
        """Put together what is there of a day and what came late for it."""
        with reading(self.engine) as connection:
            known = rollup_store.read(connection, one.site_row, DAY_S, one.day, one.day)
        counted = dict(zip(known.column.tolist(), known.count.tolist(), strict=True))
        borrowed = self.external.borrow()
        theirs = self._lent(borrowed, one, counted)
        if borrowed.why:
            done.why = borrowed.why
            return
        missing = sum(max(0, n - _count(theirs, column)) for column, n in counted.items())
        with writing(self.engine) as connection:
            if missing:
                # what is left of it by the hour is more than the engine has
                self._stay(connection, replace(one, version=0), now, missing)
                done.stays += 1
            else:
                self._put_together(connection, one, theirs)
                store.let_go(connection, one.site_row, one.day)
                done.back += 1

    def _put_together(self, connection: Connection, one: SiteDay, theirs: Samples) -> None:
        row, day = one.site_row, one.day
        keys, late = blocks.frames_of(connection, row, day * 24, day * 24 + 23)
        axes = sheet.axes_of([*frames_of(without(theirs, samples(late))), *late])
        blocks.delete_parts(connection, row, keys)
        days.put(connection, row, day, axes)
        rollup_store.put(connection, row, DAY_S, day, rolled(axes, DAY_S, self.columns))
        rollup_store.delete_one(connection, row, HOUR_S, day)

    def _lent(self, borrowed: Borrowed, one: SiteDay, wanted: Iterable[int]) -> Samples:
        """All that the engine has of these columns on that day."""
        named = {column: name for column in wanted if (name := self.columns.name(column))}
        if not named:
            return {}
        start = one.day * DAY_S
        return borrowed.samples(one.site_row, named, start, start + DAY_S - 0.001)

    def _stay(self, connection: Connection, one: SiteDay, now: float, missing: int) -> None:
        wait_s = DAY_S * 2**one.tries if one.tries + 1 < _TRIES else _NEVER
        store.put_off(connection, one, now + wait_s, missing)


def lacking(ours: Samples, theirs: Samples, whole: bool) -> int:
    """How many of our samples are not among theirs: numbers, and with `whole` the nulls that end
    a series. Of nulls that follow one another the first is enough."""
    missing = 0
    for column, (times, values) in ours.items():
        asked, known = np.rint(times * 1000), np.zeros(0)
        numbers, null = np.zeros(0), np.isnan(values)
        if column in theirs:
            known, numbers = np.rint(theirs[column][0] * 1000), theirs[column][1]
        there = ~np.isnan(numbers)
        missing += _numbers_lacking(asked[~null], values[~null], known[there], numbers[there])
        if whole:
            missing += _ends_lacking(asked, null, known[~there])
    return missing


def _numbers_lacking(asked: Times, values: Values, known: Times, numbers: Values) -> int:
    if not len(known):
        return len(asked)
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    same = np.isclose(numbers[place], values, rtol=_EXACT, atol=0.0)
    lost = ~(same & (known[place] == asked))
    # of two samples of one time the engine keeps one
    return len(np.setdiff1d(asked[lost], asked[~lost]))


def _ends_lacking(asked: Times, null: NDArray[np.bool_], known: Times) -> int:
    """Times at which a null follows a number, and nothing there ends the series before the next."""
    ends = np.flatnonzero(null[1:] & ~null[:-1])
    numbers = asked[~null]
    nexts = np.append(numbers, np.inf)[np.searchsorted(numbers, asked[ends + 1])]
    first = np.searchsorted(known, asked[ends], "right")
    return int((np.searchsorted(known, nexts) <= first).sum())


def frames_of(found: Samples) -> list[Frames]:
    """Columns that share their times together, as agents report them."""
    together: dict[bytes, list[int]] = {}
    for column in sorted(found):
        together.setdefault(found[column][0].tobytes(), []).append(column)
    return [
        Frames(
            found[columns[0]][0],
            np.array(columns, np.int32),
            np.column_stack([found[column][1] for column in columns]),
        )
        for columns in together.values()
    ]


def _count(found: Samples, column: int) -> int:
    return int((~np.isnan(found[column][1])).sum()) if column in found else 0
