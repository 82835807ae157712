"""Hours become days once, when they are complete, and nothing that is read changes by it."""

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from collector.db import held_bytes, open_history, reading, writing
from collector.schema import blocks as hours_table
from collector.schema import history as tables
from collector.series import blocks, days, rollup_store
from collector.series.blocks import Waiting
from collector.series.frames import Frames
from collector.series.history import History
from collector.series.layouts import Columns
from collector.series.merging import QUIET_AGAIN_S, QUIET_S, Merging, due, ready
from collector.series.rollups import coarser
from collector.series.spans import Cuts
from collector.series.thinning import Thinning, oldest
from collector.settings import Settings
from tests import amounts
from tests.bench.trace import trace
from tests.stores import migrated

pytestmark = pytest.mark.slow

DAY = 20_717
START = DAY * 86400.0
NAMES = ["a", "b_total", "c"]
IDS = np.arange(3, dtype=np.int32)


@pytest.fixture
def engine(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    engine = make(tmp_path, database_url)
    yield engine
    engine.dispose()


def make(folder: Path, database_url: str = "") -> Engine:
    settings = Settings(data=str(folder), database_url=database_url)
    engine = open_history(settings)
    if database_url:
        migrated(settings)
    else:
        tables.create_all(engine)
    columns = Columns(engine)
    columns.give(NAMES)
    with writing(engine) as connection:
        columns.save(connection)
    return engine


def read(engine: Engine, tmp_path: Path) -> History:
    return History(Settings(data=str(tmp_path)), engine)


def put(engine: Engine, row: int, part: int, times: list[float], shift: float = 0) -> None:
    at = np.array(times)
    values = np.column_stack([at + shift, at * 2, np.full(len(at), np.nan)])
    with writing(engine) as connection:
        if part:
            blocks.put_late(connection, row, part - 1, [Frames(START + at, IDS, values)])
            return
        for hour in np.unique(at // 3600).astype(int).tolist():
            these = at // 3600 == hour
            cut = Frames(START + at[these], IDS, values[these])
            blocks.put(connection, {(row, DAY * 24 + hour, 0): [cut]})


def drain(merger: Merging, now: float, position: int = 0) -> None:
    """What an engine does in the ten minutes from now."""
    for passed in range(0, 600, 30):
        while merger.step(now + passed, position):
            pass


def hours_left(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(hours_table)).scalar() or 0)


def test_a_day_is_due_at_the_moment_of_its_site_after_it_ended() -> None:
    moments = defaultdict(int)
    for row in range(2000):
        assert due(row, START + 86400 + 3600) == DAY
        assert due(row, START + 2 * 86400) == DAY + 1
        quarter = next(q for q in range(97) if due(row, START + 86400 + q * 900) > DAY)
        moments[quarter] += 1
    assert max(moments.values()) < 2 * 2000 / (len(moments) - 1)
    assert len(moments) > 60


@pytest.mark.parametrize(
    ("one", "packed", "expected"),
    [
        (Waiting(0, 100), {}, [DAY]),
        (Waiting(50, 100), {}, [DAY]),
        (Waiting(51, 100), {}, []),
        (Waiting(51, 100), {DAY: 2000}, []),
        (Waiting(30, 100), {DAY: 2000}, []),
        (Waiting(30, 900), {DAY: 2000}, [DAY]),
        (Waiting(20, 1), {DAY: 2000}, [DAY]),
    ],
    ids=[
        "packed from the window",
        "quiet",
        "still coming",
        "still coming for a packed day",
        "few for a packed day wait longer",
        "much for a packed day does not",
        "few that waited long",
    ],
)
def test_a_day_is_merged_when_nothing_more_comes(
    one: Waiting, packed: dict[int, int], expected: list[int]
) -> None:
    assert ready({DAY: one}, packed, DAY + 1, quiet=50, again=20) == expected
    assert ready({DAY: one}, packed, DAY, quiet=50, again=20) == []


def test_hours_become_a_day_and_are_gone(engine: Engine, tmp_path: Path) -> None:
    for row in (1, 2):
        put(engine, row, 0, [60.0 * n for n in range(1440)])
    merger = Merging(engine)
    drain(merger, START + 86400 + 3600)
    assert (merger.merged, hours_left(engine) > 0) == (0, True)
    drain(merger, START + 2 * 86400)
    assert (merger.merged, merger.again, hours_left(engine)) == (2, 0, 0)
    found = read(engine, tmp_path).range(1, NAMES, START, START + 86400)
    assert (found["a"][0] - START).tolist() == [60.0 * n for n in range(1440)]
    assert found["b_total"][1].tolist() == [120.0 * n for n in range(1440)]
    assert np.isnan(found["c"][1]).all()
    history = read(engine, tmp_path)
    assert history.latest(1)["a"] == (START + 86340, 86340.0)
    assert history.columns_of(1, START + 5, START + 6) == ["a", "b_total", "c"]


def test_a_backlog_is_merged_once_and_its_stragglers_once_more(engine: Engine) -> None:
    merger, now = Merging(engine), START + 10 * 86400
    position = 1000
    for hour in range(24):
        put(engine, 1, position + 1, [hour * 3600.0 + n for n in range(0, 3600, 60)])
        position += 100
        drain(merger, now := now + 60, position)
    assert merger.merged == 0
    drain(merger, now := now + QUIET_S, position := position + 10)
    drain(merger, now := now + QUIET_S, position)
    assert (merger.merged, merger.again, hours_left(engine)) == (1, 0, 0)
    for _ in range(20):
        put(engine, 1, position + 1, [position / 10])
        drain(merger, now := now + QUIET_S, position := position + 10)
    assert (merger.merged, hours_left(engine)) == (1, 40)
    for _ in range(4):
        drain(merger, now := now + QUIET_AGAIN_S / 2, position := position + 10)
    assert (merger.merged, merger.again, hours_left(engine)) == (2, 1, 0)


def test_what_a_crash_left_half_done_is_done_again(engine: Engine, tmp_path: Path) -> None:
    put(engine, 1, 5, [60.0 * n for n in range(100)])
    Merging(engine).merge((1, DAY))
    # the fold had not committed its position: the same batch is folded again
    put(engine, 1, 5, [60.0 * n for n in range(100)])
    found = read(engine, tmp_path).range(1, ["a"], START, START + 86400)["a"]
    assert (found[0] - START).tolist() == [60.0 * n for n in range(100)]
    Merging(engine).merge((1, DAY))
    with reading(engine) as connection:
        assert days.sizes(connection, 1, {DAY}) == {DAY: 300}
    Merging(engine).merge((1, DAY))
    again = read(engine, tmp_path).range(1, ["a"], START, START + 86400)["a"]
    assert again[1].tobytes() == found[1].tobytes()


def test_a_merge_that_fails_changes_nothing(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(engine, 1, 5, [60.0 * n for n in range(100)])
    left = hours_left(engine)

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(blocks, "delete_parts", full)
    with pytest.raises(OSError, match="disk full"):
        Merging(engine).merge((1, DAY))
    monkeypatch.undo()
    with reading(engine) as connection:
        assert days.sizes(connection, 1, {DAY}) == {}
    assert hours_left(engine) == left
    Merging(engine).merge((1, DAY))
    assert len(read(engine, tmp_path).range(1, ["a"], START, START + 86400)["a"][0]) == 100


act = st.one_of(
    st.tuples(st.just("live"), st.integers(0, 47), st.integers(0, 3)),
    st.tuples(st.just("late"), st.integers(0, 2800), st.integers(1, 200)),
    st.tuples(st.just("repeat"), st.integers(0, 2800), st.integers(1, 60)),
    st.tuples(st.just("other"), st.integers(0, 2800), st.integers(1, 5)),
    st.tuples(st.just("merge"), st.integers(0, 2), st.just(0)),
)


@settings(max_examples=amounts.times(15), deadline=None)
@given(st.lists(act, max_size=25))
def test_any_order_of_hours_late_parts_and_days_reads_as_one_line(
    acts: list[tuple[str, int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = make(Path(folder))
        merger, history = Merging(engine), read(engine, Path(folder))
        told: set[tuple[float, float]] = set()
        for place, (verb, at, count) in enumerate(acts):
            if verb == "merge":
                merger.merge((1, DAY + at))
            else:
                first = at * 3600 if verb == "live" else at * 60
                times = [first + 60.0 * n for n in range(60 if verb == "live" else count)]
                shift = 0.5 if verb == "other" else 0.0
                put(engine, 1, 0 if verb == "live" else place + 1, times, shift)
                told |= {(START + time, time + shift) for time in times}
            found = history.range(1, ["a"], START, START + 3 * 86400)
            times_read, values = found.get("a", (np.zeros(0), np.zeros(0)))
            assert list(zip(times_read.tolist(), values.tolist(), strict=True)) == sorted(told)
        engine.dispose()


def test_free_pages_go_back_to_the_disk(tmp_path: Path) -> None:
    engine = make(tmp_path)
    for row in range(40):
        times, values = trace(1440, row, START)
        hours = {
            (row, DAY * 24 + hour, 0): [
                Frames(times[these], np.arange(60, dtype=np.int32), values[these])
            ]
            for hour in range(24)
            if (these := slice(hour * 60, hour * 60 + 60))
        }
        with writing(engine) as connection:
            blocks.put(connection, hours)
    merger = Merging(engine)
    drain(merger, START + 3 * 86400)
    with writing(engine) as connection:
        for row in range(40):
            days.delete_one(connection, row, DAY)
    before, unused = held_bytes(engine)
    drain(merger, START + 4 * 86400)
    held, free = held_bytes(engine)
    assert before - held >= unused - free > 1 << 20
    assert free <= 1 << 20
    engine.dispose()


def test_forgotten_numbers_leave_hours_and_late_ones_count_in_them(
    engine: Engine, tmp_path: Path
) -> None:
    put(engine, 1, 0, [60.0 * n for n in range(1440)])
    merger = Merging(engine)
    merger.merge((1, DAY))
    history = read(engine, tmp_path)
    asked = (1, NAMES, round(START * 1000) - 1, round(START + 86400) * 1000)
    hourly = Cuts(np.arange(25) * 3_600_000 + round(START * 1000))
    before = coarser(history.spans(*asked, hourly, True).table, 3600)
    assert Thinning(engine).numbers(1, DAY + 1) == 1
    assert oldest(engine) == {"numbers": None, "hours": DAY, "days": DAY}
    assert history.range(1, ["a"], START, START + 86400) == {}
    after = history.spans(*asked, hourly)
    assert after.hours == {DAY}
    for field in type(before).__slots__:
        told, known = getattr(after.table, field), getattr(before, field)
        assert told.tolist() == pytest.approx(known.tolist()), field
    put(engine, 1, 7, [30.0], shift=1e6)
    merger.merge((1, DAY))
    assert hours_left(engine) == 0
    hours = coarser(history.spans(*asked, hourly).table, 3600)
    assert hours.maximum[hours.column == 0].max() == 1e6 + 30
    assert hours.count[hours.column == 0].sum() == 1441
    with writing(engine) as connection:
        assert rollup_store.delete_before(connection, 1, 3600, DAY + 1) == 1
