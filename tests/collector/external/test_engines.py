"""Numbers in a real engine: the same answers as when all was here, and none is lost."""

import time
from typing import Any

import pytest

from collector.external.shelving import Shelving
from collector.promql.labels import say
from collector.promql.limits import Limits
from collector.promql.query import Ask, ask
from collector.promql.source import Centre, query_source
from collector.promql.vectors import Vector
from collector.series.days import DAY_S
from tests.collector.external.engines import external, prometheus, push, victoria
from tests.collector.promql.conftest import Small, small
from tests.collector.promql.test_longrange import DAY, END, QUERIES, START, same, week

pytestmark = pytest.mark.slow
__all__ = ["small", "week"]

TAIL = DAY + 5
MORE = [
    *QUERIES,
    "quantile_over_time(0.9, ronda_host_load1[3h])",
    "changes(ronda_check_up[1d])",
    "irate(bytes_total[20m])",
    "avg_over_time(ronda_host_load1[45m])",
    "count({site=~'35.+', __name__!~'ronda_(site|report|beacon).*'})",
    "max_over_time(rate(bytes_total[17m])[1d:10m])",
    "ronda_check_up{kind='http'} == 0",
]


def asked(small: Small, query: str, start: float, end: float, step: float, engine: Any) -> Any:
    centre = Centre(small.settings, small.store, small.blocks, external=engine)
    source = query_source(centre)
    question = Ask(query, round(start * 1000), round(end * 1000), round(step * 1000))
    found = ask(question, source, Limits(), source.words)
    assert isinstance(found.value, Vector)
    lines = {
        say(found.value.labels.row(i)): {
            at: value
            for at, value, there in zip(
                found.times.tolist(),
                found.value.values[i].tolist(),
                found.value.present[i],
                strict=True,
            )
            if there
        }
        for i in range(len(found.value))
    }
    return lines, [text for text in found.warnings if "roll-ups" not in text]


@pytest.mark.parametrize("kind", ["victoria", "prometheus"])
def test_what_is_only_in_an_engine_is_answered_as_if_it_were_here(week, tmp_path, kind):
    make = victoria if kind == "victoria" else prometheus
    with make(tmp_path / kind) as server:
        assert push(week, server, START, END) == 0
        engine = external(week, server, time.time())
        nothing = None
        before = {}
        for step in (DAY_S, 6 * 3600.0, 1234.0):
            for query in MORE:
                before[query, step] = asked(week, query, START, END, step, nothing)
        t = time.process_time()
        shelving = Shelving(week.blocks, engine, engine._columns)
        done = shelving.step(TAIL, time.time())
        print(done, time.process_time() - t)
        for (query, step), (lines, warned) in before.items():
            t = time.process_time()
            found, warnings = asked(week, query, START, END, step, engine)
            print(query, step, time.process_time() - t, warnings)
            same(found, lines)
            assert warnings == warned == []
