"""Devices of the field, recorded by others: every value that we have a name for is read right."""

import pytest

from agent.report import parse_series
from tests import recorded
from tests.agent.probes.snmp import expected
from tests.agent.probes.snmp.looking import HOST, look

pytestmark = pytest.mark.slow

# which profile each is read with
PROFILES = {
    "airos": "airos",
    "apc_smt750x-nmc2": "apc",
    "apc_smx750i": "apc",
    "cdata": "cdata",
    "deltaups_rfc1628string": "ups-mib",
    "edgeosolt": "ufiber",
    "edgeswitch_8xp": "generic",
    "epmp": "cambium-epmp",
    "fiberhome": "fiberhome",
    "grandstream-ap_gwn7660": "grandstream",
    "jetstream_sg2218p": "tplink",
    "linux_certificate-v1": "net-snmp",
    "linux_nextcloud-v1": "net-snmp",
    "linux_raspberrypi-gpiomonitor": "net-snmp",
    "linux_systemd-v1": "net-snmp",
    "linux_ups-nut": "net-snmp",
    "netagent2": "netagent",
    "netvision-rfc": "net-snmp",
    "openwrt": "openwrt",
    "poweralert_2": "ups-mib",
    "powerwalker-vfi_500r1u": "ups-mib",
    "raisecom-ros": "raisecom",
    "routeros": "mikrotik",
    "routeros_crs317": "mikrotik",
    "routeros_rb5009upr+s+": "mikrotik",
    "routeros_rb750gr3": "mikrotik",
    "routeros_rblhgr": "mikrotik",
    "ruijie": "ruijie",
    "sim_eastpower-istars": "ups-mib",
    "sim_linux-slackware": "net-snmp",
    "sim_ubiquiti-m5": "airos",
    "smartax": "huawei-olt",
    "swos": "swos",
    "tplink_td-w9970": "generic",
    "unifi": "unifi",
    "unifi_ukultra": "unifi",
    "vrp_ar169sfp": "huawei",
    "vrp_ne8000-m8": "huawei",
    "zxa10_c320": "zte",
}
_CPU, _MEMORY, _CELSIUS, _UPTIME = (
    f'ronda_device_{name}{{device="{HOST}"}}'
    for name in ("cpu_ratio", "memory_used_ratio", "temperature_celsius", "uptime_seconds")
)
_CHARGE, _RUNTIME, _MAINS = (
    f'ronda_power_{name}{{ups="{HOST}"}}'
    for name in ("battery_ratio", "runtime_seconds", "on_mains")
)
_BYTES = 'ronda_wifi_{}_bytes_total{{ap="{}"}}'
# true values that nobody put down beside the recording, each looked up in it by hand
BESIDE = {
    "airos": {_CPU: 0.04, _CELSIUS: 66},
    "apc_smt750x-nmc2": {_CELSIUS: 23.4},
    "apc_smx750i": {_CELSIUS: 31},
    "cdata": {_CPU: 0.19, _MEMORY: 1 - 86 / 242, _CELSIUS: 30.5},
    "edgeosolt": {_CELSIUS: 50.25},
    "epmp": {_CPU: 0.42},
    "fiberhome": {_CPU: 0.0458, _MEMORY: 0.5945, _CELSIUS: 45},
    "grandstream-ap_gwn7660": {
        _UPTIME: 2664052,
        _BYTES.format("receive", "wifi0"): 2748944952,
        _BYTES.format("receive", "wifi1"): 1467923386,
        _BYTES.format("transmit", "wifi0"): 1440158782,
        _BYTES.format("transmit", "wifi1"): 2070025647,
    },
    "jetstream_sg2218p": {_CPU: 0.79, _MEMORY: 0.41},
    "linux_raspberrypi-gpiomonitor": {_CELSIUS: 36.476},
    "linux_ups-nut": {_CHARGE: 1, _RUNTIME: 2280},
    "netagent2": {_MAINS: 1, _CELSIUS: 25},
    "netvision-rfc": {_CPU: 0.12, _MEMORY: 1 - (33584 + 692 + 18596) / 123120},
    "openwrt": {_UPTIME: 38347746.01},
    "raisecom-ros": {_CPU: 0.21, _MEMORY: 1 - 513844 / 1033288},
    "routeros": {_CELSIUS: 33},
    "routeros_crs317": {_CELSIUS: 45},
    "routeros_rb5009upr+s+": {_CELSIUS: 50},
    "routeros_rb750gr3": {_CELSIUS: 38},
    "sim_ubiquiti-m5": {_MEMORY: 1 - (42576 + 0) / 62268},
    "smartax": {_CPU: 0.17, _MEMORY: 0.75, _CELSIUS: 35},
    "swos": {_CELSIUS: 24},
    "unifi": {_MEMORY: 1 - 38688 / 62384},
    "vrp_ar169sfp": {_MEMORY: 0.58, _CELSIUS: 44},
    "vrp_ne8000-m8": {_CPU: 0.58, _MEMORY: 0.54, _CELSIUS: 57},
    "zxa10_c320": {_CPU: 0.11, _MEMORY: 0.26, _CELSIUS: 43},
}


@recorded.needed("snmp")
def test_every_recording_is_tried() -> None:
    assert sorted(PROFILES) == expected.RECORDINGS


@pytest.mark.parametrize("recording", sorted(PROFILES))
def test_a_recorded_device_is_read_as_it_was(recorded: int, recording: str) -> None:
    reading, profile = look(recorded, recording)
    assert profile == PROFILES[recording]
    wanted = {**expected.wanted(recording, HOST), **BESIDE.get(recording, {})}
    seen = dict(reading.values)
    assert seen.pop(f'ronda_device_up{{device="{HOST}"}}') == 1.0
    for name, value in wanted.items():
        near = None if value is None else pytest.approx(value, rel=1e-6, abs=1e-6)
        assert seen.get(name, "missing") == near, name
    for name in expected.absent(recording, HOST):
        assert seen.get(name) is None, name
    people = [value for name, value in seen.items() if name.startswith("ronda_wifi_clients")]
    if (total := expected.clients(recording)) is not None:
        assert sum(value or 0 for value in people) == total
    invented = {n for n, value in seen.items() if value is not None} - wanted.keys()
    assert {n for n in invented if not _told_without_a_name(n)} == set()


def _told_without_a_name(series: str) -> bool:
    """Radios that the recording gives no name to are only compared in sum."""
    name, labels = parse_series(series)
    return name.startswith("ronda_wifi_") and labels["ap"] == HOST
