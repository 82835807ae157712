"""Charts: which series, rates with resets, few points, gaps that stay gaps, round scales."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from collector.series.steps import Steps
from web import charts

NOW = 1795425120.0
SITE = "35.10.06.2005"
RTT = next(family for family in charts.FAMILIES if "rtt" in family.name)
BYTES = next(family for family in charts.FAMILIES if family.rate)
MEMORY = next(family for family in charts.FAMILIES if "memory" in family.name)
nan = float("nan")


def test_few_series_of_each_family_in_a_fixed_order() -> None:
    names = [f'ronda_host_disk_used_ratio{{mount="/{n}"}}' for n in range(9)]
    names += ['ronda_uplink_receive_bytes_total{interface="lo"}', "ronda_uplink_rtt_seconds", "up"]
    chosen = charts.choose(names)
    assert [wanted.of for wanted in chosen] == ["", "/0", "/1"]
    assert chosen[0].series == "ronda_uplink_rtt_seconds"


def test_a_counter_is_shown_as_a_rate_and_a_reset_or_a_hole_as_a_gap() -> None:
    counted = [(0.0, 0.0), (60, 6000), (120, 12000), (180, 30), (240, 6030), (940, 6040)]
    times, values = charts.shown(BYTES, *np.array(counted).T)
    assert times.tolist() == [60, 120, 180, 240, 940]
    np.testing.assert_array_equal(values, [800.0, 800.0, nan, 800.0, nan])


def test_the_scale_holds_what_a_script_draws_more_finely() -> None:
    times = np.arange(7200.0)
    values = np.where(times.astype(int) // 10 % 2, 0.9, 0.1)
    drawn = charts.draw(MEMORY, times, values, 0, 7200)
    assert drawn
    assert drawn.ticks[-1] == 1.0


@pytest.mark.parametrize("count", [0, 1])
def test_a_rate_needs_two_points(count: int) -> None:
    times, values = charts.shown(BYTES, np.arange(count, dtype=float), np.ones(count))
    assert len(times) == len(values) == 0


def test_thinning_keeps_peaks_where_peaks_matter() -> None:
    times, values = np.arange(1000.0), np.zeros(1000)
    values[500] = 9.0
    assert charts.thin(times, values, 100, peak=True)[1].max() == 9.0
    assert charts.thin(times, values, 100, peak=False)[1].max() == pytest.approx(0.9)
    assert len(charts.thin(times, values, 100, peak=True)[0]) == 100


@pytest.mark.parametrize("most", [10, 1000], ids=["thinned", "as they are"])
def test_a_gap_stays_a_gap(most: int) -> None:
    times = np.concatenate([np.arange(50.0), np.arange(150.0, 200.0)])
    _, values = charts.thin(times, np.ones(100), most, peak=False)
    assert np.isnan(values).any()
    assert np.nanmax(values) == 1.0


@pytest.mark.parametrize(
    ("low", "high", "family", "ticks"),
    [
        pytest.param(0.02, 0.03, RTT, (0.0, 0.01, 0.02, 0.03), id="small"),
        pytest.param(0.02, 0.186, RTT, (0.0, 0.1, 0.2, 0.3), id="the limit comes into view"),
        pytest.param(0.3, 0.97, MEMORY, (0.0, 0.5, 1.0), id="no share over a whole"),
        pytest.param(0.0, 0.0, MEMORY, (0.0, 0.005, 0.01), id="nothing at all"),
    ],
)
def test_scales_are_round(
    low: float, high: float, family: charts.Family, ticks: tuple[float, ...]
) -> None:
    assert charts.scale(low, high, family) == pytest.approx(ticks)


def test_a_drawing_has_a_hole_where_there_is_no_number() -> None:
    drawn = charts.draw(MEMORY, np.array([0.0, 10, 20, 30]), np.array([0.2, nan, 0.3, 0.3]), 0, 30)
    assert drawn
    assert drawn.path.count("M") == 2
    assert "nan" not in drawn.path + drawn.area
    assert charts.draw(MEMORY, np.array([0.0]), np.array([nan]), 0, 30) is None


def test_series_come_as_json_with_few_points(
    regency: Any, signed_in: Callable[..., Any], numbers: Any
) -> None:
    regency.site(SITE, "Benculuk")
    times = [NOW - 30 * back for back in range(2880, 0, -1)]
    values = [0.25] * 2880
    values[100:110] = [nan] * 10
    numbers.put("ronda_host_cpu_ratio", times, values)
    answer = signed_in("viewer").get(f"/sites/{SITE}/series.json?name=ronda_host_cpu_ratio")
    body = answer.get_json()
    assert (body["name"], body["unit"]) == ("ronda_host_cpu_ratio", "ratio")
    assert len(body["times"]) == len(body["values"]) <= 720
    assert set(body["values"]) == {0.25, None}


LIGHT = next(family for family in charts.FAMILIES if "optical" in family.name)
SPEED = next(family for family in charts.FAMILIES if "measured" in family.name)


def test_a_contract_and_its_half_are_drawn_over_what_is_measured() -> None:
    lines = charts.Lines(75e6, 150e6, floor=True)
    drawn = charts.draw(SPEED, np.array([0.0, 10, 20]), np.array([18e6] * 3), 0, 30, lines)
    assert drawn
    assert drawn.ticks[-1] == 150e6
    assert (drawn.contract_y, drawn.limit_y) == (0.0, 50.0)
    assert lines.broken(18e6)
    assert not lines.broken(80e6)
    assert not lines.broken(None)


def test_a_floor_stays_in_sight_however_good_the_light_is() -> None:
    drawn = charts.draw(LIGHT, np.array([0.0, 10, 20]), np.array([-20.0] * 3), 0, 30)
    assert drawn
    assert drawn.ticks[0] <= -27
    assert drawn.limit_y is not None
    assert charts.lines_of(LIGHT).broken(-28.4)


def test_a_counter_by_the_hour_is_a_rate() -> None:
    counter = next(family for family in charts.FAMILIES if family.rate)
    grown = Steps(3600, np.array([0.0, 3600]), *(np.zeros(2),) * 2, np.array([3600.0, 7200.0]))
    times, values = charts.stepped(counter, grown)
    assert (times.tolist(), values.tolist()) == ([1800.0, 5400.0], [8.0, 16.0])
