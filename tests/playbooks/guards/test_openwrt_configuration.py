"""On OpenWrt an undo that fails puts the configuration back whole, from its copy on the flash."""

from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from playbooks.guards.guard import Net
from playbooks.guards.openwrt import OPENWRT
from tests.playbooks.devices.linux import Device
from tests.playbooks.devices.openwrt import OpenWrt
from tests.playbooks.devices.telling import Teller

pytestmark = pytest.mark.slow


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Device]:
    device = Device(OpenWrt(), tmp_path, paramiko.ECDSAKey.generate())
    yield device
    device.close()


def test_a_failed_undo_puts_back_what_a_change_has_committed(device: Device) -> None:
    teller = Teller(device.connect())
    before = device.inside("cat /etc/config/network")
    teller.all_done(OPENWRT.arm(7, ["false"], 300))
    change = "uci set network.wan.gateway=10.99.0.99; uci commit network"
    assert teller.told(f"{change}; uci set wireless.radio0.channel=1") == ("", 0)
    assert teller.state(OPENWRT.fire(7)) is Net.FAILED
    assert device.inside("cat /etc/config/network") == before
    assert "via 10.99.0.1 " in device.inside("ip route")
    assert "| put back network as it was" in teller.told(OPENWRT.read(7).text)[0]
    # what nobody had committed is not ours to take back
    assert "channel='1'" in device.inside("uci changes")
    teller.close()


def test_the_copy_is_there_after_a_power_cut_too(device: Device) -> None:
    teller = Teller(device.connect())
    teller.all_done(OPENWRT.arm(7, ["false"], 300))
    assert teller.told("uci delete network.wan.gateway; uci commit network") == ("", 0)
    teller.close()
    device.restart()
    device.wait("sh /etc/ronda-guard/7/net read | grep -q 'ronda-guard failed'")
    assert "via 10.99.0.1 " in device.inside("ip route")


def test_an_overlay_in_memory_is_refused_before_anything_is_laid(device: Device) -> None:
    teller = Teller(device.connect())
    (device.disk / "mnt").mkdir()
    device.room.run("mount", "-t", "tmpfs", "overlayfs:/tmp/root", f"{device.disk}/mnt")
    texts = [teller.told(command.text) for command in OPENWRT.prove(7)]
    assert ("/etc is in memory only\n", 1) in texts
    assert device.inside("find /etc | grep ronda-guard") == ""
    teller.close()
