"""When a probe runs: tables of times."""

import pytest

from agent import schedule
from agent.schedule import Turn


@pytest.mark.parametrize(
    ("phase", "every", "now", "due"),
    [
        pytest.param(3, 12, 100, 111, id="the next time the phase comes round"),
        pytest.param(3, 12, 99, 111, id="a round that has just run is not run again"),
        pytest.param(3, 12, 98.9999, 111, id="nor a rounding error before its time"),
        pytest.param(3, 12, 500, 507, id="missed rounds are skipped"),
        pytest.param(0.5, 1, 7.2, 7.5, id="each second"),
    ],
)
def test_the_grid(phase: float, every: float, now: float, due: float) -> None:
    assert schedule.on_grid(phase, every, now) == pytest.approx(due)


@pytest.mark.parametrize(
    ("failed", "was_bad", "rechecks", "due", "counts", "rechecks_after"),
    [
        pytest.param(False, False, 0, 111, True, 0, id="good: the next round"),
        pytest.param(True, False, 0, 101, False, 1, id="failing: looked at again in a second"),
        pytest.param(True, False, 1, 101, False, 2, id="and once more"),
        pytest.param(True, False, 2, 111, True, 0, id="the third failure counts"),
        pytest.param(False, False, 1, 111, True, 0, id="good at the recheck: nothing happened"),
        pytest.param(True, True, 0, 111, True, 0, id="what is bad already is not rechecked"),
        pytest.param(False, True, 0, 111, True, 0, id="recovery counts at once"),
    ],
)
def test_a_failure_counts_after_two_rechecks(
    failed: bool, was_bad: bool, rechecks: int, due: float, counts: bool, rechecks_after: int
) -> None:
    turn = Turn(12, 3, 100, rechecks)
    after, counted = schedule.after(turn, failed, was_bad, now=100)
    assert (after.due, counted, after.rechecks) == (due, counts, rechecks_after)


def test_a_late_round_is_skipped_and_its_recheck_goes_on() -> None:
    turn = Turn(12, 3, 100, 1)
    assert schedule.skip(turn, 100) == Turn(12, 3, 111, 1)


def test_names_spread_over_the_interval() -> None:
    places = [schedule.place(f"check {i}", 60) for i in range(600)]
    tenths = [sum(6 * t <= p < 6 * (t + 1) for p in places) for t in range(10)]
    assert min(tenths) > 30
    assert schedule.place("gateway", 60) == schedule.place("gateway", 60)


@pytest.mark.parametrize("phase", [0.0, 1.0, 30.0, 59.5])
def test_counting_probes_run_just_before_their_frame(phase: float) -> None:
    turns = [schedule.first(name, 60, 0) for name in ("link", "host", "wifi")]
    for turn in turns:
        moved = schedule.before_frame(turn, phase, 3.0)
        before_s = (phase - moved.phase_s) % 60
        assert 1.5 <= before_s <= 3.0
