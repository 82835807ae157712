"""Schedules come due at their own time of day, once, and late rather than never."""

import threading
import time
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from agent.strict import Refused
from collector import db
from playbooks import run_rows, schedules
from playbooks.run_rows import Wish
from playbooks.schedules import Schedule
from playbooks.timetable import Timetable, due_at

WIB = ZoneInfo("Asia/Jakarta")
NIGHTLY = Schedule("cadangkan-konfigurasi", {}, "35.10", "02.30", "Asia/Jakarta", "siti")


def at(day: int, hour: int, minute: int = 0) -> float:
    return datetime(2026, 11, day, hour, minute, tzinfo=WIB).timestamp()


@pytest.mark.parametrize(
    ("days", "last", "now", "due"),
    [
        pytest.param("", None, at(10, 9), at(11, 2, 30), id="tomorrow night"),
        pytest.param("", at(10, 2, 30), at(10, 2, 31), at(11, 2, 30), id="once a night"),
        pytest.param("", at(10, 2, 30), at(11, 3), at(11, 2, 30), id="late rather than never"),
        pytest.param("", at(8, 2, 30), at(11, 3), at(11, 2, 30), id="not for each night missed"),
        pytest.param("", at(10, 2, 30), at(11, 9), at(12, 2, 30), id="not after half a night"),
        pytest.param("", at(10, 2, 30), at(10, 2), at(11, 2, 30), id="not twice, set back"),
        pytest.param("", at(28, 2, 30), at(10, 9), at(11, 2, 30), id="though a clock was ahead"),
        pytest.param("1", None, at(10, 9), at(16, 2, 30), id="on Mondays"),
        pytest.param("2,4", None, at(10, 9), at(12, 2, 30), id="on Tuesdays and Thursdays"),
    ],
)
def test_a_schedule_is_due_at_its_own_time(
    days: str, last: float | None, now: float, due: float
) -> None:
    one = replace(NIGHTLY, days=days, last_at=last, set_at=at(10, 8))
    assert due_at(one, now) == due


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("at", "2.30", "at: expected a time"),
        ("at", "24.00", "at: expected a time"),
        ("days", "8", "days: expected days"),
        ("scope", "everywhere", "scope: expected a code"),
    ],
)
def test_what_is_no_schedule_is_refused(field: str, value: str, problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        replace(NIGHTLY, **{field: value}).check()


WISH = Wish("cadangkan-konfigurasi", "d", "green", False, {}, [("35.10.01.2001", "pc")], "siti")


def test_what_is_due_is_begun_once_and_what_came_of_it_is_written(store: Engine) -> None:
    wishes: list[Schedule] = []

    def wish(one: Schedule) -> Wish:
        wishes.append(one)
        if len(wishes) > 2:
            raise Refused("site", "none is named")
        return WISH

    with db.writing(store) as connection:
        schedules.add(connection, NIGHTLY, at(10, 8))
        [one] = schedules.standing(connection)
    table = Timetable(store, wish)
    table.due(one, at(11, 2, 30))
    table.due(one, at(11, 2, 30))
    with db.reading(store) as connection:
        [after] = schedules.standing(connection)
        [run] = run_rows.listing(connection)
    assert (after.last_at, after.last_run, after.last_said) == (at(11, 2, 30), run.id, "")
    table.due(after, at(12, 2, 30))
    with db.reading(store) as connection:
        [last] = schedules.standing(connection)
    assert (last.last_run, last.last_said) == (run.id, "site: none is named")


def test_one_that_was_cancelled_is_not_begun(store: Engine) -> None:
    with db.writing(store) as connection:
        number = schedules.add(connection, NIGHTLY, at(10, 8))
        [one] = schedules.standing(connection)
        assert schedules.cancel(connection, number, "budi", at(10, 9))
        assert not schedules.cancel(connection, number, "budi", at(10, 9))
    Timetable(store, lambda _: WISH).due(one, at(11, 2, 30))
    with db.reading(store) as connection:
        assert run_rows.listing(connection) == []


def test_jobs_follow_the_rows_and_begin_what_is_late(store: Engine) -> None:
    begun = threading.Event()

    def wish(one: Schedule) -> Wish:
        begun.set()
        return WISH

    with db.writing(store) as connection:
        schedules.add(connection, NIGHTLY, at(10, 8))
    table = Timetable(store, wish)
    try:
        table.look(at(11, 3))
        assert begun.wait(10)
    finally:
        table.close()


def test_whoever_closes_it_leaves_nobody_behind_at_the_database(store: Engine) -> None:
    begun, ended = threading.Event(), threading.Event()

    def wish(one: Schedule) -> Wish:
        begun.set()
        time.sleep(0.2)
        ended.set()
        return WISH

    with db.writing(store) as connection:
        schedules.add(connection, NIGHTLY, at(10, 8))
    table = Timetable(store, wish)
    table.look(at(11, 3))
    assert begun.wait(10)
    table.close()
    assert ended.is_set()
    with db.reading(store) as connection:
        assert len(run_rows.listing(connection)) == 1


def test_a_schedule_outlives_a_night_in_which_nothing_could_be_written(store: Engine) -> None:
    broke, begun = threading.Event(), threading.Event()

    def wish(one: Schedule) -> Wish:
        if not broke.is_set():
            broke.set()
            raise TimeoutError("the database takes nothing")
        begun.set()
        return WISH

    with db.writing(store) as connection:
        schedules.add(connection, NIGHTLY, at(10, 8))
    table = Timetable(store, wish)
    try:
        table.look(at(11, 3))
        assert broke.wait(10)
        # a look that comes while the first is still at its end leaves it to the next
        for later in range(20, 420, 20):
            table.look(at(11, 3) + later)
            if begun.wait(0.5):
                break
        assert begun.is_set()
    finally:
        table.close()
