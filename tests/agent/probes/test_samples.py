"""What others recorded on their machines, and what we read of it: file, field, metric, value.

A file that holds nothing we have a name for, or that no agent reads, is not in the table.
"""

from collections.abc import Callable

import pytest

from agent.probes.host import memory_used_ratio
from agent.probes.leases import counted, dnsmasq_leases, dnsmasq_pools, isc_leases
from agent.probes.optics import optics
from agent.probes.ping import read_output
from agent.probes.power import of_apcupsd, of_nut, status_of
from agent.probes.radios import access_points, stations
from agent.probes.system import Output, traffic
from tests.agent.probes.stubs import SAMPLES

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside it")
Reader = Callable[[str], float | None]


def loss(text: str) -> float:
    sent, times = read_output(Output(0, text, ""), "x")
    return 1 - len(times) / sent


def rtt(text: str) -> float:
    times = read_output(Output(0, text, ""), "x")[1]
    return sum(times) / len(times)


def light(way: str) -> Reader:
    return lambda text: optics(text).get(way)


def nut(field: str) -> Reader:
    return lambda text: getattr(of_nut("ups", status_of(text))[1], field)


def apcupsd(field: str) -> Reader:
    return lambda text: getattr(of_apcupsd(status_of(text))[1], field)


def leases(text: str) -> float:
    pools = dnsmasq_pools((SAMPLES / "dhcp/dnsmasq.conf").read_text())
    return counted(dnsmasq_leases(text, 1560300000), pools)[pools[0].name][0]


def leases_ratio(text: str) -> float | None:
    pools = dnsmasq_pools((SAMPLES / "dhcp/dnsmasq.conf").read_text())
    return counted(dnsmasq_leases(text, 1560300000), pools)[pools[0].name][1]


UPS = "ups/upsc_APC__Back-UPS_BK650M2-CH__usbhid-ups__2.8.0__01.txt"
TABLE: list[tuple[str, str, str, Reader, float | None]] = [
    ("net/jc_alpine-linux-3.13_ping-ip.txt", "packet loss", "ronda_uplink_loss_ratio", loss, 0),
    ("net/jc_alpine-linux-3.13_ping-ip.txt", "avg", "ronda_uplink_rtt_seconds", rtt, 0.001637),
    (
        "net/jc_linux-proc_net_dev",
        "ens33 receive bytes",
        "ronda_uplink_receive_bytes_total",
        lambda text: traffic(text)["ens33"].receive_bytes,
        60600053,
    ),
    (
        "net/jc_linux-proc_net_dev",
        "ens33 transmit bytes",
        "ronda_uplink_transmit_bytes_total",
        lambda text: traffic(text)["ens33"].transmit_bytes,
        44256546,
    ),
    (
        "net/jc_linux-proc_net_dev",
        "ens33 errs",
        "ronda_uplink_receive_errors_total",
        lambda text: traffic(text)["ens33"].receive_errors,
        0,
    ),
    (
        "host/jc_linux-proc_meminfo",
        "MemAvailable of MemTotal",
        "ronda_host_memory_used_ratio",
        memory_used_ratio,
        1 - 3386876 / 3997272,
    ),
    (
        "wifi/iw_dev_ap.txt",
        "interfaces of type AP",
        "ronda_wifi_up",
        lambda text: len(access_points(text)),
        2,
    ),
    ("wifi/iw_station_dump.txt", "Station", "ronda_wifi_clients", stations, 3),
    ("dhcp/dnsmasq.leases", "leases in the range", "ronda_dhcp_leases", leases, 5),
    ("dhcp/dnsmasq.leases", "of the range", "ronda_dhcp_leases_used_ratio", leases_ratio, 0.05),
    (
        "dhcp/isc_dhcpd.leases_ipv4",
        "binding state active",
        "ronda_dhcp_leases",
        lambda text: len(isc_leases(text, 1601715600)),
        5,
    ),
    (
        "openwrt/openwisp_dhcp_leases.txt",
        "lines",
        "ronda_dhcp_leases",
        lambda text: len(dnsmasq_leases(text, 0)),
        1,
    ),
    (
        "optical/ethtool_m_ddm.txt",
        "Receiver signal average optical power",
        "ronda_uplink_optical_rx_dbm",
        light("rx"),
        -23.57,
    ),
    (
        "optical/ethtool_m_ddm.txt",
        "Laser output power",
        "ronda_uplink_optical_tx_dbm",
        light("tx"),
        5.58,
    ),
    ("optical/ethtool_m_no_ddm.txt", "none", "ronda_uplink_optical_rx_dbm", light("rx"), None),
    (UPS, "ups.status", "ronda_power_on_mains", nut("mains"), 1),
    (UPS, "battery.charge", "ronda_power_battery_ratio", nut("charge"), 1),
    (UPS, "battery.runtime", "ronda_power_runtime_seconds", nut("runtime_s"), 3618),
    ("ups/apcaccess_status.txt", "STATUS", "ronda_power_on_mains", apcupsd("mains"), 1),
    ("ups/apcaccess_status.txt", "BCHARGE", "ronda_power_battery_ratio", apcupsd("charge"), 1),
    (
        "ups/apcaccess_status.txt",
        "TIMELEFT",
        "ronda_power_runtime_seconds",
        apcupsd("runtime_s"),
        7800,
    ),
]


@pytest.mark.parametrize(
    ("file", "field", "metric", "reader", "value"),
    TABLE,
    ids=[f"{row[0].rpartition('/')[2]} {row[1]}" for row in TABLE],
)
def test_a_recorded_field_is_read_as_its_metric(
    file: str, field: str, metric: str, reader: Reader, value: float | None
) -> None:
    seen = reader((SAMPLES / file).read_text())
    assert seen == (None if value is None else pytest.approx(value)), f"{field} as {metric}"
