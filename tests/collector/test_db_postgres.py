"""What only a PostgreSQL can show: its schemas, its locks, its restarts."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError, OperationalError

from agent.strict import Refused
from collector import db, schema
from collector.doctor import examine
from collector.settings import Settings
from tests.postgres import Server, own_connections, running_server

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def settings(tmp_path: Path, postgres_url: str) -> Settings:
    return Settings(data=str(tmp_path / "var"), database_url=postgres_url)


@pytest.mark.parametrize(
    ("name", "expected"), [("ronda", schema.metadata), ("history", schema.history)]
)
def test_migrating_gives_exactly_the_schema(
    settings: Settings, name: str, expected: MetaData
) -> None:
    engine = (db.open_store if name == "ronda" else db.open_history)(settings)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), expected) == []


def test_several_processes_may_start_on_an_empty_database(tmp_path: Path, postgres: Server) -> None:
    url = postgres.database()
    code = (
        "import sys; from collector import db; from collector.settings import Settings\n"
        "settings = Settings(data=sys.argv[1], database_url=sys.argv[2]); db.migrate(settings)\n"
        "engine = db.open_store(settings)\n"
        "with db.reading(engine) as c: print(db.meta_get(c, 'epoch'))\n"
        "engine.dispose()"
    )
    # each in a folder of its own: only the server keeps them apart
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / str(number)), url],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(3)
    ]
    said = [process.communicate(timeout=60) for process in started]
    assert len({out for out, _ in said}) == 1, said
    assert len(said[0][0].strip()) == 8, said
    postgres.drop(url)


def test_a_database_of_a_newer_version_is_refused(settings: Settings) -> None:
    engine = db.open_history(settings)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refused, match="made by a newer version of ronda"):
        db.migrate(settings)


def test_a_reader_cannot_write(settings: Settings) -> None:
    engine = db.open_store(settings)
    with pytest.raises(DBAPIError), db.reading(engine) as connection:
        db.meta_set(connection, "word", "new")


def test_the_two_databases_do_not_wait_for_each_other(settings: Settings) -> None:
    with db.writing(db.open_store(settings)), db.writing(db.open_history(settings)) as history:
        assert history.execute(text("SELECT count(*) FROM blocks")).scalar() == 0


def test_a_writer_that_waits_too_long_is_told(settings: Settings) -> None:
    engine = db.open_store(settings)
    inside, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with db.writing(engine):
            inside.set()
            enough.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(5)
    began = time.monotonic()
    with pytest.raises(OperationalError, match="lock timeout"), db.writing(engine):
        raise AssertionError("two at once")
    assert 4 < time.monotonic() - began < 10
    enough.set()
    thread.join()


def test_an_open_engine_lives_through_a_restart_of_the_server(tmp_path: Path) -> None:
    with running_server() as server, own_connections():
        settings = Settings(data=str(tmp_path), database_url=server.migrated())
        engine = db.open_store(settings)
        with db.writing(engine) as connection:
            db.meta_set(connection, "word", "kept")
        server.stop()
        with pytest.raises(OperationalError), db.reading(engine):
            raise AssertionError("nobody is there")
        with pytest.raises(Refused, match="cannot be opened: connection failed"):
            db.migrate(settings)
        server.start()
        with db.reading(engine) as connection:
            assert db.meta_get(connection, "word") == "kept"


def test_doctor_says_which_database_it_is_and_when_it_is_away(tmp_path: Path) -> None:
    with running_server() as server, own_connections():
        settings = Settings(data=str(tmp_path), database_url=server.migrated())
        said = {finding.name: finding for finding in examine(settings, 1.9e9)}
        assert said["ronda"].says.startswith(f"postgresql+psycopg://ronda@127.0.0.1:{server.port}/")
        assert said["history"].says.endswith(f"(history) at revision {db.HEADS['history']}")
        server.stop()
        said = {finding.name: finding for finding in examine(settings, 1.9e9)}
        assert said["ronda"].do == "start PostgreSQL, or correct database_url"
