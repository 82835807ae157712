"""A centre without processes: villages made up, a real journal, the real fold, time by hand."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from agent.report import layout_id
from collector import acts, states
from collector.availability import Interval
from collector.db import open_store, reading, upsert, writing
from collector.fold import Fold
from collector.intake.wire import Finding, Frame, Report, Tick, write
from collector.journal.files import FileWriter
from collector.journal.framing import Kind
from collector.schema import agents, sites
from collector.series.history import History
from collector.settings import Settings
from collector.states import CheckState, SiteState
from tests.stores import migrated

NOW = 1_790_000_040.0
UPLINK = 'ronda_uplink_up{uplink="main"}'
LINK = 'ronda_uplink_link_up{interface="eth0"}'
LOSS = 'ronda_uplink_loss_ratio{target="1.1.1.1"}'
WEB = 'ronda_check_up{check="web",kind="http"}'
MAINS = 'ronda_power_on_mains{ups="a"}'
NAMES = (UPLINK, LINK, LOSS, WEB, MAINS)
FINE = {UPLINK: 1.0, LINK: 1.0, LOSS: 0.0, WEB: 1.0, MAINS: 1.0}
CUT = {**FINE, UPLINK: 0.0, LOSS: 1.0}


@dataclass
class Agent:
    """One agent on its machine: samples on its own clock, keeps, sends."""

    centre: "Centre"
    id: int
    site: str
    every_s: float
    phase_s: float
    values: dict[str, float | None] = field(default_factory=lambda: dict(FINE))
    ahead_s: float = 0.0
    boots: int = 0
    n: int = 0
    started: float = NOW - 86400.0
    running: bool = True
    connected: bool = True
    spool: str = ""
    kept: list[tuple[str, str, Frame | Finding]] = field(default_factory=list)
    layouts: dict[str, list[str]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.begin_spool()

    @property
    def boot(self) -> str:
        return f"boot{self.id}-{self.boots}"

    def begin_spool(self) -> None:
        self.centre.spools += 1
        self.spool, self.n = f"{self.centre.spools:08x}", 0

    def reboot(self, now: float, ahead_s: float | None = None) -> None:
        self.boots += 1
        self.started, self.running = now, True
        self.ahead_s = self.ahead_s if ahead_s is None else ahead_s
        self.begin_spool()

    def sample(self, now: float) -> Frame:
        self.n += 1
        names, values = tuple(self.values), list(self.values.values())
        self.layouts[layout_id(names)] = list(names)
        frame = Frame(self.n, now + self.ahead_s, layout_id(names), values, now - self.started)
        self.kept.append((self.spool, self.boot, frame))
        return frame

    def find(self, now: float, verdict: str, reason: str = "", check: str = "web") -> Finding:
        self.n += 1
        at, up = now + self.ahead_s, now - self.started
        finding = Finding(self.n, at, check, verdict, reason, up)
        self.kept.append((self.spool, self.boot, finding))
        self.values[WEB] = {"good": 1.0, "bad": 0.0}.get(verdict)
        return finding

    def _untold(self) -> dict[str, list[str]]:
        fresh = {name: names for name, names in self.layouts.items() if name not in self.told}
        self.told |= set(fresh)
        return fresh

    def send(self, now: float, limit: int = 60, fresh_first: bool = True, bye: bool = False) -> int:
        """One report, the newest entries first when many wait; how many entries it had."""
        if not self.kept and not bye:
            return 0
        chosen = self.kept[-1:] if fresh_first and len(self.kept) > 1 else self.kept[:limit]
        spool, boot = (chosen[0][0], chosen[0][1]) if chosen else (self.spool, self.boot)
        chosen = [one for one in chosen if one[0] == spool]
        entries = [entry for _, _, entry in chosen]
        report = Report(
            1,
            spool,
            now + self.ahead_s,
            boot,
            now - self.started if boot == self.boot else None,
            self._untold(),
            [entry for entry in entries if isinstance(entry, Frame)],
            [entry for entry in entries if isinstance(entry, Finding)],
            0,
            bye,
        )
        self.centre.write(Kind.REPORT, now + 0.05, self.id, write(report))
        self.kept = [one for one in self.kept if one not in chosen]
        return len(entries)

    def second(self, now: float) -> None:
        """What an agent does each second."""
        if not self.running:
            return
        if (now - self.phase_s) % self.every_s == 0:
            self.sample(now)
            if self.connected:
                self.send(now)
        elif self.connected and self.kept:
            self.send(now, fresh_first=False)


class Centre:
    """Everything that stands in one data folder."""

    def __init__(self, folder: Path, now: float = NOW, **settings: Any) -> None:
        self.settings = Settings(data=str(folder), **settings)
        migrated(self.settings)
        self.store = open_store(self.settings)
        self.now = now
        # by how much somebody has set its clock wrong
        self.ahead_s = 0.0
        self.spools = 0
        self.agents: list[Agent] = []
        self.ticking = True
        self.segment_bytes = 64 << 20
        self.steps: list[tuple[float, int]] = []
        self._journal: FileWriter | None = None
        self._fold: Fold | None = None
        self._pending: list[tuple[int, float, int, bytes]] = []

    def close(self) -> None:
        self.stop_fold()
        if self._journal is not None:
            self._journal.close()
        self.store.dispose()

    def set_clock(self, by_s: float) -> None:
        """Somebody sets the clock of the centre; villages notice nothing."""
        self.now += by_s
        self.ahead_s += by_s
        for agent in self.agents:
            agent.started += by_s
            agent.phase_s += by_s
            agent.ahead_s -= by_s

    def write(self, kind: int, at: float, agent: int, payload: bytes) -> None:
        self._pending.append((kind, at, agent, payload))

    def write_out(self) -> None:
        if self._journal is None:
            self._journal = FileWriter(self.settings.journal_folder, self.segment_bytes)
        if self._pending:
            self._journal.append(self._pending)
            self._pending = []

    def inventory(self, *rows: Mapping[str, Any]) -> None:
        """Bring sites in, as an import does."""
        with writing(self.store) as connection:
            known = {row.code: row.row for row in connection.execute(select(sites))}
            made = []
            for row in rows:
                default = {
                    "name": row["code"],
                    "isp": "Telkom",
                    "power_feeder": "",
                    "report_every_s": 60,
                    "lifecycle": "active",
                    "district": "",
                    "regency": "",
                    "upstream": "",
                    "hours": "24h",
                    "profile": "fiber",
                    "row": known.setdefault(row["code"], len(known)),
                }
                made.append({**default, **row})
            upsert(sites, made, connection)
            body = {"codes": [row["code"] for row in rows], "rows": made}
            acts.record(connection, self.now, "test", "inventory", "sites", body)

    def agent(self, site: str, every_s: float = 60, phase_s: float | None = None) -> Agent:
        with writing(self.store) as connection:
            row = {"site": site, "state": "active", "generation": 1, "rev": len(self.agents) + 1}
            made = connection.execute(insert(agents).values(row)).inserted_primary_key
        assert made is not None
        phase = float(len(self.agents) * 7 % every_s) if phase_s is None else phase_s
        agent = Agent(self, made[0], site, every_s, phase)
        self.agents.append(agent)
        return agent

    def run(self, seconds: float, fold: bool = True) -> None:
        """Let time pass, second by second."""
        for _ in range(int(seconds)):
            self.now += 1
            for agent in self.agents:
                agent.second(self.now)
            if self.ticking:
                self.tick()
        if fold:
            self.fold()

    def tick(self, accepting: bool = True) -> None:
        self.write(Kind.TICK, self.now + 0.5, 0, write(Tick(accepting, None)))

    def fold(self) -> Fold:
        self.write_out()
        if self._fold is None:
            self._fold = self.new_fold()
        while self._fold.run_once():
            pass
        self._fold.commit()
        return self._fold

    def new_fold(self, clock: Callable[[], float] = lambda: 0.0, chunk: int = 1000) -> Fold:
        steps = [lambda now, rev: self.steps.append((now, rev))]
        return Fold.open(self.settings, steps, clock, chunk)

    def stop_fold(self) -> None:
        if self._fold is not None:
            self._fold.close()
            self._fold = None

    def state(self, site: str) -> SiteState:
        with reading(self.store) as connection:
            return states.current(connection, [site])[0]

    def timeline(self, site: str, start: float = 0.0, end: float = 1e12) -> list[Interval]:
        with reading(self.store) as connection:
            return states.timeline(connection, site, start, end)

    def check(self, site: str, name: str = "web") -> CheckState:
        with reading(self.store) as connection:
            return {check.name: check for check in states.checks_of(connection, site)}[name]

    def samples(self, site: str, names: Iterable[str] = NAMES) -> dict[str, Sequence[Any]]:
        with reading(self.store) as connection:
            row = connection.execute(select(sites.c.row).where(sites.c.code == site)).scalar_one()
        return dict(History(self.settings).range(row, names, 0.0, 1e12))
