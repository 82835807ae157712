"""Which days may go, stay, come back: as the tables have it, on both databases."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, insert

from collector.db import open_history, open_store, reading, writing
from collector.external import store
from collector.external.store import SiteDay
from collector.schema import aliases, sites
from collector.series import blocks, days, rollup_store
from collector.series.days import DAY_S
from collector.series.frames import Frames
from collector.series.layouts import Columns
from collector.series.merging import Merging
from collector.series.thinning import Thinning
from collector.settings import Settings
from tests.stores import migrated

DAY, NOW = 20_717, 1_790_800_000.0


@pytest.fixture
def history(store_settings: Settings) -> Iterator[Engine]:
    """Three packed days of two sites; of the last day of the second one more waits."""
    migrated(store_settings)
    engine = open_history(store_settings)
    columns = Columns(engine)
    ids = columns.give(["ronda_host_load1"])
    with writing(engine) as connection:
        columns.save(connection)
        for row in (1, 2):
            for day in range(3):
                late(connection, row, DAY + day, ids, 60.0, 1)
    Merging(engine).merge(*((row, DAY + day) for row in (1, 2) for day in range(3)))
    with writing(engine) as connection:
        late(connection, 2, DAY + 2, ids, 120.0, 2)
    yield engine
    engine.dispose()


def late(connection: Connection, row: int, day: int, ids: Any, at: float, position: int) -> None:
    times = np.array([day * DAY_S + at])
    blocks.put_late(connection, row, position, [Frames(times, ids, np.array([[1.0]]))])


def test_days_before_the_tail_go_oldest_first_but_those_that_wait(history: Engine) -> None:
    with reading(history) as connection:
        found = store.may_go(connection, DAY + 3, NOW, 9)
        assert [(one.day - DAY, one.site_row) for one in found] == [
            *((0, 1), (0, 2), (1, 1), (1, 2), (2, 1)),
        ]
        assert store.may_go(connection, DAY + 1, NOW, 1) == [SiteDay(1, DAY, 1, 0)]
        assert store.still(connection, found[0])
        assert not store.still(connection, SiteDay(2, DAY + 2, 1, 0))


def test_a_day_that_stays_is_looked_for_again_when_it_is_due_or_another(history: Engine) -> None:
    one = SiteDay(1, DAY, 1, 0)
    with writing(history) as connection:
        store.put_off(connection, one, NOW + 10, 7)
        assert store.may_go(connection, DAY + 1, NOW + 9, 9) == [SiteDay(2, DAY, 1, 0)]
        assert store.may_go(connection, DAY + 1, NOW + 10, 1) == [SiteDay(1, DAY, 1, 1)]
        assert store.tidy(connection) == 1
        # packed anew it is not the day that was looked for
        days.put(connection, 1, DAY, days.frames_of(connection, 1, DAY))
        assert store.may_go(connection, DAY + 1, NOW, 1) == [SiteDay(1, DAY, 2, 0)]
        days.delete_one(connection, 1, DAY)
        assert store.tidy(connection) == 0


def test_what_comes_late_for_a_day_that_is_gone_is_left_to_who_can_bring_it_back(
    history: Engine,
) -> None:
    with writing(history) as connection:
        Thinning(history).thin(connection, 2, DAY + 2)
    with reading(history) as connection:
        assert rollup_store.gone(connection, 2, DAY, DAY + 9) == {DAY + 2}
        assert store.added_to(connection, DAY + 3, NOW, 9) == [SiteDay(2, DAY + 2, 3, 0)]
        assert store.added_to(connection, DAY + 2, NOW, 9) == []
    merging = Merging(history, lent=True)
    for hours in range(12):
        while merging.step(NOW + DAY_S + hours * 3600, 100 + hours):
            pass
    with reading(history) as connection:
        assert list(blocks.waiting(connection, 2, (DAY + 9) * 24)) == [DAY + 2]
    merging = Merging(history)
    for hours in range(12):
        while merging.step(NOW + DAY_S + hours * 3600, 100 + hours):
            pass
    with reading(history) as connection:
        assert blocks.waiting(connection, 2, (DAY + 9) * 24) == {}


def test_a_site_is_asked_for_by_the_codes_it_has_and_had(store_settings: Settings) -> None:
    migrated(store_settings)
    engine = open_store(store_settings)
    with writing(engine) as connection:
        connection.execute(insert(sites).values(code="35.2", row=4, name="B"))
        rows = [{"old": old, "new": "35.2", "at": 1.0} for old in ("35.1", "35.0")]
        connection.execute(insert(aliases), rows)
        assert list(store.codes_of(connection, 4)) == ["35.2", "35.0", "35.1"]
        assert list(store.codes_of(connection, 5)) == []
    engine.dispose()
