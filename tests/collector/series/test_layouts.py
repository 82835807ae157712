"""Series names become columns and sites, the same ones in every process and at every replay."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from collector.db import open_history, writing
from collector.series.layouts import Columns, LayoutBook, split_site
from collector.settings import Settings
from tests.stores import migrated

RTT = 'ronda_uplink_rtt_seconds{target="gateway"}'


@pytest.fixture
def engine(store_settings: Settings) -> Iterator[Engine]:
    migrated(store_settings)
    engine = open_history(store_settings)
    yield engine
    engine.dispose()


def own_row(agent: int, site: str | None) -> int | None:
    return agent if site is None else {"35.10.06.2005": 77}.get(site)


@pytest.mark.parametrize(
    ("name", "site", "column"),
    [
        ("ronda_host_load1", None, "ronda_host_load1"),
        (RTT, None, RTT),
        ('ronda_host_load1{site="a"}', "a", "ronda_host_load1"),
        ('up{b="2",site="a"}', "a", 'up{b="2"}'),
        ('up{offsite="x"}', None, 'up{offsite="x"}'),
    ],
)
def test_the_site_is_taken_out_of_a_series(name: str, site: str | None, column: str) -> None:
    assert split_site(name) == (site, column)


def test_ids_follow_first_appearance_and_are_read_by_others(engine: Engine) -> None:
    fold, web = Columns(engine), Columns(engine)
    assert fold.give(["b", "a", "b"]).tolist() == [0, 1, 0]
    assert web.find("a") is None
    assert web.name(1) is None
    with writing(engine) as connection:
        fold.save(connection)
    assert web.find_all(["x", "a"]) == {1: "a"}
    assert (web.find("a"), web.name(0), web.names()) == (1, "b", ("b", "a"))
    assert Columns(engine).give(["c", "a"]).tolist() == [2, 1]


def test_columns_of_a_rolled_back_transaction_are_saved_by_the_next(engine: Engine) -> None:
    columns = Columns(engine)
    columns.give(["a", "b"])
    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        columns.save(connection)
        raise ZeroDivisionError
    columns.give(["c"])
    for _ in range(2):
        with writing(engine) as connection:
            columns.save(connection)
    assert Columns(engine).names() == ("a", "b", "c")


def test_agents_with_the_same_list_share_everything_but_the_row(engine: Engine) -> None:
    book = LayoutBook(Columns(engine), own_row)
    first = book.learn(1, "x", ["m", "n"])
    second = book.learn(2, "y", ["m", "n"])
    assert first.names is second.names
    assert (first.parts[0].site_row, second.parts[0].site_row) == (1, 2)
    assert first.parts[0].columns is second.parts[0].columns
    assert first.parts[0].key == second.parts[0].key
    assert book.get(2, "y") is second
    assert book.get(2, "x") is None


def test_columns_ascend_whatever_order_the_frame_has(engine: Engine) -> None:
    book = LayoutBook(Columns(engine), own_row)
    book.learn(1, "x", ["a", "b", "c"])
    part = book.learn(1, "y", ["c", "new", "a"]).parts[0]
    assert part.columns.tolist() == [0, 2, 3]
    assert part.take.tolist() == [2, 0, 1]


def test_a_vantage_agent_writes_to_the_sites_it_names(engine: Engine) -> None:
    book = LayoutBook(Columns(engine), own_row)
    names = ["up", 'up{site="35.10.06.2005"}', 'load{site="nobody"}', "load"]
    own, other = book.learn(5, "x", names).parts
    assert (own.site_row, own.take.tolist(), own.columns.tolist()) == (5, [0, 3], [0, 1])
    assert (other.site_row, other.take.tolist(), other.columns.tolist()) == (77, [1], [0])
    assert own.key != other.key


def test_a_forgotten_agent_is_learnt_again(engine: Engine) -> None:
    book = LayoutBook(Columns(engine), own_row)
    book.learn(1, "x", ["a"])
    book.learn(2, "x", ["a"])
    book.forget(1)
    assert book.get(1, "x") is None
    assert len(book) == 1
