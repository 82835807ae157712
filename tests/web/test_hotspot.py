"""Users of the wifi by hour and day; where nobody counted nothing is drawn."""

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from collector.series.steps import Steps
from web import hotspot

ZONE = ZoneInfo("Asia/Jakarta")
NOW = 1795425120.0  # 16.12
MIDNIGHT = 1795366800.0
HOUR, DAY = 3600.0, 86400.0
AP = 'ronda_wifi_clients{ap="a"}'


def hours(*told: tuple[float, float]) -> Steps:
    starts, users = (np.array(part) for part in zip(*told, strict=True))
    return Steps(3600, starts, users, users, np.zeros(len(users)))


def test_users_of_all_access_points_count_together() -> None:
    told = {AP: hours((MIDNIGHT + 10 * HOUR, 12.0)), "b": hours((MIDNIGHT + 10 * HOUR, 8.0))}
    found = hotspot.crowd({AP: (NOW - 5, 3.0)}, told, NOW, ZONE)
    assert found
    assert found.peak == (10, 20.0)
    assert (found.now, found.at, found.top) == (3.0, NOW - 5, 20.0)
    assert found.bars == "M10.14 60v-60h.72v60z"
    assert found.heat == {"h5": "M10.04 6.06h.92v.88h-.92z"}


def test_yesterday_is_a_line_with_holes() -> None:
    yesterday = MIDNIGHT - DAY
    some = hours((yesterday, 2.0), (yesterday + HOUR, 4.0), (yesterday + 5 * HOUR, 0.0))
    found = hotspot.crowd({}, {AP: some}, NOW, ZONE)
    assert found
    assert found.then == "M0 30h1V0h1M5 60h1"
    assert found.peak is None
    assert found.peak_then == (1, 4.0)
    assert sorted(found.heat) == ["h0", "h3", "h5"]


def test_without_a_number_there_is_no_picture() -> None:
    assert hotspot.crowd({}, {}, NOW, ZONE) is None
    assert hotspot.crowd({AP: (NOW, float("nan"))}, {}, NOW, ZONE) is None


@pytest.mark.parametrize(
    ("names", "counting"),
    [
        ([AP, "ronda_hotspot_sessions"], [AP]),
        (["ronda_hotspot_sessions", "ronda_host_load1"], ["ronda_hotspot_sessions"]),
        (["ronda_host_load1"], []),
    ],
)
def test_sessions_count_where_access_points_do_not(names: list[str], counting: list[str]) -> None:
    assert hotspot.series_of(names) == counting


def test_an_access_point_is_told_whole() -> None:
    latest = {
        'ronda_wifi_up{ap="a",ssid="x"}': (1.0, 0.0),
        'ronda_wifi_up{ap="a",ssid="y"}': (2.0, 1.0),
        'ronda_wifi_clients{ap="a",ssid="x"}': (2.0, 3.0),
        'ronda_wifi_clients{ap="a",ssid="y"}': (2.0, 4.0),
        'ronda_wifi_channel_busy_ratio{ap="a",radio="0"}': (3.0, 0.4),
        'ronda_wifi_channel_busy_ratio{ap="b",radio="0"}': (3.0, float("nan")),
    }
    assert hotspot.points(latest) == [hotspot.Point("a", True, 7.0, 0.4, 3.0)]
