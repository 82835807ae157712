"""A centre with sites, numbers in its window and rules over them; time is what a test says."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Engine, delete, insert, update

from alerts import alarms
from alerts.evaluation import Alarm, Change, Rounds
from alerts.rules.rule import Group, Rule, RuleSet
from collector import schema
from collector.db import meta_set, open_history, open_store, upsert, writing
from collector.foreign.carrying import spell
from collector.promql.plan import plan
from collector.series import blocks, foreign
from collector.series.frames import Frames
from collector.series.layouts import Columns
from collector.series.window import WindowWriter
from collector.settings import Settings
from tests.stores import migrated

START = 1_790_000_040.0  # a full minute


@dataclass(frozen=True)
class Different:
    """A row of overrides."""

    rule: str
    scope: str
    threshold: float | None = None
    for_s: float | None = None
    off: bool = False


def rule(name: str, expr: str, group: str = "g", **more: Any) -> Rule:
    return Rule(name, expr, plan(expr), group, "test.yml", 1, **more)


def groups(*rules: Rule, **more: Any) -> RuleSet:
    """One group with these rules."""
    return RuleSet((Group("g", "test.yml", rules, **more),))


@dataclass
class Scene:
    """What the fold would have done, and the rounds under test."""

    settings: Settings
    store: Engine
    blocks: Engine
    columns: Columns
    writer: WindowWriter
    rules: RuleSet = field(default_factory=RuleSet)
    different: list[Different] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    rev: Iterator[int] = field(default_factory=lambda: itertools.count(10, 10))

    def site(self, code: str, lifecycle: str = "active", **more: Any) -> None:
        row = self.rows[code] = len(self.rows)
        fields = {
            "code": code,
            "row": row,
            "name": f"Desa {row}",
            "district": "Cluring",
            "regency": "Banyuwangi",
            "isp": "Telkom",
            "upstream": "POP",
            "report_every_s": 60,
            "lifecycle": lifecycle,
        }
        with writing(self.store) as connection:
            connection.execute(insert(schema.sites), [fields | more])
        self.state(code, "normal", START - 3600)

    def change_site(self, code: str, at: float, **values: Any) -> None:
        act = {"at": at, "by": "test", "verb": "inventory", "subject": code, "applied": 1}
        with writing(self.store) as connection:
            connection.execute(
                update(schema.sites).where(schema.sites.c.code == code).values(values)
            )
            connection.execute(insert(schema.acts), [act])

    def state(self, code: str, state: str, since: float) -> None:
        rev, t = next(self.rev), schema.states
        with writing(self.store) as connection:
            now = (t.c.site == code) & t.c.until.is_(None)
            connection.execute(update(t).where(now).values(until=since, rev=rev))
            row = {"site": code, "since": since, "state": state, "rev": rev}
            connection.execute(insert(t), [row])

    def put(self, code: str, at: float, numbers: Mapping[str, float | None]) -> None:
        """One report of one site."""
        ids = self.columns.give(list(numbers))
        order = np.argsort(ids)
        line = np.array([np.nan if v is None else v for v in numbers.values()], float)[order]
        with writing(self.blocks) as connection:
            self.columns.save(connection)
        rows, times = np.array([self.rows[code]], np.int32), np.array([at])
        self.writer.write(rows, times, np.asarray(ids)[order].astype(np.int32), line[None, :], 1)
        self.writer.touch(rows, times)
        self.writer.sync(1)

    def late(self, code: str, numbers: Mapping[float, float], name: str) -> None:
        """What a backlog brought."""
        ids = np.asarray(self.columns.give([name])).astype(np.int32)
        frames = Frames(np.array([*numbers]), ids, np.array([*numbers.values()])[:, None])
        with writing(self.blocks) as connection:
            self.columns.save(connection)
            blocks.put_late(connection, self.rows[code], 1000, [frames])

    def packed(self, code: str, at: float, value: float, name: str) -> None:
        """What the window handed over long ago."""
        ids = np.asarray(self.columns.give([name])).astype(np.int32)
        with writing(self.blocks) as connection:
            self.columns.save(connection)
            frames = [Frames(np.array([at]), ids, np.array([[value]]))]
            blocks.put(connection, {(self.rows[code], int(at // 3600), 0): frames})

    def line(self, code: str, name: str, mbps: float | None) -> None:
        """An uplink of the inventory."""
        with writing(self.store) as connection:
            connection.execute(insert(schema.uplinks), [{"site": code, "name": name, "mbps": mbps}])

    def refuses(self, code: str) -> None:
        """The site's agent has refused its configuration."""
        row = {"site": code, "state": "active", "config_error": "no", "rev": 1}
        with writing(self.store) as connection:
            connection.execute(insert(schema.agents), [row])

    def foreign(self, labels: dict[str, str], at: float, value: float) -> None:
        """A sample that another program sent."""
        number = next(self.rev)
        runs = foreign.by_day(np.array([round(at * 1000)]), np.array([value]))
        with writing(self.blocks) as connection:
            foreign.add(connection, {number: spell(labels)})
            foreign.put(connection, 1, {(number, day): run for day, run in runs.items()})

    def resumed(self, at: float) -> None:
        """The centre had been away until then."""
        with writing(self.store) as connection:
            meta_set(connection, "fold_ticks", f"[{at}, {at}, {at}]")

    def check(self, code: str, name: str, reason: str) -> None:
        row = {"site": code, "name": name, "kind": "http", "verdict": "good", "since": START}
        with writing(self.store) as connection:
            upsert(schema.checks, [row | {"reason": reason, "rev": 1, "live": True}], connection)

    def rounds(self, **more: Any) -> Rounds:
        more.setdefault("slice_s", 1e9)
        more.setdefault("overrides", lambda _connection: self.different)
        return Rounds(self.settings, self.store, lambda: self.rules, blocks=self.blocks, **more)

    def save(self, changes: list[Change]) -> None:
        with writing(self.store) as connection:
            alarms.save(connection, changes)

    def stored(self) -> list[Alarm]:
        with writing(self.store) as connection:
            return alarms.all(connection)

    def forget_alarms(self) -> None:
        with writing(self.store) as connection:
            connection.execute(delete(schema.alarms))


def told(changes: list[Change]) -> list[tuple[str, str, str]]:
    """Site, phase or why it is gone, news."""
    return sorted(
        (c.alarm.site, str(c.why) if c.gone else str(c.alarm.life.phase), str(c.news or ""))
        for c in changes
    )


@contextmanager
def scene(settings: Settings) -> Iterator[Scene]:
    migrated(settings)
    store, history = open_store(settings), open_history(settings)
    writer = WindowWriter.open(settings.window, settings.window_minutes or 120, 2, {}, boot="a")
    writer.sync(1)
    try:
        yield Scene(settings, store, history, Columns(history), writer)
    finally:
        writer.close()
        store.dispose()
        history.dispose()


Step = Callable[[float], list[Change]]
