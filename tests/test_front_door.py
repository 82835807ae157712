"""The front door: whatever is asked of it, it ends with a status and one line."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ronda import MAKERS, parser_for
from tests.each import for_each

UP = ["up", "--no-agent", "--data"]


def said(*words: str, output: int | None = None) -> tuple[int, str]:
    command = [sys.executable, "-m", "ronda", *words]
    out = subprocess.PIPE if output is None else output
    done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, timeout=30)
    return done.returncode, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "problem"), [("file", "File exists"), ("file/below", "Not a directory")]
)
def test_a_data_folder_that_cannot_be_is_told_in_one_line(
    tmp_path: Path, folder: str, problem: str
) -> None:
    (tmp_path / "file").write_text("no folder")
    place = str(tmp_path / folder)
    assert said(*UP, place) == (2, f"ronda: {place}: {problem}\n")


@pytest.mark.slow
def test_a_full_disk_behind_the_output_is_told_in_one_line() -> None:
    with open("/dev/full", "w") as full:
        assert said("version", output=full.fileno()) == (2, "ronda: No space left on device\n")


@pytest.mark.slow
@pytest.mark.parametrize("reader", ["| head -c 1", ">&-"], ids=["gone", "never there"])
def test_an_answer_nobody_reads_is_no_failure(reader: str) -> None:
    line = f"{sys.executable} -m ronda version {reader}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


COMMANDS = sorted(set(" ".join(MAKERS.values()).split()))


@pytest.mark.slow
@for_each("command", COMMANDS)
def test_a_command_is_whole_without_the_makers_of_others(command: str) -> None:
    mine, every = inner(parser_for([command]))[command], inner(parser_for())[command]
    assert list(helps(mine)) == list(helps(every))


def test_help_says_what_ronda_is() -> None:
    assert parser_for().format_help().count("the monitor of village networks") == 1


@for_each("text", ["abc", "0", "-1", "9223372036854775808", "1" * 5000, "²", "1.5"])
def test_what_is_no_number_of_a_row_is_said_in_plain_words(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser_for(["incidents"]).parse_args(["incidents", "show", "--", text])
    assert ended.value.code == 2
    assert f"ID: expected a number as lists show it, got '{text}'" in capsys.readouterr().err


def test_every_command_has_a_maker() -> None:
    assert sorted(inner(parser_for())) == sorted([*COMMANDS, "agent", "serve", "up"])


@pytest.mark.parametrize("words", [["up"], ["serve", "--role", "ingest"]], ids=["up", "ingest"])
def test_a_process_of_the_centre_brings_in_no_command(words: list[str]) -> None:
    assert set(inner(parser_for(words))) == {"agent", "serve", "up"}


def inner(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The commands a parser knows, by name."""
    found = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    return {name: known for action in found for name, known in action.choices.items()}


def helps(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The help of a command and of all below it."""
    yield parser.format_help()
    for known in inner(parser).values():
        yield from helps(known)
