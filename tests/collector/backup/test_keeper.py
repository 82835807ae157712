"""The engine begins work in processes of their own, bounds it, and knows how it ended."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from collector import db
from collector.backup import records
from collector.backup.keeper import Keeper
from collector.backup.records import What, Work
from collector.errand import RONDA
from collector.secret import load_secret
from collector.settings import Settings
from tests.stores import migrated

NOW = 1_795_458_600.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder, words = tmp_path / "backups", tmp_path / "words"
    folder.mkdir()
    words.write_text("kentongan tengah malam\n")
    words.chmod(0o600)
    settings = Settings(
        data=str(tmp_path / "var"), backup_folder=str(folder), backup_passphrase_file=str(words)
    )
    migrated(settings)
    load_secret(settings.folder)
    return settings


@pytest.fixture
def store(settings: Settings) -> Iterator[Engine]:
    engine = db.open_store(settings)
    yield engine
    engine.dispose()


@contextmanager
def keeping(settings: Settings, store: Engine, script: str = "") -> Iterator[Keeper]:
    command = ("sh", "-c", script, "sh") if script else RONDA
    keeper = Keeper(settings, store, command)
    try:
        yield keeper
    finally:
        keeper.close()


def over(store: Engine) -> list[Work]:
    with db.reading(store) as connection:
        return [one for one in records.works(connection) if one.took_s is not None]


def begin(store: Engine, at: float = NOW) -> None:
    """What the child writes down first."""
    with db.writing(store) as connection:
        records.begin(connection, What.BACKUP, at)


def look_until(keeper: Keeper, now: float, true: Callable[[], object]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        keeper.look(now)
        time.sleep(0.02)


@pytest.mark.slow
def test_a_real_backup_is_made_and_tried_beside_the_engine(
    settings: Settings, store: Engine
) -> None:
    with keeping(settings, store) as keeper:
        now = time.time()
        assert keeper.look(now) is What.BACKUP
        assert keeper.look(now) is None, "one at a time"
        while len(over(store)) < 2:
            # the child has the same clock
            assert time.time() < now + 60
            keeper.look(time.time())
            time.sleep(0.05)
    tried, made = over(store)
    assert (tried.what, made.what) == (What.TEST, What.BACKUP)
    assert tried.fine and made.fine
    assert [str(one) for one in Path(settings.backup_folder).iterdir()] == [made.where]


def test_who_dies_without_a_word_is_said_to_have_failed(settings: Settings, store: Engine) -> None:
    with keeping(settings, store, "kill -KILL $$") as keeper:
        keeper.look(NOW)
        begin(store)
        look_until(keeper, NOW + 5, lambda: over(store))
    assert over(store) == [Work(What.BACKUP, NOW, 5.0, error="killed by signal 9")]


def test_the_last_words_are_the_reason(settings: Settings, store: Engine) -> None:
    with keeping(settings, store, "echo ronda: no room >&2; exit 2") as keeper:
        keeper.look(NOW)
        begin(store)
        look_until(keeper, NOW + 5, lambda: over(store))
    assert over(store)[0].error == "ronda: no room"


def test_what_takes_too_long_is_ended_with_all_it_began(
    settings: Settings, store: Engine, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    script = f"sleep 600 & echo $! > {pid}.new; mv {pid}.new {pid}; wait"
    with keeping(replace(settings, backup_limit_s=60.0), store, script) as keeper:
        keeper.look(NOW)
        begin(store)
        look_until(keeper, NOW + 59, pid.exists)
        assert over(store) == []
        keeper.look(NOW + 61)
        (failed,) = over(store)
    assert "longer than 60 s" in failed.error
    assert gone(int(pid.read_text()))


def test_an_engine_that_stops_takes_it_along(
    settings: Settings, store: Engine, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    script = f"echo $$ > {pid}.new; mv {pid}.new {pid}; sleep 600"
    with keeping(settings, store, script) as keeper:
        keeper.look(NOW)
        look_until(keeper, NOW, pid.exists)
    assert gone(int(pid.read_text()))


def gone(pid: int) -> bool:
    """Soon; also when it only waits for somebody to ask how it ended."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.02)
    return False


def test_a_lost_database_stops_nobody(settings: Settings, tmp_path: Path) -> None:
    nowhere = db.open_store(Settings(data=str(tmp_path / "none")))
    with keeping(settings, nowhere) as keeper:
        assert keeper.look(NOW) is None
    nowhere.dispose()
