"""Days of a site go on whatever device reports for it, and are packed by the fold on its way."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from collector.db import open_history, reading
from collector.schema import blocks, days
from collector.series.history import History
from collector.series.spans import Cuts
from tests.collector.centre_bench import LOSS, WEB, Centre

SITE = "35.10.06.2005"
DAY_S = 86400
WHOLE = Cuts(np.zeros(0, np.int64))


@pytest.fixture
def centre(tmp_path: Path, database_url: str) -> Iterator[Centre]:
    centre = Centre(tmp_path, database_url=database_url)
    centre.inventory({"code": SITE})
    yield centre
    centre.close()


def jump(centre: Centre, seconds: float) -> None:
    """The centre stood still for a while."""
    centre.now += seconds
    for agent in centre.agents:
        agent.running = False
    for _ in range(20):
        centre.run(60)


def packed(centre: Centre) -> tuple[list[int], list[int]]:
    """The days that are packed, and those that still stand in hours."""
    engine = open_history(centre.settings)
    with reading(engine) as connection:
        whole = list(connection.execute(select(days.c.day)).scalars())
        left = {hour // 24 for hour in connection.execute(select(blocks.c.hour)).scalars()}
    engine.dispose()
    return whole, sorted(left)


@pytest.mark.slow
def test_a_swapped_device_carries_its_sites_line_on(centre: Centre) -> None:
    first = centre.agent(SITE)
    began = centre.now
    centre.run(1800)
    first.running = False
    second = centre.agent(SITE)
    assert second.id != first.id
    centre.run(1800)
    line, _ = centre.samples(SITE)[LOSS]
    assert len(line) == 60
    assert line[0] - began <= 60
    assert max(line[1:] - line[:-1]) <= 120
    jump(centre, 2 * DAY_S)
    assert packed(centre) == ([int(began // DAY_S)], [])
    assert centre.samples(SITE)[LOSS][0].tolist() == line.tolist()
    history = History(centre.settings)
    day = int(began // DAY_S)
    rolled = history.spans(0, [LOSS], day * DAY_S * 1000, (day + 1) * DAY_S * 1000, WHOLE)
    assert rolled.table.count.tolist() == [60]
    assert rolled.days == {day}


def test_roll_ups_of_what_is_not_packed_yet_are_worked_out(centre: Centre) -> None:
    agent = centre.agent(SITE)
    began = centre.now
    centre.run(900)
    agent.find(centre.now, "bad", "refused")
    centre.run(300)
    history = History(centre.settings)
    start, end = round(began * 1000) - 1, round(centre.now * 1000)
    for fold in (False, True):
        rolled = history.spans(0, [WEB, LOSS], start, end, WHOLE, fold)
        assert (rolled.days, rolled.hours, rolled.lost) == (set(), set(), set())
        table = rolled.table.take(rolled.table.count > 0)
        assert table.count.sum() == 20 + 21
        assert table.minimum.min() == 0.0
        assert (len(table) < 41) == fold
    assert len(history.spans(0, ["nobody"], start, end, WHOLE).table) == 0
    assert len(history.spans(0, [LOSS], end, start, WHOLE).table) == 0
    assert len(history.spans(1, [LOSS], start, end, WHOLE).table) == 0


@pytest.mark.slow
def test_a_backlog_for_a_packed_day_is_read_at_once_and_merged_when_it_is_quiet(
    centre: Centre,
) -> None:
    cut, kept = centre.agent(SITE), centre.agent(SITE)
    began = centre.now
    kept.running = False
    centre.run(600)
    cut.running = False
    kept.connected, kept.running = False, True
    centre.run(600, fold=False)
    jump(centre, 2 * DAY_S)
    assert packed(centre) == ([int(began // DAY_S)], [])
    kept.connected = True
    while kept.kept:
        kept.send(centre.now, fresh_first=False)
    centre.run(5)
    assert len(centre.samples(SITE)[LOSS][0]) == 20
    assert packed(centre)[1] == [int(began // DAY_S)]
    for _ in range(40):
        centre.run(600)
    assert packed(centre) == ([int(began // DAY_S)], [])
    assert len(centre.samples(SITE)[LOSS][0]) == 20
    start, end = round(began * 1000) - 1, round(centre.now * 1000)
    days_of = History(centre.settings).spans(0, [LOSS], start, end, WHOLE)
    assert days_of.table.count.sum() == 20
