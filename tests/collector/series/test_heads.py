"""Blocks whose heads are known are read again from memory, and never after somebody wrote."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from sqlalchemy import Engine, event

from collector.db import open_history, writing
from collector.series import blocks, days, sheet
from collector.series.frames import Frames
from collector.series.history import History
from collector.series.layouts import Columns
from collector.series.rollup_store import DAY_S, HOUR_S
from collector.settings import Settings
from tests.stores import migrated

DAY = 20_717
START = DAY * 86400.0
NAMES = ["a", "b_total"]
IDS = np.array([0, 1], np.int32)


@pytest.fixture
def where(tmp_path: object) -> Settings:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    engine = open_history(settings)
    columns = Columns(engine)
    columns.give(NAMES)
    with writing(engine) as connection:
        columns.save(connection)
    engine.dispose()
    return settings


@pytest.fixture
def theirs(where: Settings) -> Iterator[Engine]:
    """The process that writes."""
    engine = open_history(where)
    yield engine
    engine.dispose()


@pytest.fixture
def mine(where: Settings) -> Iterator[Engine]:
    engine = open_history(where)
    yield engine
    engine.dispose()


@pytest.fixture
def history(where: Settings, mine: Engine) -> History:
    return History(where, mine)


def frames(first: float, count: int, value: float) -> Frames:
    times = first + 60.0 * np.arange(count, dtype=np.float64)
    return Frames(times, IDS, np.column_stack([np.full(count, value), np.arange(count)]))


def pack(engine: Engine, day: int, value: float) -> None:
    with writing(engine) as connection:
        days.put(connection, 7, day, sheet.axes_of([frames(day * DAY_S, 1440, value)]))


def late(engine: Engine, first: float, value: float) -> None:
    with writing(engine) as connection:
        blocks.put_late(connection, 7, int(first), [frames(first, 3, value)])


@contextmanager
def asked(engine: Engine) -> Iterator[list[str]]:
    told: list[str] = []

    def note(_c: object, _k: object, text: str, *_: object) -> None:
        told.append(text)

    event.listen(engine, "before_cursor_execute", note)
    yield told
    event.remove(engine, "before_cursor_execute", note)


def last(history: History) -> float:
    return float(history.range(7, ["a"], START, START + DAY_S)["a"][1][-1])


def test_who_looks_again_asks_nothing(history: History, mine: Engine, theirs: Engine) -> None:
    pack(theirs, DAY, 1.0)
    late(theirs, START + 80_000.5, 5.0)
    first = history.range(7, ["a"], START, START + DAY_S)
    with asked(mine) as told:
        again = history.range(7, ["a"], START, START + DAY_S)
        nearly = history.range(7, ["a"], START + 5, START + DAY_S)
        assert history.forgetful([7], START, START + 1) == set()
    assert len(told) == 1 and "rollups" in told[0]
    assert again["a"][0].tolist() == first["a"][0].tolist()
    assert again["a"][1].tolist() == first["a"][1].tolist()
    assert nearly["a"][0].tolist() == first["a"][0][1:].tolist()
    with asked(mine) as told:
        assert history.forgetful([7], START, START + 1) == set()
    assert told == []


def test_what_another_process_writes_is_in_the_next_answer(
    history: History, theirs: Engine
) -> None:
    pack(theirs, DAY, 1.0)
    assert last(history) == 1.0
    pack(theirs, DAY, 2.0)
    assert last(history) == 2.0
    late(theirs, START + 86_390.5, 3.0)
    assert last(history) == 3.0
    assert 3.0 not in history.in_time(7, START, START + DAY_S, [0])[0][1]


def test_another_series_of_known_blocks_is_read_with_their_heads(
    history: History, mine: Engine, theirs: Engine
) -> None:
    pack(theirs, DAY, 1.0)
    last(history)
    with asked(mine) as told:
        assert len(history.range(7, ["b_total"], START, START + DAY_S)["b_total"][0]) == 1440
    assert any("day_pieces" in text or "days" in text for text in told)


def mean(history: History, step_s: int = HOUR_S) -> list[float]:
    found = history.steps(7, ["a"], START, START + 3 * DAY_S - 1, step_s)
    means: list[float] = found["a"].mean.tolist()
    return means


def test_hours_of_a_packed_day_are_worked_out_once(
    history: History, mine: Engine, theirs: Engine
) -> None:
    for day in range(3):
        pack(theirs, DAY + day, float(day))
    first = mean(history)
    assert first[1:24] == [0.0] * 23 and first[-23:] == [2.0] * 23
    pack(theirs, DAY + 9, 9.0)
    with asked(mine) as told:
        assert mean(history) == first
    assert not [text for text in told if "day_pieces" in text or "rest" in text]


def test_hours_of_a_day_that_is_packed_again_are_worked_out_anew(
    history: History, theirs: Engine
) -> None:
    for day in range(3):
        pack(theirs, DAY + day, float(day))
    before = mean(history)
    pack(theirs, DAY + 1, 7.0)
    after = mean(history)
    assert after[30:40] == [7.0] * 10 and after[:24] == before[:24]
    late(theirs, START + DAY_S + 36_000.5, 1.0)
    # the first step holds the sample of midnight alone
    assert mean(history)[1 + 24 + 10] == pytest.approx((7.0 * 60 + 3.0) / 63)
