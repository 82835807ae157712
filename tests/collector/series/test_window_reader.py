"""Other processes see what the writer does: from nothing, through growth and new beginnings."""

import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

from collector.series.planes import ROWS
from collector.series.window import WIDEST, WindowWriter
from collector.series.window_reader import WindowReader

ROOT = Path(__file__).parents[3]
START = 1_790_000_040.0
EVER = (-np.inf, np.inf)
MINUTES = 8


def put(writer: WindowWriter, rows: list[int], time: float, columns: list[int]) -> None:
    """Frames whose every value is the time plus the column."""
    ids = np.array(columns, np.int32)
    values = np.tile(time + ids, (len(rows), 1))
    writer.write(np.array(rows, np.int32), np.full(len(rows), time), ids, values, 1)


def test_a_reader_that_came_first_finds_nothing_and_then_everything(tmp_path: Path) -> None:
    reader = WindowReader(tmp_path / "window")
    assert reader.frames(0, *EVER) == []
    assert reader.newest(1, *EVER)[0].tolist() == []
    assert reader.last_reports().tolist() == []
    assert reader.position() == 0
    writer = WindowWriter.open(tmp_path / "window", MINUTES, 0, boot="a")
    assert reader.frames(0, *EVER) == []
    put(writer, [0], START, [1])
    writer.sync(99)
    assert reader.newest(1, *EVER)[2].tolist() == [START + 1]
    assert reader.position() == 99
    writer.close()


def test_growth_in_columns_rows_and_lists_is_noticed(tmp_path: Path) -> None:
    writer = WindowWriter.open(tmp_path, MINUTES, 0, boot="a")
    reader = WindowReader(tmp_path)
    put(writer, [0], START, [3])
    assert len(reader.fleet(3, *EVER)[0]) == 1
    put(writer, [1], START, list(range(100)))
    put(writer, [ROWS * 2 + 5], START, [3, 1000])
    put(writer, [2], START, list(range(WIDEST + 1)))
    assert reader.fleet(3, *EVER)[0].tolist() == [0, 1, 2, ROWS * 2 + 5]
    assert reader.newest(99, *EVER)[2].tolist() == [START + 99] * 2
    assert reader.newest(1000, *EVER)[0].tolist() == [ROWS * 2 + 5]
    assert len(reader.last_reports()) == 3 * ROWS
    writer.close()


def test_only_the_wanted_columns_are_read(tmp_path: Path) -> None:
    writer = WindowWriter.open(tmp_path, MINUTES, 0, boot="a")
    put(writer, [0], START, [1, 2, 3])
    put(writer, [0], START + 1, [2, 9])
    frames = WindowReader(tmp_path).frames(0, *EVER, wanted=[9, 3])
    assert sorted(part.columns.tolist() for part in frames) == [[3], [9]]
    writer.close()


def test_the_newest_sample_is_found_wherever_it_stands(tmp_path: Path) -> None:
    writer = WindowWriter.open(tmp_path, MINUTES, 0, boot="a")
    for row, times in enumerate([[0, 60], [0, 20], [60], [0, 61, 62]]):
        for after in times:
            put(writer, [row], START + after, [1])
    put(writer, [2], START + 61, [7])
    reader = WindowReader(tmp_path)
    rows, times, _ = reader.newest(1, START, START + 100)
    assert dict(zip(rows.tolist(), (times - START).tolist(), strict=True)) == {
        0: 60,
        1: 20,
        2: 60,
        3: 62,
    }
    assert (reader.newest(1, START, START + 60)[1] - START).tolist() == [60, 20, 60, 0]
    assert reader.newest(1, START + 50, START + 59)[0].tolist() == []
    rows, times, values = reader.fleet(1, START, START + 61)
    assert rows.tolist() == [0, 0, 1, 1, 2, 3, 3]
    assert (values - times).tolist() == [1.0] * 7
    writer.close()


def test_readers_follow_a_writer_that_starts_again(tmp_path: Path) -> None:
    writer = WindowWriter.open(tmp_path, MINUTES, 0, boot="a")
    writer.sync(0)
    reader = WindowReader(tmp_path)
    put(writer, [0], START, [1])
    assert len(reader.fleet(1, *EVER)[0]) == 1
    for boot, seen in (("a", 2), ("b", 1)):
        writer.close()
        writer = WindowWriter.open(tmp_path, MINUTES, 2, boot=boot)
        put(writer, [0], START + 60, [1])
        assert len(reader.fleet(1, *EVER)[0]) == seen
    writer.close()


@pytest.mark.slow
def test_threads_share_a_reader(tmp_path: Path) -> None:
    writer = WindowWriter.open(tmp_path, MINUTES, 0, boot="a")
    reader, wrong = WindowReader(tmp_path), list[str]()

    def look() -> None:
        for _ in range(100):
            for part in reader.frames(0, *EVER):
                if not (part.values == part.times[:, None] + part.columns).all():
                    wrong.append("a value of another column")

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(60):
        put(writer, [0], START + n, list(range(n, n + 5)))
    for thread in threads:
        thread.join()
    writer.close()
    assert wrong == []


WATCHER = """
    import sys
    from pathlib import Path
    import numpy as np
    from collector.series.window_reader import WindowReader

    reader = WindowReader(Path(sys.argv[1]))
    looks = 0
    last = 0.0
    print("ready", flush=True)
    while last < float(sys.argv[2]):
        looks += 1
        for part in reader.frames(0, -np.inf, np.inf):
            assert (part.values == part.times[:, None] + part.columns).all(), "torn"
            last = max(last, float(part.times.max(initial=0)))
        rows, times, values = reader.newest(5, -np.inf, np.inf)
        assert (values == times + 5).all(), "torn"
    print(looks)
"""


@pytest.mark.slow
def test_a_reader_in_another_process_never_sees_a_torn_frame(tmp_path: Path) -> None:
    writer = WindowWriter.open(tmp_path, MINUTES, 0, boot="a")
    rounds = 4000
    end = START + (rounds - 1) * 60
    command = [sys.executable, "-c", textwrap.dedent(WATCHER), str(tmp_path), str(end)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as watcher:
        assert watcher.stdout is not None
        assert watcher.stdout.readline() == "ready\n"
        for n in range(rounds):
            time = START + n * 60
            # all is packed at once, so every cell is overwritten again and again
            writer.packed_until(0, int(time // 60))
            put(writer, [0], time, list(range(40 + n % 3)))
        looks = int(watcher.stdout.readline() or 0)
        assert watcher.wait(10) == 0
    writer.close()
    assert looks > 10
