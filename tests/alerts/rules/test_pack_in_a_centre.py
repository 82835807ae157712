"""The default rules in a real centre: each can be evaluated, and says what its numbers say."""

from collections.abc import Iterator

import pytest

from tests.collector.promql import conftest
from tests.collector.promql.conftest import Small

SITE = "35.10.06.2005"
NUMBERS = {
    'ronda_uplink_up{uplink="main"}': 1.0,
    'ronda_uplink_up{uplink="4g"}': 0.0,
    'ronda_uplink_rtt_seconds{target="internet"}': 0.5,
    'ronda_uplink_loss_ratio{target="internet"}': 0.2,
    'ronda_uplink_measured_bits_per_second{direction="download",uplink="main"}': 10e6,
    'ronda_uplink_measured_bits_per_second{direction="upload",uplink="main"}': 10e6,
    'ronda_uplink_optical_rx_dbm{device="router",interface="sfp1"}': -28.0,
    'ronda_uplink_optical_rx_dbm{device="router",interface="sfp2"}': -28.0,
    'ronda_check_up{check="opensid",kind="http"}': 0.0,
    'ronda_check_up{check="gateway",kind="ping"}': 1.0,
    'ronda_hotspot_journey_up{step="dhcp"}': 1.0,
    'ronda_hotspot_journey_up{step="portal"}': 0.0,
    'ronda_hotspot_journey_up{step="login"}': 0.0,
    'ronda_wifi_up{ap="pendopo",ssid="desa"}': 0.0,
    'ronda_device_up{device="pendopo"}': 0.0,
    'ronda_device_up{device="router"}': 0.0,
    'ronda_host_disk_used_ratio{mount="/"}': 0.95,
}
FIRING = {
    "UplinkLineDown", "UplinkSlow", "UplinkLossy", "UplinkBelowContract", "UplinkOpticalLow",
    "ServiceDown", "HotspotJourneyBroken", "AccessPointDown", "DeviceMissing", "DiskFull",
}  # fmt: skip


@pytest.fixture
def centre(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Small]:
    monkeypatch.setattr(conftest, "NAMES", list(NUMBERS))
    yield from conftest.small.__wrapped__(tmp_path_factory.mktemp("centre"))
