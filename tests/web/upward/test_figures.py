"""What goes up: the hour that is due, ages of incidents, areas, bounds; nothing but numbers."""

import math
import re
from collections import Counter
from pathlib import Path

import pytest

from agent.report import parse_series
from collector import centres
from collector.intake.names import Names
from web.upward import figures
from web.upward.figures import HOUR_S, MOST_AREAS, MOST_HOURS, SETTLE_S, Hour, Part

NOW = 500_000 * HOUR_S + 1800.0


@pytest.mark.parametrize(
    ("last", "now", "hour"),
    [
        (None, NOW, 499_999),
        (499_998, NOW, 499_999),
        (499_999, NOW, 499_999),
        (499_990, NOW, 499_991),
        (499_999, NOW - 1800 + SETTLE_S - 1, 499_998),
        (499_998, NOW - 1800 + SETTLE_S, 499_999),
        (100, NOW, 499_999 - MOST_HOURS),
        (600_000, NOW, 499_999),
    ],
    ids=[
        "the first one is the newest that is over",
        "then the next",
        "that again until there is a next one",
        "none is left out",
        "what has just ended settles first",
        "and then is told",
        "after weeks away a week of hours is told",
        "a clock that was set back begins anew",
    ],
)
def test_the_hour_that_is_due(last: int | None, now: float, hour: int) -> None:
    assert figures.due(last, now) == hour


@pytest.mark.parametrize(
    ("seconds", "age"),
    [(0, "under_1h"), (3599, "under_1h"), (3600, "under_4h"), (14400, "under_24h")]
    + [(86399, "under_24h"), (86400, "older"), (9e9, "older"), (-5, "under_1h")],
)
def test_the_age_of_an_incident(seconds: float, age: str) -> None:
    assert figures.age(seconds) == age


def test_every_series_that_goes_up_is_known_and_taken_by_ingest() -> None:
    part = Part(Counter(normal=3, down=1), Counter(older=1), 2, 17, 0.98, NOW)
    made = figures.told("35.10", part, NOW) | figures.told_of_hour("35.10", 7, Hour())
    whole = figures.bounded(made)
    assert {parse_series(name)[0] for name in whole} == set(centres.SERIES)
    assert Names().judge(sorted(whole), "layouts.x").count == len(whole)
    # an area's code, a state, an age: no label can hold anything else
    labels = {(k, v) for name in whole for k, v in parse_series(name)[1].items()}
    assert {value for key, value in labels if key == "area"} == {"35.10"}
    assert {key for key, _ in labels} == {"area", "state", "age"}


def test_too_many_areas_are_left_out_and_counted() -> None:
    made = {}
    for number in range(MOST_AREAS + 10):
        area = f"{11 + number // 50}.{number % 50:02d}"
        made |= figures.told(area, Part(), NOW) | figures.told_of_hour(area, 7, Hour())
    whole = figures.bounded(made)
    assert whole[centres.LEFT_OUT] == 10.0
    assert len(figures.areas_in(whole)) == MOST_AREAS
    assert len(whole) <= 2000


def test_what_a_centre_below_told_goes_on_while_it_is_fresh() -> None:
    down = f'{centres.STATES_OF}{{area="35.10",state="down"}}'
    people = f'{centres.PEOPLE}{{area="35.10"}}'
    old = f'{centres.STATES_OF}{{area="35.11",state="down"}}'
    latest = {
        down: (NOW, 4.0),
        people: (NOW, math.nan),
        old: (NOW - 900, 1.0),
        centres.LEFT_OUT: (NOW, 0.0),
        "ronda_host_load1": (NOW, 1.0),
    }
    assert figures.forwarded(latest, NOW - 300, "35") == {down: 4.0, people: None}


@pytest.mark.parametrize(
    "name",
    [
        f'{centres.STATES_OF}{{area="32.73",state="down"}}',
        f'{centres.STATES_OF}{{area="35",state="down"}}',
        f'{centres.STATES_OF}{{area="35.101",state="down"}}',
        f'{centres.STATES_OF}{{area="35.10",state="burning"}}',
        f'{centres.PEOPLE}{{area="35.10",site="35.11.06.2005"}}',
        f'{centres.OPEN}{{age="Pak Slamet",area="35.10"}}',
        f'{centres.STATES_OF}{{state="down"}}',
    ],
    ids=[
        "another regency",
        "its own province",
        "no area",
        "no state",
        "a label that is not ours",
        "no age",
        "of nowhere",
    ],
)
def test_a_centre_below_speaks_for_its_own_area_only(name: str) -> None:
    own = f'{centres.STATES_OF}{{area="35.10.06",state="down"}}'
    told = figures.forwarded({name: (NOW, 9.0), own: (NOW, 1.0)}, NOW - 300, "35.10")
    assert told == {own: 1.0}


@pytest.mark.parametrize("value", [-1.0, 1e13, 1e300])
def test_what_no_number_of_sites_can_be_is_not_told(value: float) -> None:
    name = f'{centres.STATES_OF}{{area="35.10",state="down"}}'
    assert figures.forwarded({name: (NOW, value)}, NOW - 300, "35.10") == {}


def test_a_regency_with_a_centre_of_its_own_is_not_counted_twice() -> None:
    codes = ["35.10.06.2005", "35.11.01.2001"]
    assert figures.by_area(codes, set()) == dict(zip(codes, ("35.10", "35.11"), strict=True))
    assert figures.by_area(codes, {"35.10"}) == dict(zip(codes, ("35", "35.11"), strict=True))


def test_every_series_is_described() -> None:
    text = (Path(__file__).parents[3] / "docs" / "centres.md").read_text()
    missing = [name for name in centres.SERIES if not re.search(rf"^\| `{name}[{{`]", text, re.M)]
    assert missing == []
