"""How fast and how much: tokens, rests, caps, and a gateway in trouble."""

import pytest

from alerts.limits import Gauge, Limits, Trouble


def test_tokens_come_back_at_their_rate() -> None:
    gauge = Gauge(Limits(per_s=2.0))
    assert gauge.free(100.0) == 2
    gauge.take("a", 100.0)
    gauge.take("b", 100.0)
    assert gauge.free(100.0) == 0
    assert gauge.free(100.5) == 1
    assert gauge.free(900.0) == 2, "no more than a second's worth is saved up"
    assert gauge.free(1.0) == 2, "a clock that goes back fills nothing"


def test_a_slow_rate_still_lets_one_through() -> None:
    gauge = Gauge(Limits(per_s=0.5))
    assert gauge.free(0.0) == 1
    gauge.take("a", 0.0)
    assert [gauge.free(at) for at in (0.5, 1.0, 1.9, 2.0)] == [0, 0, 0, 1]


def test_no_limit_is_no_limit() -> None:
    gauge = Gauge(Limits())
    gauge.take("a", 0.0)
    assert gauge.free(0.0) is None and list(gauge.resting(0.0)) == [] and not gauge.full


@pytest.mark.parametrize(("target", "rest_s"), [("123", 1.0), ("-100123", 3.0)])
def test_an_address_rests_and_a_group_longer(target: str, rest_s: float) -> None:
    gauge = Gauge(Limits(target_every_s=1.0, group_every_s=3.0))
    gauge.take(target, 10.0)
    assert list(gauge.resting(10.0 + rest_s - 0.1)) == [target]
    assert list(gauge.resting(10.0 + rest_s)) == []


def test_a_cap_fills_and_empties_with_the_day() -> None:
    gauge = Gauge(Limits(daily_cap=2))
    gauge.new_day("2025-11-24", 1)
    assert not gauge.full
    gauge.take("a", 0.0)
    assert gauge.full
    gauge.new_day("2025-11-25", 0)
    assert not gauge.full


def test_three_addresses_in_a_row_are_trouble() -> None:
    trouble = Trouble()
    for at in range(3):
        trouble.failed("a", "no answer", at)
    assert trouble.room(3.0) is None, "one address can be at fault by itself"
    trouble.failed("b", "no answer", 3.0)
    trouble.failed("c", "no answer", 4.0)
    assert trouble.why == "no answer"
    assert [trouble.room(at) for at in (5.0, 33.9, 34.0)] == [0, 0, 1]
    trouble.failed("d", "still", 34.0)
    assert [trouble.room(at) for at in (93.0, 94.0)] == [0, 1], "the pause doubles"
    for _ in range(20):
        trouble.failed("e", "still", 50.0)
    assert trouble.room(94.0) == 1, "what was under way does not count"
    at = 94.0
    for _ in range(8):
        trouble.failed("d", "still", at)
        at += 300.0
        assert trouble.room(at) == 1, "up to five minutes"
    trouble.went_well()
    assert trouble.room(at) is None and trouble.why == ""
