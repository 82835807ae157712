"""What the OpenWrt agent tells of its line, radios, leases and machine; nobody is named."""

import time
from pathlib import Path

import pytest

from tests.agent.micro.device import Device

SHELLS = [("busybox", "ash"), ("dash",)]


@pytest.fixture(params=SHELLS, ids=" ".join)
def device(tmp_path: Path, request: pytest.FixtureRequest) -> Device:
    return Device(tmp_path / "device", request.param)


def facts(device: Device) -> dict[str, str]:
    lines = device.part("facts\n").splitlines()
    found = dict(line.rpartition("=")[::2] for line in lines)
    assert len(found) == len(lines)
    return found


def test_by_ubus_a_line_and_its_radios_are_told(device: Device) -> None:
    device.tool("ubus")
    device.more |= {"UP": "true", "L3": '\t"l3_device": "lo",\n'}
    found = facts(device)
    assert found['ronda_uplink_link_up{interface="lo"}'] == "1"
    assert int(found['ronda_uplink_receive_bytes_total{interface="lo"}']) >= 0
    assert found['ronda_wifi_clients{ap="phy0-ap0",ssid="Balai \\"Desa\\""}'] == "2"
    assert "02:00" not in "".join([*found, *found.values()])


def test_a_line_that_is_down_keeps_its_name(device: Device) -> None:
    device.tool("ubus")
    device.more |= {"UP": "true", "L3": '\t"l3_device": "lo",\n'}
    facts(device)
    device.more |= {"UP": "false", "L3": ""}
    assert facts(device)['ronda_uplink_link_up{interface="lo"}'] == "0"


def test_without_ubus_iwinfo_counts_people(device: Device) -> None:
    device.tool("iwinfo")
    found = facts(device)
    assert found['ronda_wifi_clients{ap="wlan0",ssid="Kantor"}'] == "1"
    assert not [name for name in found if "wlan1" in name]
    assert "02:00" not in "".join([*found, *found.values()])


def test_leases_that_have_not_ended_are_counted(device: Device) -> None:
    now = int(time.time())
    leases = [
        f"{now + 60} 02:00:00:00:00:01 192.168.1.101 phone *",
        f"{now - 60} 02:00:00:00:00:02 192.168.1.102 gone *",
        "0 02:00:00:00:00:03 192.168.1.103 printer *",
        f"{now + 60} 1 fd00::5 phone 00:01",
    ]
    (device.folder / "leases").write_text("\n".join(leases) + "\n")
    assert facts(device)['ronda_dhcp_leases{pool="all"}'] == "2"
    device.tool("uci")
    found = facts(device)
    assert found['ronda_dhcp_leases_used_ratio{pool="all"}'] == "0.040"
    assert "phone" not in "".join(found)


def test_the_machine_is_told_in_parts_of_one(device: Device) -> None:
    facts(device)
    time.sleep(0.05)
    found = facts(device)
    for name in ("ronda_host_memory_used_ratio", "ronda_host_cpu_ratio"):
        assert 0 <= float(found[name]) <= 1
    assert 0 <= float(found['ronda_host_disk_used_ratio{mount="/"}']) <= 1
    assert float(found["ronda_host_load1"]) >= 0
    assert int(found["ronda_agent_resident_bytes"]) > 100_000


def test_an_old_kernel_says_less_of_its_memory(device: Device) -> None:
    path = device.folder / "proc/meminfo"
    path.unlink()
    path.write_text("MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 100 kB\n")
    assert facts(device)["ronda_host_memory_used_ratio"] == "0.750"
