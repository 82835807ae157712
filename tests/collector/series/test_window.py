"""The window holds exactly what was written, through crashes, restarts and growth."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.strict import Refused
from collector.series.extra import Scraps
from collector.series.frames import Frames
from collector.series.planes import ROWS
from collector.series.window import WIDEST, WindowWriter
from collector.series.window_head import next_minutes, read_head, window_minutes
from collector.series.window_reader import WindowReader
from tests import amounts

START = 1_790_000_040.0  # a full minute
EVER = (-np.inf, np.inf)
MINUTES = 8
LISTS = [np.array(ids, np.int32) for ids in ([0, 1, 2], [1, 5], [3], range(WIDEST + 2))]

Sample = tuple[int, int, int]  # milliseconds, column, bits


def bits(value: float) -> int:
    return int(np.float64(value).view(np.uint64))


def held(frames: list[Frames]) -> list[Sample]:
    """Every sample of every frame, repeats and all."""
    return sorted(
        (round(time * 1000), int(column), bits(value))
        for part in frames
        for time, line in zip(part.times, part.values, strict=True)
        for column, value in zip(part.columns, line, strict=True)
    )


def put(
    writer: WindowWriter, row: int, time: float, columns: list[int], values: list[float], at: int
) -> bool:
    taken = writer.write(
        np.array([row], np.int32),
        np.array([time]),
        np.array(columns, np.int32),
        np.array([values]),
        at,
    )
    return bool(taken[0])


def scrap(
    writer: WindowWriter, row: int, time: float, columns: list[int], values: list[float], at: int
) -> bool:
    """A few numbers of one moment, as the fold keeps findings."""
    if not writer.takes(row, time):
        return False
    scraps = Scraps()
    scraps.add(row, time, np.array(columns, np.int32), np.array(values))
    writer.extras(scraps, at)
    return True


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[WindowWriter]:
    writer = WindowWriter.open(tmp_path, MINUTES, 0, boot="a")
    writer.sync(0)
    yield writer
    writer.close()


frame = st.tuples(
    st.integers(0, 2),  # row
    st.integers(0, 3 * MINUTES * 60_000),  # milliseconds
    st.integers(0, len(LISTS) - 1),
    st.integers(0, 2),  # seed of the values: repeats are wanted
)
step = st.one_of(
    st.tuples(st.just("write"), st.lists(frame, min_size=1, max_size=8)),
    st.tuples(st.just("extra"), st.lists(frame, min_size=1, max_size=1)),
    st.tuples(st.just("commit"), st.just([])),
    st.tuples(st.just("crash"), st.just([])),
    st.tuples(st.just("pack"), st.lists(frame, min_size=1, max_size=1)),
)


class Model:
    """What must be in the window: a set of samples for each row, and what is packed."""

    def __init__(self) -> None:
        self.samples: set[tuple[int, Sample]] = set()
        self.packed: dict[int, int] = {}

    def write(self, row: int, ms: int, columns: np.ndarray, values: np.ndarray) -> bool:
        if ms < self.packed.get(row, 0) * 60_000:
            return False
        for column, value in zip(columns, values, strict=True):
            self.samples.add((row, (ms, int(column), bits(value))))
        return True

    def live(self, row: int) -> set[Sample]:
        first = self.packed.get(row, 0) * 60_000
        return {s for r, s in self.samples if r == row and s[0] >= first}


@pytest.mark.slow
@settings(max_examples=amounts.times(40), deadline=None)
@given(st.lists(step, max_size=25))
def test_any_writes_with_crashes_between_leave_what_a_set_would_hold(
    steps: list[tuple[str, list[tuple[int, int, int, int]]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writer = WindowWriter.open(Path(folder), MINUTES, 0, boot="a")
        writer.sync(0)
        reader, model = WindowReader(Path(folder)), Model()
        pending: list[tuple[str, list[tuple[int, int, int, int]], int]] = []
        committed = 0
        for position, (verb, frames) in enumerate(steps, start=1):
            if verb == "commit":
                committed, pending = position, []
            elif verb == "crash":
                writer.close()
                writer = WindowWriter.open(Path(folder), MINUTES, committed, model.packed, boot="a")
                assert not writer.rebuild
                for again in pending:
                    act(writer, model, *again)
            elif verb == "pack" and not pending:  # packing follows a commit
                row, ms, _, _ = frames[0]
                minute = (round(START * 1000) + ms) // 60_000
                model.packed[row] = max(model.packed.get(row, 0), minute)
                writer.packed_until(row, minute)
            elif verb in ("write", "extra"):
                pending.append((verb, frames, position))
                act(writer, model, verb, frames, position)
        for row in range(3):
            first = model.packed.get(row, 0) * 60.0
            assert set(held(reader.frames(row, first, np.inf))) == model.live(row)
        writer.close()


def act(
    writer: WindowWriter,
    model: Model,
    verb: str,
    frames: list[tuple[int, int, int, int]],
    position: int,
) -> None:
    """Write frames of the first one's list, to the window and to the model."""
    columns = LISTS[frames[0][2]]
    rows = np.array([f[0] for f in frames], np.int32)
    times = np.array([START + f[1] / 1000 for f in frames])
    values = np.array([np.random.default_rng(f[3]).random(len(columns)) for f in frames])
    values[values < 0.1] = np.nan
    if verb == "write":
        taken = writer.write(rows, times, columns, values, position).tolist()
    else:
        told = columns.tolist(), values[0].tolist()
        taken = [scrap(writer, int(rows[0]), float(times[0]), *told, position)]
    for i in range(len(frames)):
        ms = round(START * 1000) + frames[i][1]
        assert taken[i] == model.write(int(rows[i]), ms, columns, values[i])


