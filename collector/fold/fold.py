"""The fold: the one consumer of the journal, and everything that follows from it.

What it derives is committed with the position it has reached: a crash repeats nothing and loses
nothing, and the same journal always gives the same history.
"""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from sqlalchemy import Engine

from collector import acts, positions, suspects, turns
from collector.db import meta_get, open_history, open_store, reading
from collector.fold import beats, setback, works
from collector.fold.advance import Advance
from collector.fold.chores import Chores
from collector.fold.commit import (
    FOLD,
    MOST_MEMORIES,
    PEOPLE,
    UNPACKED,
    UNTOLD,
    WINDOW,
    Ledger,
    Pending,
    read_ticks,
    read_untold,
    take_over,
)
from collector.fold.findings import Findings
from collector.fold.foreign import Foreigners
from collector.fold.minds import Minds
from collector.fold.numbers import Numbers
from collector.fold.people import Due, People
from collector.fold.reports import Counts, Reader
from collector.fold.restart import catch_up, needed_from, open_window, reaching_back, refill
from collector.fold.shapes import Shapes
from collector.fold.sites import Sites
from collector.fold.source import Source
from collector.fold.status import Status
from collector.fold.tempo import Tempo
from collector.fold.timelines import Timelines
from collector.journal.framing import Kind, Record
from collector.journal.opening import open_reader
from collector.judge import Thresholds
from collector.outward.bag import open_bag
from collector.series.layouts import Columns
from collector.series.packing import unpacked_since
from collector.series.window import WindowWriter
from collector.settings import Settings
from collector.silence import Ticks

Step = Callable[[float, int], None]

MOST_S = 0.2


