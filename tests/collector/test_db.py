"""The databases: brought up to date from code, written in turns, never by a version too old."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, text
from sqlalchemy.exc import IntegrityError

from agent.strict import Refused
from collector import db, schema
from collector.changes import Changes
from collector.journal.files import FileWriter
from collector.settings import Settings
from tests.stores import migrated

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=str(tmp_path / "var"))


def tables(engine: Engine) -> list[tuple[str, ...]]:
    statement = "SELECT type, tbl_name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version'"
    with engine.connect() as connection:
        rows = connection.execute(text(statement))
        # the order of clauses inside a statement says nothing
        return sorted(
            (kind, name, *sorted((sql or "").replace(",", " ").split())) for kind, name, sql in rows
        )


@pytest.mark.slow
def test_nobody_else_reads_the_data_though_their_folder_is_open(settings: Settings) -> None:
    before = os.umask(0)
    try:
        settings.folder.mkdir(mode=0o777)
        db.migrate(settings)
        store = db.open_store(settings)
        with db.writing(store) as connection:
            db.meta_set(connection, "wal", "is there")
            FileWriter(settings.journal_folder).close()
            files = [path for path in settings.folder.rglob("*") if path.is_file()]
            open_to_others = [path.name for path in files if path.stat().st_mode & 0o077]
        store.dispose()
    finally:
        os.umask(before)
    assert {"ronda.db", "ronda.db-wal", "history.db"} <= {path.name for path in files}
    # the lock of a migration holds nothing
    assert [name for name in open_to_others if name != "migrate.lock"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "expected"), [("ronda", schema.metadata), ("history", schema.history)]
)
def test_migrating_gives_exactly_the_schema(
    settings: Settings, name: str, expected: MetaData
) -> None:
    db.migrate(settings)
    migrated = create_engine(f"sqlite:///{settings.folder}/{name}.db")
    with migrated.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), expected) == []
    created = create_engine("sqlite://")
    expected.create_all(created)
    assert tables(migrated) == tables(created)
    migrated.dispose()


@pytest.mark.parametrize("name", db.HEADS)
def test_the_newest_revision_is_the_one_the_code_asks_for(name: str) -> None:
    folder = ROOT / "collector" / "migrations"
    scripts = ScriptDirectory(str(folder), version_locations=[str(folder / name)])
    assert scripts.get_heads() == [db.HEADS[name]]


@pytest.mark.slow
def test_migrating_again_changes_nothing(store_settings: Settings) -> None:
    db.migrate(store_settings)
    engine = db.open_store(store_settings)
    with db.reading(engine) as connection:
        before = db.meta_get(connection, "epoch"), db.meta_get(connection, "centre")
    db.migrate(store_settings)
    with db.reading(engine) as connection:
        assert (db.meta_get(connection, "epoch"), db.meta_get(connection, "centre")) == before
    assert all(len(value) == 8 and int(value, 16) >= 0 for value in before)


@pytest.mark.slow
@pytest.mark.parametrize("name", db.HEADS)
def test_a_database_of_a_newer_version_is_refused(settings: Settings, name: str) -> None:
    db.migrate(settings)
    engine = create_engine(f"sqlite:///{settings.folder}/{name}.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Refused) as refused:
        db.migrate(settings)
    assert str(refused.value) == (
        f"{settings.folder}/{name}.db: made by a newer version of ronda"
        f" (revision 9999, known {db.HEADS[name]}); install that version or restore a backup"
    )


def test_a_file_that_is_no_database_is_refused_by_name(settings: Settings) -> None:
    settings.folder.mkdir()
    (settings.folder / "ronda.db").write_bytes(b"this is not a database" * 100)
    with pytest.raises(Refused, match=r"ronda\.db: cannot be opened: file is not a database"):
        db.migrate(settings)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="cannot be made: Not a directory"):
        db.migrate(Settings(data=str(tmp_path / "file" / "var")))


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysql://localhost/ronda", "database_url: expected postgresql+psycopg://"),
        ("nonsense", "database_url: Could not parse"),
        ("postgresql+nodriver://localhost/ronda", "database_url: its driver is not installed"),
    ],
)
def test_a_database_we_cannot_use_is_refused(tmp_path: Path, url: str, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        db.open_store(Settings(data=str(tmp_path), database_url=url))
    assert str(refused.value).startswith(problem)


def test_messages_about_a_server_never_hold_its_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://ronda:sesame@db.example/ronda"
    said = db.place(Settings(data=str(tmp_path), database_url=url), "history")
    assert said == "postgresql+psycopg://ronda:***@db.example/ronda (history)"


@pytest.mark.slow
def test_several_processes_may_start_on_an_empty_folder(settings: Settings) -> None:
    code = (
        "import sys; from collector import db; from collector.settings import Settings\n"
        "settings = Settings(data=sys.argv[1]); db.migrate(settings)\n"
        "with db.reading(db.open_store(settings)) as c: print(db.meta_get(c, 'epoch'))"
    )
    command = [sys.executable, "-c", code, settings.data]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=60) for process in started]
    assert len({out for out, _ in said}) == 1, said
    assert len(said[0][0].strip()) == 8


def test_a_writer_waits_for_the_one_before_it(store_settings: Settings) -> None:
    migrated(store_settings)
    engine = db.open_store(store_settings)
    inside, first_done = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with db.writing(engine) as connection:
            inside.set()
            db.meta_set(connection, "turn", "first")
            first_done.wait(1)

    thread = threading.Thread(target=slow_writer)
    thread.start()
    inside.wait(5)
    threading.Timer(0.1, first_done.set).start()
    with db.writing(engine) as connection:
        assert db.meta_get(connection, "turn") == "first"
        db.meta_set(connection, "turn", "second")
    thread.join()
    with db.reading(engine) as connection:
        assert db.meta_get(connection, "turn") == "second"


def test_a_transaction_that_fails_leaves_nothing(store_settings: Settings) -> None:
    migrated(store_settings)
    engine = db.open_store(store_settings)
    with pytest.raises(IntegrityError), db.writing(engine) as connection:
        db.meta_set(connection, "half", "done")
        connection.execute(text("INSERT INTO meta (key, value) VALUES ('half', 'again')"))
    with db.reading(engine) as connection:
        assert db.meta_get(connection, "half", "nothing") == "nothing"


def test_a_reader_sees_one_moment_while_others_write(store_settings: Settings) -> None:
    migrated(store_settings)
    engine = db.open_store(store_settings)
    with db.reading(engine) as reader:
        before = db.meta_get(reader, "word", "none")
        with db.writing(engine) as writer:
            db.meta_set(writer, "word", "new")
        assert db.meta_get(reader, "word", "none") == before == "none"


def test_a_commit_of_somebody_else_is_noticed_once(store_settings: Settings) -> None:
    migrated(store_settings)
    mine, theirs = db.open_store(store_settings), db.open_store(store_settings)
    changes = Changes(mine)
    assert changes.happened()
    for word, engine in (("one", theirs), ("two", mine)):
        with db.writing(engine) as connection:
            db.meta_set(connection, "noticed", word)
        assert changes.happened()
    if mine.dialect.name == "sqlite":
        assert not changes.happened()
    mine.dispose()
    theirs.dispose()


@pytest.mark.slow
def test_a_database_that_cannot_be_asked_may_have_changed(settings: Settings) -> None:
    db.migrate(settings)
    changes = Changes(db.open_store(settings))
    assert changes.happened()
    assert not changes.happened()
    away = Changes(create_engine(f"sqlite:///{settings.folder}/nowhere/ronda.db"))
    assert away.happened()
    assert away.happened()


def test_upsert_inserts_and_sets_only_what_it_is_given(store_settings: Settings) -> None:
    migrated(store_settings)
    engine = db.open_store(store_settings)
    area = {"code": "35", "name": "Jawa Timur", "level": "province", "parent": "", "kind": ""}
    with db.writing(engine) as connection:
        db.upsert(schema.areas, [{**area, "lat": 1.5}], connection)
        db.upsert(schema.areas, [{**area, "name": "JAWA TIMUR"}], connection)
        db.upsert(schema.areas, [], connection)
        row = connection.execute(schema.areas.select()).one()
    assert (row.name, row.lat) == ("JAWA TIMUR", 1.5)


def test_a_power_cut_after_a_commit_loses_nothing_in_either_file(settings: Settings) -> None:
    for opened in (db.open_store(settings), db.open_history(settings)):
        with db.reading(opened) as connection:
            assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
            assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 5000


def test_the_log_is_bounded_and_only_the_fold_holds_many_pages(settings: Settings) -> None:
    migrated(settings)
    held = []
    for much in (False, True):
        engine = db.open_store(settings, much)
        with db.reading(engine) as connection:
            held.append(connection.execute(text("PRAGMA cache_size")).scalar_one())
            assert connection.execute(text("PRAGMA wal_autocheckpoint")).scalar_one() == 4000
        for size in (40 << 20, 0, 1):
            with db.writing(engine) as connection:
                db.meta_set(connection, "large", "a" * size)
        assert (settings.folder / "ronda.db-wal").stat().st_size <= 16 << 20
        engine.dispose()
    assert held == [-2000, -16384]
