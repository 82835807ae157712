"""The fold of a country on one core, offline: first reports, steady ones, goodbyes; CPU of each.

python -m tests.bench.fold_country [--sites 83763] [--minutes 3] [--late 4] [--floors]

Reports come in as fast as a country sends them, by a clock that moves with the CPU the fold takes:
who takes longer than a report lasts falls behind, as in the engine. Fewer sites send as fast, and
are silent for the rest of the minute. `--late`: so many seconds lie between a sampling and its
arrival, as when ingest is slow. `--floors`: with the alerts floor on it, as in an engine.
"""

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from collector.db import migrate, open_store
from collector.engine import IDLE_S, keep_heap
from collector.fold import Fold
from collector.intake.wire import Tick, read_report, write
from collector.journal.files import FileReader, FileWriter
from collector.journal.framing import Entry, Kind, Record
from collector.secret import load_secret
from collector.series.window_head import window_minutes
from collector.settings import Settings
from collector.simulate.agents import Agents, Floats, Ints
from collector.simulate.enrolment import enrol
from collector.simulate.fate import Fate
from collector.simulate.scenario import Scenario
from tests.bench.above import Above
from tests.bench.centre import say

START = 1_790_000_040.0
EVERY_S = 60
COUNTRY = 83_763
SERIES = 60
SEED = 1


@dataclass
class Phase:
    """What came to be between two moments of the journal, and what it took."""

    name: str
    until: float
    reports: int = 0
    cpu_s: float = 0.0
    steps: int = 0
    worst_lag_s: float = 0.0
    longest_s: float = 0.0  # one call of the fold
    loops: list[float] = field(default_factory=list)


class Core:
    """A clock that one process could follow: it moves with the CPU that is taken, and idles."""

    def __init__(self, now: float) -> None:
        self._now, self._from = now, time.process_time()

    def __call__(self) -> float:
        return self._now + time.process_time() - self._from

    def idle(self, seconds: float) -> None:
        self._now += seconds

    def free(self, since: float) -> None:
        """What was done since that moment costs nothing."""
        self._now = since
        self._from = time.process_time()


