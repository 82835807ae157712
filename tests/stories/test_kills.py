"""SIGKILL of anything at any moment: what was called safe is in history, once."""

from pathlib import Path

import pytest

from tests.stories.kills import VICTIMS, run_rounds

pytestmark = pytest.mark.slow

# everybody once; many more in `make soak`
ROUNDS = len(VICTIMS)


def test_nothing_called_safe_is_lost_or_doubled(tmp_path: Path) -> None:
    figures = run_rounds(tmp_path / "var", ROUNDS, seed=1)
    assert figures["entries"] > ROUNDS * 10
