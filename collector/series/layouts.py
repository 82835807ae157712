"""Which numbers of a frame belong to which site and column?

A column is a series without its site (`ronda_host_load1`), numbered for the whole centre in the
order of first appearance; a replay of the journal gives the same numbers.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, bindparam, func, insert, select

from agent.report import parse_series, series
from collector.db import reading
from collector.schema import series_columns

_INSERT_ROWS = 5000
_NEW = (
    select(series_columns)
    .where(series_columns.c.id >= bindparam("known"))
    .order_by(series_columns.c.id)
)


class Columns:
    """Names of columns by number and back; ids are dense, from 0.

    The fold gives ids and saves them; other processes look up and read what is new when needed.
    """

    def __init__(self, engine: Engine, at_once: bool = True) -> None:
        """`at_once=False` reads names when one is asked for: the database may be away now. Who
        gives ids must know all names first."""
        self._engine = engine
        self._lock = threading.Lock()
        self._names: list[str] = []
        self._ids: dict[str, int] = {}
        self._saved = 0
        if at_once:
            self.refresh()

    def __len__(self) -> int:
        return len(self._names)

    def refresh(self) -> None:
        """Read names that another process has saved."""
        with self._lock:
            with reading(self._engine) as connection:
                for row in connection.execute(_NEW, {"known": len(self._names)}):
                    self._add(row.name)
            self._saved = len(self._names)

    def find(self, name: str) -> int | None:
        """The id of a column, None if nobody ever reported it."""
        if name not in self._ids and self._saved == len(self._names):
            self.refresh()
        return self._ids.get(name)

    def find_all(self, names: Iterable[str]) -> dict[int, str]:
        """Those of the names that somebody reported, by id."""
        asked = list(names)
        if self._saved == len(self._names) and not self._ids.keys() >= set(asked):
            self.refresh()
        return {self._ids[name]: name for name in asked if name in self._ids}

    def name(self, column: int) -> str | None:
        """The name of a column; None while its number is not saved yet."""
        if column >= len(self._names) and self._saved == len(self._names):
            self.refresh()
        return self._names[column] if column < len(self._names) else None

    def names(self) -> Sequence[str]:
        """All known names; the place in the list is the id."""
        return tuple(self._names)

    def give(self, names: Sequence[str]) -> NDArray[np.int32]:
        """Ids of these names, new ones where needed; only the fold may call it."""
        for name in names:
            self.learn(name)
        return np.array([self._ids[name] for name in names], np.int32)

    def learn(self, name: str) -> None:
        """Give it an id, if it has none; only the fold may call it."""
        if name not in self._ids:
            self._add(name)

    def save(self, connection: Connection) -> None:
        """Insert what `give` added, in the caller's transaction on history."""
        if self._saved == len(self._names):
            return
        # asked, not remembered: the transaction of the call before may have been rolled back
        newest = connection.execute(select(func.max(series_columns.c.id))).scalar()
        self._saved = 0 if newest is None else newest + 1
        new = [
            {"id": column, "name": self._names[column]}
            for column in range(self._saved, len(self._names))
        ]
        for start in range(0, len(new), _INSERT_ROWS):
            connection.execute(insert(series_columns), new[start : start + _INSERT_ROWS])

    def _add(self, name: str) -> None:
        self._ids[name] = len(self._names)
        self._names.append(name)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The numbers of a frame that belong to one site.

    `values[take]` are those of `columns`, which ascend. Parts with the same `key` share both
    arrays: their frames can be written to the window together.
    """

    site_row: int
    columns: NDArray[np.int32]
    take: NDArray[np.int32]
    key: int


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The series of a frame in the order of its values, and the parts they make."""

    names: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class _Split:
    site: str | None
    columns: NDArray[np.int32]
    take: NDArray[np.int32]
    key: int


class LayoutBook:
    """Layouts by agent and layout id.

    `row_of(agent, site)` names the row of a site the agent may write to (None: its own); a part
    for which it returns None is left out.
    """

    def __init__(self, columns: Columns, row_of: Callable[[int, str | None], int | None]) -> None:
        self._columns = columns
        self._row_of = row_of
        self._layouts: dict[tuple[int, str], Layout] = {}
        # a fleet has few different lists: agents share the names and arrays of theirs
        self._splits: dict[tuple[str, ...], tuple[tuple[str, ...], tuple[_Split, ...]]] = {}
        self._keys = 0

    def __len__(self) -> int:
        return len(self._layouts)

    def learn(self, agent: int, layout_id: str, names: Iterable[str]) -> Layout:
        """Keep a layout; the same agent and id again replaces it."""
        listed = tuple(names)
        known = self._splits.get(listed)
        if known is None:
            known = self._splits[listed] = listed, self._split(listed)
        shared, splits = known
        parts = tuple(
            [
                Part(row, split.columns, split.take, split.key)
                for split in splits
                if (row := self._row_of(agent, split.site)) is not None
            ]
        )
        layout = self._layouts[agent, layout_id] = Layout(shared, parts)
        return layout

    def renew(self, agent: int) -> None:
        """The agent may write to other sites than before."""
        for owner, layout_id in [key for key in self._layouts if key[0] == agent]:
            self.learn(owner, layout_id, self._layouts[owner, layout_id].names)

    def get(self, agent: int, layout_id: str) -> Layout | None:
        return self._layouts.get((agent, layout_id))

    def forget(self, agent: int) -> None:
        """Drop an agent's layouts: they are learnt again with the rows that hold now."""
        for key in [key for key in self._layouts if key[0] == agent]:
            del self._layouts[key]

    def _split(self, names: tuple[str, ...]) -> tuple[_Split, ...]:
        owners = [split_site(name) for name in names]
        # in the frame's order, so that a replay numbers the columns alike
        ids = self._columns.give([column for _, column in owners])
        sites = dict.fromkeys(site for site, _ in owners)
        return tuple(self._one_site(site, owners, ids) for site in sites)

    def _one_site(
        self, site: str | None, owners: list[tuple[str | None, str]], ids: NDArray[np.int32]
    ) -> _Split:
        places = np.array([i for i, (owner, _) in enumerate(owners) if owner == site], np.int32)
        take = places[np.argsort(ids[places], kind="stable")]
        self._keys += 1
        return _Split(site, ids[take], take, self._keys)


def split_site(name: str) -> tuple[str | None, str]:
    """A series as (its site label or None, its column)."""
    if 'site="' not in name:
        return None, name
    metric, labels = parse_series(name)
    site = labels.pop("site", None)
    return site, series(metric, labels)
