"""The hotspot: iw and lease files, in their own words and as recorded; counts, never who."""

import re
from pathlib import Path

import pytest

from agent.probes.leases import (
    Pool,
    counted,
    dnsmasq_leases,
    dnsmasq_pools,
    isc_leases,
    isc_pools,
    number,
    odhcpd_leases,
    uci_pools,
)
from agent.probes.radios import AccessPoint, access_points, stations
from agent.probes.wifi import Wifi
from agent.report import ProbeFailed
from agent.strict import Refused, build
from tests import recorded
from tests.agent.probes.stubs import SAMPLES, put_on_path, put_tree

MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", re.IGNORECASE)

IW_DEV = """phy#0
	Interface wlan0
		ifindex 4
		addr 02:00:00:00:00:01
		ssid Wifi Desa
		type AP
	Interface wlan0-sta
		ssid Tetangga
		type managed
	Unnamed/non-netdev interface
		type P2P-device
"""
DUMP = """Station 02:00:00:00:01:01 (on wlan0)
	rx bytes:	7
Station 02:00:00:00:01:02 (on wlan0)
	Station is not a line of its own
"""
ISC = """lease 10.0.0.5 {
  ends 6 2020/10/03 09:38:45;
  binding state active;
}
lease 10.0.0.6 {
  ends never;
  binding state active;
}
lease 10.0.0.7 {
  ends 6 2020/10/03 09:38:45;
  binding state active;
}
lease 10.0.0.7 {
  ends 6 2020/10/03 09:38:45;
  binding state free;
}
"""
# 2020-10-03 09:38:45 UTC
ISC_ENDS_AT = 1601717925


def address(*texts: str) -> set[int]:
    return {n for text in texts if (n := number(text)) is not None}


def test_access_points_and_their_stations_are_read() -> None:
    assert access_points(IW_DEV) == {"wlan0": AccessPoint("Wifi Desa", True, "phy0")}
    assert stations(DUMP) == 2
    assert access_points("") == {}


@recorded.needed("samples")
def test_recorded_radios_are_read() -> None:
    text = (SAMPLES / "wifi/iw_dev_ap.txt").read_text()
    assert access_points(text) == {
        "wlp1s0": AccessPoint("testing", True, "phy0"),
        "wlp1s1": AccessPoint("testing", True, "phy1"),
    }
    dump = (SAMPLES / "wifi/iw_station_dump.txt").read_text()
    assert stations(dump) == len(re.findall(r"^Station ", dump, re.MULTILINE)) > 1


@recorded.needed("samples")
def test_recorded_leases_are_counted() -> None:
    dnsmasq = (SAMPLES / "dhcp/dnsmasq.leases").read_text()
    pools = dnsmasq_pools((SAMPLES / "dhcp/dnsmasq.conf").read_text())
    assert [pool.name for pool in pools] == ["192.168.0.1-192.168.0.100"]
    assert counted(dnsmasq_leases(dnsmasq, 1560300000), pools) == {
        "192.168.0.1-192.168.0.100": (5, 0.05),
        "other": (7, None),
    }
    assert dnsmasq_leases(dnsmasq, 1560300536) == set()
    isc = (SAMPLES / "dhcp/isc_dhcpd.leases_ipv4").read_text()
    # active and not over at 2020-10-03 09:00 UTC, worked out by hand
    assert isc_leases(isc, 1601715600) == address(
        "192.168.3.10", "192.168.3.11", "10.254.251.100", "10.254.255.101", "10.254.253.103"
    )
    openwrt = (SAMPLES / "openwrt/openwisp_dhcp_leases.txt").read_text()
    assert len(dnsmasq_leases(openwrt, 0)) == len(openwrt.strip().splitlines())


def test_dnsmasq_is_read_with_tags_comments_and_endless_leases() -> None:
    text = "0 02:00:00:00:00:01 10.0.0.5 tv *\n50 02:00:00:00:00:02 10.0.0.6 * *\nduid 00:01\n"
    assert dnsmasq_leases(text, 60) == address("10.0.0.5")
    conf = """#dhcp-range=10.9.0.1,10.9.0.9
dhcp-range=set:lan,192.168.1.100,192.168.1.249,255.255.255.0,12h
dhcp-range=192.168.0.0,static,255.255.255.0
dhcp-range=fd00::1,fd00::9
dhcp-range = 10.0.0.9 , 10.0.0.1
"""
    assert [(pool.name, pool.size) for pool in dnsmasq_pools(conf)] == [("lan", 150)]


def test_isc_takes_the_last_word_on_an_address() -> None:
    assert isc_leases(ISC, ISC_ENDS_AT - 1) == address("10.0.0.5", "10.0.0.6")
    assert isc_leases(ISC, ISC_ENDS_AT) == address("10.0.0.6")
    conf = (
        "subnet 10.0.0.0 netmask 255.255.255.0 {\n  range 10.0.0.5 10.0.0.14;\n# range 1.1.1.1;\n}"
    )
    assert [(pool.name, pool.size) for pool in isc_pools(conf)] == [("10.0.0.5-10.0.0.14", 10)]


