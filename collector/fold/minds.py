"""What the fold has in mind of all agents: read at a start, found when a new one reports."""

import json
from collections.abc import Iterable, Sequence

from sqlalchemy import Engine, select

from collector import layout_rows, spools
from collector.db import reading
from collector.fold.memory import Memory, recall
from collector.fold.shapes import Shapes
from collector.fold.sites import Sites
from collector.granted import Granted
from collector.intake.timing import NEVER
from collector.schema import agents
from collector.series.layouts import Columns, LayoutBook

# one that nobody knows is asked for again only after so many records of it
_ASK_EVERY = 100
_AT_ONCE = 500


class Minds:
    """Memories by agent, and the layouts that they report in."""

    def __init__(self, store: Engine, sites: Sites, columns: Columns, shapes: Shapes) -> None:
        self.memories: dict[int, Memory] = {}
        self.book = LayoutBook(columns, self._row_of)
        self._store = store
        self._sites = sites
        self._shapes = shapes
        self._grants: dict[int, Granted] = {}
        self._nobody: dict[int, int] = {}
        self._load()

    def meet(self, agents: Iterable[int]) -> None:
        """Have those at hand that enrolled since the start: one by one, each would cost more than
        all that its first report says."""
        new = dict.fromkeys(a for a in agents if a not in self.memories and a not in self._nobody)
        listed = list(new)
        for begin in range(0, len(listed), _AT_ONCE):
            self._load(listed[begin : begin + _AT_ONCE])
        self._nobody |= {agent: 1 for agent in listed if agent not in self.memories}

    def find(self, agent: int) -> Memory | None:
        """An agent that `meet` did not find, or was not asked for."""
        asked = self._nobody.get(agent, 0)
        self._nobody[agent] = asked + 1
        if asked % _ASK_EVERY == 0:
            self._load([agent])
        found = self.memories.get(agent)
        if found is not None:
            del self._nobody[agent]
        return found

    def grant(self, agent: int, scopes: Iterable[str]) -> None:
        """From now on the agent may speak for these, too, and for no others."""
        memory = self.memories.get(agent)
        if memory is not None:
            self._grants[agent] = Granted(memory.site, frozenset(scopes))
            self.book.renew(agent)
            memory.shapes.clear()

    def forget(self) -> None:
        """As if nobody had reported yet, but for what is known of clocks."""
        for memory in self.memories.values():
            memory.upto, memory.newest, memory.spools = 0, NEVER, {}

    def _load(self, only: Sequence[int] = ()) -> None:
        with reading(self._store) as connection:
            query = select(agents.c.id, agents.c.site, agents.c.grants)
            if only:
                query = query.where(agents.c.id.in_(only))
            for agent, site, granted in connection.execute(query):
                self._grants[agent] = Granted(site, frozenset(json.loads(granted)))
            for stored in spools.load(connection, only):
                self.memories[stored.agent] = recall(stored)
            found = layout_rows.load_of(connection, only) if only else layout_rows.load(connection)
            for agent, name, names in found:
                layout = self.book.learn(agent, name, names)
                if agent in self.memories:
                    self.memories[agent].learn(self._shapes.of(layout))

    def _row_of(self, agent: int, code: str | None) -> int | None:
        memory = self.memories.get(agent)
        if memory is None:
            return None
        if code is not None and code != memory.site and code not in self._grants.get(agent, ()):
            return None
        site = self._sites.get(code or memory.site)
        return None if site is None else site.row
