"""Devices that we wrote down ourselves, by what their vendors' MIBs say: odd units, empty cages,
unknown values. Each file of tests/agent/data/snmp is one device."""

import math

import pytest

from tests.agent.probes.snmp.conftest import OWN
from tests.agent.probes.snmp.looking import HOST, look

RX, TX = "ronda_uplink_optical_rx_dbm", "ronda_uplink_optical_tx_dbm"
CPU, MEMORY, CELSIUS = (
    f'ronda_device_{name}{{device="{HOST}"}}'
    for name in ("cpu_ratio", "memory_used_ratio", "temperature_celsius")
)
MAINS, CHARGE, RUNTIME = (
    f'ronda_power_{name}{{ups="{HOST}"}}'
    for name in ("on_mains", "battery_ratio", "runtime_seconds")
)


def of(name: str, interface: str) -> str:
    return f'{name}{{device="{HOST}",interface="{interface}"}}'


def people(ap: str, ssid: str = "") -> str:
    return f'ronda_wifi_clients{{ap="{ap}",ssid="{ssid}"}}'


DEVICES: dict[str, tuple[str, dict[str, float | None]]] = {
    "netagent-eppc": ("netagent", {MAINS: 0.0, CHARGE: 0.87, RUNTIME: 2520.0, CELSIUS: 31.8}),
    "hp-r3000": ("eaton", {MAINS: 0.0, CHARGE: 0.96, RUNTIME: 1260.0}),
    "ups-no-source": ("ups-mib", {MAINS: 0.0, CHARGE: 0.71, RUNTIME: None}),
    "ups-source-unsaid": ("ups-mib", {MAINS: 1.0, CHARGE: 1.0, RUNTIME: None, CELSIUS: None}),
    "apc-whole-percents": ("apc", {MAINS: 1.0, CHARGE: 0.64, RUNTIME: 1260.0, CELSIUS: 27.0}),
    "odd-sensors": ("generic", {CELSIUS: 45.25, CPU: 0.4}),
    "edgerouter": ("net-snmp", {CPU: 0.07, MEMORY: 0.4}),
    "zte-zxr10": ("zte", {CPU: 0.34, CELSIUS: 51.0}),
    "deltastream": (
        "tplink",
        {
            of(RX, "ONU 1.1.1"): -21.36,
            of(RX, "ONU 1.1.2"): None,
            of(RX, "ONU 1.1.3"): None,
            of(RX, "ONU 1.2.1"): None,
        },
    ),
    "vsol-gpon-tree": (
        "vsol",
        {
            of(TX, "PON 1"): 5.91,
            of(RX, "PON 1"): -22.35,
            of(TX, "PON 2"): None,
            of(RX, "PON 2"): None,
            of(RX, "ONU 1.1"): 10 * math.log10(0.004),
            of(RX, "ONU 1.2"): -24.1,
            CPU: 0.21,
            MEMORY: 0.63,
            CELSIUS: 39.0,
        },
    ),
    "vsol-epon": (
        "vsol",
        {
            of(RX, "ONU 1.1"): -17.28,
            of(RX, "ONU 1.2"): -40.0,
            of(RX, "ONU 1.3"): None,
            of(RX, "ONU 2.1"): None,
            of(TX, "ONU 1.1"): 2.10,
            of(TX, "ONU 1.3"): None,
            of(TX, "PON 1"): 5.12,
            of(TX, "PON 2"): None,
            CPU: 0.17,
            CELSIUS: 48.0,
        },
    ),
    # texts that no manual shows where whole thousandths are usual
    "ros-odd-texts": (
        "mikrotik",
        {
            of(RX, "Büro"): -19.2,
            of(RX, "Bäro"): -7.5,
            of(RX, "sfp3"): None,
            of(RX, "sfp4"): None,
            of(RX, "sfp5"): -2.1,
            of(RX, "sfp6"): -20.0,
            of(RX, "sfp7"): None,
            of(RX, "sfp8"): None,
            of(RX, "sfp9"): -21.345,
            # of no light a thousandth would be much light
            of(RX, "sfp10"): None,
            of(RX, "sfp11"): None,
            CELSIUS: 41.2,
        },
    ),
    "vsol-gpon": (
        "vsol",
        {
            of(RX, "ONU 1.1"): -21.549,
            of(RX, "ONU 1.2"): None,
            of(RX, "ONU 1.3"): None,
            of(TX, "ONU 1.1"): 2.315,
        },
    ),
    "cdata-gpon": (
        "cdata",
        {
            of(RX, "ONU 16909073"): -24.95,
            of(RX, "ONU 16909074"): None,
            of(RX, "ONU 16909075"): None,
            of(TX, "ONU 16909073"): 2.31,
        },
    ),
    "cdata-epon": (
        "cdata",
        {
            of(RX, "ONU 1.1.1"): -20.0,
            of(RX, "ONU 1.1.2"): None,
            of(RX, "ONU 1.1.3"): None,
            CPU: None,
            CELSIUS: None,
        },
    ),
    "zte-c320": (
        "zte",
        {
            of(RX, "gpon-olt_1/1/1 ONU 1"): -21.5,
            of(RX, "gpon-olt_1/1/1 ONU 2"): None,
            of(RX, "gpon-olt_1/1/1 ONU 3"): None,
            of(RX, "gpon-olt_1/1/1 ONU 4"): -40.0,
            of(RX, "xgei_1/3/1"): -7.301,
            of(TX, "xgei_1/3/1"): -2.511,
            of(RX, "gpon-olt_1/1/1"): None,
            of(TX, "gpon-olt_1/1/1"): 5.12,
        },
    ),
    "zte-c300": (
        "zte",
        {
            of(RX, "gpon-olt_1/2/1 ONU 7"): -25.0,
            of(RX, "gpon-olt_1/2/1 ONU 8"): None,
            CPU: 0.61,
        },
    ),
    "fiberhome-an5516": (
        "fiberhome",
        {
            of(RX, "ONU 33574912"): -19.87,
            of(RX, "ONU 33575168"): None,
            of(TX, "PON 33574912"): 4.12,
            CPU: 0.125,
            MEMORY: 0.44,
        },
    ),
    "huawei-s5700-uw": (
        "huawei",
        {
            of(RX, "GigabitEthernet0/0/23"): 10 * math.log10(0.251),
            of(TX, "GigabitEthernet0/0/23"): 10 * math.log10(0.562),
            of(RX, "GigabitEthernet0/0/24"): None,
            of(TX, "GigabitEthernet0/0/24"): None,
            CPU: 0.09,
            CELSIUS: 41,
        },
    ),
    "huawei-s5735-dbm": (
        "huawei",
        {
            of(RX, "GigabitEthernet0/0/23"): -14.32,
            of(TX, "GigabitEthernet0/0/23"): 1.02,
            of(RX, "GigabitEthernet0/0/24"): None,
            of(TX, "GigabitEthernet0/0/24"): None,
        },
    ),
    "huawei-qsfp": (
        "huawei",
        {of(RX, "GigabitEthernet0/0/23"): -1.2025, of(RX, "GigabitEthernet0/0/24"): None},
    ),
    "huawei-ma5608t": (
        "huawei-olt",
        {
            of(RX, "GPON 0/0/0 ONT 5"): -22.13,
            of(RX, "GPON 0/0/0 ONT 6"): None,
            of(TX, "GPON 0/0/0 ONT 5"): 2.43,
            of(TX, "GPON 0/0/0 ONT 6"): None,
            CPU: 0.33,
        },
    ),
    "tplink-t2600g": (
        "tplink",
        {
            of(TX, "gigabitEthernet 1/0/25"): 10 * math.log10(0.631),
            of(RX, "gigabitEthernet 1/0/25"): -20.0,
            of(TX, "gigabitEthernet 1/0/26"): None,
            of(RX, "gigabitEthernet 1/0/26"): None,
        },
    ),
    "tplink-ddm-dbm": (
        "tplink",
        {of(TX, "gigabitEthernet 1/0/9"): -5.612, of(RX, "gigabitEthernet 1/0/9"): -19.28},
    ),
    "tplink-eap": ("tplink-ap", {people(HOST): 7}),
    "ruijie-s2910": (
        "ruijie",
        {
            of(RX, "TenGigabitEthernet 0/25"): -11.87,
            of(TX, "TenGigabitEthernet 0/25"): -2.3,
            of(RX, "TenGigabitEthernet 0/26"): None,
            of(TX, "TenGigabitEthernet 0/26"): None,
            CPU: 0.12,
            MEMORY: 0.47,
        },
    ),
    "ruijie-ac": ("ruijie", {people("AP-Balai"): 18, people("AP-Aula"): 0}),
    "cnpilot-e400": (
        "cambium-cnpilot",
        {
            people(HOST): 23,
            CPU: 0.31,
            MEMORY: 0.6,
            f'ronda_wifi_noise_dbm{{ap="{HOST}",radio="1"}}': -96,
        },
    ),
    "pmp450": ("cambium-pmp", {people(HOST): 34}),
    "rut950": ("teltonika", {CELSIUS: 46.0}),
    "rutx11": ("teltonika", {CELSIUS: 38.7, CPU: 0.07, MEMORY: 0.5}),
    "cyberpower-battery": (
        "cyberpower",
        {MAINS: 0, CHARGE: 0.64, RUNTIME: 1140, CELSIUS: None},
    ),
    "cyberpower-lost": ("cyberpower", {MAINS: 0, CHARGE: None, RUNTIME: None}),
    "apc-old-battery": ("apc", {MAINS: 0, CHARGE: 0.37, RUNTIME: 0, CELSIUS: 29}),
    "apc-on-test": ("apc", {MAINS: 1, CHARGE: None, RUNTIME: None}),
    "netagent-battery": ("netagent", {MAINS: 0, CHARGE: 0.81, RUNTIME: 1320, CELSIUS: None}),
    "eaton-empty": ("ups-mib", {MAINS: 0, CHARGE: 0, RUNTIME: 0, CELSIUS: None}),
    "eaton-powerware": ("eaton", {MAINS: 0, CHARGE: 0.88, RUNTIME: 2700, CELSIUS: 29}),
    "ups-off": ("ups-mib", {MAINS: None, CHARGE: None, RUNTIME: None}),
    "ros7-sfp": (
        "mikrotik",
        {
            of(RX, "sfp-sfpplus1"): -21.405,
            of(TX, "sfp-sfpplus1"): None,
            CELSIUS: 61,
            "ronda_hotspot_sessions": 3,
            people("ether1"): 5,
        },
    ),
    "unifi-two-radios": (
        "unifi",
        {
            people("ng", "desa"): 4,
            people("na", "desa"): 9,
            people("ng", "tamu"): 1,
            'ronda_wifi_up{ap="na",ssid="desa"}': 0,
            'ronda_wifi_up{ap="ng",ssid="desa"}': 1,
            'ronda_wifi_up{ap="ng",ssid="tamu"}': 1,
            'ronda_wifi_receive_bytes_total{ap="na"}': 200,
            'ronda_wifi_channel_busy_ratio{ap="ng",radio="ng"}': 0.61,
            'ronda_wifi_channel_busy_ratio{ap="na",radio="na"}': None,
            'ronda_wifi_receive_bytes_total{ap="ng"}': 400,
        },
    ),
    "old-switch": (
        "generic",
        {
            of("ronda_uplink_link_up", "port"): 1,
            of("ronda_uplink_receive_bytes_total", "port"): 4294967290,
            'ronda_uplink_speed_bits_per_second{interface="port"}': 1e8,
            of("ronda_uplink_link_up", "tun0"): None,
            of("ronda_uplink_link_up", "odd"): None,
            of("ronda_uplink_receive_bytes_total", "odd"): None,
            'ronda_uplink_speed_bits_per_second{interface="odd"}': None,
        },
    ),
    "nameless-mikrotik": ("mikrotik", {of(RX, "sfp1"): -15.0}),
    "sensors": ("generic", {CELSIUS: 51.2}),
}
# what every device has, beside what its own table says
COMMON = ("ronda_uplink_link_up", "ronda_uplink_receive", "ronda_uplink_transmit")
COMMON += ("ronda_uplink_speed", "ronda_device_up")


