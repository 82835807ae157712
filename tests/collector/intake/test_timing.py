"""Simulated village clocks: what they tell is placed where it really was."""

import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.intake.timing import MOST_ANCHORS, MOST_BOOTS, Clock
from tests import amounts

NOW = 1_790_000_000.0
DAY_S = 86400.0


@dataclass
class Machine:
    """One boot of a machine: true time in, its uptime and wall clock out."""

    boot: str
    started: float
    drift: float = 0.0  # its uptime loses this many seconds a second
    ahead_s: float = 0.0
    steps: tuple[tuple[float, float], ...] = ()  # (true time, further seconds ahead)

    def up(self, true: float) -> float:
        return (true - self.started) * (1 - self.drift)

    def wall(self, true: float) -> float:
        stepped = sum(by_s for at, by_s in self.steps if true >= at)
        return true + self.ahead_s + stepped - (true - self.started) * self.drift


def hear(clock: Clock, machine: Machine, true: float, delay_s: float = 0.05) -> None:
    clock.hear(machine.boot, machine.up(true), machine.wall(true), true + delay_s)


def place(clock: Clock, machine: Machine, true: float, received: float) -> tuple[float, float]:
    return clock.place(machine.boot, machine.wall(true), machine.up(true), received)


def live(clock: Clock, machine: Machine, begin: float, end: float, every_s: float = 60) -> float:
    """Reports all the time; the largest error of a placed frame."""
    worst, true = 0.0, begin
    while true < end:
        hear(clock, machine, true)
        time, error_s = place(clock, machine, true - 1, true + 0.05)
        assert error_s == 0
        worst = max(worst, abs(time - (true - 1)))
        true += every_s
    return worst


CLOCKS = {
    "right": {},
    "1970": {"ahead_s": -NOW},
    "ten minutes slow": {"ahead_s": -600.0},
    "jumps by an hour in the middle": {"steps": ((NOW + 3600, 3600.0),)},
    "was set right by NTP in the middle": {"ahead_s": -NOW, "steps": ((NOW + 3600, NOW),)},
    "in the year 2100": {"ahead_s": 3e9},
    "drifts": {"drift": 2e-5},
}


@pytest.mark.parametrize("how", CLOCKS.values(), ids=CLOCKS.keys())
def test_live_frames_of_any_clock_are_placed_within_two_seconds(how: dict[str, float]) -> None:
    assert live(Clock(), Machine("b", NOW - 500, **how), NOW, NOW + 7200) <= 2


@pytest.mark.parametrize("how", CLOCKS.values(), ids=CLOCKS.keys())
def test_a_backlog_of_thirty_days_on_one_boot_is_placed_within_two_seconds(
    how: dict[str, float],
) -> None:
    clock, machine = Clock(), Machine("b", NOW - DAY_S, **how)
    live(clock, machine, NOW - 7200, NOW)
    back = NOW + 30 * DAY_S
    hear(clock, machine, back)
    for day in range(30):
        true = NOW + day * DAY_S + 1234
        time, error_s = place(clock, machine, true, back + 60)
        assert abs(time - true) <= 2
        assert error_s == 0


@pytest.mark.parametrize("drift", [-2e-5, 0.0, 2e-5])
def test_a_boot_that_ended_before_contact_came_back_is_within_thirty_seconds_or_uncertain(
    drift: float,
) -> None:
    clock, machine = Clock(), Machine("b", NOW - 10 * DAY_S, drift=drift)
    live(clock, machine, NOW - 9 * DAY_S, NOW, every_s=600)
    after = Machine("c", NOW + 30 * DAY_S, drift=drift)
    hear(clock, after, NOW + 30 * DAY_S + 60)
    for day in range(30):
        true = NOW + day * DAY_S
        time, error_s = place(clock, machine, true, NOW + 30 * DAY_S + 120)
        assert abs(time - true) <= 2 + day
        assert error_s == 0


def test_without_a_learned_drift_a_month_alone_is_marked_uncertain() -> None:
    clock, machine = Clock(), Machine("b", NOW - 600, drift=2e-5)
    live(clock, machine, NOW - 300, NOW)
    after = Machine("c", NOW + 30 * DAY_S)
    hear(clock, after, NOW + 30 * DAY_S + 60)
    true = NOW + 29 * DAY_S
    time, error_s = place(clock, machine, true, NOW + 30 * DAY_S + 120)
    assert error_s > 30
    assert abs(time - true) <= error_s


