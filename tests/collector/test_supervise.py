"""A child that keeps dying is started less and less often; what was begun ends with the centre."""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from collector.supervise import LONGEST_BACK_OFF_S, Child, Supervisor, next_back_off_s
from tests.stories.centre import wait_for


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path, [])
    yield made
    made.stop.set()
    made.watch()


@pytest.mark.parametrize(
    ("last_s", "lived_s", "expected_s"),
    [
        pytest.param(0.0, 600.0, 0.0, id="was well"),
        pytest.param(0.0, 0.1, 0.2, id="died at once"),
        pytest.param(0.2, 0.1, 0.4, id="died again"),
        pytest.param(8.0, 0.1, LONGEST_BACK_OFF_S, id="never longer than the longest"),
        pytest.param(8.0, 6.0, 0.0, id="was well after all"),
    ],
)
def test_back_off(last_s: float, lived_s: float, expected_s: float) -> None:
    assert next_back_off_s(last_s, lived_s) == pytest.approx(expected_s)


def test_a_command_that_ends_by_itself_tells_what_it_wrote(centre: Supervisor) -> None:
    words = [sys.executable, "-S", "-c", "import os; print(os.environ['WHO']); raise SystemExit(3)"]
    done = centre.finish(words, {"WHO": "this machine"})
    assert done is not None
    assert (done.returncode, done.stdout) == (3, "this machine\n")


def test_without_room_for_a_pid_file_what_dies_is_started_again(tmp_path: Path) -> None:
    born = tmp_path / "born"
    child = Child("mortal", ["sh", "-c", 'echo >> "$BORN"'], {"BORN": str(born)})
    centre = Supervisor(tmp_path, [child])
    # even root writes nothing into a folder that is a file
    (tmp_path / "run").rmdir()
    (tmp_path / "run").touch()
    centre.start()
    with ThreadPoolExecutor(1) as others:
        watching = others.submit(centre.watch)
        wait_for("a second life", lambda: born.exists() and born.read_text().count("\n") > 1)
        centre.stop.set()
        watching.result(10)


def test_a_command_that_does_not_end_ends_with_it(centre: Supervisor, tmp_path: Path) -> None:
    came = tmp_path / "pid"
    os.mkfifo(came)
    words = ["sh", "-c", 'echo $$ > "$WHERE"; exec sleep 600']
    with ThreadPoolExecutor(1) as others:
        done = others.submit(centre.finish, words, {"WHERE": str(came)})
        pid = int(came.read_text())
        centre.stop.set()
        assert done.result(10) is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
