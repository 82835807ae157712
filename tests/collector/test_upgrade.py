"""Data of an earlier release come along: every row, the chain of acts, the place of the fold."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, Table, func, select

from collector import chain, db, layout_rows, states
from collector.fold import Fold
from collector.series.history import History
from collector.settings import Settings
from tests.collector.centre_bench import NOW, UPLINK, Centre

pytestmark = pytest.mark.slow

SITE = "35.10.06.2005"
# heads of earlier days: before acts were a chain, and before lists of series were kept once
EARLIER = (
    {"ronda": "0017", "history": "0002"},
    {"ronda": "0032", "history": "0003"},
    {"ronda": "0036", "history": "0005"},
)
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre with a few hours behind it, so that some are packed."""
    made = Centre(tmp_path_factory.mktemp("lived") / "var")
    made.inventory({"code": SITE}, {"code": "35.10.06.2006"})
    made.agent(SITE, phase_s=0)
    made.run(3 * 3600)
    made.stop_fold()
    yield made
    made.close()


@pytest.mark.parametrize("revisions", EARLIER, ids=lambda r: str(r["ronda"]))
def test_what_an_earlier_release_wrote_is_there_and_goes_on(
    lived: Centre, tmp_path: Path, database_url: str, revisions: dict[str, str]
) -> None:
    settings = Settings(data=str(tmp_path / "old"), database_url=emptied(database_url))
    before = {name: written(settings, lived, name, revisions[name]) for name in db.HEADS}
    settings.folder.mkdir(exist_ok=True)
    settings.journal_folder.symlink_to(lived.settings.journal_folder)
    db.migrate(settings)
    for name, tables in before.items():
        engine = opened(settings, name)
        assert db.revision(engine) == db.HEADS[name]
        assert rows_of(engine, name, tables) == tables
        engine.dispose()
    goes_on(lived, settings)


def test_layouts_of_a_large_fleet_come_to_share_their_lists(
    tmp_path: Path, database_url: str
) -> None:
    settings = Settings(data=str(tmp_path / "old"), database_url=emptied(database_url))
    settings.folder.mkdir()
    engine = opened(settings, "ronda")
    upgraded(engine, "ronda", "0036")
    told = [(n, f"L{n % 2}", (f"ronda_host_load{n % 3}", "ronda_uplink_up")) for n in range(2500)]
    with db.writing(engine) as connection:
        rows = [{"agent": n, "layout": id, "names": json.dumps(names)} for n, id, names in told]
        connection.execute(tables_of(engine, "ronda")["layouts"].insert(), rows)
    db.migrate(settings)
    with db.reading(engine) as connection:
        assert list(layout_rows.load(connection)) == told
        assert len(list(layout_rows.lists(connection))) == 3
    engine.dispose()


def goes_on(lived: Centre, settings: Settings) -> None:
    """The acts are a chain, and the fold takes up the journal where it was, nothing twice."""
    store = db.open_store(settings)
    with db.reading(store) as connection:
        assert chain.check(connection).broken == ""
    lived.run(120, fold=False)
    lived.write_out()
    fold = Fold.open(settings)
    while fold.run_once():
        pass
    fold.commit()
    fold.close()
    with db.reading(store) as connection:
        assert states.current(connection, [SITE])[0].state == "normal"
    store.dispose()
    times, _ = History(settings).range(0, [UPLINK], 0.0, 1e12)[UPLINK]
    assert times.tolist() == [NOW + 60 * (n + 1) for n in range(int(lived.now - NOW) // 60)]


def written(settings: Settings, lived: Centre, name: str, revision: str) -> Rows:
    """A database as that revision made it, with what of `lived` it had a place for."""
    source, engine = opened(lived.settings, name), opened(settings, name)
    upgraded(engine, name, revision)
    twins, told = tables_of(source, name), Rows()
    with db.reading(source) as known, db.writing(engine) as connection:
        for table in tables_of(engine, name).values():
            if table.name not in twins or table.name == "alembic_version":
                continue
            names = [column.name for column in table.columns]
            rows = read(known, twins, table.name, names)
            if rows:
                told[table.name] = in_order(rows)
                connection.execute(table.insert(), rows)
                count_on(connection, table)
    source.dispose()
    engine.dispose()
    assert len(told) > 1, f"there was nothing of {name} to keep"
    return told


def upgraded(engine: Engine, name: str, revision: str) -> None:
    folder = Path(db.__file__).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(folder / name))
    with db.writing(engine) as connection:
        if name == "history" and engine.dialect.name == "postgresql":
            connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS history")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def tables_of(engine: Engine, name: str) -> dict[str, Table]:
    """As they are in the database now, not as the code has them."""
    found = MetaData()
    schema = "history" if (engine.dialect.name, name) == ("postgresql", "history") else None
    found.reflect(engine, schema=schema)
    return {table.name: table for table in found.sorted_tables}


def rows_of(engine: Engine, name: str, like: Rows) -> Rows:
    """What is in those tables now, in the columns that they had before."""
    now, found = tables_of(engine, name), Rows()
    with db.reading(engine) as connection:
        for table, rows in like.items():
            found[table] = in_order(read(connection, now, table, list(rows[0])))
    return found


def read(
    connection: Connection, tables: dict[str, Table], name: str, columns: list[str]
) -> list[dict[str, Any]]:
    """Rows of a table in those of these columns that there are, wherever they lie now."""
    table: Any = tables[name]
    known = dict(table.c.items())
    if name == "layouts" and "list" in known:
        lists = tables["layout_lists"]
        table = table.join(lists, lists.c.digest == table.c.list)
        known["names"] = lists.c.names
    query = select(*(known[column] for column in columns if column in known)).select_from(table)
    return [dict(row) for row in connection.execute(query).mappings()]


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=repr)


def count_on(connection: Connection, table: Table) -> None:
    """Rows that brought their numbers leave a sequence of PostgreSQL where it was."""
    numbers = [column for column in table.primary_key if column.server_default is not None]
    if connection.dialect.name == "postgresql" and numbers:
        sequence = func.pg_get_serial_sequence(table.fullname, numbers[0].name)
        connection.execute(
            select(func.setval(sequence, select(func.max(numbers[0])).scalar_subquery()))
        )


def emptied(url: str) -> str:
    """The same database without a table in it."""
    if url:
        engine = db.open_store(Settings(database_url=url))
        with engine.begin() as connection:
            for schema in ("history", "public"):
                connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        engine.dispose()
    return url


def opened(settings: Settings, name: str) -> Engine:
    return (db.open_store if name == "ronda" else db.open_history)(settings)