def test_a_null_is_a_sample_and_a_missing_column_is_none(
    writer: WindowWriter, tmp_path: Path
) -> None:
    put(writer, 3, START, [1, 2], [np.nan, -0.0], 1)
    frames = WindowReader(tmp_path).frames(3, *EVER)
    assert held(frames) == [
        (round(START * 1000), 1, bits(np.nan)),
        (round(START * 1000), 2, bits(-0.0)),
    ]
    assert WindowReader(tmp_path).newest(4, START, START)[0].tolist() == []


def test_times_are_kept_to_the_millisecond(writer: WindowWriter, tmp_path: Path) -> None:
    put(writer, 0, START + 1.2344, [1], [1.0], 1)
    assert WindowReader(tmp_path).frames(0, *EVER)[0].times.tolist() == [START + 1.234]


def test_two_lists_in_one_row_keep_their_own_columns(writer: WindowWriter, tmp_path: Path) -> None:
    put(writer, 0, START, [1, 2], [1.0, 2.0], 1)
    put(writer, 0, START + 60, [2, 9], [3.0, 4.0], 2)
    reader = WindowReader(tmp_path)
    rows, times, values = reader.fleet(2, START, START + 60)
    assert (rows.tolist(), times.tolist(), values.tolist()) == (
        [0, 0],
        [START, START + 60],
        [2.0, 3.0],
    )
    assert reader.newest(1, START, START + 60)[2].tolist() == [1.0]


def test_the_second_frame_of_a_minute_and_an_unpacked_old_one_are_both_kept(
    writer: WindowWriter, tmp_path: Path
) -> None:
    for time in (START, START + 30, START + MINUTES * 60):
        assert put(writer, 0, time, [1], [time], 1)
    found = held(WindowReader(tmp_path).frames(0, *EVER))
    assert [ms / 1000 for ms, _, _ in found] == [START, START + 30, START + MINUTES * 60]


