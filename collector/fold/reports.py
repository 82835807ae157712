"""Records become events: decoded, repeats dropped, every entry placed on our own clock."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from collector.fold.events import (
    Contact,
    Event,
    Farewell,
    Found,
    Recalled,
    Sampled,
    Second,
)
from collector.fold.memory import Memory
from collector.fold.shapes import Shape, Shapes, Values
from collector.fold.sites import Sites
from collector.intake.framing import Kind, Record
from collector.intake.wire import Finding, Frame, Report, read_report, read_tick
from collector.series.layouts import Layout, LayoutBook
from collector.spools import MOST_SPOOLS, Spool


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


class Reader:
    """Reads records in order; `events` is what they said, until `clear`."""

    def __init__(
        self,
        sites: Sites,
        memories: dict[int, Memory],
        find: Callable[[int], Memory | None],
        book: LayoutBook,
        counts: Counts,
    ) -> None:
        self.events: list[Event] = []
        self.shapes = Shapes()
        # agents that changed since they were saved: the first record that is not saved
        self.changed: dict[int, int] = {}
        # (agent, layout, names) first seen in this batch
        self.layouts: dict[tuple[int, str], tuple[str, ...]] = {}
        # frames placed elsewhere than their clock said: memory, time, sent, uncertainty
        self.moved: list[tuple[Memory, float, float, float]] = []
        self._sites = sites
        self._memories = memories
        self._find = find
        self._book = book
        self._counts = counts

    def clear(self) -> None:
        self.events = []
        self.layouts = {}
        self.moved = []
        self.shapes.clear()

    def read(self, record: Record) -> None:
        if record.kind == Kind.REPORT:
            self._report(record)
        elif record.kind == Kind.TICK:
            tick = read_tick(record.payload)
            good = tick.accepting and tick.uplink is not False
            self.events.append(Second(record.at, record.next, good))

    def _report(self, record: Record) -> None:
        memory = self._memories.get(record.agent) or self._find(record.agent)
        if memory is None:
            self._counts.of_nobody += 1
            return
        if record.position < memory.upto:
            return
        try:
            report = read_report(record.payload)
        except msgspec.MsgspecError:
            self._counts.unreadable += 1
            return
        self._counts.reports += 1
        memory.upto = record.next
        self.changed.setdefault(memory.agent, record.position)
        self._hear(memory, record, report)
        spool = memory.spools.get(report.spool)
        if spool is None:
            spool = self._new_spool(memory, report, record.at)
        spool.dropped = max(spool.dropped, report.dropped)
        if len(report.frames) == 1 and not report.findings:
            self._frames(memory, record, report, spool, report.frames)
        else:
            self._entries(memory, record, report, spool)
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
        self.events.append(Contact(memory, record.at, record.next, report.up, memory.boot))
        memory.boot = boot
        memory.contact = record.at

    def _learn(self, memory: Memory, name: str, names: tuple[str, ...]) -> None:
        known = self._book.get(memory.agent, name)
        if known is None or known.names != names:
            self._book.learn(memory.agent, name, names)
            self.layouts[memory.agent, name] = names
            memory.shapes.pop(name, None)

    def _new_spool(self, memory: Memory, report: Report, at: float) -> Spool:
        while len(memory.spools) >= MOST_SPOOLS:
            oldest = min(memory.spools, key=lambda name: memory.spools[name].first_seen)
            del memory.spools[oldest]
            memory.forgotten.append(oldest)
        made = memory.spools[report.spool] = Spool(report.boot, at, at, None, [])
        return made

    def _entries(self, memory: Memory, record: Record, report: Report, spool: Spool) -> None:
        """Findings and frames in the order they were made; runs of frames stay together."""
        if not report.findings:
            self._frames(memory, record, report, spool, report.frames)
            return
        frames: list[Frame] = []
        for entry in sorted([*report.frames, *report.findings], key=lambda entry: entry.n):
            if isinstance(entry, Frame):
                frames.append(entry)
                continue
            self._frames(memory, record, report, spool, frames)
            frames = []
            self._finding(memory, record, report, spool, entry)
        self._frames(memory, record, report, spool, frames)

    def _frames(
        self, memory: Memory, record: Record, report: Report, spool: Spool, frames: list[Frame]
    ) -> None:
        late: dict[int, tuple[Shape, list[tuple[float, Values]]]] = {}
        site = self._sites.get(memory.site)
        live_s = 0.0 if site is None else site.live_s
        for frame in frames:
            known = memory.shapes.get(frame.layout) or self._shape(memory, frame.layout)
            if known is None:
                self._counts.without_layout += 1
                continue
            time = self._take(memory, record, report, spool, frame)
            if time is None:
                continue
            shape, layout = known
            if time > memory.newest and record.at - time <= live_s:
                memory.newest = time
                index = self.shapes.add(shape, time, frame.values, layout)
                self.events.append(
                    Sampled(memory, record.at, record.next, time, shape, index, frame.values)
                )
            else:
                late.setdefault(id(layout), (shape, []))[1].append((time, frame.values))
        for shape, told in late.values():
            self._recall(memory, record, shape, told)

    def _recall(
        self, memory: Memory, record: Record, shape: Shape, told: list[tuple[float, Values]]
    ) -> None:
        self._counts.late += len(told)
        told.sort(key=lambda entry: entry[0])
        times, values = [time for time, _ in told], [values for _, values in told]
        self.events.append(Recalled(memory, record.at, record.next, shape, times, values))

    def _finding(
        self, memory: Memory, record: Record, report: Report, spool: Spool, finding: Finding
    ) -> None:
        time = self._take(memory, record, report, spool, finding)
        if time is not None:
            site = self._sites.get(finding.site or memory.site)
            live = site is not None and record.at - time <= site.live_s
            self.events.append(Found(memory, record.at, record.next, time, finding, live))

    def _take(
        self,
        memory: Memory,
        record: Record,
        report: Report,
        spool: Spool,
        entry: Frame | Finding,
    ) -> float | None:
        """Our time of an entry that was not here before."""
        if not spool.take(entry.n):
            self._counts.repeats += 1
            return None
        self._counts.entries += 1
        placed, error_s = memory.clock.place(_boot(report), entry.at, entry.up, record.at)
        time = round(placed, 3)
        if error_s or placed != entry.at:
            self._counts.uncertain += error_s > 0
            self.moved.append((memory, time, entry.at, error_s))
        if time < spool.began or spool.began_up is None:
            spool.began, spool.began_up = min(time, spool.began), entry.up
        return time

    def _shape(self, memory: Memory, name: str) -> tuple[Shape, Layout] | None:
        layout = self._book.get(memory.agent, name)
        if layout is None:
            return None
        known = memory.shapes[name] = self.shapes.of(layout), layout
        return known


def _boot(report: Report) -> str:
    # who does not tell its boots is taken to boot with every run
    return report.boot or f"run {report.spool}"
