"""A day of a site is one sheet, and comes back from its pieces as it was."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from collector.db import open_history, writing
from collector.schema import day_pieces
from collector.series import days, sheet
from collector.series.frames import Frames, samples
from collector.settings import Settings
from tests import amounts
from tests.bench.trace import trace
from tests.stores import migrated

DAY = 20_717
START = DAY * 86400.0


@pytest.fixture
def connection(store_settings: Settings) -> Iterator[Connection]:
    migrated(store_settings)
    engine = open_history(store_settings)
    with writing(engine) as connection:
        yield connection
    engine.dispose()


def frames(times: list[float], columns: list[int], seed: int = 1) -> Frames:
    values = np.random.default_rng(seed).random((len(times), len(columns))).round(3)
    return Frames(np.array(times) + START, np.array(columns, np.int32), values)


def village(seed: int, day: int = 0, minutes: int = 1440) -> Frames:
    times, values = trace(minutes, seed, START + day * 86400)
    return Frames(times, np.arange(60, dtype=np.int32), values)


some_frames = st.builds(
    lambda times, columns, seed: frames(sorted(times), sorted(columns), seed),
    st.lists(st.integers(0, 86_399_999).map(lambda ms: ms / 1000), min_size=1, max_size=300),
    st.sets(st.integers(0, 300), min_size=1, max_size=30),
    st.integers(0, 2),
)


@pytest.mark.slow
@settings(max_examples=amounts.times(20), deadline=None)
@given(st.lists(some_frames, max_size=4))
def test_a_sheet_holds_the_frames_it_was_made_of(given_frames: list[Frames]) -> None:
    axes = sheet.axes_of([*given_frames, *given_frames])
    head, body, count = sheet.write(axes)
    read = sheet.read_head(head)
    assert count == sum(axis.values.size for axis in axes)
    wanted = samples(given_frames)
    assert read.columns == set(wanted)
    for found in (
        sheet.samples([[(line, body[line.start : line.end]) for line in read.of(None)]])[0],
        samples(sheet.frames(read, body)),
    ):
        assert sorted(found) == sorted(wanted)
        for column, (times, values) in wanted.items():
            assert found[column][0].tolist() == times.tolist()
            assert found[column][1].tolist() == values.tolist()


def test_the_same_frame_stands_once_and_another_at_its_time_stays() -> None:
    one, other = frames([1, 2, 2], [1, 2], seed=1), frames([2, 2, 2], [1, 2], seed=2)
    axis = sheet.tidy(
        Frames(
            np.concatenate([one.times, other.times, one.times]),
            one.columns,
            np.concatenate([one.values, other.values, one.values]),
        )
    )
    assert (axis.times - START).tolist() == [1, 2, 2, 2, 2, 2]


@pytest.mark.slow
def test_a_series_is_read_from_a_few_kilobytes(connection: Connection) -> None:
    for day in range(3):
        assert days.put(connection, 7, DAY + day, sheet.axes_of([village(1, day)])) == 1
    pieces = connection.execute(
        select(func.count(), func.min(func.length(day_pieces.c.payload)))
    ).one()
    assert pieces[1] == days.PIECE
    found = days.read(connection, 7, START + 3600, START + 2 * 86400 + 60, {5, 33, 99})
    assert sorted(found) == [5, 33]
    for column, (times, values) in found.items():
        for day in range(3):
            of_day = village(1, day)
            inside = (of_day.times >= START + 3600) & (of_day.times <= START + 2 * 86400 + 60)
            there = (times >= START + day * 86400) & (times < START + day * 86400 + 86400)
            assert values[there].tolist() == of_day.values[inside, column].tolist()
    for column in range(60):
        line = days.read(connection, 7, START, START + 86400, {column})[column]
        assert line[1].tobytes() == village(1).values[:, column].tobytes()
    assert days.read(connection, 8, START, START + 86400, None) == {}
    assert days.columns_of(connection, 7, START, START + 5) == set(range(60))


def test_a_small_day_needs_no_piece(connection: Connection) -> None:
    days.put(connection, 7, DAY, sheet.axes_of([village(1, 0, 24)]))
    assert connection.execute(select(func.count()).select_from(day_pieces)).scalar() == 0
    assert len(days.read(connection, 7, START, START + 86400, {3})[3][0]) == 24


def test_a_day_packed_again_replaces_itself(connection: Connection) -> None:
    days.put(connection, 7, DAY, sheet.axes_of([village(1)]))
    assert days.put(connection, 7, DAY, sheet.axes_of([village(2, 0, 700)])) == 2
    (read,) = days.frames_of(connection, 7, DAY)
    assert read.values.tobytes() == village(2, 0, 700).values.tobytes()
    assert days.sizes(connection, 7, {DAY, DAY + 1}) == {DAY: 42_000}
    assert (days.first_day(connection, 7), days.last_day(connection, 7)) == (DAY, DAY)
    days.delete_one(connection, 7, DAY)
    assert days.last_day(connection, 7) is None
    assert connection.execute(select(func.count()).select_from(day_pieces)).scalar() == 0
