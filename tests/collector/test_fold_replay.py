"""The same journal gives the same history: in any batches, after any crash, from nothing."""

import random
import shutil
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, event, insert, select

from collector import acts, schema, suspects
from collector.availability import seconds
from collector.db import meta_get, open_history, open_store, reading, writing
from collector.fold import Fold
from collector.fold.beats import KEY
from collector.intake.wire import Beat, Beats, write
from collector.inventory import keeping
from collector.journal.framing import Kind
from collector.series.history import History
from collector.settings import Settings
from tests.amounts import times
from tests.collector.cause_stories import LIGHT, ROUTER
from tests.collector.centre_bench import CUT, FINE, LOSS, NOW, Agent, Centre
from tests.stores import migrated

pytestmark = pytest.mark.slow

CODES = [f"35.10.0{6 + i // 4}.200{i % 4}" for i in range(7)]
DERIVED = (
    "states",
    "checks",
    "verdicts",
    "spools",
    "anchors",
    "memories",
    "layouts",
    "layout_lists",
)
KEPT = ("sites", "agents", "acts", "areas")
RUNS_S = 5000
NewDatabase = Callable[[], str]
Mishap = Callable[[Centre, random.Random, Agent], None]


def a_bad_day(
    centre: Centre, chance: random.Random, mishaps: Sequence[Mishap] | None = None
) -> None:
    """Anything that may happen, to anyone, in any order; folded now and then."""
    rows = [{"code": code, "isp": chance.choice(["Telkom", "Icon"])} for code in CODES]
    centre.inventory(*rows)
    agents = [centre.agent(code, every_s=chance.choice([60, 120])) for code in CODES[:-1]]
    agents.append(centre.agent(CODES[0], every_s=60))
    until = centre.now + RUNS_S
    while centre.now < until:
        chance.choice(mishaps or MISHAPS)(centre, chance, chance.choice(agents))
        centre.run(chance.choice([1, 7, 30, 60, 200]), fold=chance.random() < 0.3)
    for agent in agents:
        agent.connected = True
    centre.ticking = True
    centre.run(400)


def cut(centre: Centre, chance: random.Random, agent: Agent) -> None:
    agent.connected, agent.values = False, dict(chance.choice([CUT, FINE, {**FINE, LOSS: 0.5}]))


def mend(centre: Centre, chance: random.Random, agent: Agent) -> None:
    agent.connected, agent.values = True, dict(FINE)


def slow(centre: Centre, chance: random.Random, agent: Agent) -> None:
    agent.values = {**FINE, LOSS: chance.random()}


def power(centre: Centre, chance: random.Random, agent: Agent) -> None:
    agent.running = False


def boot(centre: Centre, chance: random.Random, agent: Agent) -> None:
    agent.reboot(centre.now, chance.choice([0.0, -600.0, -centre.now, 3600.0]))


def find(centre: Centre, chance: random.Random, agent: Agent) -> None:
    if agent.running:
        agent.find(centre.now, chance.choice(["good", "bad", "unknown"]), "why", "web")


def find_new(centre: Centre, chance: random.Random, agent: Agent) -> None:
    if agent.running:
        agent.find(centre.now, "bad", "why", f"app{chance.randrange(3)}")


def jump(centre: Centre, chance: random.Random, agent: Agent) -> None:
    agent.ahead_s += chance.uniform(-5000, 5000)


def bye(centre: Centre, chance: random.Random, agent: Agent) -> None:
    if agent.running and agent.connected:
        agent.send(centre.now, fresh_first=False, bye=True)
        agent.running = False


def repeat(centre: Centre, chance: random.Random, agent: Agent) -> None:
    agent.kept = agent.kept + agent.kept[-3:]


def stop_ticking(centre: Centre, chance: random.Random, agent: Agent) -> None:
    centre.ticking = False


def tick_again(centre: Centre, chance: random.Random, agent: Agent) -> None:
    centre.ticking = True