def test_what_is_packed_already_is_refused_and_left_to_the_caller(writer: WindowWriter) -> None:
    writer.packed_until(0, int(START // 60))
    assert not put(writer, 0, START - 0.001, [1], [1.0], 1)
    assert not scrap(writer, 0, START - 60, [1], [1.0], 1)
    assert put(writer, 0, START, [1], [1.0], 1)


def test_scraps_of_many_lists_and_hours_are_kept_in_their_order(
    writer: WindowWriter, tmp_path: Path
) -> None:
    scraps = Scraps()
    told = [(0, [1], [1.0]), (7200, [1, 5], [2.0, 3.0]), (0, [1, 5], [4.0, 5.0]), (0, [1], [6.0])]
    for after, columns, values in told:
        scraps.add(2, START + after, np.array(columns, np.int32), np.array(values))
    writer.extras(scraps, 1)
    reader = WindowReader(tmp_path)
    assert sorted(held(reader.frames(2, START, START))) == sorted(
        (round(START * 1000), column, bits(value))
        for column, value in [(1, 1.0), (1, 4.0), (5, 5.0), (1, 6.0)]
    )
    assert reader.newest(5, *EVER)[2].tolist() == [3.0]


def test_a_crash_between_values_and_time_shows_nothing_and_is_mended(
    writer: WindowWriter, tmp_path: Path
) -> None:
    put(writer, 0, START, [1, 2], [1.0, 2.0], 1)
    writer.packed_until(0, int(START // 60) + 1)
    planes, reader = writer._planes[0], WindowReader(tmp_path)
    cell = int(START // 60) % MINUTES * ROWS
    planes.lists[cell] = 0
    planes.values[0][cell] = 7.0
    assert held(reader.frames(0, *EVER)) == []
    later = START + MINUTES * 60
    put(writer, 0, later, [1, 2], [7.0, 8.0], 2)
    assert [bits(7.0), bits(8.0)] == [b for _, _, b in held(reader.frames(0, *EVER))]


def test_the_cut_takes_what_was_not_committed_and_nothing_else(tmp_path: Path) -> None:
    first = WindowWriter.open(tmp_path, MINUTES, 0, boot="a")
    first.sync(0)
    for position in (10, 20, 30):
        scrap(first, 0, START + position, [1], [float(position)], position)
    first.close()
    second = WindowWriter.open(tmp_path, MINUTES, 20, boot="a")
    scrap(second, 0, START + 40, [1], [40.0], 40)
    times = [ms / 1000 - START for ms, _, _ in held(WindowReader(tmp_path).frames(0, *EVER))]
    assert times == [10.0, 40.0]
    second.close()


def test_a_window_is_begun_anew_where_another_engine_has_folded_since(tmp_path: Path) -> None:
    first = WindowWriter.open(tmp_path, MINUTES, 5, boot="a")
    first.sync(5)
    first.close()
    same = WindowWriter.open(tmp_path, MINUTES, 5, boot="a", last=first.name)
    assert (same.rebuild, same.name) == (False, first.name)
    same.close()
    behind = WindowWriter.open(tmp_path, MINUTES, 9, boot="a", last="w-of-another")
    assert behind.rebuild
    assert behind.name != first.name
    behind.close()


def test_a_clock_that_goes_back_takes_the_begin_of_the_window_with_it(tmp_path: Path) -> None:
    writer = WindowWriter.open(tmp_path, MINUTES, 0)
    reader = WindowReader(tmp_path)
    writer.since = START + 600.0
    writer.sync(0)
    writer.set_back(START)
    writer.sync(0)
    put(writer, 0, START + 60.0, [1], [1.0], 1)
    writer.touch(np.array([0]), np.array([START + 60.0]))
    assert reader.reach_s() == 60.0
    writer.close()


@pytest.mark.parametrize("change", ["boot", "minutes", "head", "broken off"])
def test_a_window_that_cannot_be_trusted_begins_empty_and_says_so(
    tmp_path: Path, change: str
) -> None:
    first = WindowWriter.open(tmp_path, MINUTES, 5, boot="a")
    assert first.rebuild
    put(first, 0, START, [1], [1.0], 1)
    first.sync(4 if change == "broken off" else 5)
    first.close()
    reader = WindowReader(tmp_path)
    assert held(reader.frames(0, *EVER))
    if change == "head":
        (tmp_path / "head").write_text("{")
    minutes = MINUTES * 2 if change == "minutes" else MINUTES
    second = WindowWriter.open(tmp_path, minutes, 5, boot="b" if change == "boot" else "a")
    assert second.rebuild
    assert held(reader.frames(0, *EVER)) == []
    assert len(list(tmp_path.glob("w-*"))) == 1
    second.sync(5)
    second.close()
    third = WindowWriter.open(tmp_path, minutes, 5, boot="b" if change == "boot" else "a")
    assert not third.rebuild
    third.close()


def test_only_one_process_writes(writer: WindowWriter, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="another process writes this window"):
        WindowWriter.open(tmp_path, MINUTES, 0, boot="a")
    head = read_head(tmp_path)
    assert head is not None
    assert head.whole


def test_a_window_that_could_not_be_opened_can_be_tried_again(tmp_path: Path) -> None:
    # as on a full disk: its head cannot be written
    (tmp_path / "head.new").mkdir()
    with pytest.raises(IsADirectoryError):
        WindowWriter.open(tmp_path, MINUTES, 0, boot="a")
    (tmp_path / "head.new").rmdir()
    WindowWriter.open(tmp_path, MINUTES, 0, boot="a").close()


def test_a_full_disk_is_an_error_not_the_end_of_the_process(
    writer: WindowWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.statvfs(tmp_path)
    full = os.statvfs_result([0 if i in (3, 4) else value for i, value in enumerate(real)])
    monkeypatch.setattr(os, "statvfs", lambda _path: full)
    with pytest.raises(OSError, match="too little room"):
        put(writer, 0, START, [1], [1.0], 1)


def test_last_reports_never_go_back(writer: WindowWriter, tmp_path: Path) -> None:
    rows = np.array([1, 5000, 1], np.int32)
    writer.touch(rows, np.array([10.0, 20.0, 12.0]))
    writer.touch(rows[:1], np.array([11.0]))
    seen = WindowReader(tmp_path).last_reports()
    assert (seen[1], seen[5000], seen[0], len(seen)) == (12.0, 20.0, 0.0, 2 * ROWS)


def test_a_busy_hour_is_kept_until_every_row_in_it_is_packed(
    writer: WindowWriter, tmp_path: Path
) -> None:
    hour = int(START // 3600)
    for row in (0, 1):
        for second in (0, 1):
            put(writer, row, START + second, [1], [1.0], 1)
    writer.packed_until(0, (hour + 1) * 60)
    assert writer.drop_extra(hour + 1) == []
    writer.packed_until(1, (hour + 1) * 60)
    assert writer.drop_extra(hour) == []
    assert writer.drop_extra(hour + 1) == [hour]
    assert len(held(WindowReader(tmp_path).frames(0, *EVER))) == 1


def test_after_a_step_back_nothing_later_is_held_and_its_hours_begin_anew(
    writer: WindowWriter, tmp_path: Path
) -> None:
    reader, later = WindowReader(tmp_path), START + 3600
    for row, time in [(1, later), (0, later), (1, START), (0, START + 90), (1, START + 30)]:
        assert scrap(writer, row, time, [1], [time], 1)
    assert put(writer, 2, START + 60, [1], [1.0], 1)
    assert len(held(reader.frames(1, *EVER))) == 3
    assert writer.ahead(START + 30) == [0, 1, 2]
    writer.set_back(START + 30)
    assert writer.ahead(START + 30) == []
    assert writer.filled[:3].tolist() == [START // 60] * 3
    assert [path.stem for path in tmp_path.glob("w-*/extra/*.index")] == [f"{START // 3600:.0f}"]
    found = [held(reader.frames(row, *EVER)) for row in range(3)]
    assert [[ms / 1000 for ms, _, _ in row] for row in found] == [[], [START, START + 30], []]
    for row in (2, 1, 0):
        assert scrap(writer, row, later + 1, [1], [7.0], 2)
    assert [len(held(reader.frames(row, later, np.inf))) for row in range(3)] == [1, 1, 1]
    # who has nothing left there keeps no file
    writer.packed_until(1, int(START // 3600) * 60 + 60)
    assert writer.drop_extra(int(START // 3600) + 1) == [START // 3600]


def test_what_is_filled_is_known_after_a_restart(tmp_path: Path) -> None:
    first = WindowWriter.open(tmp_path, MINUTES, 0, boot="a")
    first.sync(0)
    put(first, 2, START + 61, [1], [1.0], 1)
    scrap(first, 4, START + 121, [1], [1.0], 1)
    before = first.filled.copy()
    first.close()
    second = WindowWriter.open(tmp_path, MINUTES, 2, boot="a")
    assert second.filled.tolist() == before.tolist()
    assert before[[0, 2, 4]].tolist() == [-1, START // 60 + 1, START // 60 + 2]
    second.close()


@pytest.mark.parametrize(
    ("sites", "minutes"), [(1, 120), (5000, 120), (5001, 60), (20_000, 60), (83_763, 30)]
)
def test_the_window_reaches_less_far_for_more_sites(sites: int, minutes: int) -> None:
    assert window_minutes(sites) == minutes


@pytest.mark.parametrize(
    ("had", "sites", "minutes"),
    [
        (120, 5001, 60),
        (60, 5000, 60),
        (60, 4501, 60),
        (60, 4500, 120),
        (30, 18_001, 30),
        (30, 18_000, 60),
        (30, 4501, 60),
        (30, 300, 120),
        (60, 20_001, 30),
        (15, 4800, 120),
    ],
)
def test_who_hovers_around_a_bound_keeps_the_shorter_window(
    tmp_path: Path, had: int, sites: int, minutes: int
) -> None:
    WindowWriter.open(tmp_path, had, 0, boot="a").close()
    assert next_minutes(tmp_path, 0, sites) == minutes
    assert next_minutes(tmp_path, 45, sites) == 45
