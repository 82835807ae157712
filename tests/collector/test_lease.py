"""One engine works at a time; who was overtaken commits nothing."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from collector import doctor_lease, positions
from collector.db import open_store, reading, writing
from collector.fold import Fold
from collector.fold.commit import FOLD, refuse_overtaken
from collector.intake.wire import Tick, write
from collector.journal.files import FileWriter
from collector.journal.framing import Kind
from collector.lease import Lease, Overtaken, own_name, works_here
from collector.series.window import read_head
from collector.settings import Settings
from tests.stores import migrated
from tests.stories.centre import wait_for


@pytest.mark.slow
def test_the_second_engine_waits_until_the_first_is_gone(postgres_url: str) -> None:
    store, other = (open_store(Settings(database_url=postgres_url)) for _ in range(2))
    first, second = Lease(store), Lease(other)
    assert first.wait(threading.Event())
    assert first.held()
    assert not second.held()
    # its session ends, as when the way to the database breaks, and nobody else was there
    with other.connect() as connection:
        kill = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        connection.execute(text(kill))
    assert first.held()
    first.close()
    assert second.wait(threading.Event())
    assert not first.held()
    stop = threading.Event()
    stop.set()
    assert not first.wait(stop)
    second.close()
    for each in (store, other):
        each.dispose()


@pytest.mark.slow
def test_doctor_says_who_works_and_who_stands_by(postgres_url: str) -> None:
    settings = Settings(database_url=postgres_url)
    own, store, other = own_name(settings), *(open_store(settings) for _ in range(2))
    first, second = Lease(store, own), Lease(other, "mesin-2/00000001")
    looking = open_store(settings)

    def doctor() -> str:
        (found,) = doctor_lease.findings(settings, looking)
        return found.says

    assert doctor() == "no engine works"
    assert first.wait(threading.Event())
    assert doctor() == "the engine of this machine works; none stands by"
    assert not second.held()
    assert doctor() == "the engine of this machine works; mesin-2/00000001 stands by"
    first.close()
    # a session ends a moment after its connection
    assert second.wait(threading.Event())
    alone = "the engine of mesin-2/00000001 works; none of this machine stands by"
    wait_for(alone, lambda: doctor() == alone)
    assert not first.held()
    assert doctor() == "the engine of mesin-2/00000001 works; this machine's stands by"
    with reading(looking) as connection:
        assert not works_here(connection, settings)
    second.close()
    for each in (store, other, looking):
        each.dispose()


def test_with_sqlite_there_is_nobody_to_wait_for(tmp_path: Path) -> None:
    store = open_store(Settings(data=str(tmp_path)))
    assert all(Lease(store).wait(threading.Event()) for _ in range(2))
    with reading(store) as connection:
        assert works_here(connection, Settings(data=str(tmp_path)))
    store.dispose()


def test_a_fold_that_was_overtaken_commits_nothing(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), commit_every_s=1e9)
    migrated(settings)
    writer = FileWriter(settings.journal_folder)
    writer.append([(Kind.TICK, 1_790_000_000.0, 0, write(Tick(True)))])
    fold, store = Fold.open(settings), open_store(settings)
    fold.run_once()
    fold.commit()
    writer.append([(Kind.TICK, 1_790_000_001.0, 0, write(Tick(True)))])
    fold.run_once()
    with writing(store) as connection:
        positions.put(connection, FOLD, writer.end + 5)
    with pytest.raises(Overtaken):
        fold.commit()
    with reading(store) as connection:
        assert positions.get(connection, FOLD) == writer.end + 5
        # nor does who stands on it
        with pytest.raises(Overtaken):
            refuse_overtaken(connection, fold.position)
        refuse_overtaken(connection, writer.end + 5)
    fold.close()
    writer.close()
    store.dispose()


@pytest.mark.slow
def test_who_takes_over_again_makes_its_window_anew(tmp_path: Path, postgres_url: str) -> None:
    folders = [tmp_path / name for name in ("one", "other")]
    one, other = (Settings(data=str(folder), database_url=postgres_url) for folder in folders)
    writer = FileWriter(one.journal_folder)
    other.folder.mkdir()
    other.journal_folder.symlink_to(one.journal_folder)

    def window_of(settings: Settings, at: float) -> str:
        """In which window this engine takes in a tick of `at`."""
        writer.append([(Kind.TICK, at, 0, write(Tick(True)))])
        fold = Fold.open(settings)
        fold.run_once()
        fold.commit()
        fold.close()
        head = read_head(settings.window)
        assert head is not None and head.whole
        return head.folder

    first = window_of(one, 1_790_000_000.0)
    assert window_of(one, 1_790_000_001.0) == first
    window_of(other, 1_790_000_002.0)
    # what the other one took in is not in it
    assert window_of(one, 1_790_000_003.0) != first
    writer.close()
