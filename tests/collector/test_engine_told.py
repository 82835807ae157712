"""What the engine's terminal shows of trouble: a line for what passes, else where it came from."""

import errno
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from collector import db, engine, trouble
from collector.journal.protocol import JournalFailed
from collector.lease import Overtaken
from collector.settings import Settings
from tests.stores import migrated


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A centre's folder whose databases somebody else is writing to."""
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    monkeypatch.setattr(db, "_BUSY_S", 0)
    others = [sqlite3.connect(tmp_path / f"{n}.db", isolation_level=None) for n in db.HEADS]
    for other in others:
        other.execute("BEGIN IMMEDIATE")
    yield settings
    for other in others:
        other.close()


class Floor:
    """Each of its steps does the same thing."""

    def __init__(self, does: Callable[[], object], stop: threading.Event | None = None) -> None:
        self._does, self._stop = does, stop or threading.Event()

    def step(self, now: float, position: int) -> None:
        self._does()

    def deliver(self, now: float) -> None:
        self._stop.set()
        self._does()

    def forget(self, now: float) -> None:
        self._does()


def raising(error: Exception) -> Callable[[], object]:
    def does() -> object:
        raise error

    return does


def asking(statement: str, place: str = ":memory:") -> OperationalError:
    """What SQLite itself answers."""
    with (
        pytest.raises(OperationalError) as answer,
        create_engine(f"sqlite:///{place}").connect() as c,
    ):
        c.execute(text(statement))
    return answer.value


@pytest.mark.slow
def test_a_fold_that_finds_the_database_locked_says_so_in_a_line(
    held: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    stop.set()
    engine._fold_until_trouble(held, stop, [])
    (line,) = caplog.records
    assert line.exc_info is None and line.levelno == logging.WARNING
    words = "the fold stopped and begins again from its last position: database is locked"
    assert line.getMessage() == words


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT 1", {}, Exception("connection refused\n\tIs the server running?")),
        JournalFailed("nats: no servers"),
        Overtaken("another engine has folded this"),
        OSError(errno.ENOSPC, "No space left on device"),
        db.Away("ronda.db", "cannot be opened"),
    ],
    ids=["server away", "journal", "overtaken", "disk full", "away"],
)
def test_what_passes_is_told_in_a_line(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()
    floor = Floor(raising(error), stop)
    engine._guarded(floor)(0.0, 0)
    engine._deliver(floor, stop)
    assert [record.exc_info for record in caplog.records] == [None, None]
    assert not any("\n" in record.getMessage() for record in caplog.records)


def test_a_job_that_finds_the_database_locked_says_so_in_a_line_and_has_its_next_turn(
    held: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []
    floors = [Floor(raising(asking("SELECT none"))), Floor(lambda: done.append("forgot"))]
    engine._forget(held, floors, 0.0)
    locked, unforeseen = caplog.records
    assert locked.exc_info is None and locked.getMessage().endswith(": database is locked")
    assert unforeseen.exc_info and done == ["forgot"]


def test_what_nobody_foresaw_is_told_with_where_it_came_from(
    caplog: pytest.LogCaptureFixture,
) -> None:
    unforeseen = (ZeroDivisionError(), PermissionError(errno.EACCES, "no"), asking("SELECT none"))
    for error in unforeseen:
        engine._guarded(Floor(raising(error)))(0.0, 0)
    assert [r.exc_info[1] for r in caplog.records if r.exc_info] == list(unforeseen)


def test_a_database_that_cannot_be_opened_passes(tmp_path: Path) -> None:
    assert trouble.passing(asking("SELECT 1", str(tmp_path / "none" / "x.db")))
