"""A question that is asked again reads what is new, and of the databases nothing twice."""

from typing import Any

import pytest
from sqlalchemy import Engine, event, update

from collector import schema
from collector.db import open_store, writing
from collector.prometheus_api import Api
from collector.promql.source import Centre
from tests.collector.promql.conftest import START, Small

SITE = "35.10.06.2005"


class Asker:
    """Ten minutes of one site, asked of one centre again and again."""

    def __init__(self, two: Small) -> None:
        self._two = two
        self._api = Api(Centre(two.settings, two.store, two.blocks), lambda: 0.0)

    def __call__(self, end: float) -> bytes:
        times = {"start": str(START), "end": str(end), "step": "60"}
        asked = {"query": f'ronda_host_load1{{site="{SITE}"}}'} | times
        reply = self._api.answer("query_range", {k: [v] for k, v in asked.items()}, (), end)
        assert reply.status == 200
        return reply.body


@pytest.fixture
def asker(two: Small) -> Asker:
    return Asker(two)


def statements(engine: Engine) -> list[Any]:
    told: list[Any] = []
    event.listen(engine, "before_cursor_execute", lambda *some: told.append(some[2]))
    return told


def test_while_nobody_writes_nothing_is_asked_of_a_database(two: Small, asker: Asker) -> None:
    first = asker(two.now)
    told = [statements(two.store), statements(two.blocks)]
    assert asker(two.now) == first
    if two.store.dialect.name == "sqlite":
        assert told == [[], []]


def test_a_fresh_report_is_in_the_next_answer(two: Small, asker: Asker) -> None:
    assert b'"77"' not in asker(START + 660)
    two.put(0, START + 660, 77, 1, 1)
    assert b'"77"' in asker(START + 660)


def test_a_backlog_is_in_the_next_answer(two: Small, asker: Asker) -> None:
    assert b'"88"' not in asker(START + 660)
    two.late(0, [START + 615], [88])
    assert b'"88"' in asker(START + 660)


def test_a_site_that_falls_silent_ends_in_the_next_answer(two: Small, asker: Asker) -> None:
    before = asker(START + 850).count(b"],[")
    elsewhere = open_store(two.settings)
    with writing(elsewhere) as connection:
        these = update(schema.states).where(schema.states.c.site == SITE)
        connection.execute(these.values(state="unknown", since=START + 600))
    elsewhere.dispose()
    assert asker(START + 850).count(b"],[") < before
