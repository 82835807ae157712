"""History strips: tall is bad, short trouble stays visible, and the time adds up."""

import pytest

from collector.availability import Interval
from web import strips

DAY = 86400.0


def spell(since: float, until: float | None, state: str) -> Interval:
    return Interval(since, until, state)


def test_a_day_without_trouble_is_one_low_line() -> None:
    assert strips.hours([spell(-5, None, "normal")], 0, DAY, 1440) == [
        strips.Bar("n", 0.0, 1440.0, 4.0)
    ]


def test_a_minute_of_outage_stays_visible_and_lies_on_top() -> None:
    spells = [spell(0, 100, "normal"), spell(100, 160, "down"), spell(160, None, "normal")]
    bars = strips.hours(spells, 0, DAY, 1440)
    assert bars[-1] == strips.Bar("d", 1.7, 3.0, 28.0)


def test_trouble_at_the_very_end_stays_inside() -> None:
    bar = strips.hours([spell(DAY - 10, None, "down")], 0, DAY, 1440)[0]
    assert bar.x + bar.width == 1440


def test_what_nobody_watched_has_no_bar() -> None:
    assert strips.hours([], 0, DAY, 1440) == []
    drawn = strips.days([spell(DAY, None, "normal")], [0, DAY, 2 * DAY], 10)
    assert drawn == {"n": "M11 28v-4h8v4z"}


@pytest.mark.parametrize(
    ("state", "seconds", "kind", "height"),
    [
        pytest.param("down", 59, "n", 4.0, id="a blip does not colour a day"),
        pytest.param("down", 3600, "d", 12.2, id="an hour down"),
        pytest.param("down", 5 * 3600, "d", 28.0, id="five hours down are full height"),
        pytest.param("slow", 4 * 3600, "s", 14.0, id="slow is never as tall as down"),
        pytest.param("unknown", 4 * 3600, "u", 14.0, id="unknown is hollow"),
    ],
)
def test_a_day_shows_its_worst(state: str, seconds: float, kind: str, height: float) -> None:
    spells = [spell(0, seconds, state), spell(seconds, None, "normal")]
    assert strips.days(spells, [0, DAY], 10) == {kind: f"M1 28v-{height:g}h8v{height:g}z"}


@pytest.mark.parametrize(
    ("spent", "ratio"),
    [
        ({}, None),
        ({"unknown": 50.0}, None),
        ({"normal": 50.0, "slow": 40.0, "down": 10.0, "unknown": 900.0}, 0.9),
        ({"down": 5.0}, 0.0),
    ],
)
def test_availability_counts_known_time_only(spent: dict[str, float], ratio: float | None) -> None:
    assert strips.available(spent) == ratio


def test_bars_of_a_kind_are_one_path() -> None:
    bars = [strips.Bar("n", 0, 8, 4), strips.Bar("d", 10, 8, 28), strips.Bar("n", 20, 8, 4)]
    assert strips.paths(bars) == {"n": "M0 28v-4h8v4zM20 28v-4h8v4z", "d": "M10 28v-28h8v28z"}
