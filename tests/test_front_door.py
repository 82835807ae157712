"""The front door: whatever is asked of it, it ends with a status and one line."""

import subprocess
import sys
from pathlib import Path

import pytest

UP = ["up", "--no-agent", "--data"]


def said(*words: str, output: int | None = None) -> tuple[int, str]:
    command = [sys.executable, "-m", "ronda", *words]
    out = subprocess.PIPE if output is None else output
    done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, timeout=30)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("folder", "problem"), [("file", "File exists"), ("file/below", "Not a directory")]
)
def test_a_data_folder_that_cannot_be_is_told_in_one_line(
    tmp_path: Path, folder: str, problem: str
) -> None:
    (tmp_path / "file").write_text("no folder")
    place = str(tmp_path / folder)
    assert said(*UP, place) == (2, f"ronda: {place}: {problem}\n")


def test_a_full_disk_behind_the_output_is_told_in_one_line() -> None:
    with open("/dev/full", "w") as full:
        assert said("version", output=full.fileno()) == (2, "ronda: No space left on device\n")


@pytest.mark.parametrize("reader", ["| head -c 1", ">&-"], ids=["gone", "never there"])
def test_an_answer_nobody_reads_is_no_failure(reader: str) -> None:
    line = f"{sys.executable} -m ronda version {reader}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
