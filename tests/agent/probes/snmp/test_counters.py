"""Counters of 32 bits: where they turn over they go on, where a device restarted they begin."""

import pytest

from agent.probes.snmp.counters import TURN, Counters

# (seconds, uptime, what the device says) and what is told
STORIES: dict[str, tuple[list[tuple[float, float | None, float]], list[float]]] = {
    "goes up": ([(0, 100, 10), (60, 160, 20)], [10, 20]),
    "turns over": ([(0, 100, TURN - 5), (60, 160, 7)], [TURN - 5, TURN + 7]),
    "turns over twice": (
        [(0, 100, TURN - 5), (60, 160, 7), (120, 220, 3e9), (180, 280, 4)],
        [TURN - 5, TURN + 7, TURN + 3e9, 2 * TURN + 4],
    ),
    "restarted": ([(0, 100, TURN - 5), (60, 30, 7)], [TURN - 5, 7]),
    "restarted after a turn": (
        [(0, 100, TURN - 5), (60, 160, 7), (120, 20, 3)],
        [TURN - 5, TURN + 7, 3],
    ),
    "was set back by hand": ([(0, 100, 1e9), (10, 110, 7)], [1e9, 7]),
    "says no uptime": ([(0, None, TURN - 5), (60, None, 7)], [TURN - 5, TURN + 7]),
}


@pytest.mark.parametrize(("rounds", "told"), STORIES.values(), ids=STORIES.keys())
def test_a_counter(rounds: list[tuple[float, float | None, float]], told: list[float]) -> None:
    counters = Counters()
    found = [counters.widen({"a": said}, ["a"], up, now)["a"] for now, up, said in rounds]
    assert found == told


def test_a_counter_that_was_not_told_once_goes_on() -> None:
    counters = Counters()
    counters.widen({"a": TURN - 5}, ["a"], 100, 0)
    assert counters.widen({"a": None}, ["a"], 160, 60) == {}
    assert counters.widen({"a": 7}, ["a"], 220, 120) == {"a": TURN + 7}
