"""Lines of a site: contract against measured, money that is due, bytes of the month."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from collector.series.steps import Steps
from web import uplinks
from web.charts import Lines

DOWN = 'ronda_uplink_measured_bits_per_second{direction="receive",uplink="main"}'
UP = 'ronda_uplink_measured_bits_per_second{direction="transmit",uplink="main"}'
DAY = date(2026, 11, 23)


def line(name: str = "main", **more: Any) -> dict[str, Any]:
    return {"name": name, "mbps": None, "quota_gb": None, "bill_day": None, "ends": ""} | more


@pytest.mark.parametrize(
    ("bits", "share", "slow"),
    [(18e6, 0.12, True), (74e6, 74 / 150, True), (75e6, 0.5, False), (160e6, 160 / 150, False)],
)
def test_half_of_what_is_paid_for_is_the_limit(bits: float, share: float, slow: bool) -> None:
    found = uplinks.uplinks([line(mbps=150.0)], {DOWN: (5.0, bits), UP: (6.0, 9e6)}, {}, DAY)
    down, up = found[0].measured
    assert (down.share, down.slow, down.at) == (pytest.approx(share), slow, 5.0)
    # the contract tells of one direction only
    assert (up.share, up.slow, up.bits) == (None, False, 9e6)


def test_what_could_not_be_measured_is_not_shown() -> None:
    found = uplinks.uplinks([line(mbps=150.0)], {DOWN: (5.0, float("nan"))}, {}, DAY)
    assert found[0].measured == []


@pytest.mark.parametrize(
    ("series", "rows", "lines"),
    [
        pytest.param(DOWN, [line(mbps=100.0)], Lines(50e6, 100e6, True), id="its own line"),
        pytest.param(DOWN, [line("fo1", mbps=100.0)], Lines(50e6, 100e6, True), id="the only one"),
        pytest.param(DOWN, [line("a", mbps=1.0), line("b")], None, id="which of two?"),
        pytest.param(DOWN, [line()], None, id="nothing is known of a contract"),
        pytest.param(UP, [line(mbps=100.0)], None, id="the way up"),
        pytest.param(
            DOWN.replace("receive", "download"),
            [line(mbps=100.0)],
            Lines(50e6, 100e6, True),
            id="called otherwise",
        ),
        pytest.param("ronda_uplink_loss_ratio", [line(mbps=100.0)], None, id="no speed at all"),
    ],
)
def test_what_a_speed_is_held_against(
    series: str, rows: list[dict[str, Any]], lines: Lines | None
) -> None:
    assert uplinks.lines_of(series, rows) == lines


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"ends": "2026-11-25"}, "the contract ends in 2 days"),
        ({"bill_day": 20}, "the bill was due 3 days ago"),
        ({"ends": "2027-11-25"}, ""),
        ({}, ""),
    ],
)
def test_a_date_that_is_near_is_told(terms: dict[str, Any], told: str) -> None:
    assert uplinks.uplinks([line(**terms)], {}, {}, DAY)[0].due == told


def test_a_line_named_after_its_interface_has_its_bytes_counted() -> None:
    rows = [line("router/sfp1", quota_gb=50.0), line("main")]
    mine = 'ronda_uplink_receive_bytes_total{device="router",interface="sfp1"}'
    theirs = 'ronda_uplink_receive_bytes_total{interface="sfp1"}'
    assert uplinks.counters(rows, {mine: (0, 0), theirs: (0, 0)}) == [mine]
    hours = Steps(3600, np.array([0.0, 3600, 7200]), *(np.zeros(3),) * 2, np.array([9e9, 4e9, 6e9]))
    used = uplinks.grown({mine: hours}, 3600.0)
    first, second = uplinks.uplinks(rows, {}, used, DAY)
    assert (first.used_bytes, first.used_share) == (10e9, 0.2)
    assert (second.used_bytes, second.used_share, second.quota_bytes) == (None, None, None)


def test_a_month_begins_at_midnight_of_the_village() -> None:
    assert uplinks.month_begin(1795425120.0, ZoneInfo("Asia/Jakarta")) == 1793466000.0


def test_a_place_may_have_a_share_of_its_own() -> None:
    found = uplinks.uplinks([line(mbps=100.0)], {DOWN: (5.0, 60e6)}, {}, DAY, 0.8)
    assert found[0].measured[0].slow
    assert uplinks.lines_of(DOWN, [line(mbps=100.0)], 0.8) == Lines(80e6, 100e6, True)
