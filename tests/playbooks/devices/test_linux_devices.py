"""The stand-ins for Debian and OpenWrt do what their tools are described to do."""

from collections.abc import Iterator
from pathlib import Path

import paramiko
import pytest

from tests.playbooks.devices.debian import Debian
from tests.playbooks.devices.linux import Device
from tests.playbooks.devices.openwrt import OpenWrt
from tests.playbooks.devices.telling import Teller

pytestmark = pytest.mark.slow
KEY = paramiko.ECDSAKey.generate()
UCI = {
    "an option": ("get network.wan.proto", "static"),
    "a list": ("add_list network.wan.dns=1.1.1.1; uci get network.wan.dns", "203.0.113.53 1.1.1.1"),
    "of a list": ("del_list network.wan.dns=1.1.1.1; uci get network.wan.dns", "203.0.113.53"),
    "the first of a kind": ("get wireless.@wifi-iface[0].ssid", "kantor"),
    "the last of a kind": ("get wireless.@wifi-iface[-1].key", "lama-sekali"),
    "not there": ("get network.wan.nope 2>&1 || echo $?", "uci: Entry not found\n1"),
    "quietly not there": ("-q get network.wan.nope || echo $?", "1"),
    "a section": ("set network.lab=interface; uci show network.lab", "network.lab=interface"),
    "an unnamed one": (
        "add dhcp host >/dev/null; uci set dhcp.@host[-1].ip=10.0.0.9; uci show dhcp.@host[0]",
        "dhcp.@host[0]=host\ndhcp.@host[0].ip='10.0.0.9'",
    ),
    "what is staged": ("set system.ntp.on=0; uci changes system", "system.ntp.on='0'"),
    "taken back": (
        "set system.ntp.on=0; uci revert system; uci -q get system.ntp.on; echo $?",
        "1",
    ),
    "deleted": ("delete network.wan.dns; uci changes network", "-network.wan.dns"),
    "with quotes": ('set system.ntp.a="a\'b c"; uci commit; uci get system.ntp.a', "a'b c"),
    "no such file": ("set nope.a=b 2>&1 || echo $?", "uci: Entry not found\n1"),
}


@pytest.fixture(scope="module")
def openwrt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    device = Device(OpenWrt(), tmp_path_factory.mktemp("openwrt"), KEY)
    yield device
    device.close()


@pytest.fixture
def debian(tmp_path: Path) -> Iterator[Device]:
    device = Device(Debian(), tmp_path, KEY)
    yield device
    device.close()


SPOILED = (
    "rm -f /dev/null && echo x >/dev/null; rm -rf /dev/shm/x; mv /dev/zero /dev/one; cat /dev/null"
)


def test_what_is_done_to_the_nodes_of_a_device_is_done_to_no_other(
    openwrt: Device, debian: Device
) -> None:
    nodes = {name: Path("/dev", name).stat() for name in ("null", "zero", "random", "tty")}
    openwrt.inside(SPOILED)
    debian.inside(SPOILED)
    for name, before in nodes.items():
        now = Path("/dev", name).stat()
        assert (now.st_mode, now.st_rdev, now.st_ino) == (
            before.st_mode,
            before.st_rdev,
            before.st_ino,
        )
    debian.restart()
    assert (
        debian.inside("echo gone >/dev/null; cat /dev/null; head -c 4 /dev/zero | wc -c") == "4\n"
    )
    openwrt.restart()


@pytest.mark.parametrize(("text", "answer"), UCI.values(), ids=UCI.keys())
def test_uci_answers(openwrt: Device, text: str, answer: str) -> None:
    assert openwrt.inside(f"uci {text}; rm -rf /tmp/.uci") == answer + "\n"


def test_what_is_staged_goes_with_the_power_and_what_is_committed_stays(openwrt: Device) -> None:
    openwrt.inside("uci set system.ntp.a=1; uci commit system; uci set system.ntp.b=2")
    openwrt.restart()
    assert openwrt.inside("uci -q get system.ntp.a; uci -q get system.ntp.b; uci changes") == "1\n"


def test_uci_apply_comes_back_unless_it_is_confirmed(openwrt: Device) -> None:
    apply = 'ubus call uci apply \'{"rollback":true,"timeout":1}\''
    get = "uci get network.wan.gateway"
    openwrt.inside(f"uci set network.wan.gateway=10.99.0.7; {apply}")
    assert openwrt.inside(get) == "10.99.0.7\n"
    openwrt.wait(f"[ $({get}) = 10.99.0.1 ] && ip route | grep -q 'via 10.99.0.1 '")
    openwrt.inside(f"uci set network.wan.gateway=10.99.0.7; {apply}; ubus call uci confirm")
    openwrt.inside("sleep 1.2")
    assert openwrt.inside(get) == "10.99.0.7\n"
    openwrt.inside("uci set network.wan.gateway=10.99.0.1; uci commit; service network reload")


def test_ubus_says_what_it_does_not_know(openwrt: Device) -> None:
    assert '"up": true' in openwrt.inside("ubus call network.interface.wan status")
    assert openwrt.inside("ubus call nope status 2>&1; echo $?") == "Command failed: Not found\n4\n"
    assert openwrt.inside("service nope start; echo $?") == 'Service "nope" not found:\n1\n'


def test_a_restart_asked_for_is_a_new_boot(openwrt: Device) -> None:
    read = "cat /proc/sys/kernel/random/boot_id"
    before = openwrt.inside(read)
    openwrt.inside("reboot")
    openwrt.await_restart()
    assert openwrt.inside(read) != before


def test_debian_knows_its_services(debian: Device) -> None:
    teller = Teller(debian.connect())
    assert teller.told("systemctl restart nginx && systemctl is-active nginx") == ("active\n", 0)
    assert teller.told("systemctl restart nix")[1] == 5
    assert teller.told(
        "touch /etc/systemd/broken; systemctl stop nginx; systemctl is-active nginx"
    ) == (
        "inactive\n",
        3,
    )
    assert teller.told("resolvectl dns eth0 1.1.1.1 && cat /etc/resolv.conf") == (
        "nameserver 1.1.1.1\n",
        0,
    )
    assert teller.told("timedatectl set-timezone Asia/Jakarta && cat /etc/timezone")[1] == 0
    assert teller.told("certbot renew --cert-name a 2>/dev/null; cat /run/log/commands")[
        0
    ].endswith("certbot renew --cert-name a\n")
    teller.close()


def test_the_way_to_a_device_is_really_cut(debian: Device) -> None:
    debian.inside("ip route del default")
    with pytest.raises((paramiko.SSHException, OSError)):
        debian.connect(limit_s=1.0)
    debian.restart()
    debian.connect().close()
