"""The two databases: how they are opened, written and brought up to date."""

import fcntl
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    LargeBinary,
    Table,
    bindparam,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy import inspect as look_at
from sqlalchemy import text as sql
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from agent.strict import Refused
from collector import sqlite_files, turns
from collector.schema import history, meta
from collector.settings import Settings
from collector.unfinished import refuse_half

# the newest revision under migrations/<name>/; a test keeps this in step
HEADS = {"ronda": "0037", "history": "0005"}
_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_S = 5

# a server that is not there, or a lock that is not given, is told of and not waited for for ever
_PATIENCE = {"connect_timeout": _BUSY_S, "options": f"-c lock_timeout={_BUSY_S}s"}

# made once: putting a statement together costs as much as asking it
_VALUE = select(meta.c.value).where(meta.c.key == bindparam("key"))


class Away(Refused):
    """A database that does not answer now, and may do so again."""


def open_store(settings: Settings, much: bool = False) -> Engine:
    """ronda.db: inventory, people, states, incidents, positions. One engine per process.

    `much`: for who changes pages all over it; each connection may hold 16 MiB of them.
    """
    return _open(settings, "ronda", much)


def open_history(settings: Settings) -> Engine:
    """history.db: numbers over time, written by the engine process only."""
    return _open(settings, "history")


@contextmanager
def writing(engine: Engine, once: bool = False) -> Iterator[Connection]:
    """A transaction that holds the write lock from its start; committed unless it raises.

    `once`: also a patient one asks for the lock only once.
    """
    with engine.connect() as connection, turns.take(connection, once):
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A snapshot to read from."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        yield connection


def upsert(
    table: Table, rows: Sequence[Mapping[str, Any]], connection: Connection, keep: bool = False
) -> None:
    """Insert rows, or set the given columns of those whose primary key is there already.

    Every row must have the same columns. With `keep` what is there already stays as it is.
    """
    if not rows:
        return
    statement = upserting(table, tuple(rows[0]), connection.dialect.name, keep)
    connection.execute(statement, [dict(row) for row in rows])


@lru_cache(maxsize=256)
def upserting(table: Table, names: tuple[str, ...], dialect: str, keep: bool = False) -> Any:
    """The statement of an upsert of these columns; made once, for it costs more than a row."""
    keys = [column.name for column in table.primary_key]
    rest = [] if keep else [name for name in names if name not in keys]
    # only the dialect that is asked for: PostgreSQL's brings in those of all its drivers
    insert = import_module(f"sqlalchemy.dialects.{dialect}").insert
    statement: Any = insert(table)
    if not rest:
        return statement.on_conflict_do_nothing(index_elements=keys)
    new = {name: statement.excluded[name] for name in rest}
    return statement.on_conflict_do_update(index_elements=keys, set_=new)


def meta_get(connection: Connection, key: str, default: str = "") -> str:
    """What stands under `key` in table meta."""
    found = connection.execute(_VALUE, {"key": key}).scalar()
    return default if found is None else str(found)


def meta_set(connection: Connection, key: str, value: str) -> None:
    """Put `value` under `key` in table meta."""
    meta_set_all(connection, {key: value})


def meta_set_all(connection: Connection, told: Mapping[str, str]) -> None:
    """Put each value under its key; one statement for all."""
    upsert(meta, [{"key": key, "value": value} for key, value in told.items()], connection)


def migrate(settings: Settings, unfinished: bool = False) -> None:
    """Bring both databases to this version; safe from several processes at once.

    Refused for a newer version's, for none, for half a restore (unless `unfinished`); Away else.
    """
    _make_folder(settings)
    if not unfinished:
        refuse_half(settings.folder)
    if not settings.database_url:
        _make_files(settings)
    for name in HEADS:
        engine = _open(settings, name)
        try:
            if revision(engine) != HEADS[name]:
                with _alone(settings.folder / "migrate.lock"):
                    _upgrade(engine, name)
        except OperationalError as error:
            raise Away(place(settings, name), f"cannot be opened: {error.orig}") from error
        except DBAPIError as error:
            raise Refused(place(settings, name), f"cannot be opened: {error.orig}") from error
        finally:
            engine.dispose()


def revision(engine: Engine) -> str:
    """The revision a database stands at; empty for a database without tables."""
    with reading(engine) as connection:
        if not look_at(connection).has_table("alembic_version"):
            return ""
        found = connection.execute(sql("SELECT version_num FROM alembic_version")).scalar()
        return str(found or "")


