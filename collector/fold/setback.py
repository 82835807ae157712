"""The clock was set back: what has a time ahead is brought to now, and the centre goes on at once.

The journal tells it, by a tick that is earlier than those before it; so a replay does the same at
the same place. The fold then begins anew from its rows, as after a restart.
"""

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from collector import ahead
from collector.db import meta_get, meta_set, reading, writing
from collector.fold.beats import KEY as BEATS
from collector.fold.beats import Beats, Pace, count, pack
from collector.fold.commit import put_ticks, refuse_overtaken, remember
from collector.fold.memory import Memory
from collector.fold.timelines import Timelines
from collector.intake.wire import read_tick
from collector.journal.framing import Kind, Record
from collector.silence import AWAY_S, SET_BACK_S, Ticks

log = logging.getLogger(__name__)

# a row of meta
KEY = "clock_set_back"


@dataclass(slots=True)
class Hand:
    """The newest time there was, and how each ingest ticks.

    Of two ingests the one that is ahead gives the time; one whose clock alone is set back is late.
    Where the one that was ahead is dead, the others are the clock, which with that was set back.
    """

    newest: float | None = None
    paces: dict[str, Pace] = field(default_factory=dict)

    def back(self, records: Sequence[Record]) -> int | None:
        """The place of the first tick that tells of a clock that was set back; None: there is none.

        Records before that are taken note of.
        """
        for place, record in enumerate(records):
            if record.kind == Kind.TICK:
                by = read_tick(record.payload).by
                if self.newest is not None and self.newest - self._clock(by, record) > SET_BACK_S:
                    return place
                self._tick(by, record.at)
            elif record.kind == Kind.REPORT and self.newest is not None:
                # what comes in so much later ends a gap of ticks
                self._pass(record.at if record.at - self.newest > AWAY_S else self.newest)
        return None

    def set_back(self, at: float) -> None:
        """From here on this is the time."""
        self.newest = at
        for pace in self.paces.values():
            pace.ticked = min(pace.ticked, at)

    def _clock(self, by: str, tick: Record) -> float:
        """The time by this tick of an ingest and the newest of the others that live."""
        others = [pace for one, pace in self.paces.items() if one != by and not pace.quiet]
        return max([tick.at, *(pace.ticked for pace in others)])

    def _tick(self, by: str, at: float) -> None:
        self.paces.setdefault(by, Pace())
        count(self.paces, by, at)
        self._pass(at)

    def _pass(self, at: float) -> None:
        self.newest = at if self.newest is None else max(self.newest, at)


@dataclass(frozen=True, slots=True)
class Step:
    """The newest time that the clock was set back: by our own time now, `by_s` before what it was.

    `count` tells it apart from the one before.
    """

    count: int
    at: float
    by_s: float


def last(connection: Connection) -> Step | None:
    """None: it never was."""
    told = meta_get(connection, KEY)
    return Step(*json.loads(told)) if told else None


def bring(
    store: Engine, memories: Iterable[Memory], beats: Beats, ticks: Ticks, at: float, rev: int
) -> Ticks:
    """Everything in the store that the fold has committed, in one transaction; the time now.

    Overtaken when another engine has gone on from there.
    """
    changed = [memory for memory in memories if memory.set_back(at)]
    beats.set_back(at)
    timelines = Timelines(store)
    with reading(store) as connection:
        later = ahead.sites(connection, at)
    timelines.set_back(later, at, rev)
    good = None if ticks.good is None else min(ticks.good, at)
    leapt = None if ticks.leapt is not None and ticks.leapt[1] > at else ticks.leapt
    now = Ticks(at, good, at, leapt)
    with writing(store) as connection:
        refuse_overtaken(connection, rev)
        timelines.save(connection)
        ahead.bring_states(connection, at, rev)
        ahead.bring_checks(connection, at, rev)
        remember(connection, changed)
        put_ticks(connection, now)
        meta_set(connection, BEATS, pack(beats))
        before = last(connection)
        by_s = round((ticks.newest or at) - at, 3)
        told = [1 if before is None else before.count + 1, at, by_s]
        meta_set(connection, KEY, json.dumps(told))
    log.warning("the clock was set back by %.0f s; what lay ahead is brought to now", by_s)
    return now


def hand_of(newest: float | None, beats: Beats) -> Hand:
    """As it is where the fold has come to."""
    paces = {by: Pace(one.ticked, dict(one.since)) for by, one in beats.ingests.items()}
    return Hand(newest, paces)
