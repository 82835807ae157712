"""The sites, open incidents and numbers of one database as they are now, kept in memory.

Each look asks the database for a mark and lays what changed over what is known: a page never shows
less than the database holds.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from alerts.blind import blind_since
from alerts.docket import Case, Docket
from collector import roster
from collector.db import reading
from collector.roster import Mark, Top
from web import crowd, finding
from web.bars import Bars, Kept
from web.directory import Directory
from web.finding import Written
from web.keepingup import KeepingUp
from web.names import DISTRICT, Mask, Names, names_of
from web.outline import Outline, outline
from web.renewed import Renewed

# more changed sites than this are read again with all others: a country that begins to report
# changes four thousand between two looks at a page
MOST_CHANGED = 20_000
# of who reports as often, nothing is older than what everybody's numbers may be
SELDOM_S = crowd.FRESH_S / crowd.INTERVALS
_MOST_OUTLINES, _TROUBLES_S, _YESTERDAY_S = 64, 30.0, 900.0


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """The directory at a mark; `changed` are the sites whose states moved since the one before,
    None for all."""

    directory: Directory
    mark: Mark
    changed: Sequence[str] | None = None

    @property
    def many(self) -> int:
        """How many sites changed."""
        return len(self.directory.codes if self.changed is None else self.changed)


@dataclass(frozen=True, slots=True)
class Troubles:
    """What was not normal and is over: the site's place, when, whether silent."""

    place: NDArray[np.intp]
    since: NDArray[np.float64]
    until: NDArray[np.float64]
    silent: Mask

    def take(self, mask: Mask) -> "Troubles":
        """Those of them."""
        return Troubles(self.place[mask], self.since[mask], self.until[mask], self.silent[mask])


class Country:
    """What pages of many sites ask; any thread may."""

    def __init__(self, store: Engine) -> None:
        self.store = store
        self._turn = threading.Lock()
        self._followed: Followed | None = None
        self._keeping_up = KeepingUp(self._catch_up)
        self._docket = Docket()
        self._bars = Kept()
        self._outlines: tuple[Names | None, dict[tuple[str, ...], Outline | None]] = (None, {})
        self._troubles, self._yesterday = Renewed[Troubles](), Renewed[Troubles]()
        self._written: tuple[object, Written] | None = None

    def directory(self) -> Directory:
        """All sites, as they are now."""
        with self._turn, reading(self.store) as connection:
            return self._look(connection).directory

    def slow_s(self) -> NDArray[np.float64]:
        """`Names.slow_s` as of the last look; asks nobody."""
        known = self._followed
        return np.zeros(0) if known is None else known.directory.names.slow_s

    def regency(self) -> tuple[Directory, Sequence[Case], float | None]:
        """All sites and all open incidents as of one moment; since when the centre is blind."""
        with self._turn, reading(self.store) as connection:
            followed = self._look(connection)
            cases, blind = self._docket.look(connection), blind_since(connection)
        self._keeping_up.after(followed.many)
        return followed.directory, cases, blind

    def bars(self, codes: Sequence[str], edges: Sequence[float]) -> dict[str, Bars]:
        """The days between `edges` of these sites as bars; after `directory()`."""
        with self._turn, reading(self.store) as connection:
            return self._bars.of(codes, edges, partial(roster.spells, connection))

    def outline(self, directory: Directory, codes: Sequence[str]) -> Outline | None:
        """The drawing of these areas; made once for each inventory."""
        names, drawn = self._outlines
        if names is not directory.names:
            drawn = {}
            self._outlines = (directory.names, drawn)
        key = tuple(codes)
        if key not in drawn:
            with reading(self.store) as connection:
                geometries = roster.boundaries(connection, codes)
            if len(drawn) >= _MOST_OUTLINES:
                drawn.clear()
            drawn[key] = outline(geometries)
        return drawn[key]

    def troubles(self, directory: Directory, begun: float, now: float) -> Troubles:
        """What was not normal and ended since; as of a minute ago at most."""
        key, turn = (directory.names, begun), now // _TROUBLES_S
        return self._troubles.look(key, turn, partial(self._ended, directory, begun, math.inf))

    def yesterday(self, directory: Directory, begun: float, end: float, now: float) -> Troubles:
        """What was not normal and ended on the day before; what came late is in it soon."""
        key, turn = (directory.names, begun), now // _YESTERDAY_S
        return self._yesterday.look(key, turn, partial(self._ended, directory, begun, end))

    def written(self, directory: Directory) -> Written:
        """The numbers of lines and people; read once for each inventory, when first asked for."""
        with self._turn:
            known = self._written
            if known is None or known[0] is not directory.names:
                with reading(self.store) as connection:
                    known = self._written = (directory.names, finding.read(connection))
            return known[1]

    def _ended(self, directory: Directory, since: float, until: float) -> Troubles:
        with reading(self.store) as connection:
            rows = roster.troubles(connection, since, until)
        many, place = len(rows), directory.names.place
        places = np.fromiter((place.get(row[0], -1) for row in rows), np.intp, many)
        told = Troubles(
            places,
            np.fromiter((row[1] for row in rows), np.float64, many),
            np.fromiter((row[2] for row in rows), np.float64, many),
            np.fromiter((row[3] == "unknown" for row in rows), np.bool_, many),
        )
        return told.take(places >= 0)

    def _catch_up(self) -> int:
        with self._turn, reading(self.store) as connection:
            return self._look(connection).many

    def _look(self, connection: Connection) -> Followed:
        self._followed = followed = follow(connection, self._followed)
        self._bars.forget(followed.changed)
        return followed