class Feed:
    """Hands the journal of the fold what has come in by now."""

    def __init__(self, sent: Path, to: Path) -> None:
        self._reader, self._writer = FileReader(sent), FileWriter(to, sync=lambda fd: None)
        self._next: list[Record] = []
        self._position = self._reader.start

    def until(self, now: float) -> int:
        """How many reports came."""
        count, entries = 0, []
        while (record := self._peek()) is not None and record.at <= now:
            entries.append((record.kind, record.at, record.agent, record.payload))
            count += record.kind == Kind.REPORT
            self._next.pop()
        if entries:
            self._writer.append(entries)
        return count

    def over(self, until: float) -> bool:
        record = self._peek()
        return record is None or record.at > until

    @property
    def next_at(self) -> float:
        record = self._peek()
        return 0.0 if record is None else record.at

    def close(self) -> None:
        self._writer.close()

    def _peek(self) -> Record | None:
        if not self._next:
            self._next = self._reader.read(self._position)[::-1]
            if not self._next:
                return None
            self._position = self._next[0].next
        return self._next[-1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=83_763)
    parser.add_argument("--minutes", type=int, default=3)
    parser.add_argument("--late", type=float, default=0.0)
    parser.add_argument("--floors", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ronda-fold-") as folder:
        sent = Path(folder) / "sent"
        minutes = window_minutes(args.sites)
        settings = Settings(data=str(Path(folder) / "var"), window_minutes=minutes)
        given = settings, sent, args.sites, args.minutes, args.late
        # by another process: what it needs is no memory of the fold
        making = multiprocessing.get_context("spawn").Process(target=make, args=given)
        making.start()
        making.join()
        if making.exitcode != 0:
            return 1
        measure(settings, sent, args.sites, args.minutes, args.late, args.floors)
    return 0


def make(settings: Settings, sent: Path, sites: int, minutes: int, late_s: float) -> None:
    """Villages and their agents in the database, what they send in a journal beside it."""
    migrate(settings)
    store = open_store(settings)
    fleet = enrol(store, load_secret(settings.folder), sites, SEED, EVERY_S, START - 30)
    store.dispose()
    agents = Agents(
        fleet, Fate(Scenario(), fleet.villages, START, SEED), SEED, SERIES, EVERY_S, START
    )
    agents.gap_s = EVERY_S / COUNTRY
    writer = FileWriter(sent, sync=lambda fd: None)
    for entries in told(agents, [agent for agent, _ in fleet.signers], minutes, late_s):
        writer.append(entries)
    writer.close()


def told(agents: Agents, ids: list[int], minutes: int, late_s: float) -> Iterator[list[Entry]]:
    """Second by second; the last minute is of goodbyes."""
    first = int((START - agents.origin) // EVERY_S)
    yield [(Kind.TICK, START + late_s, 0, write(Tick(True)))]
    for second in range((minutes + 1) * EVERY_S):
        turn, part = divmod(second, EVERY_S)
        some = slice(part * COUNTRY // EVERY_S, (part + 1) * COUNTRY // EVERY_S)
        sites = agents.order[some]
        times = agents.times(sites, np.full(len(sites), first + turn))
        made = goodbyes(agents, sites, times) if turn == minutes else reports(agents, sites, times)
        entries: list[Entry] = [
            (Kind.REPORT, at + late_s + 0.02, ids[site], payload)
            for site, at, payload in zip(sites.tolist(), times.tolist(), made, strict=True)
        ]
        yield [*entries, (Kind.TICK, START + second + 1 + late_s, 0, write(Tick(True)))]


def goodbyes(agents: Agents, sites: Ints, times: Floats) -> Iterator[bytes]:
    for site, at in zip(sites.tolist(), times.tolist(), strict=True):
        report = read_report(agents.report(site, at, ()))
        report.bye = True
        yield write(report)


def reports(agents: Agents, sites: Ints, times: Floats) -> Iterator[bytes]:
    """A frame of each, before its first one the verdicts of its checks."""
    each = list(zip(sites.tolist(), times.tolist(), strict=True))
    told = [[] if agents.told[site] else agents.first_findings(site, at) for site, at in each]
    frames = agents.frames(sites, times, agents.numbers(sites), np.zeros(len(sites)))
    for (site, at), frame, findings in zip(each, frames, told, strict=True):
        yield agents.report(site, at, [frame], findings)
        agents.layout_known[site] = True


def measure(
    settings: Settings, sent: Path, sites: int, minutes: int, late_s: float, floors: bool
) -> None:
    """Fold it, phase by phase."""
    names = {"villages": 0, "first reports": 1, "steady": minutes, "goodbyes": minutes + 1}
    phases = [Phase(name, START + n * EVERY_S + late_s + 0.01) for name, n in names.items()]
    core, feed = Core(START + late_s), Feed(sent, settings.journal_folder)
    run = Run(core, feed, phases[0])
    before = anonymous_bytes()
    began = time.process_time()
    above = Above(settings, core) if floors else None
    fold = Fold.open(settings, [run.committed, *([above.step] if above else [])], core)
    say("opening", time.process_time() - began, "s CPU")
    keep_heap()
    for phase in phases:
        run.phase = phase
        run.through(fold)
        tell(phase, sites)
        if above is not None:
            above.tell(*of(phase, sites))
    say("memory a site", (anonymous_bytes() - before) / sites / 1024, "KiB")
    fold.close()
    feed.close()


@dataclass
class Run:
    """The engine's loop; commits are counted by what the floors above are told."""

    core: Core
    feed: Feed
    phase: Phase

    def committed(self, now: float, position: int) -> None:
        self.phase.steps += 1
        self.phase.worst_lag_s = max(self.phase.worst_lag_s, self.core() - now)

    def through(self, fold: Fold) -> None:
        """Until all of the phase is folded and committed."""
        while True:
            now = self.core()
            self.phase.reports += self.feed.until(min(now, self.phase.until))
            self.phase.loops.append(loop())
            self.core.free(now)
            taken = self._timed(fold.run_once)
            if taken == 0 and self.feed.over(self.phase.until):
                break
            if fold.caught_up:
                self.core.idle(max(IDLE_S, self.feed.next_at - self.core()))
        self._timed(fold.commit)

    def _timed(self, work: Callable[[], int | None]) -> int | None:
        began = time.process_time()
        found = work()
        spent = time.process_time() - began
        self.phase.cpu_s += spent
        self.phase.longest_s = max(self.phase.longest_s, spent)
        return found


def loop() -> float:
    """A yardstick: who shares the core makes this slower by as much as the fold."""
    taken = 0.0
    # what the fold left in the caches is no matter the second time
    for _ in range(2):
        began = time.process_time()
        made = {number: str(number) for number in range(1000)}
        taken = time.process_time() - began
        del made
    return taken


def tell(phase: Phase, sites: int) -> None:
    lag = {"lag ms": phase.worst_lag_s * 1000, "longest call ms": phase.longest_s * 1000}
    more = {"reports": phase.reports, "steps": phase.steps, **lag}
    more["a loop us"] = statistics.fmean(phase.loops) * 1e6
    many, what = of(phase, sites)
    say(phase.name, phase.cpu_s / many * 1e6, what, more)


def of(phase: Phase, sites: int) -> tuple[int, str]:
    """What its CPU is counted by."""
    return (phase.reports, "us CPU a report") if phase.reports else (sites, "us CPU a site")


def anonymous_bytes() -> int:
    """What this process holds that is no file."""
    lines = Path("/proc/self/status").read_text().splitlines()
    told = next(line for line in lines if line.startswith("RssAnon"))
    return int(told.split()[1]) * 1024


if __name__ == "__main__":
    sys.exit(main())
