"""Numbers in a real engine: the same answers as when all was here, and none is lost."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from collector import schema
from collector.db import reading, writing
from collector.external.borrowing import External
from collector.external.probe import probe
from collector.external.shelving import Done, Shelving
from collector.promql.labels import say
from collector.promql.limits import Limits
from collector.promql.query import Ask, ask
from collector.promql.source import Centre, query_source
from collector.promql.vectors import Vector
from collector.series import days, rollup_store
from collector.series.days import DAY_S
from collector.series.layouts import Columns
from collector.series.merging import Merging
from tests.collector.external.engines import Server, external, prometheus, push, victoria
from tests.collector.promql.conftest import Small, small
from tests.collector.promql.test_longrange import DAY, END, START, same, week

pytestmark = pytest.mark.slow
__all__ = ["small", "week"]

TAIL = DAY + 5
CODE, NEW = "35.10.06.2005", "35.10.99.2005"
QUERIES = [
    "ronda_host_load1",
    "timestamp(ronda_host_load1)",
    "max_over_time(ronda_host_load1[3d] offset 1d)",
    "rate(bytes_total[1d])",
    "irate(bytes_total[20m])",
    "changes(ronda_check_up[1d])",
    "quantile_over_time(0.9, ronda_host_load1[3h])",
    "avg_over_time(ronda_host_load1[45m])",
    "count({site=~'35.+', __name__!~'ronda_(site|report|beacon).*'})",
    "max_over_time(rate(bytes_total[17m])[1d:10m])",
    "ronda_check_up{kind='http'} == 0",
    "last_over_time({__name__=~'.+_load1|bytes_total', site=~'35.+'}[1d])",
    "absent_over_time(bytes_total{site='35.10.06.2005'}[1h])",
]
STEPS = (float(DAY_S), 4321.0)


@pytest.fixture
def database_url() -> str:
    """What is looked at here is the engine."""
    return ""


@dataclass
class Both:
    """A week of two sites, here and in an engine."""

    week: Small
    server: Server
    engine: External

    def shelve(self, now: float) -> Done:
        return self.shelving.step(TAIL, now)

    @property
    def centre(self) -> Centre:
        return Centre(self.week.settings, self.week.store, self.week.blocks, external=self.engine)

    def __post_init__(self) -> None:
        self.shelving = Shelving(self.week.blocks, self.engine, Columns(self.week.blocks))

    def answers(self, queries: list[str] = QUERIES, steps: Any = STEPS) -> Any:
        return {(q, step): asked(self.centre, q, step) for q in queries for step in steps}

    def here(self, row: int) -> set[int]:
        with reading(self.week.blocks) as connection:
            return set(days.sizes(connection, row, range(DAY, TAIL + 9)))


def asked(centre: Centre, query: str, step: float) -> Any:
    """{labels: {time: value}} over the week, and what the engine is the reason of."""
    source = query_source(centre)
    question = Ask(query, round(START * 1000), round(END * 1000), round(step * 1000))
    found = ask(question, source, Limits(), source.words)
    assert isinstance(found.value, Vector)
    lines = {}
    for i in range(len(found.value)):
        there = found.value.present[i]
        pairs = zip(found.times[there].tolist(), found.value.values[i][there].tolist(), strict=True)
        lines[say(found.value.labels.row(i))] = dict(pairs)
    return lines, [text for text in found.warnings if "roll-ups" not in text]


def equal(found: Any, before: Any) -> None:
    for key, (lines, warnings) in found.items():
        assert warnings == [], key
        same(lines, before[key][0])


@pytest.fixture(params=["victoria", "prometheus"])
def both(request: pytest.FixtureRequest, week: Small, tmp_path: Path) -> Iterator[Both]:
    kinds: dict[str, Callable[[Path], AbstractContextManager[Server]]] = {
        "victoria": victoria,
        "prometheus": lambda folder: prometheus(folder, "100d"),
    }
    with kinds[request.param](tmp_path / request.param) as server:
        assert push(week, server, START, END) == 0
        yield Both(week, server, external(week, server))


def test_an_engine_answers_goes_comes_back_and_takes_what_is_late(both: Both) -> None:
    before = both.answers()
    # on the fourth day nobody said anything
    assert both.here(0) == both.here(1) == {DAY + n for n in range(8) if n != 3}
    assert both.shelve(END) == Done(gone=8)
    assert both.here(0) == both.here(1) == {TAIL, TAIL + 1, TAIL + 2}
    equal(both.answers(), before)
    listed = both.week.api("series", match="{__name__=~'.+'}", start=START, end=START + 10)[1][
        "data"
    ]
    # roll-ups know who had which series
    assert {one["__name__"] for one in listed} >= {"ronda_host_load1", "bytes_total"}
    _goes_and_comes_back(both, before)
    _takes_what_is_late(both)
    _knows_a_site_by_what_it_was(both)


def _goes_and_comes_back(both: Both, before: Any) -> None:
    both.server.stop()
    query, by_day = "irate(bytes_total[20m])", "rate(bytes_total[1d])"
    lines, warnings = asked(both.centre, query, 4321.0)
    assert warnings == [
        "numbers between 2026-09-21 00:00 and 2026-09-25 23:59 UTC are missing: the external "
        f"engine {both.server.place.host} does not give them: it cannot be asked"
    ]
    same(newest(lines), newest(before[query, 4321.0][0]))
    # what roll-ups know needs no engine
    equal(both.answers([by_day], [STEPS[0]]), before)
    assert "cannot be asked" in both.shelving.step(TAIL + 2, END).why
    assert both.here(0) == {TAIL, TAIL + 1, TAIL + 2}
    both.server.start()
    both.engine.line.reopen()
    equal(both.answers([query]), before)


def newest(lines: Any) -> Any:
    """Of the days that are here, but for what reaches back from the first of them."""
    first = (TAIL * DAY_S + 1200) * 1000
    kept = {k: {t: v for t, v in line.items() if t > first} for k, line in lines.items()}
    return {k: line for k, line in kept.items() if line}


def _takes_what_is_late(both: Both) -> None:
    at = START + 2.5 * DAY_S + 17.0
    both.week.late(0, [at], [1234.5])
    query = "max_over_time(ronda_host_load1[1h])"
    lines, warnings = asked(both.centre, query, 4321.0)
    assert warnings == []
    assert max(value for line in lines.values() for value in line.values()) == 1234.5
    # more may come: a day is put together once nothing was added to it between two looks
    assert both.shelve(END) == Done()
    assert both.shelve(END).back == 1
    assert DAY + 2 in both.here(0)
    with reading(both.week.blocks) as connection:
        day = rollup_store.read(connection, 0, DAY_S, DAY + 2, DAY + 2)
    assert day.maximum[day.column == both.week.ids[0]].tolist() == [1234.5]
    # the engine lacks it: the day stays, and is looked for again tomorrow
    assert (both.shelve(END), both.shelve(END)) == (Done(stays=1), Done())
    same(asked(both.centre, query, 4321.0)[0], lines)
    assert push(both.week, both.server, at - 1, at + 1) == 0
    assert both.shelve(END + DAY_S) == Done(gone=1)
    assert DAY + 2 not in both.here(0)
    same(asked(both.centre, query, 4321.0)[0], lines)


def _knows_a_site_by_what_it_was(both: Both) -> None:
    """Another code, another provider: what is there has the labels of then."""
    before = asked(both.centre, QUERIES[6], 4321.0)[0]
    with writing(both.week.store) as connection:
        told = {"code": NEW, "isp": "Biznet"}
        connection.execute(update(schema.sites).where(schema.sites.c.code == CODE).values(told))
        connection.execute(insert(schema.aliases).values(old=CODE, new=NEW, at=1.0))
    lines, warnings = asked(both.centre, QUERIES[6], 4321.0)
    assert warnings == []
    found = next(line for labels, line in lines.items() if NEW in labels and "Biznet" in labels)
    assert found == next(line for labels, line in before.items() if CODE in labels)


def test_an_engine_that_refuses_late_samples_is_named_and_such_days_stay(
    week: Small, tmp_path: Path
) -> None:
    late = START + 2.5 * DAY_S + 17.0
    with prometheus(tmp_path / "prometheus") as server:
        assert push(week, server, START, END) == 0
        week.late(0, [late], [1234.5])
        assert push(week, server, late - 1, late + 1) == 1
        both = Both(week, server, external(week, server))
        Merging(week.blocks).merge((0, DAY + 2))
        before = both.answers()
        assert both.shelve(END) == Done(gone=7, stays=1)
        assert both.here(0) - both.here(1) == {DAY + 2}
        equal(both.answers(), before)
        found = probe(both.engine.line, "c", time.time(), time.sleep)
        assert (found.works, found.late, found.way) == (True, False, "remote_read")
        assert "out of bounds" in found.said
