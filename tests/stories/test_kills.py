"""SIGKILL of anything at any moment: what was called safe is in history, once."""

from pathlib import Path

import pytest

from tests.stories.kills import run_rounds

ROUNDS = 10


@pytest.mark.slow
def test_nothing_called_safe_is_lost_or_doubled(tmp_path: Path) -> None:
    figures = run_rounds(tmp_path / "var", ROUNDS, seed=1)
    assert figures["entries"] > ROUNDS * 10