def test_every_written_device_is_tried() -> None:
    assert sorted(path.stem for path in OWN.glob("*.snmprec")) == sorted(DEVICES)


@pytest.mark.parametrize("device", sorted(DEVICES))
def test_a_written_device_is_read_as_it_is_meant(written: int, device: str) -> None:
    profile, wanted = DEVICES[device]
    reading, found = look(written, device)
    assert found == profile
    for name, value in wanted.items():
        near = None if value is None else pytest.approx(value, rel=1e-6, abs=1e-6)
        assert reading.values.get(name, "missing") == near, name
    further = {n for n in reading.values.keys() - wanted.keys() if not n.startswith(COMMON)}
    assert not {n for n in further if not n.startswith("ronda_wifi_noise")}


def test_an_access_point_with_a_name_counts_its_radios_together(written: int) -> None:
    reading, _ = look(written, "unifi-two-radios", device="ap-balai")
    assert reading.values[people("ap-balai", "desa")] == 13
    busy = 'ronda_wifi_channel_busy_ratio{ap="ap-balai",radio="ng"}'
    assert reading.values[busy] == pytest.approx(0.61)


def test_a_device_with_a_name_has_it_on_all_its_interfaces(written: int) -> None:
    reading, _ = look(written, "old-switch", device="switch-aula")
    told = [name for name in reading.values if 'interface="port"' in name]
    assert len(told) == 5
    assert all('device="switch-aula"' in name for name in told)


def test_only_the_interfaces_asked_for_are_told(written: int) -> None:
    reading, _ = look(written, "ros7-sfp", interfaces=["sfp*"])
    told = [n for n in reading.values if "interface=" in n]
    assert told
    assert all("sfp-sfpplus1" in name for name in told)


def test_a_profile_can_be_chosen_by_hand(written: int) -> None:
    reading, profile = look(written, "ros7-sfp", profile="interfaces")
    assert profile == "interfaces"
    assert of(RX, "sfp-sfpplus1") not in reading.values
