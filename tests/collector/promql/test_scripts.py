"""Every function of the language, by scripts whose answers were worked out by hand."""

import subprocess
import sys
from pathlib import Path

import pytest

from collector.promql.functions import FUNCTIONS
from tests.promqltest.run import run

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.test"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_script_answers_as_worked_out(path: Path) -> None:
    outcome = run(path)
    assert not outcome.failed, "\n".join(f"{n}: {query}: {why}" for n, query, why in outcome.failed)
    assert outcome.passed > 10


def test_every_function_is_asked_by_some_script() -> None:
    text = "".join(path.read_text() for path in SCRIPTS)
    plain = {"acos", "acosh", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "floor"}
    plain |= {"sin", "sinh", "tan", "tanh", "avg", "stddev", "stdvar", "sum"}
    unasked = {name for name in FUNCTIONS if f"{name}(" not in text}
    assert {name.removeprefix("histogram_") for name in unasked} <= plain


@pytest.mark.slow
def test_the_runner_says_what_failed_and_what_is_left_out(tmp_path: Path) -> None:
    script = tmp_path / "wrong.test"
    script.write_text(
        "load 1m\n  a 1\n  h {{schema:0 sum:1 count:1}}\n\n"
        "eval instant at 0 a\n  a 2\n\neval instant at 0 h\n  h {{schema:0 sum:1 count:1}}\n"
    )
    command = [sys.executable, "-m", "tests.promqltest", "--left-out", str(script)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "FAILED wrong.test:5: a" in done.stdout
    assert "left out wrong.test:8: h (native histograms)" in done.stdout
    assert "0 of 1 cases passed (0.0 %), 1 left out" in done.stdout


def test_every_function_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[3] / "docs" / "promql.md").read_text()
    assert not [name for name in FUNCTIONS if f"`{name}`" not in text]
