"""Villages that send beacons to a centre without processes: the real table, the real fold, the
agent's own count of echoes; time, loss and delay by hand."""

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.beacon import ECHO_WITHIN_S, EVERY_S, Echoes, pack
from agent.beacon import SHUTTING_DOWN as GOODBYE
from collector.intake.heard import Heard
from collector.intake.wire import Report, write
from collector.journal.framing import Kind
from tests.collector.centre_bench import Agent, Centre

KEY = b"the key of everybody in this test"
START = 1_790_000_000


@dataclass
class Village:
    """One agent with its beacons; `loss` is each way, `tcp` whether reports get through."""

    centre: "BeaconCentre"
    agent: Agent
    phase_s: int
    loss: float = 0.0
    udp: bool = True
    alive: bool = True
    flags: int = 0
    start: int = START
    sequence: int = 0
    short_reports: int = 0
    echoes: Echoes = field(default_factory=Echoes)
    # when to give up on the echo; when the short report arrives
    judge_at: float | None = None
    arrives_at: float | None = None

    @property
    def code(self) -> str:
        return self.agent.site

    def cut(self) -> None:
        """Nothing of it arrives any more."""
        self.udp, self.agent.connected, self.arrives_at = False, False, None

    def mend(self) -> None:
        self.udp = self.agent.connected = True

    def second(self, now: float) -> None:
        if not self.alive:
            return
        if self.arrives_at is not None and now >= self.arrives_at:
            self.arrives_at = None
            if self.agent.connected:
                self.report(now)
        if self.judge_at is not None and now >= self.judge_at:
            self.judge_at = None
            if self.echoes.lost():
                self.short_reports += 1
                self.arrives_at = now + self.centre.chance.choice([1, 1, 1, 2, 3])
        if (now - self.phase_s) % EVERY_S == 0:
            self.beacon(now)

    def report(self, now: float) -> None:
        """The short one, empty."""
        agent = self.agent
        empty = Report(1, agent.spool, now + agent.ahead_s, agent.boot, now - agent.started)
        self.centre.write(Kind.REPORT, now + 0.05, agent.id, write(empty))

    def beacon(self, now: float) -> None:
        self.sequence += 1
        if self.ask(now):
            self.echoes.heard()
        else:
            self.judge_at = now + ECHO_WITHIN_S

    def ask(self, now: float) -> bool:
        """Was it answered?"""
        chance = self.centre.chance.random
        if not self.udp or chance() < self.loss:
            return False
        counter = self.start << 32 | self.sequence
        echo = self.centre.heard.take(pack(KEY, self.agent.id, counter, self.flags), now)
        return echo is not None and chance() >= self.loss

    def goodbye(self, now: float) -> None:
        self.sequence += 1
        self.flags |= GOODBYE
        self.ask(now)
        self.alive = self.agent.running = False


class BeaconCentre(Centre):
    """Its ingest hears beacons too."""

    def __init__(self, folder: Path, seed: int = 1, **settings: Any) -> None:
        super().__init__(folder, **settings)
        self.chance = random.Random(seed)
        self.villages: list[Village] = []
        self.restart_ingest()

    def restart_ingest(self) -> None:
        """A new process: the table is empty."""
        self.heard = Heard(lambda agent: (KEY,))

    def village(self, code: str, every_s: float = 60, loss: float = 0.0) -> Village:
        number = len(self.villages)
        agent = self.agent(code, every_s, phase_s=float(number * 7 % every_s))
        made = Village(self, agent, number % int(EVERY_S), loss)
        self.villages.append(made)
        return made

    def tick(self, accepting: bool = True) -> None:
        for village in self.villages:
            village.second(self.now)
        news = self.heard.news(self.now, self.now)
        if news is not None:
            self.write(Kind.BEACON, self.now + 0.5, 0, write(news))
        super().tick(accepting)

    def watch(self, code: str, state: str, limit_s: int) -> float:
        """Seconds until the site is in this state."""
        for second in range(1, limit_s + 1):
            self.run(1)
            if self.state(code).state == state:
                return second
        raise AssertionError(f"{code} is {self.state(code).state} after {limit_s} s")
