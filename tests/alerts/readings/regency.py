"""Villages whose agents really look, a centre that judges, keeps and folds what they send, and the
rules that come with Ronda; time is what a story says."""

import threading
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert

from agent.around import Around
from agent.board import Board
from agent.config import Config, read
from agent.runner import Runner
from alerts.evaluation import Rounds
from alerts.rules.loading import load
from collector import schema
from collector.db import writing
from collector.intake.clash import Began, began, older_goes_on
from collector.intake.names import Layout, Names
from collector.intake.scrutiny import inspect, parse
from collector.intake.validate import Sender
from collector.intake.wire import write
from collector.journal.framing import Kind
from tests.collector.centre_bench import Agent, Centre

# a story: it changes its village and yields how many minutes pass until it goes on
Story = Generator[float]
ROUND_S = 15
# what every agent tells of itself
SPOOL = "ronda_agent_spool_entries"


class Regency(Centre):
    """`write` is the way in: what ingest would refuse ends the test."""

    def __init__(self, folder: Path, now: float) -> None:
        super().__init__(folder, now)
        self.folder = folder
        rules = load("/nowhere").rules
        self.rounds = Rounds(self.settings, self.store, lambda: rules, slice_s=1e9)
        self.news: dict[str, list[tuple[str, str]]] = {}
        self.told_at: dict[str, list[float]] = {}
        self.granted: dict[int, set[str]] = {}
        self._names, self._layouts = Names(), dict[int, dict[str, Layout]]()
        self._spools: dict[int, dict[str, Began]] = {}
        # sites with findings: as in the engine their rules are evaluated at once
        self._found: set[str] = set()

    def write(self, kind: int, at: float, agent: int, payload: bytes) -> None:
        if kind == Kind.REPORT:
            kind, payload = self._judged(at, agent, payload)
        super().write(kind, at, agent, payload)

    def _judged(self, at: float, agent: int, payload: bytes) -> tuple[Kind, bytes]:
        """What ingest would write down of a report."""
        layouts = self._layouts.setdefault(agent, {})
        judged = inspect(parse(payload), Sender(self.granted[agent], layouts, self._names))
        assert not judged.rejected and not judged.need_layouts, judged
        layouts |= judged.fresh
        report, others = judged.report, self._spools.setdefault(agent, {})
        mine = others.get(report.spool) or began(report, at)
        if mine and (newer := older_goes_on(report, mine, others, at)):
            told = msgspec.json.encode({"spool": report.spool, "newer": newer})
            return Kind.CLASH, told
        if mine:
            others.setdefault(report.spool, mine)
        own = next(one.site for one in self.agents if one.id == agent)
        self._found |= {finding.site or own for finding in report.findings}
        return Kind.REPORT, write(report)

    def live(self, minutes: float, round_s: int = ROUND_S) -> None:
        for _ in range(round(minutes * 60 / round_s)):
            self.run(round_s)
            self.rounds.found(self._found)
            self._found.clear()
            for change in self.rounds.step(self.now):
                if change.news:
                    told = self.news.setdefault(change.alarm.site, [])
                    told.append((change.alarm.rule, str(change.news)))
                    self.told_at.setdefault(change.alarm.site, []).append(self.now)


@dataclass
class Village:
    """One site: its agent, the machine this runs on, and what the agent found there last."""

    regency: Regency
    code: str
    folder: Path
    own: Callable[[], Mapping[str, float | None]] = dict
    agent: Agent = field(init=False)
    config: Config = field(init=False)
    every_s: float = 60.0
    # the runner's clock: a slow answer takes as long as the story says
    steady: float = 0.0

    def __post_init__(self) -> None:
        self._known()
        self.agent = self.regency.agent(self.code, self.every_s, phase_s=0)
        self.agent.values = {}
        self.regency.granted[self.agent.id] = {self.code}
        (self.folder / "root").mkdir(parents=True)
        self._came = threading.Event()
        self.watch()

    def watch(self, *checks: Mapping[str, Any], **plan: Any) -> None:
        """The configuration of its agent."""
        self.config = read({"site": self.code, "checks": [dict(one) for one in checks], **plan})
        self.board = Board(self.config.checks)
        self.start()

    def start(self) -> None:
        """The agent's program, which has looked at nothing yet."""
        self._runner = Runner(lambda: self.steady, self._came.set)

    def put(self, path: str, text: str) -> Path:
        file = self.folder / "root" / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def program(self, name: str, script: str) -> None:
        """A program that is found before those of the system."""
        file = self.folder / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def line(self, name: str = "main", mbps: float | None = None) -> None:
        """An uplink in the inventory."""
        row = {"site": self.code, "name": name, "mbps": mbps}
        with writing(self.regency.store) as connection:
            connection.execute(insert(schema.uplinks), [row])
        self._known()

    def _known(self) -> None:
        """As an import tells the centre of it."""
        row = {"code": self.code, "name": self.code, "report_every_s": round(self.every_s)}
        self.regency.inventory(row)

    def look(self) -> None:
        """Every check once; a change of a verdict is a finding, as the agent makes it."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("RONDA_AGENT_ROOT", str(self.folder / "root"))
            patch.setenv("RONDA_AGENT_DATA", str(self.folder / "data"))
            patch.setenv("PATH", f"{self.folder / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin")
            for check in self.config.checks:
                self._came.clear()
                self._runner.start(check, Around(by_hand=True))
                assert self._came.wait(20), f"{check.name} does not come back"
                self._take()
        self.agent.values = {SPOOL: 1.0, **self.board.values(), **self.own()}

    def _take(self) -> None:
        for answer in self._runner.answers(self.steady):
            change = self.board.take(answer.check, answer.reading, answer.duration_s)
            if change is not None:
                found = self.agent.find(
                    self.regency.now, change.verdict, change.reason, change.check
                )
                found.site = change.site


def tell(regency: Regency, stories: Mapping[str, tuple[Village, Story]]) -> None:
    """All stories at once, each in its own village, until the last has ended."""
    due = dict.fromkeys(stories, regency.now)
    while due:
        for name in [name for name, at in due.items() if at <= regency.now]:
            village, story = stories[name]
            minutes = next(story, None)
            if minutes is None:
                del due[name]
                continue
            village.look()
            due[name] = regency.now + minutes * 60
        if due:
            regency.live((min(due.values()) - regency.now) / 60)
