"""What ingest remembers of each agent: its layouts, and when its newest spools began."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec
from sqlalchemy import Connection

from agent.strict import Refused
from collector import layout_rows
from collector.agents_told import newest_spools
from collector.intake.clash import Began, began
from collector.intake.names import Layout, Names
from collector.intake.wire import (
    MAX_LAYOUTS_A_REPORT,
    MAX_LAYOUTS_AN_AGENT,
    Frame,
    Report,
    read_report,
)
from collector.journal.framing import Kind, Record

# a layout no frame used for so long makes room for a new one: interfaces and pools come and go,
# and in the end a village would be refused. Who needs it again is asked for it (`need_layouts`).
UNUSED_S = 86400.0
_SPOOLS = 4


class Memory(msgspec.Struct, gc=False):
    """One agent's part; `used` says when each layout was in use last.

    Who has one layout only, as most have, need not say when.
    """

    layouts: Mapping[str, Layout] = {}
    used: dict[str, float] | None = None
    spools: dict[str, Began] = {}

    def unused(self, now: float) -> int:
        """How many layouts may be forgotten for new ones; 0 while there is room anyway."""
        if len(self.layouts) + MAX_LAYOUTS_A_REPORT <= MAX_LAYOUTS_AN_AGENT:
            return 0
        used = self.used or {}
        return sum(used.get(known, 0.0) < now - UNUSED_S for known in self.layouts)

    def learn(self, fresh: Mapping[str, Layout], now: float) -> None:
        if not fresh:
            return
        # the only one so far was in use until now
        layouts, used = dict(self.layouts), self.used or dict.fromkeys(self.layouts, now)
        for layout_id, layout in fresh.items():
            if layout_id not in layouts and _has_room(layouts, used, now):
                layouts[layout_id] = layout
                used[layout_id] = now
        if layouts.keys() != self.layouts.keys():
            self.layouts = _shared(tuple(layouts.items()))
            self.used = used if len(layouts) > 1 else None

    def use(self, frames: Iterable[Frame], now: float) -> None:
        if self.used is None:
            return
        for frame in frames:
            if frame.layout in self.layouts:
                self.used[frame.layout] = now

    def set_back(self, now: float) -> None:
        """The clock was set back: nothing began, or was used, later than `now`."""
        if self.used is not None:
            self.used = {layout: min(at, now) for layout, at in self.used.items()}
        for spool, seen in self.spools.items():
            # else a later spool would be taken for the older one, and two agents for one token
            if seen.at > now:
                self.spools[spool] = Began(seen.boot, now, seen.up)

    def note(self, spool: str, seen: Began | None) -> bool:
        """An entry of `spool` was sampled then; the earliest of each of the newest spools stays.

        Was that news?
        """
        if seen is None:
            return False
        before = self.spools.get(spool)
        if before is not None and before.up <= seen.up:
            return False
        self.spools[spool] = seen
        if len(self.spools) > _SPOOLS:
            del self.spools[min(self.spools, key=lambda known: self.spools[known].at)]
        return True


def _has_room(layouts: dict[str, Layout], used: dict[str, float], now: float) -> bool:
    """Is there, or is there one that may go for a new one? It is gone then."""
    if len(layouts) < MAX_LAYOUTS_AN_AGENT:
        return True
    longest = min(layouts, key=lambda known: used.get(known, 0.0))
    if used.get(longest, 0.0) >= now - UNUSED_S:
        return False
    del layouts[longest]
    used.pop(longest, None)
    return True


# whole fleets have the same ones under the same names
@lru_cache(maxsize=4096)
def _shared(layouts: tuple[tuple[str, Layout], ...]) -> Mapping[str, Layout]:
    return dict(layouts)


class Known:
    """All agents' memories; filled from the database and from what the fold has not read yet."""

    def __init__(self) -> None:
        self.names = Names()
        self._agents: dict[int, Memory] = {}

    def of(self, agent: int) -> Memory:
        memory = self._agents.get(agent)
        if memory is None:
            memory = self._agents[agent] = Memory()
        return memory

    def set_back(self, now: float) -> None:
        """The clock was set back to `now`."""
        # another thread may be reading some in
        for memory in list(self._agents.values()):
            memory.set_back(now)

    def load(self, connection: Connection) -> None:
        """What the fold has committed."""
        judged = {digest: self._judge(names) for digest, names in layout_rows.lists(connection)}
        for agent, layout_id, digest in layout_rows.references(connection):
            layout = judged.get(digest)
            if layout is not None:
                self.of(agent).learn({layout_id: layout}, 0.0)
        for row in newest_spools(connection, met=True):
            if row.began_up is not None:
                self.of(row.agent).note(row.spool, Began(row.boot, row.began, row.began_up))

    def read(self, records: Iterable[Record]) -> None:
        """What the journal holds beyond that."""
        for record in records:
            if record.kind != Kind.REPORT:
                continue
            try:
                report = read_report(record.payload)
            except msgspec.MsgspecError:
                continue
            self.take(record.agent, report, record.at)

    def take(self, agent: int, report: Report, at: float) -> None:
        self._learn(agent, report.layouts, at)
        self.of(agent).use(report.frames, at)
        self.of(agent).note(report.spool, began(report, at))

    def _learn(self, agent: int, layouts: Mapping[str, list[str]], at: float) -> None:
        for layout_id, names in layouts.items():
            layout = self._judge(names)
            if layout is not None:
                self.of(agent).learn({layout_id: layout}, at)

    def _judge(self, names: list[str]) -> Layout | None:
        try:
            return self.names.judge(names, "")
        except Refused:
            # a rule has become stricter since; the agent is asked for the layout again
            return None
