"""What one agent may have written down, and when it may go on."""

import pytest

from collector.intake.body import Problem
from collector.intake.ration import BURST_BYTES, BYTES_PER_S, Ration

REPORT = 8 << 20


def taken(ration: Ration, agent: int, now: float, tries: int = 1000) -> int:
    """How many of the largest reports are taken at once."""
    for count in range(tries):
        try:
            ration.take(agent, REPORT, now)
        except Problem as problem:
            assert problem.status == 429
            assert problem.reply().status == 429
            return count
    return tries


def test_a_stolen_token_does_not_fill_the_journal() -> None:
    ration = Ration()
    assert taken(ration, 7, now=0.0) == BURST_BYTES // REPORT
    assert taken(ration, 7, now=3600.0) == int(3600 * BYTES_PER_S) // REPORT


def test_its_neighbours_notice_nothing_and_small_reports_go_on() -> None:
    ration = Ration(burst=1000, per_s=1.0)
    ration.take(7, 990, now=0.0)
    ration.take(7, 10, now=0.0)
    with pytest.raises(Problem):
        ration.take(7, 300, now=100.0)
    ration.take(7, 100, now=100.0)
    ration.take(8, 1000, now=100.0)


def test_a_clock_that_was_put_back_takes_nothing_away() -> None:
    ration = Ration(burst=1000, per_s=1.0)
    ration.take(7, 500, now=1000.0)
    ration.take(7, 500, now=10.0)


def test_a_village_that_offers_thirty_days_again_is_not_sent_away() -> None:
    ration = Ration()
    for minute in range(30 * 1440):
        ration.take(7, 1200, now=minute / 480)


def test_only_those_are_known_who_have_not_all_of_it_again() -> None:
    ration = Ration(burst=1000, per_s=1.0)
    ration.take(7, 900, now=0.0)
    for second in range(1, 500):
        ration.take(1000 + second, 10, now=float(second))
    assert len(ration) < 20
    with pytest.raises(Problem):
        ration.take(7, 700, now=500.0)