@pytest.mark.parametrize("ahead_s", [0.0, -600.0, 3600.0])
def test_boots_without_contact_take_the_stored_skew(ahead_s: float) -> None:
    clock = Clock()
    live(clock, Machine("b1", NOW - DAY_S, ahead_s=ahead_s), NOW - 7200, NOW)
    lonely = [Machine(f"x{i}", NOW + i * DAY_S, ahead_s=ahead_s) for i in range(1, 6)]
    back = NOW + 6 * DAY_S + 30
    hear(clock, Machine("b9", NOW + 6 * DAY_S, ahead_s=ahead_s), back)
    for machine in lonely:
        for minute in range(1, 600, 60):
            true = machine.started + minute * 60
            time, error_s = place(clock, machine, true, back + 5)
            assert abs(time - true) <= 2
            assert error_s == 0


def test_a_battery_clock_that_drifts_over_boots_is_interpolated() -> None:
    clock = Clock()
    live(clock, Machine("b1", NOW - DAY_S), NOW - 7200, NOW)
    back = NOW + 30 * DAY_S + 60
    hear(clock, Machine("b9", NOW + 30 * DAY_S, ahead_s=-50.0), back)
    lonely = Machine("x", NOW + 15 * DAY_S, ahead_s=-25.0)
    time, error_s = place(clock, lonely, NOW + 15 * DAY_S + 600, back + 5)
    assert abs(time - (NOW + 15 * DAY_S + 600)) <= 2
    assert error_s == 0


def test_boots_of_1970_without_contact_stand_between_their_neighbours_and_are_marked() -> None:
    clock = Clock()
    last = Machine("b1", NOW - DAY_S)
    live(clock, last, NOW - 7200, NOW)
    back = NOW + DAY_S + 30
    hear(clock, Machine("b9", NOW + DAY_S, ahead_s=-NOW - DAY_S), back)
    before = NOW - 60
    for i in range(1, 12):
        machine = Machine(f"x{i}", NOW + i * 3600, ahead_s=-(NOW + i * 3600))
        for minute in (1, 2, 30):
            true = machine.started + minute * 60
            time, error_s = place(clock, machine, true, back + 5)
            assert error_s >= abs(time - true)
            assert before < time <= NOW + DAY_S
            before = time


def test_a_backlog_of_an_unheard_boot_that_comes_first_takes_the_last_skew() -> None:
    clock = Clock()
    live(clock, Machine("b1", NOW - DAY_S, ahead_s=-600), NOW - 7200, NOW)
    lonely = Machine("x", NOW + 3600, ahead_s=-600)
    time, error_s = place(clock, lonely, NOW + 7200, NOW + DAY_S)
    assert (time, error_s) == (pytest.approx(NOW + 7200, abs=0.1), 0)


def test_an_agent_never_heard_of_is_believed_but_marked() -> None:
    time, error_s = Clock().place("x", NOW - 500, 100.0, NOW)
    assert time == NOW - 500
    assert error_s > 0
    time, error_s = Clock().place("x", 500.0, 100.0, NOW)
    assert time == NOW
    assert error_s > 0


def test_a_wall_clock_that_agrees_is_kept_as_sent() -> None:
    clock, machine = Clock(), Machine("b", NOW - 500, ahead_s=1.2)
    hear(clock, machine, NOW)
    assert place(clock, machine, NOW - 1, NOW)[0] == machine.wall(NOW - 1)


def test_the_skew_is_known() -> None:
    clock = Clock()
    hear(clock, Machine("b", NOW - 500, ahead_s=-600), NOW, delay_s=0)
    assert clock.skew is not None
    assert clock.skew.ahead_s == pytest.approx(-600)


def test_one_late_report_does_not_move_what_comes_after() -> None:
    clock, machine = Clock(), Machine("b", NOW - 500, ahead_s=-NOW)
    for minute in range(180):
        late_s = 40.0 if minute % 60 == 7 else 0.1
        hear(clock, machine, NOW + minute * 60, late_s)
        time, _ = place(clock, machine, NOW + minute * 60, NOW + minute * 60 + late_s)
        assert abs(time - (NOW + minute * 60)) <= 2