class Fold:
    """Reads records, concludes, commits; `clock` only paces it.

    `ending`: nothing is begun any more that others can do after the next start.
    """

    _advance: Advance
    _foreign: Foreigners
    _ledger: Ledger
    _pending: Pending

    def __init__(
        self,
        settings: Settings,
        store: Engine,
        history: Engine,
        steps: Sequence[Step],
        clock: Callable[[], float],
        chunk: int,
        ending: Callable[[], bool],
    ) -> None:
        self.counts = Counts()
        self._settings = settings
        for engine in (store, history):
            turns.be_patient(engine, ending)
        self._store = store
        self._history = history
        self._steps = steps
        self._clock = clock
        self._chunk = chunk
        self._ending = ending
        self._tempo = Tempo(settings.commit_every_s)
        self._status = Status(store, clock)
        # the journal had no more when it was last asked
        self.caught_up = False
        self._journal = open_reader(settings)
        self._source = Source(self._journal)
        self._held = ExitStack()
        for held in (history.dispose, store.dispose, self._journal.close):
            self._held.callback(held)
        try:
            self._begin()
        except BaseException:
            # who tries again wants the lock of the window, and a database may be away for long
            self.close()
            raise

    def _begin(self) -> None:
        with reading(self._store) as connection:
            self.position = positions.get(connection, FOLD)
            self._last_act = positions.get(connection, PEOPLE, -1)
            ticks, untold = read_ticks(connection), read_untold(connection)
            self._last_window = meta_get(connection, WINDOW, "")
            self._unpacked = int(meta_get(connection, UNPACKED, "0"))
            self._due = Due(connection, self.position, self._last_act)
        self._cursor = self.position
        self._newest = ticks.newest or 0.0
        at = ticks.newest or self._clock()
        self._bag = open_bag(self._settings, self._store, self.position, at)
        self._held.callback(self._bag.close)
        self._sites, self._columns = Sites(), Columns(self._history)
        self._read_sites()
        self._window = self._open_window()
        self._build(ticks, untold)

    @classmethod
    def open(
        cls,
        settings: Settings,
        steps: Sequence[Step] = (),
        clock: Callable[[], float] = time.time,
        chunk: int = 1000,
        ending: Callable[[], bool] = lambda: False,
    ) -> "Fold":
        """Carry on from the committed position; the databases must be migrated.

        `chunk` records are taken in together; what comes out does not depend on it.
        """
        given = settings, open_store(settings, much=True), open_history(settings)
        return cls(*given, steps, clock, chunk, ending)

    def run_once(self) -> int:
        """Take what is there, at most 2,500 records or 0.2 s; how many records it was."""
        taken, began = 0, self._clock()
        now, self.caught_up = began, False
        while self._tempo.room and 0 <= now - began < MOST_S:
            if taken == 0 or self._due.replays:
                self._people()
            records = self._read()
            if not records:
                self.caught_up = not self._source.away
                break
            self._fold(records)
            taken += len(records)
            self._tempo.took(len(records))
            now = self._clock()
        lag_s = self._lag_s(now)
        uncommitted = self.position > self._committed or self._ledger.news
        if uncommitted and self._tempo.due(now, lag_s, self._ledger.news):
            self.commit()
        self._status.tell(self.position, lag_s)
        return taken

    def commit(self, everyone: bool = False) -> None:
        """Write what was concluded, pack what is due, tell the floors above; `everyone`: the memory
        of every agent that changed."""
        advance = self._advance
        self._numbers.flush()
        suspicious = advance.hush.suspects(advance.ticks, self._settings.silent_intervals)
        notes = {
            suspects.KEY: suspects.pack(suspicious),
            beats.KEY: beats.pack(advance.beats),
            UNTOLD: json.dumps(advance.causes.untold),
            WINDOW: self._window.name,
            UNPACKED: str(unpacked_since(self._window, int(self._newest // 60))),
        }
        waiting = len(self._pending.changed)
        remembers = self._tempo.remembers(self._clock(), waiting > MOST_MEMORIES)
        memories = waiting if everyone else MOST_MEMORIES if remembers else 0
        self._ledger.commit(self.position, advance.ticks, notes, memories)
        self._committed = self.position
        self._tempo.committed(self._clock())
        self._numbers.position = self.position
        self._foreign.saved(self.position, self._newest)
        self._window.sync(self.position)
        if not self._ending():
            self._after_commit()

    def _after_commit(self) -> None:
        self._chores.step(self._newest, self._committed, self._advance.ticks)
        # a frame may have come after the newest tick: what it says must not lie in the future
        now = max(self._advance.ticks.newest or 0.0, self._newest)
        for step in self._steps:
            step(now, self._cursor)
        self._chores.drop_journal(now, self._needed())

    def _needed(self) -> int:
        """What lies before it nobody needs any more. Whoever else reads the journal, and is not to
        miss anything, names here how far they are."""
        # they stand in the order of their positions
        return next(iter(self._pending.changed.values()), self.position)

    def close(self) -> None:
        """Let go of files and databases; what is not committed is folded again next time."""
        self._held.close()

    def _build(self, ticks: Ticks, untold: Sequence[str]) -> None:
        settings = self._settings
        self._limits = Thresholds(
            settings.slow_loss_ratio, settings.slow_rtt_s, settings.slow_contract_ratio
        )
        timelines, findings = Timelines(self._store), Findings(self._store)
        minds, self._reader = self._new_reader(self.counts)
        self._numbers = Numbers(self._window, self._columns, self._bag)
        self._numbers.position = self._committed = self.position
        limits = self._limits, settings.silent_intervals
        self._advance = Advance(self._sites, timelines, findings, self._numbers, *limits)
        self._acts_of = People(self._sites, timelines, self._advance, minds)
        self._pending = Pending(minds.memories)
        self._foreign = Foreigners(self._history, self.position)
        given = timelines, findings, self._numbers, self._foreign, self._pending
        self._ledger = Ledger(self._store, self._history, *given, self.position, self._bag)
        beside = self._window, self._foreign, self._source
        self._chores = Chores(settings, self._history, *beside, self._clock)
        catch_up(self._store, self._journal, self._reader, self._limits)
        take_over(self._reader, self._pending)
        self._tempo.resume(len(self._pending.changed) > MOST_MEMORIES)
        self._resume(ticks, minds, untold)

    def _read_sites(self) -> None:
        with reading(self._store) as connection:
            self._sites.load(connection)
            if self._due.replays:
                # the inventory is of a later day than the position: what was then is in the acts
                self._sites.forget_lines()
                for act in acts.applied(connection, -1, self.position):
                    self._sites.recall(act)

    def _resume(self, ticks: Ticks, minds: Minds, untold: Sequence[str]) -> None:
        """Be where the committed position left off."""
        with reading(self._store) as connection:
            beats.resume(self._advance.beats, meta_get(connection, beats.KEY, ""))
            done = acts.applied(connection, -1, self.position, works.VERB)
        done = [act for act in done if act.id <= self._last_act]
        self._advance.works.resume(done, ticks.newest or 0.0)
        self._advance.resume(ticks, minds.memories.values(), untold)

    def _open_window(self) -> WindowWriter:
        given = self._settings, self._store, self._history, self.position, self._last_window
        window, packed = open_window(*given)
        self._held.callback(window.close)
        if window.rebuild:
            minds, reader = self._new_reader(Counts())
            minds.forget()
            fresh = self._sites, reader, Numbers(window, self._columns)
            begin = needed_from(window, self._newest, self._unpacked)
            with reaching_back(window, self._newest, packed):
                read = refill(self._journal, *fresh, self.position, minds.memories, begin)
                # of a journal that is gone nothing is here yet
                window.since = read or self._newest
        return window

    def _new_reader(self, counts: Counts) -> tuple[Minds, Reader]:
        shapes = Shapes()
        minds = Minds(self._store, self._sites, self._columns, shapes)
        return minds, Reader(self._sites, minds, self._columns, shapes, counts)

    def _read(self) -> list[Record]:
        records = self._source.read(self.position, self._chunk)
        if (stop := self._due.next_at) is not None:
            records = [record for record in records if record.position < stop]
        hand = setback.hand_of(self._advance.ticks.newest, self._advance.beats)
        place = hand.back(records)
        if place == 0:
            self._set_back(records[0].at)
            return self._read()
        return records[:place]

    def _set_back(self, at: float) -> None:
        """The clock was set back: bring everything to `at`, and begin anew from there."""
        self.commit(everyone=True)
        advance, rev = self._advance, self.position + 2
        self._chores.set_back(advance.ticks.newest or at, at, self.position)
        memories = self._pending.memories.values()
        ticks = setback.bring(self._store, memories, advance.beats, advance.ticks, at, rev)
        # no record ends here: readers of `rev` take it for newer than what was before
        self._cursor, self._newest = rev, at
        with reading(self._store) as connection:
            self._last_act = positions.get(connection, PEOPLE, -1)
        self._build(ticks, advance.causes.untold)

    def _fold(self, records: Sequence[Record]) -> None:
        reader, numbers = self._reader, self._numbers
        reader.meet(records)
        for record in records:
            if record.kind == Kind.REMOTE_WRITE:
                self._foreign.take(record.payload)
                self._bag.others(record.payload)
            else:
                reader.read(record)
        reader.shapes.judge(self._limits)
        for shape in reader.shapes.used:
            numbers.live(shape)
        self._advance.prepare(reader.events)
        for event in reader.events:
            self._advance.apply(event)
        numbers.settle()
        take_over(reader, self._pending)
        reader.clear()
        self.position = self._cursor = records[-1].next
        self._newest = records[-1].at

    def _people(self) -> None:
        """Apply what people did, at the boundary where it was or, when it is new, here."""
        known = {act for _, act in self._pending.acts}
        with reading(self._store) as connection:
            for act in self._due.take(connection, self.position, known):
                # no record ends here: readers of `rev` take it for newer than the record before
                self._cursor = max(self._cursor, self.position + 1)
                self._acts_of.apply(act, connection, self.position + 1)
                self._pending.acts.append((self.position, act.id))

    def _lag_s(self, now: float) -> float:
        """How old is the newest record that was folded, when there are others?"""
        return 0.0 if self.caught_up or not self._newest else max(0.0, now - self._newest)
