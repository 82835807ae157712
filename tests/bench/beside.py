"""python -m tests.bench.beside [SITES]: the engine of a country beside the fold, part by part.

A whole fleet in one process, with a clock of its own: each part is called as often as an engine
calls it, and what it takes is CPU of this process. Where most of a country is well, little changes:
some checks turn bad and good again each second, everybody reports once a minute.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Engine, insert, update

from alerts.engine import Alerts
from alerts.evaluation import Rounds
from alerts.floor import Current
from alerts.rules.watching import Watch
from collector import positions, schema
from collector.db import meta_set, reading, writing
from collector.evidence.sealer import Sealer
from collector.evidence.signing import Signer
from collector.fold.commit import FOLD
from collector.inventory.store import sites as all_sites
from collector.secret import load_secret
from collector.series.merging import Merging
from collector.series.packing import Packing, slice_minutes
from collector.series.window import WindowWriter
from collector.series.window_head import window_minutes
from collector.series.window_reader import WindowReader
from collector.settings import Settings
from playbooks.floor import open_floor as open_playbooks
from tests.bench.query import START
from tests.bench.rules import NAMES, Fill, filled
from web.floor import open_floors

CHECKS = [f"app{n}" for n in range(5)]
# how often a fold commits, and how many checks turn in a second
COMMITS, FINDINGS = 5, 10
SECONDS = 10
# how much of the window is filled: the rest of it nearly nobody reads
MINUTES = 6
PACKED = 400
# of one look of the sealer
MOST_STEPS = 300


@dataclass
class Centre:
    """A fleet in stores and window, as the fold would have left it."""

    settings: Settings
    store: Engine
    history: Engine
    writer: WindowWriter
    fill: Fill
    codes: list[str]
    now: float
    rev: int = 10
    bad: list[tuple[str, str]] = field(default_factory=list)
    draw: random.Random = field(default_factory=lambda: random.Random(7))

    def tick(self, now: float) -> None:
        """The time of the ticks is this, and the fold has come to `rev`."""
        self.now = now
        self.rev += 1
        with writing(self.store) as connection:
            meta_set(connection, "fold_ticks", f"[{now},{now},{START}]")
            positions.put(connection, FOLD, self.rev)

    def first_words(self) -> None:
        """Everybody's first findings, all good, and that they are normal."""
        some = [(code, check) for code in self.codes for check in CHECKS]
        for begin in range(0, len(some), 5000):
            self._say(some[begin : begin + 5000], "good", insert(schema.checks))
        changed = update(schema.states).values(rev=schema.states.c.rev + self.rev)
        with writing(self.store) as connection:
            connection.execute(changed)
        self.rev += 2

    def turn(self, many: int) -> None:
        """So many checks turn bad, and those that were bad before good."""
        t = schema.checks.c
        said = update(schema.checks)
        for code, check in self.bad:
            here = (t.site == code, t.name == check)
            self._change(said.where(*here).values(verdict="good", since=self.now, rev=self.rev))
        self.bad = [(self.draw.choice(self.codes), self.draw.choice(CHECKS)) for _ in range(many)]
        for code, check in self.bad:
            here = (t.site == code, t.name == check)
            self._change(said.where(*here).values(verdict="bad", since=self.now, rev=self.rev))
        rows = [_verdict(code, check, "bad", self.now, self.rev) for code, check in self.bad]
        if rows:
            self._change(insert(schema.verdicts).values(rows))

    def _say(self, some: Sequence[tuple[str, str]], verdict: str, statement: Any) -> None:
        self.rev += 1
        checks = [
            {"site": code, "name": check, "kind": "http", "verdict": verdict}
            | {"since": self.now, "rev": self.rev}
            for code, check in some
        ]
        with writing(self.store) as connection:
            connection.execute(statement, checks)
            rows = [_verdict(code, check, verdict, self.now, self.rev) for code, check in some]
            connection.execute(insert(schema.verdicts), rows)

    def _change(self, statement: Any) -> None:
        with writing(self.store) as connection:
            connection.execute(statement)


def _verdict(code: str, check: str, verdict: str, at: float, rev: int) -> dict[str, Any]:
    return {"site": code, "check": check, "at": at, "verdict": verdict, "rev": rev}


@dataclass
class Spent:
    """CPU of some calls."""

    each: list[float] = field(default_factory=list)

    @contextmanager
    def call(self) -> Iterator[None]:
        began = time.process_time()
        yield
        self.each.append(time.process_time() - began)

    def say(self, what: str, seconds: float = 0.0) -> None:
        share = f", {sum(self.each) / seconds:.3f} of a core" if seconds else ""
        longest = max(self.each) * 1000
        print(
            f"{sum(self.each) / len(self.each) * 1000:9.2f} ms of CPU a call, the longest"
            f" {longest:.0f}{share}, {len(self.each)} calls: {what}",
            flush=True,
        )


