"""People online by the hour: what was counted, what the history knew, yesterday beneath today."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from flask import Flask

from collector.series.steps import Steps
from tests.web.conftest import NOW, Visitor
from web.crowd_day import MOST_HOURS, Curve, Day
from web.midnights import midnights

ZONE = ZoneInfo("Asia/Jakarta")
BEFORE, BEGUN = midnights(NOW, ZONE, 2)
ALL = np.array([0, 1])
AP, SESSIONS = 'ronda_wifi_clients{ap="balai"}', "ronda_hotspot_sessions"


class Told:
    """A history of steps by site row, by name."""

    def __init__(self, steps: Mapping[int, Mapping[str, Mapping[float, float]]]) -> None:
        self._steps = steps

    def latest(self, site_row: int) -> Mapping[str, tuple[float, float]]:
        return {name: (NOW, 1.0) for name in self._steps.get(site_row, {})}

    def steps(self, site_row: int, names: Any, start: float, end: float, step_s: int) -> Any:
        found = {}
        for name in names:
            hours = {a: v for a, v in self._steps[site_row][name].items() if start <= a < end}
            starts, values = np.array(list(hours)), np.array(list(hours.values()))
            found[name] = Steps(step_s, starts, values, values, values)
        return found


def test_the_last_count_of_an_hour_is_its_number() -> None:
    day = Day()
    for at, people in ((0, 1.0), (600, 4.0), (3600, 7.0)):
        day.put(BEGUN + at, np.array([people, np.nan]))
    curve = day.curve(ALL, BEGUN + 3700, ZONE)
    assert curve.today == [4, 7]
    assert curve.yesterday == [None] * 24
    assert curve.known and curve.most == (1, 7)


def test_an_hour_that_changes_is_summed_anew_for_who_saw_it_before() -> None:
    day = Day()
    day.put(BEGUN, np.array([1.0, 20.0]))
    assert day.curve(ALL, BEGUN + 60, ZONE).today == [21]
    day.put(BEGUN + 50, np.array([2.0, 20.0]))
    assert day.curve(ALL, BEGUN + 60, ZONE).today == [22]
    day.remember(Told({3: {AP: {BEGUN: 5.0}}}), 3, BEFORE, BEGUN + 60)
    assert day.curve(np.array([0, 1, 3]), BEGUN + 60, ZONE).today == [27]
    assert day.curve(ALL, BEGUN + 60, ZONE).today == [22]


def test_only_sites_that_are_asked_for_are_counted() -> None:
    day = Day()
    day.put(BEGUN, np.array([1.0, 20.0]))
    assert day.curve(np.array([1, 5]), BEGUN + 60, ZONE).today == [20]
    assert day.curve(np.array([5]), BEGUN + 60, ZONE).today == [None]


def test_the_past_fills_in_where_nobody_counted() -> None:
    day = Day()
    day.put(BEGUN + 60, np.array([5.0]))
    past = Told(
        {
            0: {AP: {BEGUN: 99.0, BEFORE: 3.0}},
            3: {SESSIONS: {BEFORE: 2.0, BEFORE + 3600: float("nan")}},
            4: {},
        }
    )
    for row in (0, 3, 4):
        day.remember(past, row, BEFORE, BEGUN + 3600)
    curve = day.curve(np.array([0, 3, 4]), BEGUN + 90, ZONE)
    assert day.curve(np.array([0]), BEGUN + 90, ZONE).today == [5], "what was counted stays"
    assert curve.yesterday[:2] == [5, None]
    assert curve.then == 5


def test_what_came_late_fills_gaps_and_who_has_none_is_not_asked() -> None:
    day = Day()
    hours = range(int(BEFORE), int(BEGUN), 3600)
    whole, late = ({AP: dict.fromkeys(map(float, some), 2.0)} for some in (hours, hours[:5]))
    told = Told({0: whole, 1: late})
    for row in (0, 1):
        day.remember(told, row, BEFORE, BEGUN)
    assert day.curve(ALL, BEGUN + 90, ZONE).yesterday[4:6] == [4, None]
    assert day.gaps([0, 1, 9], BEFORE, BEGUN) == [1, 9]
    late[AP] |= whole[AP]
    day.remember(told, 1, BEFORE, BEGUN)
    assert day.curve(ALL, BEGUN + 90, ZONE).yesterday[4:6] == [4, 4]
    assert day.gaps([0, 1], BEFORE, BEGUN) == []


def test_the_past_is_counted_as_the_present_is() -> None:
    day = Day()
    told = {AP: {BEFORE: 9.0, BEFORE + 3600: 8.0}, SESSIONS: {BEFORE: 2.0}}
    day.remember(Told({0: told}), 0, BEFORE, BEGUN)
    assert day.curve(ALL, BEGUN + 90, ZONE).yesterday[:2] == [2, 8], "sessions where there are some"


def test_there_is_no_curve_of_some_of_the_sites_while_the_past_is_read() -> None:
    day = Day()
    day.put(BEGUN - 60, np.array([5.0]))
    day.put(BEGUN + 60, np.array([5.0]))
    day.filling = True
    assert not day.curve(ALL, BEGUN + 90, ZONE).known
    day.filling = False
    assert day.curve(ALL, BEGUN + 90, ZONE).known


def test_only_two_days_are_kept() -> None:
    day = Day()
    for hour in range(80):
        day.put(BEGUN + hour * 3600, np.array([1.0]))
    assert len(day._hours) == MOST_HOURS


@pytest.mark.parametrize(
    ("today", "yesterday", "line", "before"),
    [
        ([None], [None] * 24, "", ""),
        ([4], [None] * 24, "M0.25 0", ""),
        ([2, None, 4], [4, 0] + [None] * 22, "M0.5 20M2.25 0", "M0.5 0L1.5 40"),
    ],
    ids=["nobody", "now alone", "a hole"],
)
def test_a_curve_is_drawn_with_its_holes(
    today: list[int | None], yesterday: list[int | None], line: str, before: str
) -> None:
    curve = Curve(today, yesterday, 0.25)
    assert (curve.line(), curve.before()) == (line, before)


def test_sites_that_fall_silent_are_no_fall_in_use() -> None:
    day = Day()
    for hour in range(3):
        day.put(BEGUN - 86400 + hour * 3600, np.full(20, 5.0))
    day.put(BEGUN, np.array([5.0] * 19 + [np.nan]))
    day.put(BEGUN + 3600, np.array([5.0] * 17 + [np.nan] * 3))
    some = np.arange(20)
    curve = day.curve(some, BEGUN + 3700, ZONE, some[:17])
    assert curve.today == [95, None], "one in twenty is drawn, three are not"
    assert (curve.usual, curve.then) == (20, 85), "yesterday of those that count now"
    day.put(BEGUN + 4000, np.full(20, 6.0))
    day.put(BEGUN + 5000, np.full(2, 7.0))
    curve = day.curve(some, BEGUN + 5000, ZONE)
    assert curve.today == [95, 122], "a site's last count of an hour is its number"


def test_the_overview_says_at_how_many_of_the_sites_people_are_counted(
    signed_in: Callable[..., Visitor], regency: Any, numbers: Any, app: Flask
) -> None:
    for number, name in enumerate(("Benculuk", "Sraten")):
        regency.site(f"35.10.06.200{number}", name, "normal")
    browser = signed_in("noc")
    centre = app.extensions["ronda"]
    for back in (24, 1):
        centre.facts.crowd.day.put(NOW - back * 3600, np.array([30.0, 12.0]))
    numbers.put("ronda_hotspot_sessions", [NOW - 10], [29])
    page = browser.page("/")
    assert "dihitung di 1 dari 2 lokasi, 16.12; yang lain tidak melapor" in page
    assert "kemarin; pada jam ini 30 di lokasi yang sama" in page


def test_the_overview_shows_yesterday_beneath_today(
    signed_in: Callable[..., Visitor], regency: Any, numbers: Any, clock: Any, app: Flask
) -> None:
    regency.site("35.10.06.2005", "Benculuk", "normal")
    browser = signed_in("noc")
    assert 'class="people"' not in browser.page("/"), "nobody was counted yet"
    centre = app.extensions["ronda"]
    for back in (24, 1, 0):
        centre.facts.crowd.day.put(NOW - back * 3600, np.array([10.0 + back]))
    numbers.put("ronda_hotspot_sessions", [NOW - 10], [10])
    clock.now += 15
    page = browser.page("/")
    assert 'class="people"' in page and "kemarin; pada jam ini 34" in page
