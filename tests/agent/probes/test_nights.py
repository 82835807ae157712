"""When a line is measured: the quiet hours, the turn of each, three samples, once a night."""

from dataclasses import replace

import pytest

from agent.probes.nights import (
    AGAIN_S,
    APART_S,
    Book,
    Hours,
    Sample,
    Step,
    as_table,
    best,
    from_table,
    missed,
    passed_over,
    plan,
    read_hours,
    speaks,
    step,
    took,
)
from agent.strict import Refused

WIB = 7 * 3600
HOURS = read_hours("02.00-04.00", WIB)
# 2.00 in the morning of a day in Jakarta
TWO = 1_790_000_000 // 86400 * 86400 + 19 * 3600.0
SITES = [f"35.10.06.{2000 + i}" for i in range(300)]


@pytest.mark.parametrize(
    ("text", "length_s"),
    [("02.00-04.00", 7200), ("23:30-01.00", 5400), ("00.00-00.30", 1800)],
)
def test_hours_are_read(text: str, length_s: int) -> None:
    assert read_hours(text, 0).length_s == length_s


@pytest.mark.parametrize("text", ["", "02.00", "2-4", "02.00-02.10", "25.00-26.00", "02.00-02.00"])
def test_what_is_no_quiet_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected|must be"):
        read_hours(text, 0)


def test_a_night_is_the_sites_own() -> None:
    assert HOURS.night(TWO) == TWO
    assert HOURS.night(TWO - 1) == TWO - 86400
    assert HOURS.night(TWO + 80_000) == TWO
    assert Hours(HOURS.begins_s, HOURS.ends_s, 9 * 3600).night(TWO) == TWO - 7200


def test_three_hundred_sites_share_the_night_out() -> None:
    turns = sorted(HOURS.own_turn(TWO, name) - TWO for name in SITES)
    assert turns[0] >= 0
    # the last still has time for three samples
    assert turns[-1] <= 7200 - 600
    in_a_minute = [sum(at // 60 == minute for at in turns) for minute in range(120)]
    assert max(in_a_minute) <= 12


def run(book: Book, now: float, speed: float = 1e8, asked: bool = False) -> tuple[Book, int]:
    """An hour, a round a minute, with nobody on the line; the book, and how many samples."""
    count = 0
    for minute in range(60):
        at = now + minute * 60
        book = plan(book, HOURS, "a", at, asked and minute == 0)
        what, book = step(book, at, "")
        if what is Step.MEASURE:
            count += 1
            book = took(book, Sample(speed), at)
    return book, count


def test_a_night_brings_three_samples_and_the_best_counts() -> None:
    book, count = run(Book(), HOURS.own_turn(TWO, "a"))
    assert (count, book.result, book.running) == (3, Sample(1e8), False)
    assert best((Sample(5.0, 2.0), Sample(9.0, 1.0, "floor"), Sample(7.0))) == Sample(
        9.0, 2.0, "floor"
    )


def test_three_samples_take_longer_than_a_line_must_be_slow() -> None:
    assert 2 * APART_S > 300


def test_a_night_is_measured_once_also_after_a_restart() -> None:
    begin = HOURS.own_turn(TWO, "a")
    book, _ = run(Book(), begin)
    again, count = run(from_table(as_table(book), begin), begin + 3600)
    assert count == 0
    assert run(again, begin + 86400)[1] == 3


def test_nothing_is_measured_by_day_unless_it_is_asked_for_and_that_once_a_day() -> None:
    noon = TWO + 10 * 3600
    book, count = run(Book(night=TWO), noon)
    assert count == 0
    book, count = run(book, noon, asked=True)
    assert count == 3
    assert run(book, noon + 7200, asked=True)[1] == 0
    assert run(book, noon + 86400 - 3600 * 2, asked=True)[1] == 3


def test_a_line_in_use_is_waited_for_and_the_night_ends_with_the_reason() -> None:
    now = HOURS.own_turn(TWO, "a")
    book = plan(Book(), HOURS, "a", now, False)
    while book.running:
        what, book = step(book, now, "people use the line (12 Mbit/s)")
        assert what is Step.REST
        now += 60
        book = plan(book, HOURS, "a", now, False)
    assert now >= TWO + 7200
    assert (book.result, book.why) == (None, "people use the line (12 Mbit/s)")


def test_failures_end_a_run_after_so_many() -> None:
    now = HOURS.own_turn(TWO, "a")
    book, tries = plan(Book(), HOURS, "a", now, False), 0
    while book.running:
        what, book = step(book, now, "")
        if what is Step.MEASURE:
            tries += 1
            book = missed(book, "no answer", now, 5.0)
            assert step(book, now + AGAIN_S - 1, "")[0] is Step.REST
        now += 60
        book = plan(book, HOURS, "a", now, False)
    assert (tries, book.result, book.why) == (12, None, "no answer")


def test_a_result_speaks_for_a_night_and_a_bit() -> None:
    book = replace(Book(), ended_at=1000.0)
    assert not speaks(Book(), 1000.0)
    assert speaks(book, 1000.0 + 29 * 3600)
    assert not speaks(book, 1000.0 + 31 * 3600)


def test_nights_are_counted_by_what_came_of_them() -> None:
    turn = HOURS.own_turn(TWO, "a")
    book, _ = run(Book(), turn)
    busy = plan(book, HOURS, "a", turn + 86400, False)
    _, busy = step(busy, turn + 86400, "people use the line (9 Mbit/s)")
    busy = plan(busy, HOURS, "a", TWO + 86400 + 7200, False)
    assert (busy.measured, busy.missed) == (1, {"busy": 1})
    failed = plan(busy, HOURS, "a", turn + 2 * 86400, False)
    failed = missed(failed, "no route", turn + 2 * 86400)
    failed = plan(failed, HOURS, "a", TWO + 2 * 86400 + 7200, False)
    assert failed.missed == {"busy": 1, "failed": 1}
    for minute in range(0, 1440, 10):
        failed = passed_over(failed, HOURS, "a", TWO + 3 * 86400 + minute * 60)
    assert failed.missed == {"busy": 1, "failed": 1, "metered": 1}
    assert from_table(as_table(failed), TWO + 3 * 86400) == failed


GOOD = as_table(replace(Book(), samples=(Sample(1.0),), missed={"busy": 2}))
HOSTILE: dict[str, tuple[object, str]] = {
    "a list": ([], "expected a table"),
    "text for a number": ({**GOOD, "tries": "5"}, "tries: expected a whole number"),
    "no samples": ({**GOOD, "samples": 5}, "samples: expected a list"),
    "a key of nobody": ({**GOOD, "evil": 1}, "evil: unknown key"),
    "not finite": ({**GOOD, "until": float("nan")}, "until: nan is no number"),
    "samples without end": ({**GOOD, "samples": GOOD["samples"] * 9}, "samples: 9, 3 at most"),
    "a sample of text": ({**GOOD, "samples": [{"down": "1"}]}, "samples[0].down: expected"),
    "another century": ({**GOOD, "until": 1e12}, "until: lies in the future"),
    "a reason of nobody": ({**GOOD, "missed": {"tired": 1}}, "missed: 'tired' is not one of"),
}


@pytest.mark.parametrize(("table", "why"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_book_that_cannot_be_is_refused_with_its_place(table: object, why: str) -> None:
    with pytest.raises(Refused) as refused:
        from_table(table, TWO)
    assert str(refused.value).startswith(why)
