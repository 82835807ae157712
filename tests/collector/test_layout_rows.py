"""A list of series is kept once however many agents report in it, and goes when nobody does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from collector import db, layout_rows, spools
from collector.schema import agents, layout_lists
from collector.settings import Settings
from tests.stores import migrated

PLAIN = ('ronda_uplink_up{uplink="main"}', "ronda_host_load1")
OLD = 'ronda_check_up{check="web",kind="http",site="35.10.06.2005"}'
NEW = 'ronda_check_up{check="web",kind="http",site="35.10.25.2001"}'


@pytest.fixture
def store(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    settings = Settings(data=str(tmp_path), database_url=database_url)
    migrated(settings)
    engine = db.open_store(settings)
    with db.writing(engine) as connection:
        layout_rows.save(connection, {(n, "Lhost"): PLAIN for n in range(1, 600)})
        layout_rows.save(connection, {(7, "Lother"): (OLD, *PLAIN), (8, "Lother"): (OLD, *PLAIN)})
    yield engine
    engine.dispose()


def kept(store: Engine) -> int:
    with db.reading(store) as connection:
        return connection.execute(select(func.count()).select_from(layout_lists)).scalar_one()


def test_a_fleet_shares_its_lists_and_each_agent_is_told_its_own(store: Engine) -> None:
    assert kept(store) == 2
    with db.reading(store) as connection:
        everybody = list(layout_rows.load(connection))
        assert list(layout_rows.load_of(connection, [7, 600])) == [
            (7, "Lhost", PLAIN),
            (7, "Lother", (OLD, *PLAIN)),
        ]
    assert everybody[5:8] == [
        (6, "Lhost", PLAIN),
        (7, "Lhost", PLAIN),
        (7, "Lother", (OLD, *PLAIN)),
    ]
    assert len(everybody) == 601 and everybody[0][2] is everybody[4][2]


def test_a_list_goes_with_the_last_agent_that_reports_in_it(store: Engine) -> None:
    with db.writing(store) as connection:
        layout_rows.save(connection, {(7, "Lother"): PLAIN})
    assert layout_rows.forget_unused(store) == 0
    with db.writing(store) as connection:
        layout_rows.save(connection, {(8, "Lother"): PLAIN})
    assert layout_rows.forget_unused(store) == 1 == kept(store)
    # and comes again with the next one
    with db.writing(store) as connection:
        layout_rows.save(connection, {(9, "Lother"): (OLD, *PLAIN)})
    with db.reading(store) as connection:
        assert list(layout_rows.load_of(connection, [9]))[1] == (9, "Lother", (OLD, *PLAIN))


def test_what_an_agent_reported_in_goes_when_its_access_ended_long_ago(store: Engine) -> None:
    whose = {7: ("revoked", 1000.0), 8: ("revoked", 3000.0), 9: ("active", 1000.0)}
    with db.writing(store) as connection:
        rows = [{"id": n, "site": "a", "state": how, "rev": n} for n, (how, _) in whose.items()]
        db.upsert(agents, rows, connection)
        told = [(n, 1, None, {"contact": at}) for n, (_, at) in whose.items()]
        spools.save_memories(connection, told)
    assert [layout_rows.forget_ended(store, before) for before in (1000.0, 2000.0)] == [0, 2]
    with db.reading(store) as connection:
        left = layout_rows.load_of(connection, list(whose))
        assert [(agent, name) for agent, name, _ in left] == [
            (8, "Lhost"),
            (8, "Lother"),
            (9, "Lhost"),
        ]


def test_a_site_with_a_new_code_has_it_in_the_lists_that_name_it(store: Engine) -> None:
    with db.writing(store) as connection:
        # somebody reports under the new code already
        layout_rows.save(connection, {(9, "Lother"): (NEW, *PLAIN)})
        renamed = layout_rows.rename(connection, lambda text: text.replace("06.2005", "25.2001"))
    with db.reading(store) as connection:
        found = {(agent, name): names for agent, name, names in layout_rows.load(connection)}
    assert renamed == 1 and kept(store) == 2
    assert {found[agent, "Lother"] for agent in (7, 8, 9)} == {(NEW, *PLAIN)}
    assert found[7, "Lhost"] == PLAIN
