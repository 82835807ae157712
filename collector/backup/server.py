"""A backup's part on PostgreSQL: pg_dump and pg_restore of the server's own programs."""

import os
import secrets as chance
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url
from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from agent.strict import Refused
from collector import db, schema
from collector.backup.pieces import CHUNK_BYTES
from collector.settings import Settings

HISTORY = "history"
_SAID_BYTES = 4096
_SCRATCH = "ronda_restore_trial_"
_OWN = {"ronda": schema.metadata, "history": schema.history}


def dump(settings: Settings) -> Iterator[bytes]:
    """Both databases as of one moment, in pg_dump's own form."""
    command = ["pg_dump", "--format=custom", "--compress=0", "--no-password"]
    for name in (_home(settings), HISTORY):
        command.append(f"--schema={_quoted(name)}")
    with _started(settings, command, subprocess.DEVNULL, subprocess.PIPE) as process:
        assert process.stdout is not None
        while part := process.stdout.read(CHUNK_BYTES):
            yield part


def load(settings: Settings, path: Path) -> None:
    """Bring a dump into an empty database, all of it or nothing."""
    command = ["pg_restore", "--no-owner", "--no-privileges", "--no-password"]
    command += ["--single-transaction", "--exit-on-error"]
    for name in (_home(settings), HISTORY):
        # so named, the schemas themselves are left as they are
        command.append(f"--schema={name}")
    with _changing(settings) as connection:
        connection.execute(sql(f"CREATE SCHEMA IF NOT EXISTS {HISTORY}"))
    with path.open("rb") as file, _started(settings, command, file, subprocess.DEVNULL):
        pass


def held(settings: Settings) -> bool:
    """Whether tables of a centre are there."""
    engine = db.open_store(settings)
    try:
        with db.reading(engine) as connection:
            return bool(_tables(connection, _here(connection), "ronda"))
    finally:
        engine.dispose()


@contextmanager
def scratch(settings: Settings) -> Iterator[str]:
    """The URL of an empty database on the same server; gone afterwards, or with the next one."""
    engine = create_engine(settings.database_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    name = f"{_SCRATCH}{chance.token_hex(6)}"
    try:
        with engine.connect() as connection:
            _drop_scratches(connection)
            connection.execute(sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
        try:
            url = make_url(settings.database_url).set(database=name)
            yield url.render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                connection.execute(sql(f"DROP DATABASE IF EXISTS {name}"))
    except DBAPIError as error:
        help = "its role must be let make one: ALTER ROLE ... CREATEDB"
        problem = f"no database to try a restore in ({help}): {error.orig}"
        raise Refused(db.place(settings, "ronda"), problem) from error


def _drop_scratches(connection: Connection) -> None:
    """Those that a killed trial left: of this role, and nobody is in them."""
    query = (
        "SELECT datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba"
        " WHERE r.rolname = current_user AND starts_with(datname, :begins)"
        " AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datid = d.oid)"
    )
    for name in list(connection.execute(sql(query), {"begins": _SCRATCH}).scalars()):
        connection.execute(sql(f"DROP DATABASE IF EXISTS {_quoted(name)}"))


def others(settings: Settings) -> int:
    """How many others are connected to the database: a centre elsewhere, perhaps."""
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND usename = current_user AND backend_type = 'client backend'"
        " AND pid <> pg_backend_pid()"
    )
    engine = db.open_store(settings)
    try:
        with db.reading(engine) as connection:
            return int(connection.execute(sql(query)).scalar() or 0)
    finally:
        engine.dispose()


def put_aside(settings: Settings, name: str) -> None:
    """Move the tables of a centre into schemas of their own, where nobody looks for them."""
    with _changing(settings) as connection:
        here = _here(connection)
        for part, source, target in (
            ("ronda", here, name),
            ("history", HISTORY, f"{name}_history"),
        ):
            _move(connection, source, target, _tables(connection, source, part))


def put_back(settings: Settings, name: str) -> None:
    """Undo `put_aside`."""
    with _changing(settings) as connection:
        here = _here(connection)
        for part, source, target in (
            ("ronda", name, here),
            ("history", f"{name}_history", HISTORY),
        ):
            _move(connection, source, target, _tables(connection, source, part))


def _move(connection: Connection, source: str, target: str, tables: Sequence[str]) -> None:
    if not tables:
        return
    connection.execute(sql(f"CREATE SCHEMA IF NOT EXISTS {_quoted(target)}"))
    for table in tables:
        full = f"{_quoted(source)}.{_quoted(table)}"
        connection.execute(sql(f"ALTER TABLE {full} SET SCHEMA {_quoted(target)}"))


def _tables(connection: Connection, place: str, part: str) -> list[str]:
    ours = {*_OWN[part].tables, "alembic_version"}
    query = sql("SELECT tablename FROM pg_tables WHERE schemaname = :place ORDER BY 1")
    return [name for name in connection.execute(query, {"place": place}).scalars() if name in ours]


@contextmanager
def _changing(settings: Settings) -> Iterator[Connection]:
    engine: Engine = db.open_store(settings)
    try:
        with db.writing(engine) as connection:
            yield connection
    except DBAPIError as error:
        raise Refused(db.place(settings, "ronda"), str(error.orig)) from error
    finally:
        engine.dispose()


def _home(settings: Settings) -> str:
    engine = db.open_store(settings)
    try:
        with db.reading(engine) as connection:
            return _here(connection)
    finally:
        engine.dispose()


def _here(connection: Connection) -> str:
    return str(connection.execute(sql("SELECT current_schema()")).scalar())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _address(settings: Settings) -> str:
    url = make_url(settings.database_url).set(drivername="postgresql", password=None)
    return url.render_as_string()


@contextmanager
def _started(
    settings: Settings, command: list[str], source: int | IO[bytes], target: int
) -> Iterator["subprocess.Popen[bytes]"]:
    """A program of the server; Refused with its words when it fails."""
    password = make_url(settings.database_url).password
    # not among the arguments, which everybody on the machine can read
    environment = {**os.environ, "LC_ALL": "C"} | (
        {"PGPASSWORD": str(password)} if password else {}
    )
    arguments = [*command, f"--dbname={_address(settings)}"]
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                arguments, stdin=source, stdout=target, stderr=said, env=environment
            )
        except FileNotFoundError:
            problem = "not installed: apt-get install postgresql-client"
            raise Refused(command[0], problem) from None
        with process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            said.seek(0)
            words = said.read(_SAID_BYTES).decode("utf-8", "replace").split("\n")[0]
            raise Refused(db.place(settings, "ronda"), words or f"{command[0]} failed")
