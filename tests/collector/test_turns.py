"""A fold waits for its turn to write with what it has folded in its hands."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, ExceptionContext, event
from sqlalchemy.exc import OperationalError

from collector import db, positions
from collector.fold import Fold
from collector.fold.commit import FOLD
from collector.fold.status import KEY
from collector.intake.wire import Tick, write
from collector.journal.files import FileWriter
from collector.journal.framing import Kind
from collector.settings import Settings
from tests.stores import migrated

NOW = 1_790_000_000.0


class Other:
    """Somebody else who writes to ronda.db, until the fold has asked so often in vain."""

    def __init__(self, store: Engine, path: Path) -> None:
        self.asked, self.goes_at = 0, 1_000
        self._connection = sqlite3.connect(path, isolation_level=None)
        event.listen(store, "handle_error", self._look)

    def write(self, until: int) -> None:
        self.asked, self.goes_at = 0, until
        self._connection.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _look(self, refused: ExceptionContext) -> None:
        self.asked += refused.statement == "BEGIN IMMEDIATE"
        if self.asked == self.goes_at:
            self.end()


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Fold, Other]]:
    """A fold that has taken in a tick and not committed it; another writer is there."""
    monkeypatch.setattr(db, "_BUSY_S", 0)
    settings = Settings(data=str(tmp_path), commit_every_s=1e9)
    migrated(settings)
    writer = FileWriter(settings.journal_folder)
    store, history = db.open_store(settings, much=True), db.open_history(settings)
    other = Other(store, tmp_path / "ronda.db")
    fold = Fold(settings, store, history, (), lambda: NOW, 1000, lambda: False)
    fold.commit()
    writer.append([(Kind.TICK, NOW, 0, write(Tick(True)))])
    yield fold, other
    other.end()
    fold.close()
    writer.close()


def test_a_fold_asks_again_for_its_turn_and_commits_what_it_has(
    beside: tuple[Fold, Other], caplog: pytest.LogCaptureFixture
) -> None:
    fold, other = beside
    fold.run_once()
    other.write(until=3)
    fold.commit()
    waits, goes_on = [record.getMessage() for record in caplog.records]
    assert waits.startswith("somebody else writes to ") and waits.endswith("; the fold waits")
    assert goes_on.endswith(", after 3 tries in vain")
    with db.reading(fold._store) as connection:
        assert positions.get(connection, FOLD) == fold.position > 0
    other.write(until=1_000)
    with pytest.raises(OperationalError, match="locked"):
        fold.commit()
    assert other.asked == 12


def test_a_fold_that_cannot_say_how_far_it_is_keeps_what_it_has(
    beside: tuple[Fold, Other], caplog: pytest.LogCaptureFixture
) -> None:
    fold, other = beside
    other.write(until=1_000)
    assert fold.run_once() == 1
    other.end()
    assert "the fold cannot say how far it is: database is locked" in caplog.text
    fold.commit()
    with db.reading(fold._store) as connection:
        assert positions.get(connection, FOLD) == fold.position
        assert json.loads(db.meta_get(connection, KEY, "{}")) == {}
