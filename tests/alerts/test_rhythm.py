"""When is what is done every so often due again, if each step comes a little late?"""

import pytest

from alerts.rhythm import begun

NEVER = float("-inf")


@pytest.mark.parametrize(
    ("before", "now", "counts_as"),
    [
        pytest.param(NEVER, 100.0, 100.0, id="the first time"),
        pytest.param(100.0, 105.0, 105.0, id="on time"),
        pytest.param(100.0, 105.5, 105.0, id="a step that came late makes the next no later"),
        pytest.param(100.0, 110.0, 110.0, id="a turn left out is not made up for"),
        pytest.param(100.0, 40.0, 40.0, id="the clock was set back"),
    ],
)
def test_a_turn_counts_from_when_it_was_due(before: float, now: float, counts_as: float) -> None:
    assert begun(before, 5.0, now) == counts_as


def test_steps_of_half_a_second_and_more_keep_a_pace_of_five() -> None:
    times, before, now = [], NEVER, 0.0
    for _ in range(1000):
        if not before <= now < before + 5.0:
            times.append(now)
            before = begun(before, 5.0, now)
        now += 0.55
    assert (times[-1] - times[0]) / (len(times) - 1) == pytest.approx(5.0, abs=0.01)
