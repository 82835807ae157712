"""A line that carries less than is paid for makes its site slow, after five minutes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector import inventory
from collector.cause import UNKNOWN
from collector.db import reading, writing
from collector.fold.backlog import story
from collector.fold.events import Past
from collector.fold.shapes import Shape
from collector.inventory.importing import bring, parse
from collector.judge import Thresholds
from collector.metered import metered
from collector.reasons import say
from collector.shortfall import explain, lasting, places, short
from tests.collector.centre_bench import FINE, NOW, UPLINK, Centre

SITE = "35.10.06.2005"
DOWN = 'ronda_uplink_measured_bits_per_second{direction="download",uplink="main"}'
FLOOR = 'ronda_uplink_measured_bits_per_second{direction="download_floor",uplink="main"}'
UP = 'ronda_uplink_measured_bits_per_second{direction="upload",uplink="main"}'
NAN = float("nan")


@pytest.fixture
def centre(tmp_path: Path, database_url: str) -> Iterator[Centre]:
    made = Centre(tmp_path, database_url=database_url)
    made.inventory({"code": SITE})
    contract(made, 150)
    yield made
    made.close()


def contract(centre: Centre, mbps: float) -> None:
    with writing(centre.store) as connection:
        text = f"site,name,isp,mbps\n{SITE},main,Telkom,{mbps}\n"
        bring(connection, parse("uplinks", text.encode(), "a.csv"), centre.now, "siti")


def test_only_speeds_down_of_the_sites_own_lines_count() -> None:
    other = 'ronda_uplink_measured_bits_per_second{direction="down",site="x",uplink="main"}'
    flat = 'ronda_uplink_measured_bits_per_second{direction="receive",uplink="b"}'
    assert places([UPLINK, UP, DOWN, FLOOR, other, flat]) == ((2, 5), ("main", "b"))


@pytest.mark.parametrize(
    ("value", "paid", "which"),
    [(10e6, 150e6, 0), (75e6, 150e6, -1), (None, 150e6, -1), (10e6, NAN, -1)],
    ids=["far less", "just half", "not measured", "no contract"],
)
def test_short_is_under_half_of_a_known_contract(
    value: float | None, paid: float, which: int
) -> None:
    assert short([1.0, value], (1,), (paid,), 0.5) == which
    assert (explain([1.0, value], (1,), (paid,), 0.5) != "") == (which == 0)


def test_it_must_last_and_a_hole_begins_it_anew() -> None:
    times = [0.0, 60, 120, 180, 240, 300, 360, 1000, 1060]
    rows = [[10e6]] * len(times)
    told = lasting(rows, times, (0,), (150e6,), 0.5, 150.0)
    assert told == [False] * 5 + [True, True, False, False]


@pytest.mark.slow
def test_a_site_is_slow_after_five_minutes_and_normal_with_the_next_good_measurement(
    centre: Centre,
) -> None:
    agent = centre.agent(SITE, phase_s=0)
    agent.values = {**FINE, DOWN: 140e6, UP: 1e6}
    centre.run(600)
    assert centre.state(SITE).state == "normal"
    agent.values = {**FINE, DOWN: 10e6, UP: 1e6}
    centre.run(299)
    assert centre.state(SITE).state == "normal"
    # half a report later a restart: what has lasted is not forgotten
    centre.stop_fold()
    centre.run(180)
    state = centre.state(SITE)
    assert (state.state, state.reason) == ("slow", "10 of 150 Mbit/s are measured")
    assert say(state.reason, "id") == "terukur 10 dari 150 Mbit/dtk"
    agent.values = {**FINE, DOWN: 140e6, UP: 1e6}
    centre.run(60)
    assert centre.state(SITE).state == "normal"


def test_without_a_contract_and_with_a_floor_nobody_is_slow(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    agent.values = {**FINE, DOWN: None, FLOOR: 10e6}
    centre.run(900)
    assert centre.state(SITE).state == "normal"
    contract(centre, 15)
    agent.values = {**FINE, DOWN: 10e6}
    centre.run(900)
    assert centre.state(SITE).state == "normal"


def test_a_contract_written_down_later_counts_from_then_on(centre: Centre) -> None:
    contract(centre, 15)
    agent = centre.agent(SITE, phase_s=0)
    agent.values = {**FINE, DOWN: 10e6}
    centre.run(900)
    contract(centre, 100)
    centre.run(480)
    assert centre.state(SITE).state == "slow"


def test_a_replay_of_the_journal_says_the_same(centre: Centre) -> None:
    agent = centre.agent(SITE, phase_s=0)
    agent.values = {**FINE, DOWN: 10e6}
    centre.run(900)
    with reading(centre.store) as connection:
        assert inventory.store.terms(connection)[0]["mbps"] == 150
    line = [(i.state, i.since, i.reason) for i in centre.timeline(SITE)]
    assert line[-1][0] == "slow"
    assert line[-1][1] - NOW <= 60 + 300 + 60


def test_a_backlog_tells_of_it_too() -> None:
    shape = Shape((UPLINK, DOWN))
    told = [Past(60.0 * n, [1.0, 10e6], 60.0 * n, 0.0) for n in range(12)]
    args = (told, shape, Thresholds(), 60.0, 150.0, lambda *seen: UNKNOWN)
    made = story(*args, (150e6,))
    assert [(i.state, i.since) for i in made] == [("normal", 0), ("slow", 300)]
    assert made[1].reason == "10 of 150 Mbit/s are measured"
    assert [i.state for i in story(*args)] == ["normal"]


@pytest.mark.parametrize(
    ("kind", "isp", "quota", "costs"),
    [
        ("FO", "Telkom", None, False),
        ("VSAT", "BAKTI", None, True),
        ("4G", "", None, True),
        ("", "Orbit", None, True),
        ("FO", "Icon+", 100.0, True),
    ],
)
def test_which_lines_cost_by_the_byte(
    kind: str, isp: str, quota: float | None, costs: bool
) -> None:
    assert metered({"type": kind, "isp": isp, "quota_gb": quota}) is costs
