"""Agents that enrolled since the fold started are looked up together, and strangers seldom."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from collector import db
from collector.fold.minds import Minds
from collector.fold.shapes import Shapes
from collector.fold.sites import Sites
from collector.series.layouts import Columns
from collector.settings import Settings
from collector.simulate.enrolment import enrol
from tests.stores import migrated

NOW = 1_790_000_000.0
STRANGER = 900_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    engine = db.open_store(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def minds(store: Engine, tmp_path: Path) -> Iterator[Minds]:
    history = db.open_history(Settings(data=str(tmp_path)))
    yield Minds(store, Sites(), Columns(history), Shapes())
    history.dispose()


class Asked:
    """Counts the statements that a database is given."""

    def __init__(self, store: Engine) -> None:
        self.count = 0
        event.listen(store, "before_cursor_execute", self._note)

    def _note(self, *_: object) -> None:
        self.count += 1


def test_a_fleet_that_enrolled_costs_no_statement_for_each(store: Engine, minds: Minds) -> None:
    enrol(store, b"secret", 300, 1, 60, NOW)
    asked = Asked(store)
    minds.meet(range(1, 301))
    assert len(minds.memories) == 300
    assert asked.count < 20
    before = asked.count
    minds.meet(range(1, 301))
    assert [minds.memories.get(agent) for agent in (1, 300)].count(None) == 0
    assert asked.count == before


def test_a_stranger_is_asked_for_again_only_after_many_records(store: Engine, minds: Minds) -> None:
    asked = Asked(store)
    minds.meet([STRANGER])
    first = asked.count
    for _ in range(90):
        minds.meet([STRANGER])
        assert minds.find(STRANGER) is None
    assert asked.count == first > 0
    for _ in range(20):
        assert minds.find(STRANGER) is None
    assert asked.count == 2 * first


def test_who_enrols_after_being_a_stranger_is_found(store: Engine, minds: Minds) -> None:
    minds.meet([1])
    assert minds.find(1) is None
    enrol(store, b"secret", 1, 1, 60, NOW)
    found = [minds.find(1) for _ in range(101)]
    assert found[0] is None and found[-1] is not None