def refuse(centre: Centre, chance: random.Random, agent: Agent) -> None:
    for _ in range(chance.choice([2, 15])):
        centre.now += 1
        centre.tick(accepting=False)


def retire(centre: Centre, chance: random.Random, agent: Agent) -> None:
    lifecycle = chance.choice(["active", "retired", "planned"])
    centre.inventory({"code": chance.choice(CODES), "lifecycle": lifecycle})


def correct(centre: Centre, chance: random.Random, agent: Agent) -> None:
    with writing(centre.store) as connection:
        body = {"since": centre.now - chance.choice([1, 500]), "cause": "theft"}
        acts.record(connection, centre.now, "Budi", "cause", agent.site, body)


def beacon(centre: Centre, chance: random.Random, agent: Agent) -> None:
    """Anything ingest may say of beacons, true or not."""
    told = [
        Beat(
            one.id,
            chance.choice([0, 0, 1, 3]),
            centre.now - chance.choice([0.5, 12.25, 32.5, 90.0]),
            chance.choice([0, 0, 1, 2, 4, 5, 256]),
        )
        for one in chance.sample(centre.agents, chance.randrange(0, 4))
    ]
    loss = [(agent.id, round(chance.random(), 4))] if chance.random() < 0.5 else []
    news = Beats(chance.random() < 0.1, told, loss)
    centre.write(Kind.BEACON, centre.now + 0.4, 0, write(news))


def maintain(centre: Centre, chance: random.Random, agent: Agent) -> None:
    since = centre.now + chance.choice([-900.0, -100.0, 0.0, 150.0])
    until = chance.choice([None, since + chance.choice([-1.0, 300.0, 1500.0])])
    body = {"sites": chance.sample(CODES, 3), "since": since, "until": until, "why": "mast"}
    with writing(centre.store) as connection:
        acts.record(connection, centre.now, "Sari", "maintenance", chance.choice("ab"), body)


def line(centre: Centre, chance: random.Random, agent: Agent) -> None:
    row = {"site": agent.site, "name": chance.choice(["main", "spare"])}
    row |= {"isp": chance.choice(["Telkom", "Icon", "XL"]), "bill_day": chance.choice([None, 20])}
    with writing(centre.store) as connection:
        keeping.put(connection, "uplinks", [row], centre.now, "test")


def devices(centre: Centre, chance: random.Random, agent: Agent) -> None:
    agent.values[ROUTER] = chance.choice([60.0, 90000.0, None])
    agent.values[LIGHT] = chance.choice([-19.0, -24.0, -40.0])


MISHAPS: list[Mishap] = [
    *[cut, mend, mend, slow, power, boot, boot, find, find_new, jump, bye, repeat],
    *[stop_ticking, tick_again, tick_again, refuse, retire, correct],
    *[beacon] * 8,
    *[maintain, maintain, line, devices, devices],
]


def tables(settings: Settings) -> dict[str, list[Any]]:
    """Everything the fold derived, row by row."""
    found = {}
    store, history = open_store(settings), open_history(settings)
    with reading(store) as connection:
        for name in DERIVED:
            found[name] = rows_of(connection, schema.metadata.tables[name])
        found["meta"] = [meta_get(connection, name) for name in (KEY, suspects.KEY)]
    with reading(history) as connection:
        found["series_columns"] = rows_of(connection, schema.series_columns)
    store.dispose()
    history.dispose()
    return found


def rows_of(connection: Any, table: Table) -> list[Any]:
    ordered = select(table).order_by(*table.primary_key.columns)
    return [tuple(row) for row in connection.execute(ordered)]


def numbers(settings: Settings) -> dict[int, Any]:
    """Every sample of every site, to the bit."""
    engine = open_history(settings)
    history = History(settings, engine)
    found = {}
    for row in range(len(CODES)):
        names = history.columns_of(row, 0.0, 1e11)
        found[row] = {
            name: (times.tobytes(), values.tobytes())
            for name, (times, values) in history.range(row, names, 0.0, 1e11).items()
        }
    engine.dispose()
    return found


