"""Records become events: decoded, repeats dropped, every entry placed on our own clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

import msgspec

from collector.fold.events import (
    BEACON_LOSS,
    CLOCK_SERIES,
    Clashed,
    Contact,
    Event,
    Farewell,
    Found,
    Heard,
    Lossy,
    Moved,
    Past,
    Recalled,
    Sampled,
    Second,
    check_series,
)
from collector.fold.memory import Memory, Pulse
from collector.fold.minds import Minds
from collector.fold.shapes import Shape, Shapes
from collector.fold.sites import Site, Sites
from collector.intake.timing import AGREES_S
from collector.intake.wire import Finding, Frame, Report, read_beats, read_report, read_tick
from collector.journal.framing import Kind, Record
from collector.series.layouts import Columns, Layout
from collector.spools import MOST_SPOOLS, Spool

_BY_NUMBER = attrgetter("n")
# the years 0 to 9999: what an agent says of its clock can be any number, and an hour of it that
# no database can hold would stop the fold for everybody
EARLIEST, LATEST = -62e9, 253e9


@dataclass(slots=True)
class Counts:
    """What the fold met since it started; for the metrics page."""

    reports: int = 0
    entries: int = 0
    repeats: int = 0
    late: int = 0
    uncertain: int = 0
    unreadable: int = 0
    of_nobody: int = 0
    without_layout: int = 0


@dataclass(slots=True, eq=False)
class _Told:
    """A report whose entries are being read: of which agent, boot, spool and site."""

    memory: Memory
    record: Record
    boot: str
    spool: Spool
    site: Site | None


class Reader:
    """Reads records in order; `events` is what they said, until `clear`."""

    def __init__(
        self, sites: Sites, minds: Minds, columns: Columns, shapes: Shapes, counts: Counts
    ) -> None:
        self.events: list[Event] = []
        self.shapes = shapes
        # agents that changed since they were saved: the first record that is not saved
        self.changed: dict[int, int] = {}
        # (agent, layout, names) first seen in this batch
        self.layouts: dict[tuple[int, str], tuple[str, ...]] = {}
        self._sites = sites
        self._minds = minds
        self._memories = minds.memories
        self._book = minds.book
        self._columns = columns
        self._counts = counts
        # the last entry that was told as moved: of which record, where it stands, its own word
        self._moved = (-1, 0.0, 0.0, 0.0)

    def clear(self) -> None:
        self.events = []
        self.layouts = {}
        self.shapes.clear()

    def meet(self, records: Sequence[Record]) -> None:
        """Look up at once who of their senders is new."""
        self._minds.meet(record.agent for record in records if record.agent)

    def read(self, record: Record) -> None:
        if record.kind == Kind.TICK:
            tick = read_tick(record.payload)
            good = tick.accepting and tick.uplink is not False
            self.events.append(Second(record.at, record.next, good, tick.by))
            return
        if record.kind == Kind.BEACON:
            self._beacons(record)
            return
        if record.kind not in (Kind.REPORT, Kind.CLASH):
            return
        memory = self._of(record.agent, record)
        if memory is None:
            return
        if record.kind == Kind.REPORT:
            self._report(memory, record)
        else:
            memory.clash_at = record.at
            self.events.append(Clashed(memory, record.at, record.next))

    def _beacons(self, record: Record) -> None:
        try:
            told = read_beats(record.payload)
        except msgspec.MsgspecError:
            self._counts.unreadable += 1
            return
        self._minds.meet(beat.agent for beat in told.beats)
        pulses = []
        for beat in told.beats:
            memory = self._of(beat.agent, record)
            pulse = Pulse(beat.missed, beat.at, beat.flags, record.at, told.by)
            if memory and (memory.pulse is None or memory.pulse.gives_way_to(pulse)):
                memory.pulse = pulse
                pulses.append((memory, pulse))
        self.events.append(Heard(record.at, record.next, told.began, pulses, told.by))
        for agent, ratio in told.loss:
            memory = self._memories.get(agent)
            if memory is not None:
                self._columns.give([BEACON_LOSS])
                self.events.append(Lossy(memory, record.at, record.next, ratio))

    def _of(self, agent: int, record: Record) -> Memory | None:
        """The memory that a record changes; None when nobody knows the agent, or it has it."""
        memory = self._memories.get(agent) or self._minds.find(agent)
        if memory is None:
            self._counts.of_nobody += 1
        elif record.position >= memory.upto:
            memory.upto = record.next
            self.changed.setdefault(agent, record.position)
            return memory
        return None

    def _report(self, memory: Memory, record: Record) -> None:
        try:
            report = read_report(record.payload)
        except msgspec.MsgspecError:
            self._counts.unreadable += 1
            return
        self._counts.reports += 1
        self._hear(memory, record, report)
        spool = memory.spools.get(report.spool)
        if spool is None:
            spool = self._new_spool(memory, report, record.at)
        spool.dropped = max(spool.dropped, report.dropped)
        boot, site = _boot(report), self._sites.get(memory.site)
        told = _Told(memory, record, boot, spool, site)
        if report.findings:
            self._entries(told, report)
        else:
            self._frames(told, report.frames)
        if report.bye:
            self.events.append(Farewell(memory, record.at, record.next))

    def _hear(self, memory: Memory, record: Record, report: Report) -> None:
        for name, names in report.layouts.items():
            self._learn(memory, name, tuple(names))
        if report.up is not None:
            boot = _boot(report)
            memory.clock.hear(boot, report.up, report.sent_at, record.at)
        else:
            boot = memory.boot
        rebooted = boot != memory.boot != ""
        self.events.append(
            Contact(memory, record.at, record.next, report.up, rebooted, report.every_s)
        )
        memory.every_s = report.every_s
        if (used := report.used) is not None:
            memory.used = (record.at, used.day, used.today, used.month, used.most)
        memory.boot = boot
        memory.contact = record.at

    def _learn(self, memory: Memory, name: str, names: tuple[str, ...]) -> None:
        known = self._book.get(memory.agent, name)
        if known is None or known.names != names:
            layout = self._book.learn(memory.agent, name, names)
            memory.learn(self.shapes.of(layout))
            self.layouts[memory.agent, name] = names
            memory.shapes.pop(name, None)

    def _new_spool(self, memory: Memory, report: Report, at: float) -> Spool:
        while len(memory.spools) >= MOST_SPOOLS:
            oldest = min(memory.spools, key=lambda name: memory.spools[name].first_seen)
            del memory.spools[oldest]
            memory.forgotten.append(oldest)
        made = memory.spools[report.spool] = Spool(report.boot, at, at, None, [])
        return made

    def _entries(self, told: _Told, report: Report) -> None:
        """Findings and frames in the order they were made; runs of frames stay together."""
        frames: list[Frame] = []
        entries: list[Frame | Finding] = [*report.frames, *report.findings]
        entries.sort(key=_BY_NUMBER)
        for entry in entries:
            if isinstance(entry, Frame):
                frames.append(entry)
                continue
            if frames:
                self._frames(told, frames)
                frames = []
            self._finding(told, entry)
        self._frames(told, frames)

    def _frames(self, told: _Told, frames: list[Frame]) -> None:
        late: dict[str, list[Past]] = {}
        memory, record = told.memory, told.record
        live_s = 0.0 if told.site is None else told.site.live_s
        for frame in frames:
            known = memory.shapes.get(frame.layout) or self._shape(memory, frame.layout)
            if known is None:
                self._counts.without_layout += 1
                continue
            placed = self._take(told, frame)
            if placed is None:
                continue
            time, error_s = placed
            if time > memory.newest and record.at - time <= live_s:
                self._live(told, frame, time, live_s, known)
                self._note_moved(memory, record, time, frame.at, error_s)
            else:
                past = Past(time, frame.values, frame.at, error_s)
                if past.moved:
                    self._columns.give(CLOCK_SERIES)
                late.setdefault(frame.layout, []).append(past)
        for name, these in late.items():
            self._counts.late += len(these)
            these.sort(key=lambda past: past.time)
            shape, layout = memory.shapes[name]
            self.events.append(Recalled(memory, record.at, record.next, shape, layout, these))

    def _live(
        self,
        told: _Told,
        frame: Frame,
        time: float,
        near_s: float,
        known: tuple[Shape, Layout],
    ) -> None:
        memory, record = told.memory, told.record
        shape, layout = known
        contracts: tuple[float, ...] = ()
        if shape.where.measured and told.site is not None:
            contracts = told.site.contracts(shape.where.measured_uplinks)
        before, memory.newest = memory.newest, time
        index = self.shapes.add(shape, time, frame.values, layout)
        self.events.append(
            Sampled(
                memory,
                record.at,
                record.next,
                time,
                before,
                near_s,
                shape,
                index,
                frame.values,
                contracts,
            )
        )

    def _note_moved(
        self, memory: Memory, record: Record, time: float, sent: float, error_s: float
    ) -> None:
        before, memory.moved = memory.moved, bool(error_s) or abs(sent - time) > AGREES_S
        # the first one that agrees again is told, too: a clock put right is no clock unheard of
        if memory.moved or before:
            told = record.position, time, sent, error_s
            # the findings that an agent begins with are all of one moment
            if told != self._moved:
                self._moved = told
                self._columns.give(CLOCK_SERIES)
                self.events.append(Moved(memory, record.at, record.next, time, sent, error_s))

    def _finding(self, told: _Told, finding: Finding) -> None:
        placed = self._take(told, finding)
        if placed is None:
            return
        time, error_s = placed
        memory, record, site = told.memory, told.record, told.site
        self._note_moved(memory, record, time, finding.at, error_s)
        if finding.site and finding.site != memory.site:
            site = self._sites.get(finding.site)
        live = site is not None and record.at - time <= site.live_s
        kind = finding.kind or memory.kind_of(finding.site, finding.check)
        # numbers are given to columns in the order of the journal, whatever the batch
        self._columns.learn(check_series(finding.check, kind))
        self.events.append(Found(memory, record.at, record.next, time, finding, kind, live, site))

    def _take(self, told: _Told, entry: Frame | Finding) -> tuple[float, float] | None:
        """Our time of an entry that was not here before, and how wrong it may be."""
        spool, received = told.spool, told.record.at
        if not spool.take(entry.n):
            self._counts.repeats += 1
            return None
        self._counts.entries += 1
        placed, error_s = told.memory.clock.place(told.boot, entry.at, entry.up, received)
        if not EARLIEST <= placed <= LATEST:
            placed, error_s = received, max(error_s, received)
        time = round(placed, 3)
        self._counts.uncertain += error_s > 0
        if time < spool.began or spool.began_up is None:
            spool.began, spool.began_up = min(time, spool.began), entry.up
        return time, error_s

    def _shape(self, memory: Memory, name: str) -> tuple[Shape, Layout] | None:
        layout = self._book.get(memory.agent, name)
        if layout is None:
            return None
        known = memory.shapes[name] = self.shapes.of(layout), layout
        return known


def _boot(report: Report) -> str:
    # who does not tell its boots is taken to boot with every run
    return report.boot or f"run {report.spool}"