def test_a_late_first_report_is_mended_by_the_next() -> None:
    clock, machine = Clock(), Machine("b", NOW - 500, ahead_s=-NOW)
    hear(clock, machine, NOW, 50.0)
    hear(clock, machine, NOW + 60, 0.0)
    assert abs(place(clock, machine, NOW, NOW + 61)[0] - NOW) <= 0.1


def test_a_machine_restored_from_a_snapshot_is_placed_by_its_new_life() -> None:
    clock, machine = Clock(), Machine("b", NOW - 5000, ahead_s=-NOW)
    live(clock, machine, NOW, NOW + 3600)
    restored = Machine("b", NOW - 5000 + DAY_S, ahead_s=-NOW)
    assert live(clock, restored, NOW + DAY_S + 60, NOW + DAY_S + 3600) <= 2


def test_everything_is_bounded() -> None:
    clock = Clock()
    machine = Machine("b", NOW, ahead_s=-NOW)
    for hour in range(24 * 60):
        hear(clock, machine, NOW + hour * 3600)
    for i in range(100):
        clock.place(f"x{i}", 5.0, 5.0, NOW + 1e7)
    assert len(clock.boots["b"].anchors) <= MOST_ANCHORS
    assert len(clock.boots) <= MOST_BOOTS
    assert abs(place(clock, machine, NOW + 30 * DAY_S, NOW + 1e7)[0] - (NOW + 30 * DAY_S)) <= 2


@pytest.mark.slow
@settings(max_examples=amounts.times(50), deadline=None)
@given(
    drift=st.floats(-2e-5, 2e-5),
    ahead_s=st.floats(-2e9, 2e9),
    offline_s=st.floats(0, 30 * DAY_S),
    jump=st.tuples(st.floats(0, 30 * DAY_S), st.floats(-1e5, 1e5)),
    seed=st.integers(0, 2**32),
)
def test_one_boot_in_any_weather_is_placed_within_two_seconds(
    drift: float, ahead_s: float, offline_s: float, jump: tuple[float, float], seed: int
) -> None:
    chance = random.Random(seed)
    steps = ((NOW + jump[0], jump[1]),)
    machine = Machine("b", NOW - 1e6, drift, ahead_s, steps)
    clock = Clock()
    for minute in range(0, 120):
        hear(clock, machine, NOW - 7200 + 60 * minute, chance.expovariate(5))
    back = NOW + offline_s + 60
    for i in range(3):
        hear(clock, machine, back + i, min(1.0, chance.expovariate(5)))
    for _ in range(20):
        true = NOW + chance.random() * offline_s
        time, error_s = place(clock, machine, true, back + 10)
        assert abs(time - true) <= 2 + 2
        assert error_s == 0


@pytest.mark.parametrize("by_s", [120.0, 3600.0, 86400.0 * 20000])
def test_our_own_clock_that_is_set_forward_makes_nothing_the_past(by_s: float) -> None:
    machine, clock = Machine("a", NOW - 5 * DAY_S), Clock()
    live(clock, machine, NOW, NOW + 1800)
    up = machine.up(NOW + 1860)
    received = NOW + 1860 + by_s
    clock.hear("a", up, machine.wall(NOW + 1860), received)
    time, _ = clock.place("a", machine.wall(NOW + 1859), up - 1, received)
    assert time == pytest.approx(received - 1, abs=2)
    # what was told before stays where it was put
    assert place(clock, machine, NOW + 600, received)[0] == pytest.approx(NOW + 600, abs=2)


def test_a_report_that_was_under_way_for_minutes_moves_nothing_for_long() -> None:
    machine, clock = Machine("a", NOW - 5 * DAY_S), Clock()
    live(clock, machine, NOW, NOW + 1800)
    hear(clock, machine, NOW + 1860, delay_s=400)
    assert live(clock, machine, NOW + 1920, NOW + 3600) < 2
    assert place(clock, machine, NOW + 1850, NOW + 3600)[0] == pytest.approx(NOW + 1850, abs=2)


def test_a_machine_that_stands_still_again_and_again_takes_no_more_room() -> None:
    clock = Clock()
    for n in range(500):
        clock.hear("a", float(n), NOW, NOW + 1000.0 * n)
    assert len(clock.boots["a"].anchors) <= MOST_ANCHORS