def test_odhcpd_is_read() -> None:
    text = """# br-lan 020000000001 ipv4 hp 1700 6e 32 192.168.1.110/32
# br-lan 020000000002 ipv4 - -1 6f 32 192.168.1.111/32
# br-lan 020000000003 ipv4 old 1500 70 32 192.168.1.112/32
# br-lan 0001000 0 laptop 1700 1 128 fd00::1/128
192.168.1.110 hp
"""
    assert odhcpd_leases(text, 1600) == address("192.168.1.110", "192.168.1.111")


@pytest.mark.parametrize(
    ("options", "network", "sizes"),
    [
        pytest.param("", ("192.168.1.1", 24), [150], id="defaults"),
        pytest.param(
            "option start 250\noption limit 99", ("192.168.1.1", 24), [5], id="to the end"
        ),
        pytest.param("option start 300", ("192.168.1.1", 24), [], id="beyond"),
        pytest.param("option start 300", ("10.0.0.1", 16), [150], id="a wide network"),
        pytest.param("option dhcpv4 'disabled'", ("192.168.1.1", 24), [], id="switched off"),
        pytest.param("option ignore '1'", ("192.168.1.1", 24), [], id="ignored"),
        pytest.param("option interface 'tamu'", ("192.168.1.1", 24), [], id="another network"),
        pytest.param("option start 'x'", ("192.168.1.1", 24), [], id="no number"),
        pytest.param("", ("fd00::1", 64), [], id="no IPv4"),
    ],
)
def test_ranges_of_openwrt_are_worked_out_of_its_networks(
    options: str, network: tuple[str, int], sizes: list[int]
) -> None:
    pools = uci_pools(f"config dhcp 'lan'\n{options}\n", {"lan": network})
    assert [pool.size for pool in pools] == sizes
    assert {pool.name for pool in pools} <= {"lan"}


def test_leases_are_counted_by_pool() -> None:
    pools = [Pool("lan", 10, 19), Pool("guest", 30, 33), Pool("lan", 20, 29)]
    assert counted({10, 25, 30, 99}, pools) == {
        "lan": (2, 0.1),
        "guest": (1, 0.25),
        "other": (1, None),
    }
    assert counted({1, 2}, []) == {"all": (2, None)}
    assert counted(set(), []) == {"all": (0, None)}


def test_clients_and_leases_of_an_openwrt_router(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_tree(
        tmp_path,
        monkeypatch,
        {
            "/tmp/dhcp.leases": "0 02:00:00:00:01:01 192.168.1.100 hp-budi *\n",
            "/var/etc/dnsmasq.conf.cfg01411c": "dhcp-range=set:lan,192.168.1.100,192.168.1.109\n",
            "/proc/net/dev": "\n\n wlan0: 70 0 0 0 0 0 0 0 80 0 0 0 0 0 0 0\n",
        },
    )
    (tmp_path / "dev").write_text(IW_DEV)
    script = f"""if [ "$*" = dev ]; then cat {tmp_path}/dev; exit; fi
test "$*" = "dev wlan0 station dump" || exit 1
cat <<'END'
{DUMP}END"""
    put_on_path(tmp_path, monkeypatch, iw=script)
    memory: dict[str, object] = {}
    reading = Wifi("wifi").measure(memory)
    assert reading.verdict is None
    assert reading.values == {
        'ronda_wifi_up{ap="wlan0",ssid="Wifi Desa"}': 1.0,
        'ronda_wifi_clients{ap="wlan0",ssid="Wifi Desa"}': 2.0,
        'ronda_wifi_receive_bytes_total{ap="wlan0"}': 70.0,
        'ronda_wifi_transmit_bytes_total{ap="wlan0"}': 80.0,
        'ronda_dhcp_leases{pool="lan"}': 1.0,
        'ronda_dhcp_leases_used_ratio{pool="lan"}': 0.1,
    }
    assert not MAC.search(repr(reading))
    assert not MAC.search(repr(memory))
    (tmp_path / "dev").write_text("")
    gone = Wifi("wifi").measure(memory).values
    assert gone['ronda_wifi_up{ap="wlan0",ssid="Wifi Desa"}'] == 0
    assert gone['ronda_wifi_clients{ap="wlan0",ssid="Wifi Desa"}'] is None


def test_leases_alone_are_enough_and_nothing_at_all_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("agent.probes.system._SBIN", "")
    put_tree(tmp_path, monkeypatch, {"/srv/leases": ISC, "/srv/conf": "range 10.0.0.5 10.0.0.6;"})
    with pytest.raises(ProbeFailed, match="no iw, ubus, hostapd or iwinfo on this system"):
        Wifi("wifi").measure({})
    values = Wifi("wifi", leases="/srv/leases", config="/srv/conf").measure({}).values
    assert values == {
        'ronda_dhcp_leases{pool="10.0.0.5-10.0.0.6"}': 1.0,
        'ronda_dhcp_leases_used_ratio{pool="10.0.0.5-10.0.0.6"}': 0.5,
    }


@pytest.mark.parametrize("field", ["leases", "config"])
def test_a_path_that_depends_on_where_one_stands_is_refused(field: str) -> None:
    with pytest.raises(Refused, match=f"{field}: not a path from the root"):
        build(Wifi, {"name": "wifi", field: "dhcp.leases"})