def held_bytes(engine: Engine) -> tuple[int, int]:
    """How large a database is, and how much of it is free for what comes next."""
    with reading(engine) as connection:
        if connection.dialect.name != "sqlite":
            return _held_by_server(connection)
        pages, free, size = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
    return pages * size, free * size


def _held_by_server(connection: Connection) -> tuple[int, int]:
    """What is deleted leaves room that only shows in what the rows hold."""
    told = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
    here = " AND relnamespace = current_schema()::regnamespace"
    held = int(connection.execute(sql(told + here)).scalar() or 0)
    live = 0
    for table in history.sorted_tables:
        sums = [
            func.coalesce(func.sum(func.octet_length(column)), 0)
            for column in table.columns
            if isinstance(column.type, LargeBinary)
        ]
        live += sum(map(int, connection.execute(select(*sums)).one())) if sums else 0
    return held, max(held - live, 0)


def give_back(engine: Engine, most_bytes: int) -> None:
    """Let the disk have free space of a database back; PostgreSQL does so by itself."""
    if engine.dialect.name == "sqlite":
        with writing(engine) as connection:
            # it gives a page with each row that is fetched; SQLAlchemy sees rows without columns
            cursor = connection.connection.cursor()
            cursor.execute(f"PRAGMA incremental_vacuum({most_bytes // sqlite_files.PAGE_BYTES})")
            cursor.fetchall()


def place(settings: Settings, name: str) -> str:
    """How messages name one of the databases; never with a password."""
    if settings.database_url:
        return f"{_server(settings).render_as_string(hide_password=True)} ({name})"
    return str(settings.folder / f"{name}.db")


def _open(settings: Settings, name: str, much: bool = False) -> Engine:
    if not settings.database_url:
        _make_folder(settings)
        path = settings.folder / f"{name}.db"
        engine = create_engine(URL.create("sqlite", database=str(path)))
        sqlite_files.prepare(engine, name, _BUSY_S, much)
        return engine
    try:
        # no column is a hstore: it would be asked about at the start of each engine
        options: Any = {"pool_pre_ping": True, "use_native_hstore": False}
        engine = create_engine(_server(settings), connect_args=_PATIENCE, **options)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise Refused("database_url", f"its driver is not installed: {error}") from error
    if name == "history":
        event.listen(engine, "connect", _use_history_schema)
    return engine


def _server(settings: Settings) -> URL:
    try:
        url = make_url(settings.database_url)
    except (ValueError, ArgumentError) as error:
        raise Refused("database_url", str(error)) from error
    if url.get_backend_name() != "postgresql":
        raise Refused("database_url", "expected postgresql+psycopg://USER:PASSWORD@HOST/NAME")
    return url


def _make_folder(settings: Settings) -> None:
    try:
        # phone numbers and password hashes lie in it
        settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(str(settings.folder), f"cannot be made: {error.strerror}") from error


def _make_files(settings: Settings) -> None:
    # the folder may have been there before, open to all; what SQLite lays beside a file is as it
    for name in HEADS:
        path = settings.folder / f"{name}.db"
        try:
            if not path.exists():
                path.touch(0o600)
        except OSError as error:
            raise Refused(str(path), f"cannot be made: {error.strerror}") from error


def _use_history_schema(connection: Any, _record: object) -> None:
    connection.execute("SET search_path TO history")
    connection.commit()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _upgrade(engine: Engine, name: str) -> None:
    # alembic costs 0.2 s to import; only a start that migrates pays it
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    folder = str(_MIGRATIONS).replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{folder}/{name}")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    standing = revision(engine)
    if standing and standing not in known:
        problem = f"made by a newer version of ronda (revision {standing}, known {HEADS[name]})"
        raise Refused(_called(engine), f"{problem}; install that version or restore a backup")
    with writing(engine) as connection:
        if name == "history" and engine.dialect.name == "postgresql":
            connection.execute(sql("CREATE SCHEMA IF NOT EXISTS history"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if name == "ronda":
            _name_the_centre(connection)


def _called(engine: Engine) -> str:
    if engine.dialect.name == "sqlite":
        return str(engine.url.database)
    return engine.url.render_as_string(hide_password=True)


def _name_the_centre(connection: Connection) -> None:
    for key in ("epoch", "centre"):
        if not meta_get(connection, key):
            meta_set(connection, key, secrets.token_hex(4))
