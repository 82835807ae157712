"""History is one line of samples, whatever place each of them is kept in."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.db import open_history, writing
from collector.schema import history as tables
from collector.series import blocks
from collector.series.extra import Scraps
from collector.series.frames import Frames
from collector.series.history import History
from collector.series.layouts import Columns
from collector.series.merging import Merging
from collector.series.packing import Packing
from collector.series.window import WindowWriter
from collector.series.window_reader import WindowReader
from collector.settings import Settings
from tests import amounts
from tests.stores import migrated

HOUR = 497_222
START = HOUR * 3600.0
NAMES = ["a", 'b{x="1"}', "c"]
IDS = np.arange(3, dtype=np.int32)


@dataclass
class Centre:
    """What the engine holds, and the history as another process sees it."""

    columns: Columns
    writer: WindowWriter
    packing: Packing
    history: History

    def put(self, row: int, minutes: range) -> None:
        for minute in minutes:
            time = START + minute * 60
            values = np.array([[minute, -minute, np.nan]])
            self.writer.write(np.array([row], np.int32), np.array([time]), IDS, values, 1)

    def close(self) -> None:
        self.writer.close()
        self.packing._engine.dispose()
        self.history._engine.dispose()

    def late(self, row: int, minutes: range, position: int = 1000) -> None:
        times = START + np.array(minutes) * 60.0
        values = np.column_stack(
            [np.array(minutes), -np.array(minutes), np.full(len(times), np.nan)]
        )
        with writing(self.packing._engine) as connection:
            blocks.put_late(connection, row, position, [Frames(times, IDS, values)])

    def minutes(self, row: int, start: float, end: float) -> list[float]:
        found = self.history.range(row, ["a"], START + start * 60, START + end * 60)
        times, values = found.get("a", (np.zeros(0), np.zeros(0)))
        assert ((times - START) / 60).tolist() == values.tolist()
        kept: list[float] = values.tolist()
        return kept


def open_centre(where: Settings, minutes: int = 120) -> Centre:
    engine = open_history(where)
    history, columns = History(where), Columns(engine)
    columns.give(NAMES)
    with writing(engine) as connection:
        columns.save(connection)
        packed = blocks.all_packed(connection)
    writer = WindowWriter.open(where.window, minutes, 2, packed, boot="a")
    writer.sync(2)
    return Centre(columns, writer, Packing(engine, writer, WindowReader(where.window)), history)


def make_tables(folder: Path) -> None:
    engine = open_history(Settings(data=str(folder)))
    tables.create_all(engine)
    engine.dispose()


@pytest.fixture
def centre(store_settings: Settings) -> Iterator[Centre]:
    migrated(store_settings)
    centre = open_centre(store_settings)
    yield centre
    centre.close()


def test_nothing_is_known_before_anything_was_written(centre: Centre) -> None:
    assert centre.history.range(0, NAMES, 0, 2e9) == {}
    assert centre.history.latest(0) == {}
    assert centre.history.columns_of(0, 0, 2e9) == []
    assert centre.history.last_report(0) is None
    assert centre.history.newest("a", 0, 2e9)[0].tolist() == []
    assert centre.history.newest("nobody", 0, 2e9)[0].tolist() == []


def test_a_line_runs_over_blocks_window_and_late_parts_without_a_repeat(centre: Centre) -> None:
    centre.put(4, range(0, 100))
    assert centre.minutes(4, 0, 1000) == list(range(100))
    centre.packing.pack({4: (HOUR + 1) * 60})
    centre.put(4, range(100, 150))
    assert centre.minutes(4, 0, 1000) == list(range(150))
    assert centre.minutes(4, 59, 61) == [59, 60, 61]
    centre.late(4, range(-70, -5))
    centre.late(4, range(-70, 10))
    assert centre.minutes(4, -1000, 1000) == list(range(-70, 150))
    assert centre.minutes(4, 200, 300) == []


def test_an_hour_in_slices_came_in_time_as_a_whole_one_did(store_settings: Settings) -> None:
    migrated(store_settings)
    centre = open_centre(store_settings, minutes=30)
    for minute in range(100):
        centre.put(0, range(minute, minute + 1))
        centre.packing.step(START + minute * 60 + 1)
    centre.late(0, range(-5, 0))
    found = centre.history.in_time(0, START - 600, START + 6000, [0])
    assert found[0][1].tolist() == list(range(100))
    centre.close()


act = st.one_of(
    st.tuples(st.just("live"), st.integers(0, 3)),  # minutes the fleet's clock goes on
    st.tuples(st.just("late"), st.integers(1, 400)),  # minutes ago
    st.tuples(st.just("pack"), st.just(0)),
    st.tuples(st.just("restart"), st.just(0)),
    st.tuples(st.just("pause"), st.integers(1, 200)),
)


@pytest.mark.slow
@settings(max_examples=amounts.times(15), deadline=None)
@given(st.lists(act, max_size=40))
def test_whatever_happened_each_sample_is_read_once(acts: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        make_tables(Path(folder))
        where = Settings(data=folder)
        centre = open_centre(where)
        minute, told = 0, set[int]()
        for verb, count in acts:
            if verb == "live":
                new = range(minute + 1, minute + 1 + count * 20)
                centre.put(0, new)
                told.update(new)
                minute += count * 20
            elif verb == "late":
                centre.late(0, range(minute - count, minute - count + 5), position=len(told))
                told.update(range(minute - count, minute - count + 5))
            elif verb == "pack":
                centre.packing.step(START + minute * 60 + 30)
            elif verb == "restart":
                centre.close()
                centre = open_centre(where)
            else:
                minute += count
            assert centre.minutes(0, -1000, 10_000) == sorted(told)
        centre.close()


def test_a_null_is_not_the_same_as_nothing(centre: Centre) -> None:
    centre.put(0, range(3))
    for _ in range(2):
        found = centre.history.range(0, [*NAMES, "nobody"], START, START + 120)
        assert sorted(found) == sorted(NAMES)
        assert np.isnan(found["c"][1]).tolist() == [True] * 3
        centre.packing.pack({0: (HOUR + 1) * 60})


def test_the_series_of_a_site_are_those_it_reported_then(centre: Centre) -> None:
    centre.put(0, range(3))
    centre.packing.pack({0: (HOUR + 1) * 60})
    assert centre.history.columns_of(0, START, START + 10) == ["a", 'b{x="1"}', "c"]
    assert centre.history.columns_of(0, START + 7200, START + 7300) == []
    assert centre.history.columns_of(1, START, START + 10) == []


def test_the_latest_comes_from_the_window_else_from_the_last_block(centre: Centre) -> None:
    centre.late(2, range(-200, -100))
    assert centre.history.latest(2)["a"] == (START - 101 * 60, -101.0)
    centre.put(2, range(5))
    latest = centre.history.latest(2)
    assert latest["a"] == (START + 240, 4.0)
    assert np.isnan(latest["c"][1])
    rows, times, values = centre.history.newest("a", START, START + 600)
    assert (rows.tolist(), times.tolist(), values.tolist()) == ([2], [START + 240], [4.0])


def test_who_reported_when(centre: Centre) -> None:
    centre.writer.touch(np.array([3], np.int32), np.array([START + 5]))
    assert centre.history.last_report(3) == START + 5
    assert centre.history.last_report(2) is None
    assert centre.history.last_report(10**6) is None
    assert centre.history.last_reports()[3] == START + 5


def test_a_column_whose_name_is_not_saved_yet_is_left_out(centre: Centre) -> None:
    ids = centre.columns.give(["later"])
    scraps = Scraps()
    scraps.add(0, START, ids, np.array([1.0]))
    centre.writer.extras(scraps, 1)
    assert centre.history.latest(0) == {}
    with writing(centre.packing._engine) as connection:
        centre.columns.save(connection)
    assert centre.history.latest(0) == {"later": (START, 1.0)}


def test_steps_of_days_that_are_over_are_those_of_their_samples(centre: Centre) -> None:
    """Packed days, hours and the window give one answer, by the hour and by the day."""
    centre.late(0, range(-3000, 0), position=5)
    Merging(centre.packing._engine).merge(*((0, int(START // 86400) - back) for back in (1, 2, 3)))
    centre.put(0, range(60))
    start, end = START - 3000 * 60, START + 3600
    times, values = centre.history.range(0, ["a"], start - 1, end)["a"]
    for step_s in (3600, 86400):
        found = centre.history.steps(0, ["a", "nobody"], start, end, step_s)
        assert list(found) == ["a"]
        steps = found["a"].within(start - step_s, end)
        # a step holds what comes after its beginning up to its end
        places = np.ceil(times / step_s).astype(int) * step_s - step_s
        assert steps.starts.tolist() == sorted(set(places.tolist()))
        for n, at in enumerate(steps.starts.tolist()):
            mine = values[places == at]
            assert steps.mean[n] == pytest.approx(mine.mean())
            assert steps.peak[n] == mine.max()
    assert centre.history.steps(0, ["nobody"], start, end, 3600) == {}
    assert centre.history.steps(0, ["a"], end, start, 3600) == {}