def follow(connection: Connection, before: Followed | None, most: int = MOST_CHANGED) -> Followed:
    """The directory as the database has it now; `before` itself where it still holds. Where `most`
    sites changed, or more, all are read."""
    mark = Mark() if before is None else before.mark
    now = roster.mark(connection, mark)
    if before is not None and now == mark:
        return before if before.changed == () else replace(before, changed=())
    if before is None or (now.act, now.row) != (mark.act, mark.row):
        areas = roster.area_names(connection, DISTRICT)
        paces = roster.paces(connection, SELDOM_S)
        directory = Directory(names_of(roster.named(connection), areas, paces))
        mark = Mark()
    else:
        directory = before.directory
    changed: Sequence[str] | None = ()
    if now.states != mark.states:
        directory, changed = _with_states(connection, directory, mark.states, now.states, most)
    if now.checks != mark.checks:
        directory = _with_checks(connection, directory, mark.checks, now.checks, most)
    return Followed(directory, now, changed)


def _with_states(
    connection: Connection, directory: Directory, old: Top, new: Top, most: int
) -> tuple[Directory, Sequence[str] | None]:
    """With the states of now, and the sites of which any was written; None: of so many, or in a
    database so restored, that all were read."""
    found = roster.moved(connection, old.rev, 2 * most) if _goes_on(old, new) else None
    if found is None:
        return directory.with_held(directory.codes, roster.held(connection)), None
    hold, over = found
    changed = [*(one.site for one in hold), *over]
    hold += roster.held_by(connection, list(over))
    return directory.with_held(changed, hold), changed


def _with_checks(
    connection: Connection, directory: Directory, old: Top, new: Top, most: int
) -> Directory:
    """With as many bad checks as there are now."""
    found = roster.suspicious(connection, old.rev, most) if _goes_on(old, new) else None
    if found is None:
        return directory.with_faulty(directory.codes, roster.faulty(connection))
    # where none was bad and none that is new is there is nothing to count
    codes = [code for code, bad in found.items() if bad or directory.faulty(code)]
    return directory.with_faulty(codes, roster.faulty_by(connection, codes)) if codes else directory


def _goes_on(old: Top, new: Top) -> bool:
    """Was it read before, and is it not of a database that was restored since?"""
    return 0 <= old.rev <= new.rev
