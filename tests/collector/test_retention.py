"""Numbers go when their time is over or the disk is needed, the oldest first; roll-ups stay."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import Engine

from agent.strict import Refused
from collector.db import held_bytes, open_history, open_store, writing
from collector.doctor import examine
from collector.retention import forget_old, over_budget
from collector.schema import sites
from collector.series import blocks
from collector.series.frames import Frames
from collector.series.history import History
from collector.series.layouts import Columns
from collector.series.merging import Merging
from collector.series.spans import Cuts
from collector.series.thinning import oldest
from collector.settings import Settings
from tests.bench.trace import COLUMNS, trace
from tests.stores import migrated

pytestmark = pytest.mark.slow

DAY = 20_717
NOW = (DAY + 10) * 86400.0 + 68_000
NAMES = [f"ronda_{kind}_{place}" for place, kind in enumerate(COLUMNS)]


@pytest.fixture
def settings(store_settings: Settings) -> Settings:
    return store_settings


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """Ten days of one site, packed."""
    migrated(settings)
    store = open_store(settings)
    with writing(store) as connection:
        connection.execute(sites.insert().values(code="35.10.06.2005", row=0, name="Bantur"))
    store.dispose()
    engine = open_history(settings)
    columns = Columns(engine)
    ids = columns.give(NAMES)
    times, values = trace(10 * 1440, 1, DAY * 86400.0)
    merging = Merging(engine)
    with writing(engine) as connection:
        columns.save(connection)
    for day in range(10):
        these = slice(day * 1440, day * 1440 + 1440)
        with writing(engine) as connection:
            blocks.put_late(connection, 0, 5, [Frames(times[these], ids, values[these])])
        merging.merge((0, DAY + day))
    yield engine
    engine.dispose()


def test_numbers_are_kept_their_days_and_what_they_came_to_longer(
    settings: Settings, engine: Engine
) -> None:
    short = replace(settings, history_days=4, rollup_days=7)
    assert forget_old(short, NOW)["days"] == 6
    assert oldest(engine) == {"numbers": DAY + 6, "hours": DAY + 3, "days": DAY + 3}
    history = History(short, engine)
    times, values = history.range(0, NAMES[:1], 0, 2e9)[NAMES[0]]
    assert times[0] // 86400 == DAY + 6
    asked = (0, NAMES[:1], (DAY - 1) * 86_400_000, round(NOW * 1000))
    whole = history.spans(*asked, Cuts(np.zeros(0, np.int64)))
    assert whole.days == {DAY + n for n in range(3, 10)}
    noons = Cuts(np.arange(DAY, DAY + 10) * 86_400_000 + 43_200_000)
    halves = history.spans(*asked, noons)
    assert (halves.hours, halves.lost) == ({DAY + n for n in range(3, 6)}, set())
    assert len(halves.table) - 3 * 24 == pytest.approx(4 * 1440, abs=3)
    assert forget_old(short, NOW) | {"days": 0, "rollups": 0} == forget_old(short, NOW)


def test_a_budget_takes_the_oldest_numbers_first_and_spares_the_newest(
    settings: Settings, engine: Engine
) -> None:
    assert not over_budget(settings, engine)
    forget_old(settings, NOW)
    assert oldest(engine)["numbers"] == DAY
    held, free = held_bytes(engine)
    assert held - free > 400_000
    tight = replace(settings, history_budget_mb=1)
    assert over_budget(tight, engine) == (held - free > 1 << 20)
    none = replace(settings, history_budget_mb=1)
    many = open_history(settings)
    with writing(many) as connection:
        blocks.put_late(connection, 9, 5, [wide(DAY + 9)])
    assert over_budget(none, engine)
    gone = forget_old(none, NOW)
    assert gone["days"] == 7
    assert oldest(engine) == {"numbers": DAY + 7, "hours": None, "days": DAY}
    many.dispose()


def wide(day: int) -> Frames:
    """More than a MiB that no quantum makes small."""
    values = np.random.default_rng(1).random((3000, 60))
    return Frames(day * 86400.0 + np.arange(3000), np.arange(60, dtype=np.int32), values)


def test_the_doctor_tells_how_much_there_is_and_what_goes_next(
    settings: Settings, engine: Engine
) -> None:
    (found,) = [one for one in examine(settings, NOW) if one.name == "numbers"]
    assert found.fine
    assert "numbers since 2026-09-21, days since 2026-09-21" in found.says
    assert found.says.endswith("numbers of 2026-09-21 go on 2027-10-27")
    with writing(engine) as connection:
        blocks.put_late(connection, 9, 5, [wide(DAY + 9)])
    tight = replace(settings, history_budget_mb=1)
    (found,) = [one for one in examine(tight, NOW) if one.name == "numbers"]
    assert found.says.endswith("or when it is over 1 MiB; it is")
    assert found.do == "the oldest go tonight, or raise the budget"


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"history_days": 0}, "history_days"),
        ({"rollup_days": 399}, "rollup_days"),
        ({"history_budget_mb": -1}, "history_budget_mb"),
    ],
)
def test_keeps_that_make_no_sense_are_refused(told: dict[str, int], place: str) -> None:
    with pytest.raises(Refused) as refused:
        Settings(**told).check()
    assert refused.value.place == place
