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
from sqlalchemy import Connection, Engine, Table

from alerts.blind import blind_since
from alerts.docket import Case, Docket
from collector import roster
from collector.db import reading
from collector.roster import Mark, Top
from collector.schema import checks, states
from web import finding
from web.bars import Bars, Kept
from web.directory import Directory
from web.finding import Written
from web.names import DISTRICT, Mask, Names, names_of
from web.outline import Outline, outline
from web.renewed import Renewed

# more changed sites than this are read again with all others: a country that begins to report
# changes four thousand between two looks at a page
_MANY = 20_000
_MOST_OUTLINES, _TROUBLES_S, _YESTERDAY_S = 64, 30.0, 900.0


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """The directory at a mark; `changed` are the sites whose states moved since the one before,
    None for all."""

    directory: Directory
    mark: Mark
    changed: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Troubles:
    """What was not normal and is over: the site's place, when, whether silent."""

    place: NDArray[np.intp]
    since: NDArray[np.float64]
    until: NDArray[np.float64]
    silent: Mask


class Country:
    """What pages of many sites ask; any thread may."""

    def __init__(self, store: Engine) -> None:
        self.store = store
        self._turn = threading.Lock()
        self._followed: Followed | None = None
        self._docket = Docket()
        self._bars = Kept()
        self._outlines: tuple[Names | None, dict[tuple[str, ...], Outline | None]] = (None, {})
        self._troubles, self._yesterday = Renewed[Troubles](), Renewed[Troubles]()
        self._written: tuple[object, Written] | None = None

    def directory(self) -> Directory:
        """All sites, as they are now."""
        with self._turn, reading(self.store) as connection:
            return self._look(connection)

    def regency(self) -> tuple[Directory, Sequence[Case], float | None]:
        """All sites and all open incidents as of one moment; since when the centre is blind."""
        with self._turn, reading(self.store) as connection:
            directory = self._look(connection)
            return directory, self._docket.look(connection), blind_since(connection)

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
            found = [
                (place, spell)
                for code, spell in roster.troubles(connection, since, until)
                if (place := directory.place(code)) is not None
            ]
        return Troubles(
            np.array([place for place, _ in found], np.intp),
            np.array([spell.since for _, spell in found], np.float64),
            np.array([spell.end for _, spell in found], np.float64),
            np.array([spell.state == "unknown" for _, spell in found], bool),
        )

    def _look(self, connection: Connection) -> Directory:
        self._followed = follow(connection, self._followed)
        self._bars.forget(self._followed.changed)
        return self._followed.directory


def follow(connection: Connection, before: Followed | None) -> Followed:
    """The directory as the database has it now; `before` itself where it still holds."""
    mark = Mark() if before is None else before.mark
    now = roster.mark(connection, mark)
    if before is not None and now == mark:
        return before if before.changed == () else replace(before, changed=())
    if before is None or (now.act, now.row) != (mark.act, mark.row):
        areas = roster.area_names(connection, DISTRICT)
        directory, mark = Directory(names_of(roster.named(connection), areas)), Mark()
    else:
        directory = before.directory
    changed: Sequence[str] | None = ()
    if now.states != mark.states:
        changed = _changed(connection, states, mark.states, now.states)
        if changed is None:
            directory = directory.with_held(directory.codes, roster.held(connection))
        else:
            directory = directory.with_held(changed, roster.held_by(connection, changed))
    if now.checks != mark.checks:
        codes = _changed(connection, checks, mark.checks, now.checks)
        if codes is None:
            directory = directory.with_faulty(directory.codes, roster.faulty(connection))
        else:
            directory = directory.with_faulty(codes, roster.faulty_by(connection, codes))
    return Followed(directory, now, changed)


def _changed(connection: Connection, table: Table, old: Top, new: Top) -> list[str] | None:
    """The sites with newer rows; None: so many, or a database so restored, that all count."""
    if old.rev < 0 or new.rev < old.rev:
        return None
    codes = roster.changed(connection, table, old.rev, _MANY)
    return codes if len(codes) < _MANY else None