def fresh(centre: Centre, folder: Path, url: str) -> Settings:
    """A data folder with the journal, the inventory, the agents and the acts; nothing else."""
    settings = Settings(data=str(folder), database_url=url)
    migrated(settings)
    shutil.copytree(centre.settings.journal_folder, settings.journal_folder)
    store = open_store(settings)
    with reading(centre.store) as old, writing(store) as new:
        for name in KEPT:
            table = schema.metadata.tables[name]
            rows = [dict(row._mapping) for row in old.execute(select(table))]
            if rows:
                new.execute(insert(table), rows)
    store.dispose()
    return settings


def same(one: Settings, other: Settings) -> None:
    expected, found = tables(one), tables(other)
    for name, rows in expected.items():
        assert found[name] == rows, name
    assert numbers(one) == numbers(other)


def replayed(centre: Centre, settings: Settings, chunk: int) -> None:
    """The whole journal folded there gives what it gave at the centre."""
    fold = Fold.open(settings, clock=lambda: 0.0, chunk=chunk)
    while fold.run_once():
        pass
    fold.commit()
    fold.close()
    same(centre.settings, settings)


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize("seed", range(times(2)))
def test_a_replay_into_an_empty_database_is_identical(
    tmp_path: Path, new_database: NewDatabase, seed: int
) -> None:
    centre = Centre(tmp_path / "first", database_url=new_database())
    a_bad_day(centre, random.Random(seed))
    centre.stop_fold()
    for chunk in (1, 5000):
        replayed(centre, fresh(centre, tmp_path / f"again{chunk}", new_database()), chunk)
    centre.close()


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize("seed", range(100, 100 + times(2)))
def test_crashes_at_any_moment_change_nothing(
    tmp_path: Path, new_database: NewDatabase, seed: int
) -> None:
    centre = Centre(tmp_path / "first", database_url=new_database())
    chance = random.Random(seed)
    a_bad_day(centre, chance)
    centre.stop_fold()
    settings = fresh(centre, tmp_path / "again", new_database())
    crashes = 0
    while True:
        fold = Fold.open(settings, clock=Clock(chance), chunk=chance.choice([3, 10, 40]))
        try:
            done = crash(fold, chance)
        except ZeroDivisionError:
            done = False
        fold.close()
        crashes += 1
        if done:
            break
    assert crashes > 1
    same(centre.settings, settings)
    centre.close()


class Clock:
    """Makes the fold commit at odd times, and never twice at the same."""

    def __init__(self, chance: random.Random) -> None:
        self._chance, self._now = chance, 0.0

    def __call__(self) -> float:
        self._now += self._chance.choice([0.0, 0.1, 0.3])
        return self._now


def crash(fold: Fold, chance: random.Random) -> bool:
    """Run for a while, then be gone without a commit, or in the middle of one."""
    if chance.random() < 0.4:
        # history is written, the position is not
        left = [chance.randrange(1, 4)]

        def fail(connection: Any) -> None:
            left[0] -= 1
            if left[0] <= 0:
                raise ZeroDivisionError

        event.listen(fold._store, "commit", fail)
    for _ in range(chance.randrange(1, 12)):
        if not fold.run_once():
            fold.commit()
            return True
    return False


@pytest.mark.parametrize("seed", range(7, 10))
def test_states_leave_no_hole_from_activation_on(tmp_path: Path, seed: int) -> None:
    centre = Centre(tmp_path)
    a_bad_day(centre, random.Random(seed), [m for m in MISHAPS if m is not retire])
    for code in CODES:
        line = centre.timeline(code)
        assert line[0].since == NOW
        assert line[-1].until is None
        for one, other in pairwise(line):
            assert one.until == other.since
            assert one.since < other.since
        spent = seconds(line, NOW, centre.now)
        assert sum(spent.values()) == pytest.approx(centre.now - NOW, abs=1e-3)
    centre.close()
