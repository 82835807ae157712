"""What was decoded is kept, within a bound, and never outlives what it was read of."""

from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from sqlalchemy import Connection

from collector.db import open_history, writing
from collector.series import blocks, days, sheet, shelf
from collector.series.frames import Frames, Samples
from collector.series.shelf import Key, Shelf
from collector.settings import Settings
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


class Disk:
    """Two columns of every block, and what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[dict[Key, set[int]]] = []
        self.value = 1.0

    def load(self, wanted: Mapping[Key, set[int] | None]) -> dict[Key, Samples]:
        self.asked.append({key: set(columns or ()) for key, columns in wanted.items()})
        times = np.arange(10.0)
        line = (times, np.full(10, self.value))
        return {
            key: {column: line for column in columns or () if column < 2}
            for key, columns in wanted.items()
        }


def test_who_looks_again_reads_only_what_is_new() -> None:
    disk, kept = Disk(), Shelf()
    kept.read({(7, 1): "a"}, {0}, disk.load)
    found = kept.read({(7, 1): "a", (7, 2): "a"}, {0, 1}, disk.load)
    assert disk.asked == [{(7, 1): {0}}, {(7, 1): {1}, (7, 2): {0, 1}}]
    assert [sorted(lines) for lines in found] == [[0, 1], [0, 1]]
    assert found == kept.read({(7, 1): "a", (7, 2): "a"}, {0, 1}, disk.load)
    assert (len(disk.asked), kept.found, kept.missed) == (2, 5, 4)


def test_a_block_that_lacks_a_column_is_not_asked_again() -> None:
    disk, kept = Disk(), Shelf()
    assert kept.read({(7, 1): "a"}, {5}, disk.load) == [{}]
    assert kept.read({(7, 1): "a"}, {5}, disk.load) == [{}]
    assert len(disk.asked) == 1


def test_a_block_written_anew_is_read_anew() -> None:
    disk, kept = Disk(), Shelf()
    kept.read({(7, 1): "a"}, {0, 1}, disk.load)
    disk.value = 2.0
    (found,) = kept.read({(7, 1): "b"}, {0}, disk.load)
    assert found[0][1].tolist() == [2.0] * 10
    (found,) = kept.read({(7, 1): "b"}, {1}, disk.load)
    assert found[1][1].tolist() == [2.0] * 10


def test_no_more_is_kept_than_is_allowed_and_the_oldest_goes_first() -> None:
    disk, kept = Disk(), Shelf(most_bytes=5_000)
    for day in range(9):
        kept.read({(7, day): "a"}, {0}, disk.load)
        assert kept.held_bytes <= 5_000
    asked = len(disk.asked)
    kept.read({(7, 8): "a"}, {0}, disk.load)
    assert len(disk.asked) == asked
    kept.read({(7, 0): "a"}, {0}, disk.load)
    assert len(disk.asked) == asked + 1


def test_what_is_larger_than_the_shelf_is_read_and_not_kept() -> None:
    disk, kept = Disk(), Shelf(most_bytes=100)
    (found,) = kept.read({(7, 1): "a"}, {0}, disk.load)
    assert (len(found[0][0]), kept.held_bytes) == (10, 0)


def test_nobody_changes_what_is_kept() -> None:
    (found,) = Shelf().read({(7, 1): "a"}, {0}, Disk().load)
    with pytest.raises(ValueError, match="read-only"):
        found[0][1][0] = 3.0


def test_without_a_shelf_all_is_read() -> None:
    disk = Disk()
    shelf.read(None, {(7, 1): "a"}, {0}, disk.load)
    shelf.read(None, {(7, 1): "a"}, {0}, disk.load)
    assert len(disk.asked) == 2


def frames(value: float, minutes: int = 60) -> Frames:
    times = np.arange(START, START + 60.0 * minutes, 60.0)
    return Frames(times, np.array([3, 4], np.int32), np.full((minutes, 2), value))


def test_a_day_packed_again_shows_its_new_numbers(connection: Connection) -> None:
    kept = Shelf()
    for value in (1.0, 2.0, 3.0):
        days.put(connection, 7, DAY, sheet.axes_of([frames(value, 600)]))
        for _ in range(2):
            found = days.read(connection, 7, START, START + 86400, {3}, kept)
            assert set(found[3][1].tolist()) == {value}


def test_late_frames_folded_again_show_once(connection: Connection) -> None:
    kept = Shelf()
    for minutes in (20, 50):
        # the same batch, cut off at another place by a crash
        blocks.put_late(connection, 7, 1000, [frames(1.0, minutes)])
        for _ in range(2):
            found = blocks.read(connection, 7, START, START + 3600, {3}, kept=kept)
            assert len(found[3][0]) == minutes


def test_hours_that_became_a_day_are_not_read_twice(connection: Connection) -> None:
    kept = Shelf()
    blocks.put(connection, {(7, DAY * 24, 0): [frames(1.0)]})
    assert len(blocks.read(connection, 7, START, START + 3600, {3}, kept=kept)[3][0]) == 60
    blocks.delete_parts(connection, 7, [(DAY * 24, 0)])
    assert blocks.read(connection, 7, START, START + 3600, {3}, kept=kept) == {}
