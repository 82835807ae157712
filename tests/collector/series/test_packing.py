"""Each site's slice is packed once, at its own moment, before the window forgets it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, select

from collector.db import open_history, reading
from collector.schema import blocks as table
from collector.series import blocks
from collector.series.packing import Packing, due, slice_minutes, targets
from collector.series.window import WindowWriter
from collector.series.window_reader import WindowReader
from collector.settings import Settings
from tests.stores import migrated

HOUR = 497_222
START = HOUR * 3600.0
IDS = np.array([1, 2], np.int32)


@pytest.fixture
def engine(store_settings: Settings) -> Iterator[Engine]:
    migrated(store_settings)
    engine = open_history(store_settings)
    yield engine
    engine.dispose()


def put(writer: WindowWriter, row: int, time: float) -> bool:
    values = np.array([[time, -time]])
    rows = np.array([row], np.int32)
    return bool(writer.write(rows, np.array([time]), IDS, values, 1)[0])


@pytest.mark.parametrize(
    ("window", "length"), [(1, 1), (4, 2), (15, 6), (30, 15), (60, 30), (119, 30), (120, 60)]
)
def test_a_slice_is_at_most_half_the_window(window: int, length: int) -> None:
    assert slice_minutes(window) == length


@pytest.mark.parametrize("window", [4, 15, 60, 120])
def test_the_work_is_spread_and_all_is_packed_while_the_window_holds_it(window: int) -> None:
    rows = np.arange(83_763)
    length = slice_minutes(window)
    counts = []
    packed = targets(rows, START, window)
    for minute in range(1, 2 * length + 1):
        now = START + minute * 60
        target = targets(rows, now, window)
        counts.append(int((target > packed).sum()))
        packed = target
        oldest = now / 60 - packed
        assert oldest.max() <= window
        assert oldest.min() >= min(13, window // 6)
    assert sum(counts) == 2 * len(rows)
    if window >= 15:
        assert max(counts) < 5 * len(rows) / length


def test_rows_without_anything_to_pack_are_not_due() -> None:
    packed = np.zeros(4, np.int64)
    filled = np.array([-1, 5, HOUR * 60, HOUR * 60])
    packed[3] = HOUR * 60 + 120
    assert sorted(due(START + 9000, packed, filled, 120)) == [1, 2]


def test_a_packed_slice_leaves_the_window_to_the_blocks(engine: Engine, tmp_path: Path) -> None:
    writer = WindowWriter.open(tmp_path / "window", 120, 0, boot="a")
    packing = Packing(engine, writer, WindowReader(tmp_path / "window"))
    for row in range(3):
        for minute in range(60):
            put(writer, row, START + minute * 60 + row)
        put(writer, row, START + 1800.5)
    packing.step(START + 3600)
    with reading(engine) as connection:
        assert blocks.all_packed(connection) == {}
    assert packing.step(START + 2 * 3600, limit=2) == 2
    assert packing.step(START + 2 * 3600, limit=2) == 1
    assert packing.step(START + 2 * 3600) == 0
    with reading(engine) as connection:
        for row in range(3):
            assert len(blocks.read(connection, row, START, START + 3600)[1][0]) == 61
            assert blocks.packed_until(connection, row) == (HOUR + 1) * 60
    assert not put(writer, 0, START + 3599)
    assert put(writer, 0, START + 3600)
    writer.close()
    again = WindowWriter.open(tmp_path / "window", 120, 2, {0: (HOUR + 1) * 60}, boot="a")
    assert not put(again, 0, START + 3599)
    again.close()


@pytest.mark.slow
@pytest.mark.parametrize("window", [15, 120])
def test_what_was_ahead_stays_when_its_hour_is_packed_again_and_again(
    engine: Engine, tmp_path: Path, window: int
) -> None:
    writer = WindowWriter.open(tmp_path / "window", window, 0, boot="a")
    reader = WindowReader(tmp_path / "window")
    told = set()
    # the second time the clock goes ahead from where it was set back to
    for turn in range(2):
        packing, first = Packing(engine, writer, reader), START + 600 + turn
        for minute in range(300):
            assert put(writer, 0, first + minute * 60)
            told.add(first + minute * 60)
            packing.step(first + minute * 60)
        packing.set_back(first + 300 * 60, START + 630, 100 * turn)
        assert writer.ahead(START + 630) == []
        with reading(engine) as connection:
            assert blocks.packed_until(connection, 0) == HOUR * 60 + 10
    packing = Packing(engine, writer, reader)
    for minute in range(11, 700):
        assert put(writer, 0, START + minute * 60 + 2)
        packing.step(START + minute * 60 + 2)
    with reading(engine) as connection:
        found = set(blocks.read(connection, 0, START, START + 9 * 3600)[1][0].tolist())
    assert told <= found
    assert START + 11 * 60 + 2 in found
    writer.close()


def test_a_crash_while_the_clock_is_set_back_loses_nothing(engine: Engine, tmp_path: Path) -> None:
    writer = WindowWriter.open(tmp_path / "window", 120, 0, boot="a")
    reader = WindowReader(tmp_path / "window")
    for row in range(60):
        for after in (0, 60, 120, 130):
            assert put(writer, row, START + after)
    # the first of its transactions, and no more
    Packing(engine, writer, reader).pack(dict.fromkeys(range(50), (HOUR + 2) * 60))
    for _ in range(2):
        Packing(engine, writer, reader).set_back(START + 130, START + 61, 7)
    with reading(engine) as connection:
        for row in range(60):
            times = blocks.read(connection, row, START, START + 3600)[1][0]
            assert times.tolist() == [START, START + 60, START + 120, START + 130]
    writer.close()


def test_a_site_that_has_just_begun_waits_for_the_end_of_its_first_slice(
    engine: Engine, tmp_path: Path
) -> None:
    writer = WindowWriter.open(tmp_path / "window", 15, 0, boot="a")
    packing = Packing(engine, writer, WindowReader(tmp_path / "window"))
    assert put(writer, 0, START + 60)
    assert packing.step(START + 61) == 0
    assert packing.step(START + 900) == 1
    assert packing.step(START + 960) == 0
    with reading(engine) as connection:
        assert blocks.read(connection, 0, START, START + 900)[1][0].tolist() == [START + 60]
    writer.close()


def test_a_window_shorter_than_two_hours_packs_parts_of_hours(
    engine: Engine, tmp_path: Path
) -> None:
    writer = WindowWriter.open(tmp_path / "window", 15, 0, boot="a")
    packing = Packing(engine, writer, WindowReader(tmp_path / "window"))
    for minute in range(70):
        assert put(writer, 0, START + minute * 60)
        packing.step(START + minute * 60 + 1)
    with reading(engine) as connection:
        parts = connection.execute(select(table.c.hour, table.c.part).distinct()).all()
        times = blocks.read(connection, 0, START, START + 7200)[1][0]
    assert {(HOUR, -start) for start in range(0, 60, 6)} <= {tuple(part) for part in parts}
    assert ((times - START) / 60).tolist() == list(range(66))
    writer.close()


def test_hours_that_were_never_packed_in_time_are_packed_whole(
    engine: Engine, tmp_path: Path
) -> None:
    writer = WindowWriter.open(tmp_path / "window", 120, 0, boot="a")
    packing = Packing(engine, writer, WindowReader(tmp_path / "window"))
    for minute in range(300):
        assert put(writer, 0, START + minute * 60)
    packing.step(START + 300 * 60)
    with reading(engine) as connection:
        until = blocks.packed_until(connection, 0)
        times = blocks.read(connection, 0, START, START + 18_000)[2][0]
    assert until in (HOUR * 60 + 180, HOUR * 60 + 240)
    assert ((times - START) / 60).tolist() == list(range(until - HOUR * 60))
    assert list((tmp_path / "window").glob("w-*/extra/*.index"))
    packing.step(START + 600 * 60)
    assert packing.step(START + 601 * 60) == 0
    assert not list((tmp_path / "window").glob("w-*/extra/*.index"))
    writer.close()
