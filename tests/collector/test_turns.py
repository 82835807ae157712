"""A fold waits for its turn to write with what it has folded in its hands."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

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
    """Somebody else who writes to the store, until the fold has asked so often in vain."""

    def __init__(self, settings: Settings, folds: Engine) -> None:
        self.asked, self.goes_at = 0, 0
        self._store, self._turn = db.open_store(settings), ExitStack()
        event.listen(folds, "handle_error", self._look)

    def write(self, until: int = 1_000) -> None:
        self.asked, self.goes_at = 0, until
        self._turn.enter_context(db.writing(self._store))

    def end(self) -> None:
        self._turn.close()
        self._store.dispose()

    def _look(self, _refused: ExceptionContext) -> None:
        self.asked += 1
        if self.asked == self.goes_at:
            self.end()


@pytest.fixture
def store(store_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """As the fold has it; nobody waits long for a lock."""
    monkeypatch.setattr(db, "_BUSY_S", 0)
    monkeypatch.setattr(db, "_PATIENCE", {"options": "-c lock_timeout=5ms"})
    migrated(store_settings)
    engine = db.open_store(store_settings, much=True)
    yield engine
    engine.dispose()


@pytest.fixture
def other(store_settings: Settings, store: Engine) -> Iterator[Other]:
    made = Other(store_settings, store)
    yield made
    made.end()


@pytest.fixture
def fold(store_settings: Settings, store: Engine) -> Iterator[Fold]:
    """It has a tick before it."""
    settings = replace(store_settings, commit_every_s=1e9)
    writer = FileWriter(settings.journal_folder)
    made = Fold(settings, store, db.open_history(settings), (), lambda: NOW, 1000, lambda: False)
    made.commit()
    writer.append([(Kind.TICK, NOW, 0, write(Tick(True)))])
    yield made
    made.close()
    writer.close()


def committed(store: Engine) -> int:
    with db.reading(store) as connection:
        return positions.get(connection, FOLD)


def test_a_fold_asks_again_for_its_turn_and_commits_what_it_has(
    store: Engine, fold: Fold, other: Other, caplog: pytest.LogCaptureFixture
) -> None:
    fold.run_once()
    other.write(until=3)
    fold.commit()
    waits, goes_on = [record.getMessage() for record in caplog.records]
    assert waits.startswith("somebody else writes to ") and waits.endswith("; the fold waits")
    assert goes_on.endswith(", after 3 tries in vain")
    assert committed(store) == fold.position > 0
    other.write()
    with pytest.raises(OperationalError, match="lock"):
        fold.commit()
    assert other.asked == 12


def test_a_fold_that_cannot_say_how_far_it_is_keeps_what_it_has(
    store: Engine, fold: Fold, other: Other, caplog: pytest.LogCaptureFixture
) -> None:
    other.write()
    assert fold.run_once() == 1
    assert other.asked == 1, "a line is not worth a minute"
    other.end()
    assert "the fold cannot say how far it is: " in caplog.records[-1].getMessage()
    fold.commit()
    assert committed(store) == fold.position
    with db.reading(store) as connection:
        assert db.meta_get(connection, KEY) == ""
