"""What tests of backups share: keys that are quickly made."""

import pytest


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase makes a key in 2 steps and not in a fifth of a second; `test_pieces` and the
    processes of `test_keeper` make them as everybody does."""
    monkeypatch.setattr("collector.backup.sealed._LOG2_N", 1)
