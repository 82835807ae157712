"""Everything a batch came to, in one transaction with the position it reaches."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from itertools import islice

from sqlalchemy import Connection, Engine

from collector import acts, layout_rows, positions, spools
from collector.db import meta_get, meta_set, meta_set_all, writing
from collector.fold.findings import Findings
from collector.fold.foreign import Foreigners
from collector.fold.memory import Memory
from collector.fold.numbers import Numbers
from collector.fold.reports import Reader
from collector.fold.timelines import Timelines
from collector.lease import Overtaken
from collector.outward.bag import Bag
from collector.silence import Ticks

FOLD = "fold"
# from here on the journal is read again at a start, for agents whose memory was not saved yet
MEMORIES = "fold_memories"
PEOPLE = "fold_acts"
_TICKS = "fold_ticks"
UNTOLD = "fold_untold"
# the window in which it stands, too: that of another engine lacks what this one has folded
WINDOW = "fold_window"
# the oldest minute of which anything is in that window alone: another one is filled from there on
UNPACKED = "fold_unpacked"
# memories of agents saved at once: keeps the write lock short with a country of them
MOST_MEMORIES = 500


@dataclass(slots=True)
class Pending:
    """What is concluded but not written yet, and where the journal stands."""

    memories: dict[int, Memory]
    # agents changed since they were saved, and their first record since
    changed: dict[int, int] = field(default_factory=dict)
    layouts: dict[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)
    # applied acts by position, in their order
    acts: list[tuple[int, int]] = field(default_factory=list)


def refuse_overtaken(connection: Connection, position: int) -> None:
    """Overtaken when the fold has been moved beyond `position`, up to which our own has come.

    For who writes what follows from it, in the same transaction.
    """
    if positions.get(connection, FOLD) > position:
        raise Overtaken("another engine has gone on: it has the lease now")


class Ledger:
    """Writes history first, idempotent, then everything else with the position."""

    def __init__(
        self,
        store: Engine,
        history: Engine,
        timelines: Timelines,
        findings: Findings,
        numbers: Numbers,
        foreign: Foreigners,
        pending: Pending,
        position: int,
        bag: Bag,
    ) -> None:
        self._position = position
        self._bag = bag
        self._store = store
        self._history = history
        self._timelines = timelines
        self._findings = findings
        self._numbers = numbers
        self._foreign = foreign
        self._pending = pending
        self._noted: Mapping[str, str] = {}

    @property
    def news(self) -> bool:
        """Something people wait for."""
        return self._timelines.changed or self._findings.changed or bool(self._pending.acts)

    def commit(
        self, position: int, ticks: Ticks, notes: Mapping[str, str], memories: int = MOST_MEMORIES
    ) -> None:
        """Write it all, `notes` into meta; `memories`: of so many agents at most, too.

        The numbers are flushed: columns are named, and the window holds what goes there.
        """
        pending = self._pending
        with writing(self._history) as history:
            self._numbers.save(history)
            self._foreign.save(history)
        # the position does not pass what nobody put aside
        self._bag.put(position, ticks.newest or 0.0)
        # in the order of their positions, so the first one left is where a start must read from
        changed = iter(pending.changed.items())
        agents = [agent for agent, _ in islice(changed, memories)]
        _, reread = next(changed, (0, position))
        with writing(self._store) as connection:
            if positions.get(connection, FOLD) != self._position:
                raise Overtaken("another engine has folded this: it has the lease now")
            self._timelines.save(connection)
            self._findings.save(connection)
            layout_rows.save(connection, pending.layouts)
            remember(connection, [pending.memories[agent] for agent in agents])
            self._mark_acts(connection)
            positions.put_all(connection, {FOLD: position, MEMORIES: reread})
            new = {key: text for key, text in notes.items() if self._noted.get(key) != text}
            meta_set_all(connection, {_TICKS: _told(ticks), **new})
        self._position = position
        self._noted = notes
        self._saved(agents)

    def _mark_acts(self, connection: Connection) -> None:
        for position, act in self._pending.acts:
            acts.mark_applied(connection, [act], position)
        if self._pending.acts:
            positions.put(connection, PEOPLE, self._pending.acts[-1][1])

    def _saved(self, agents: Sequence[int]) -> None:
        self._timelines.saved()
        self._findings.saved()
        self._numbers.saved()
        self._pending.layouts.clear()
        self._pending.acts.clear()
        for agent in agents:
            del self._pending.changed[agent]
            forget_changes(self._pending.memories[agent])


def take_over(reader: Reader, pending: Pending) -> None:
    """What a batch of records added to what must be written."""
    for agent, position in reader.changed.items():
        pending.changed.setdefault(agent, position)
    reader.changed.clear()
    pending.layouts |= reader.layouts


def remember(connection: Connection, memories: Iterable[Memory]) -> None:
    """Write what is kept in mind of these agents."""
    listed = list(memories)
    spools.save_memories(connection, [(m.agent, m.upto, m.skew_s, m.body()) for m in listed])
    changed = [(m.agent, n, s) for m in listed for n, s in m.spools.items() if s.changed]
    spools.save_spools(connection, changed)
    spools.drop_spools(connection, [(m.agent, name) for m in listed for name in m.forgotten])
    boots, old = [], []
    for memory in listed:
        known, stored = memory.clock.boots, memory.stored_boots
        boots += [(memory.agent, name, b.anchors) for name, b in known.items() if b.changed]
        gone = (name for name in stored if name not in known or known[name].changed)
        old += [(memory.agent, name) for name in gone]
    spools.save_anchors(connection, old, boots)


def forget_changes(memory: Memory) -> None:
    """All of it is in the database now."""
    memory.forgotten.clear()
    for spool in memory.spools.values():
        spool.changed = False
    memory.stored_boots = set(memory.clock.boots)
    for boot in memory.clock.boots.values():
        boot.changed = False


def read_untold(connection: Connection) -> list[str]:
    """Sites that fell after the last tick before the committed position."""
    told: list[str] = json.loads(meta_get(connection, UNTOLD, "[]"))
    return told


def put_ticks(connection: Connection, ticks: Ticks) -> None:
    """The centre's time as of the position that is committed with it."""
    meta_set(connection, _TICKS, _told(ticks))


def _told(ticks: Ticks) -> str:
    return json.dumps(astuple(ticks))


def read_ticks(connection: Connection) -> Ticks:
    """The centre's time as of the committed position."""
    told = meta_get(connection, _TICKS)
    if not told:
        return Ticks()
    # an older release wrote fewer of them
    newest, good, resumed, *more = json.loads(told)
    leapt, listening = more if len(more) == 2 else (None, 0.0)
    return Ticks(newest, good, resumed, leapt and (leapt[0], leapt[1]), listening)