def repeat(many: int, work: Callable[[], object]) -> Spent:
    spent = Spent()
    for _ in range(many):
        with spent.call():
            work()
    return spent


def made(settings: Settings, count: int) -> Centre:
    store, history, fill = filled(settings, count, MINUTES)
    with reading(store) as connection:
        codes = [site.code for site in all_sites(connection)]
    now = START + MINUTES * 60
    return Centre(settings, store, history, fill.writer, fill, codes, now)


def alerts(centre: Centre) -> None:
    rules = Current(Watch(centre.settings.data), lambda: centre.now)
    # on a busy machine slices by the clock would hardly hold any work
    rounds = Rounds(centre.settings, centre.store, rules, stopwatch=time.process_time)
    floor = Alerts(centre.settings, centre.store, rounds)

    def step() -> None:
        floor.step(centre.now, centre.rev)

    repeat(1, step).say("alerts: the first step after a start")
    repeat(20, step).say("alerts: steps of the first round")
    repeat(20, step).say("alerts: a step in which nothing is new")
    centre.first_words()
    centre.tick(centre.now + 1)
    spent = Spent()
    while not spent.each or _read_to(centre) < centre.rev - 3:
        with spent.call():
            step()
    changed = len(centre.codes) * (1 + len(CHECKS))
    spent.say(f"alerts: {changed} first words, {sum(spent.each) / changed * 1e6:.1f} us each")
    for _ in range(20):
        step()
    _steady(centre, step)
    repeat(20, lambda: floor.deliver(centre.now)).say("alerts: a look at what is to be delivered")


def _read_to(centre: Centre) -> int:
    with reading(centre.store) as connection:
        return positions.get(connection, "alerts")


def _steady(centre: Centre, step: Callable[[], None]) -> None:
    """Some ordinary seconds: everybody reports once a minute, a few checks turn."""
    spent = Spent()
    for second in range(SECONDS):
        for part in range(COMMITS):
            centre.tick(centre.now + 1 / COMMITS)
            centre.fill.share(centre.now, second * COMMITS + part, 60 * COMMITS)
            centre.turn(FINDINGS // COMMITS)
            with spent.call():
                step()
    spent.say("alerts: ordinary steps, rounds of rules among them", SECONDS)


def sealing(centre: Centre) -> Sealer:
    """One that has begun before anything is said; each day it looks at the terms of all sites."""
    signer = Signer(load_secret(centre.settings.folder))
    sealer = Sealer(centre.settings, centre.store, None, signer, wait=lambda _: None)
    centre.tick(centre.now)
    steps = Steps()
    spent = repeat(1, lambda: sealer.look(centre.now, steps))
    spent.say(f"sealer: {steps.many} steps of the first look of a day")
    return sealer


@dataclass
class Steps:
    """Counts the steps of a look; more than these are left to the next."""

    many: int = 0

    def __call__(self) -> bool:
        self.many += 1
        return self.many > MOST_STEPS


def evidence(centre: Centre, sealer: Sealer) -> None:
    centre.tick(centre.now + 30)
    steps = Steps()
    spent = repeat(1, lambda: sealer.look(centre.now, steps))
    spent.say(f"sealer: {steps.many} steps of the look after everything was new")
    spent = repeat(3, lambda: sealer.look(centre.now, Steps()))
    spent.say("sealer: a look, each 30 s", 3 * 30)


def delivering(centre: Centre) -> None:
    above = open_floors(centre.settings, centre.store)
    for floor in (open_playbooks(centre.settings, centre.store), *above):
        floor.deliver(centre.now)
        name = type(floor).__name__
        spent = repeat(25, partial(floor.deliver, centre.now))
        spent.say(f"{name}: a look, each 0.2 s", 25 * 0.2)


def series(centre: Centre) -> None:
    packing = Packing(centre.history, centre.writer, WindowReader(centre.settings.window))
    merging = Merging(centre.history)
    centre.now, spent, packed = START + centre.writer.minutes * 60, Spent(), 0
    while packed < PACKED:
        with spent.call():
            packed += packing.step(centre.now, limit=20)
    each, slice_s = sum(spent.each) / packed, slice_minutes(centre.writer.minutes) * 60
    share = each * len(centre.codes) / slice_s
    spent.say(f"packing: {each * 1000:.2f} ms a site's {slice_s} s, {share:.3f} of a core")
    repeat(50, lambda: merging.step(centre.now, centre.rev)).say("merging: a step")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 83_763
    with tempfile.TemporaryDirectory(prefix="ronda-beside-") as folder:
        centre = made(Settings(data=folder, window_minutes=window_minutes(count)), count)
        print(f"{count} sites x {len(NAMES)} series")
        sealer = sealing(centre)
        alerts(centre)
        evidence(centre, sealer)
        delivering(centre)
        series(centre)
        centre.writer.close()


if __name__ == "__main__":
    main()
