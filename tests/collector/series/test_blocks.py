"""Blocks give back what was put, by column and time; late parts replace only themselves."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from collector.db import open_history, writing
from collector.schema import blocks as table
from collector.series import blocks
from collector.series.frames import Frames, samples
from collector.series.parts import GROUP, HEAD, read_group, read_head, samples_of, write_parts
from collector.settings import Settings
from tests import amounts
from tests.bench.trace import trace
from tests.stores import migrated

HOUR = 497_222
START = HOUR * 3600.0


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


def village(seed: int, hours: int) -> Frames:
    times, values = trace(hours * 60, seed, START)
    return Frames(times, np.arange(60, dtype=np.int32), values)


part = st.builds(
    lambda times, columns, seed: frames(sorted(times), sorted(columns), seed),
    st.sets(st.integers(0, 3_599_999).map(lambda ms: ms / 1000), min_size=1, max_size=12),
    st.sets(st.integers(0, 3000), min_size=1, max_size=30),
    st.integers(0, 9),
)


@pytest.mark.slow
@settings(max_examples=amounts.times(30), deadline=None)
@given(st.lists(part, max_size=5))
def test_a_part_holds_the_frames_it_was_made_of(given_frames: list[Frames]) -> None:
    head_row, *groups = write_parts([given_frames])[0]
    assert head_row[0] == HEAD
    head = read_head(head_row[2])
    pieces = [p for g, _, data in groups for p in read_group(data, head, g, None)]
    found, wanted = samples_of([pieces])[0], samples(given_frames)
    assert sorted(found) == sorted(wanted) == head.columns
    for column, (times, values) in wanted.items():
        assert found[column][0].tolist() == times.tolist()
        assert found[column][1].tolist() == values.tolist()


def test_one_series_of_a_day_touches_one_group_an_hour(connection: Connection) -> None:
    day = village(1, 24)
    for hour in range(24):
        these = slice(hour * 60, hour * 60 + 60)
        one = Frames(day.times[these], day.columns, day.values[these])
        blocks.put(connection, {(7, HOUR + hour, 0): [one]})
    found = blocks.read(connection, 7, day.times[30], day.times[1400], [33, 5])
    assert sorted(found) == [5, 33]
    for column, (times, values) in found.items():
        assert times.tolist() == day.times[30:1401].tolist()
        assert values.tolist() == day.values[30:1401, column].tolist()
    widest = connection.execute(select(func.max(func.length(table.c.payload)))).scalar()
    assert widest is not None
    assert widest < 2000
    assert connection.execute(select(func.max(table.c.group))).scalar() == 60 // GROUP
    assert blocks.read(connection, 8, day.times[0], day.times[-1]) == {}
    assert blocks.read(connection, 7, day.times[0], day.times[-1], [99]) == {}
    assert blocks.last_hour(connection, 7) == HOUR + 23
    assert blocks.last_hour(connection, 8) is None


def test_late_frames_are_split_by_hour_and_replaced_when_folded_again(
    connection: Connection,
) -> None:
    late = frames([10, 3599.9994, 3599.9996, 7300], [1, 2])
    for _ in range(2):
        blocks.put_late(connection, 7, 0, [late])
    blocks.put(connection, {(7, HOUR, 0): [frames([20], [2], seed=2)]})
    found = blocks.read(connection, 7, START, START + 9000)
    assert (found[1][0] - START).tolist() == pytest.approx([10, 3599.999, 3600, 7300])
    assert (found[2][0] - START).tolist() == pytest.approx([10, 20, 3599.999, 3600, 7300])
    keys = connection.execute(select(table.c.hour, table.c.part).distinct()).all()
    assert sorted(tuple(key) for key in keys) == [
        (HOUR, 0),
        (HOUR, 1),
        (HOUR + 1, 1),
        (HOUR + 2, 1),
    ]


def test_the_same_sample_from_two_batches_stands_once(connection: Connection) -> None:
    one = frames([10, 20], [1, 2])
    blocks.put_late(connection, 7, 5, [one])
    blocks.put_late(connection, 7, 9, [one, frames([15], [1])])
    found = blocks.read(connection, 7, START, START + 100)
    assert (found[1][0] - START).tolist() == [10, 15, 20]
    assert (found[2][0] - START).tolist() == [10, 20]


def test_old_hours_of_a_site_are_forgotten_and_no_others(connection: Connection) -> None:
    for row in (7, 8):
        blocks.put_late(connection, row, 0, [frames([10, 3610], [1])])
    assert blocks.delete_before(connection, 7, HOUR + 1) == 2
    assert (blocks.read(connection, 7, START, START + 9000)[1][0] - START).tolist() == [3610]
    assert len(blocks.read(connection, 8, START, START + 9000)[1][0]) == 2


def test_what_is_packed_is_remembered_by_site(connection: Connection) -> None:
    assert blocks.packed_until(connection, 7) == 0
    blocks.set_packed(connection, {7: 100, 8: 50})
    blocks.set_packed(connection, {7: 160})
    assert blocks.packed_until(connection, 7) == 160
    assert blocks.all_packed(connection) == {7: 160, 8: 50}
