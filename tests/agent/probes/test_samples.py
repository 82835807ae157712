"""What others recorded on their machines, and what we read of it: file, field, metric, value.

Every file stands in the table, or below it with the reason why it is not read.
"""

import json
import re
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.probes import ubus
from agent.probes.certificate import validity
from agent.probes.host import load1, memory_used_ratio
from agent.probes.leases import (
    counted,
    dnsmasq_leases,
    dnsmasq_pools,
    isc_leases,
    number,
    uci_pools,
)
from agent.probes.mounts import used_part
from agent.probes.optics import optics
from agent.probes.ping import read_output
from agent.probes.power import of_apcupsd, of_nut, status_of
from agent.probes.radios import access_points, iwinfo, stations
from agent.probes.routeros import device
from agent.probes.routeros.people import bound
from agent.probes.service import judge_systemd
from agent.probes.system import Output, traffic
from collector.intake.vocabulary import LABELS
from tests import recorded
from tests.agent.probes import sample_forms as forms
from tests.agent.probes.stubs import SAMPLES
from tests.each import for_each

Reader = Callable[[str], float | None]
Row = tuple[str, str, str, Reader, float | None]

DNSMASQ_AT, ISC_AT, EDGEOS_AT = 1560300000, 1601715600, 1631800000


def loss(text: str) -> float:
    sent, times = read_output(Output(0, text, ""), "x")
    return 1 - len(times) / sent


def rtt(text: str) -> float | None:
    times = read_output(Output(0, text, ""), "x")[1]
    return sum(times) / len(times) if times else None


def light(way: str) -> Reader:
    return lambda text: optics(text).get(way)


def nut(field: str) -> Reader:
    return lambda text: getattr(of_nut("ups", status_of(text))[1], field)


def apcupsd(field: str) -> Reader:
    return lambda text: getattr(of_apcupsd(status_of(text))[1], field)


def leases(part: int) -> Reader:
    def read(text: str) -> float | None:
        pools = dnsmasq_pools((SAMPLES / "dhcp/dnsmasq.conf").read_text())
        return counted(dnsmasq_leases(text, DNSMASQ_AT), pools)[pools[0].name][part]

    return read


def net_dev(interface: str, field: str) -> Reader:
    return lambda text: getattr(traffic(text)[interface], field)


def link(form: Callable[[str], forms.Files], interface: str, metric: str) -> Reader:
    return lambda text: forms.link(form(text), interface, metric)


def filled(mount: str) -> Reader:
    return lambda text: used_part(*forms.df(text)[mount])


def check(unit: str) -> Reader:
    return lambda text: float(
        not judge_systemd(Output(0, forms.of_systemctl(text, unit), ""), unit)
    )


def wireless(section: str) -> Reader:
    return lambda text: float(ubus.wireless(json.loads(text))[section][1].up)


def routeros(metric: str) -> Reader:
    """Of the terminal's words for a port or for the router, in the form of a line over REST."""

    def read(text: str) -> float | None:
        row = forms.of_terminal(text)
        values = {**device.state("r", row), **device.port("r", "", row)}
        return next(value for name, value in values.items() if name.startswith(metric))

    return read


def routeros_link(name: str) -> Reader:
    def read(text: str) -> float | None:
        row = forms.first(forms.of_detail(text), name)
        series = f'ronda_uplink_link_up{{device="r",interface="{name}"}}'
        return device.link("r", "", row)[series]

    return read


def expiry(text: str) -> float:
    return validity(ssl.PEM_cert_to_DER_cert(text))[1]


def pings(file: str, lost: float, mean_s: float | None) -> list[Row]:
    return [
        (file, "packet loss", "ronda_uplink_loss_ratio", loss, lost),
        (file, "avg", "ronda_uplink_rtt_seconds", rtt, mean_s),
    ]


def ups(file: str, mains: float, charge: float, runtime_s: float | None) -> list[Row]:
    file = f"ups/upsc_{file}__01.txt"
    return [
        (file, "ups.status", "ronda_power_on_mains", nut("mains"), mains),
        (file, "battery.charge", "ronda_power_battery_ratio", nut("charge"), charge),
        (file, "battery.runtime", "ronda_power_runtime_seconds", nut("runtime_s"), runtime_s),
    ]


NET_DEV, DEVICES = "net/jc_linux-proc_net_dev", "openwrt/ubus_network.device_status.json"
WIRELESS, RESOURCE = "openwrt/ubus_network.wireless_status.json", "mikrotik/system_resource_1.txt"
RX, TX = "ronda_uplink_receive_bytes_total", "ronda_uplink_transmit_bytes_total"
ERRORS, LINK = "ronda_uplink_receive_errors_total", "ronda_uplink_link_up"
SPEED, DISK = "ronda_uplink_speed_bits_per_second", "ronda_host_disk_used_ratio"
RX_DBM, TX_DBM = "ronda_uplink_optical_rx_dbm", "ronda_uplink_optical_tx_dbm"
UP, CLIENTS, NOISE = "ronda_wifi_up", "ronda_wifi_clients", "ronda_wifi_noise_dbm"
LEASES, CHECK = "ronda_dhcp_leases", "ronda_check_up"

NET: list[Row] = [
    *pings("net/jc_alpine-linux-3.13_ping-ip.txt", 0, 0.001637),
    *pings("net/jc_centos-7.7_ping-ip-O.txt", 0, 0.00004755),
    # the mean that ping prints counts the duplicates of a broadcast
    *pings("net/jc_centos-7.7_ping-ip-dup.txt", 0, 0.0007235),
    *pings("net/jc_freebsd12_ping-ip.txt", 0, 0.000033),
    *pings("net/jc_pi_ping-ip-O.txt", 1, None),
    *pings("net/jc_ubuntu-18.04_ping-ip-O.txt", 0, 0.0000473),
    (NET_DEV, "ens33 receive bytes", RX, net_dev("ens33", "receive_bytes"), 60600053),
    (NET_DEV, "ens33 transmit bytes", TX, net_dev("ens33", "transmit_bytes"), 44256546),
    (NET_DEV, "ens33 errs", ERRORS, net_dev("ens33", "receive_errors"), 0),
    *(
        ("net/linux_ip_link_show.txt", f"{name} state", LINK, link(forms.of_ip, name, LINK), up)
        for name, up in (("ens32", 1.0), ("gpd0", 1.0), ("br-218f5e637867", 0.0))
    ),
    *(
        (file, f"{name} {field}", metric, link(forms.of_ethtool, name, metric), value)
        for file, name in (
            ("net/jc_generic_ethtool--default1.txt", "enp0s3"),
            ("host/node_exporter_ethtool_eth0_settings", "eth0"),
        )
        for field, metric, value in (("Speed", SPEED, 1e9), ("Link detected", LINK, 1.0))
    ),
    (
        "host/node_exporter_ethtool_eth0_statistics",
        "rx_errors",
        ERRORS,
        link(forms.of_ethtool_counters, "eth0", ERRORS),
        0,
    ),
    *(
        (DEVICES, f"{name} {field}", metric, link(forms.of_device_status, name, metric), value)
        for name, field, metric, value in (
            ("eth0", "carrier", LINK, 1.0),
            ("eth0", "speed", SPEED, 1e9),
            ("eth0", "rx_bytes", RX, 146274315993),
            ("eth0", "tx_bytes", TX, 25943790384),
            ("eth0", "rx_errors", ERRORS, 0),
            ("br-lan", "rx_bytes", RX, 608294869),
            ("lan1", "carrier", LINK, 0.0),
            ("lan1", "speed -1F", SPEED, None),
        )
    ),
    *(
        (
            "ubiquiti/edgerouter_show_interfaces.txt",
            f"{name} S/L",
            LINK,
            link(forms.of_edgeos, name, LINK),
            up,
        )
        for name, up in (("eth0", 1.0), ("eth2", 0.0), ("switch0.1", 1.0))
    ),
]
HOST: list[Row] = [
    (
        "host/jc_linux-proc_meminfo",
        "MemAvailable of MemTotal",
        "ronda_host_memory_used_ratio",
        memory_used_ratio,
        1 - 3386876 / 3997272,
    ),
    (
        "host/jc_centos-7.7_free.txt",
        "available of total",
        "ronda_host_memory_used_ratio",
        lambda text: memory_used_ratio(forms.of_free(text)),
        1 - 3389588 / 3861332,
    ),
    ("host/jc_linux-proc_loadavg", "1 min", "ronda_host_load1", load1, 0.0),
    (
        "host/jc_centos-7.7_uptime.txt",
        "load average",
        "ronda_host_load1",
        lambda text: load1(text.rpartition("load average: ")[2].replace(",", "")),
        0.0,
    ),
    ("host/jc_centos-7.7_df.txt", "/", DISK, filled("/"), 1805580 / 17811456),
    ("host/jc_centos-7.7_df.txt", "/boot", DISK, filled("/boot"), 237600 / 1038336),
    ("openwrt/openwisp_disk_usage.txt", "/", DISK, filled("/"), 18912 / 252776),
    ("openwrt/openwisp_disk_usage.txt", "/boot", DISK, filled("/boot"), 3872 / 15788),
    ("host/jc_centos-7.7_systemctl.txt", "sshd.service", CHECK, check("sshd.service"), 1),
    ("host/jc_centos-7.7_systemctl.txt", "sshd.socket", CHECK, check("sshd.socket"), 0),
    (
        "tls/jc_generic_x509-letsencrypt.pem",
        "notAfter",
        "ronda_check_certificate_expiry_timestamp_seconds",
        expiry,
        1663036835,
    ),
]
WIFI: list[Row] = [
    ("wifi/iw_dev_ap.txt", "type AP", UP, lambda text: len(access_points(text)), 2),
    ("wifi/iw_dev_ap.txt", "channel", UP, lambda text: access_points(text)["wlp1s1"].up, 1),
    ("wifi/iw_station_dump.txt", "Station", CLIENTS, stations, 3),
    (
        "host/node_exporter_wifi_interfaces.json",
        "wlan1 type 3",
        UP,
        lambda text: access_points(forms.of_nl80211(text))["wlan1"].up,
        1,
    ),
    (
        "openwrt/ubus_hostapd_get_clients_wlan1.clients.json",
        "clients",
        CLIENTS,
        lambda text: ubus.clients(json.loads(text)),
        2,
    ),
    (
        "openwrt/ubus_iwinfo_assoclist_wlan0.json",
        "results",
        CLIENTS,
        lambda text: ubus.clients(json.loads(text)),
        1,
    ),
    *((WIRELESS, f"{name} up", UP, wireless(f"wifi_{name}"), 1) for name in ("wlan0", "wlan2")),
    (
        WIRELESS,
        "interfaces of mode ap",
        UP,
        lambda text: len(ubus.wireless(json.loads(text))),
        3,
    ),
    *(
        (file, "noise 0", NOISE, lambda text: ubus.air(json.loads(text), None).noise_dbm, None)
        for file in (
            "openwrt/ubus_iwinfo_info_mesh0.json",
            "openwrt/ubus_iwinfo_info_wlan0.json",
        )
    ),
    (
        "openwrt/iwinfo_mesh_1.txt",
        "wlan0 Mode: Master",
        UP,
        lambda text: iwinfo(text)["wlan0"][0].up,
        1,
    ),
    (
        "openwrt/iwinfo_mesh_1.txt",
        "wlan0 Noise",
        NOISE,
        lambda text: iwinfo(text)["wlan0"][1].noise_dbm,
        -85,
    ),
    ("dhcp/dnsmasq.leases", "leases in the range", LEASES, leases(0), 5),
    ("dhcp/dnsmasq.leases", "of the range", "ronda_dhcp_leases_used_ratio", leases(1), 0.05),
    (
        "dhcp/dnsmasq.conf",
        "dhcp-range",
        "ronda_dhcp_leases_used_ratio",
        lambda text: counted(set(), dnsmasq_pools(text))["192.168.0.1-192.168.0.100"][1],
        0,
    ),
    (
        "dhcp/isc_dhcpd.leases_ipv4",
        "binding state active",
        LEASES,
        lambda text: len(isc_leases(text, ISC_AT)),
        5,
    ),
    (
        "openwrt/openwisp_dhcp_leases.txt",
        "lines",
        LEASES,
        lambda text: len(dnsmasq_leases(text, 0)),
        1,
    ),
    (
        "openwrt/ubus_network.interface_dump.json",
        "lan address, mask",
        "ronda_dhcp_leases_used_ratio",
        # the pool that OpenWrt makes of it when nothing else is said: 150 addresses from .100
        lambda text: counted(
            {number("192.168.0.144") or 0},
            uci_pools("config dhcp 'lan'\n", ubus.networks(json.loads(text))),
        )["lan"][1],
        1 / 150,
    ),
    (
        "ubiquiti/edgerouter_show_dhcp_leases.txt",
        "lines",
        LEASES,
        lambda text: len(isc_leases(forms.of_edgeos_leases(text), EDGEOS_AT)),
        1,
    ),
]
MIKROTIK: list[Row] = [
    (RESOURCE, "uptime", "ronda_device_uptime_seconds", routeros("ronda_device_up"), 4103745),
    (RESOURCE, "cpu-load", "ronda_device_cpu_ratio", routeros("ronda_device_cpu"), 0.01),
    (
        RESOURCE,
        "free-memory",
        "ronda_device_memory_used_ratio",
        routeros("ronda_device_memory"),
        1 - 40.2 / 64,
    ),
    ("mikrotik/ethernet_monitor_1.txt", "rate", SPEED, routeros(SPEED), 1e9),
    ("mikrotik/ethernet_monitor_3_sfp.txt", "rate", SPEED, routeros(SPEED), 1e10),
    ("mikrotik/ethernet_monitor_3_sfp.txt", "sfp-rx-power", RX_DBM, routeros(RX_DBM), -1.203),
    ("mikrotik/ethernet_monitor_3_sfp.txt", "sfp-tx-power", TX_DBM, routeros(TX_DBM), -2.843),
    (
        "mikrotik/dhcp_lease_print.txt",
        "STATUS bound",
        LEASES,
        lambda text: len(bound(forms.of_lease_table(text))),
        1,
    ),
    *(
        ("mikrotik/interface_print_detail.txt", f"{name} R", LINK, routeros_link(name), up)
        for name, up in (("ether1", 0.0), ("ether3", 1.0), ("ether5", 1.0), ("pptp-out1", 1.0))
    ),
]
APC = "ups/apcaccess_status.txt"
POWER: list[Row] = [
    ("optical/ethtool_m_ddm.txt", "Receiver signal", RX_DBM, light("rx"), -23.57),
    ("optical/ethtool_m_ddm.txt", "Laser output power", TX_DBM, light("tx"), 5.58),
    ("optical/ethtool_m_no_ddm.txt", "none", RX_DBM, light("rx"), None),
    ("optical/jc_ethtool--module-info.txt", "copper", RX_DBM, light("rx"), None),
    *ups("2E__PS1000L__nutdrv_qx__2.8.1", 1, 0.76, 47039),
    *ups("APC__Back-UPS_BK650M2-CH__usbhid-ups__2.8.0", 1, 1, 3618),
    *ups("APC__Back-UPS_BVK750M2___usbhid-ups__2.8.3.1", 1, 1, 823),
    # "0 #COMMENT: Need calibration."
    *ups("APC__Back-UPS_ES_750__usbhid-ups__2.6.4", 1, 0.35, None),
    *ups("APC__Smart-UPS_1000__snmp-ups__2.7.4", 0, 0.93, 70680),
    *ups("Powercom__Imperial_IMD-825AP_LCD__usbhid-ups__2.6.4", 1, 1, 800),
    (APC, "STATUS", "ronda_power_on_mains", apcupsd("mains"), 1),
    (APC, "BCHARGE", "ronda_power_battery_ratio", apcupsd("charge"), 1),
    (APC, "TIMELEFT", "ronda_power_runtime_seconds", apcupsd("runtime_s"), 7800),
]
TABLE = [*NET, *HOST, *WIFI, *MIKROTIK, *POWER]

# of devices that the provider has the password of; an OLT says the same over SNMP
_TERMINAL = "the words of a terminal that no agent speaks with"
NOT_READ = {
    "host/jc_centos-7.7_timedatectl.txt": "no value: a clock's skew is worked out by the collector",
    "host/jc_generic_os-release-ubuntu": "no value: a name",
    "host/node_exporter_ethtool_eth0_driver": "no value: names",
    "host/node_exporter_wifi_wlan0_bss.json": "no value: a client of another's access point",
    "host/node_exporter_wifi_wlan0_stationinfo.json": "no value: wlan0 is a client, these are no "
    "people but access points",
    "huawei/olt_display_ont_optical_info.txt": _TERMINAL,
    "huawei/ont_display_deviceInfo.txt": _TERMINAL,
    "huawei/ont_display_optic_nolink.txt": _TERMINAL,
    "huawei/ont_display_portstatistics.txt": _TERMINAL,
    "huawei/ont_display_sysinfo.txt": _TERMINAL,
    "huawei/ont_display_wifi_information.txt": _TERMINAL,
    "mail/dovecot_export_global.txt": "no value: work of a mail server has no name",
    "mail/postqueue.txt": "no value: mail that waits has no name",
    "mikrotik/ip_neighbor_detail.txt": "no value of this device: a neighbour's, seen from afar",
    "mikrotik/lte_apn_print_terse.txt": "no value: settings",
    "mikrotik/ping.txt": "a router's ping from where it stands; the agent pings from where it is",
    "mikrotik/system_routerboard.txt": "no value: names",
    "net/jc_centos-7.7_dig.txt": "another's question: the agent asks DNS itself and takes the time",
    "net/jc_generic_dig-edns.txt": "another's question: the agent asks DNS itself",
    "net/jc_centos-7.7_ntpq-p.txt": "no value: a clock's skew is worked out by the collector",
    "net/jc_centos-7.7_traceroute.txt": "no value: hops have no name",
    "net/jc_generic_resolve.conf-1": "no value: which servers to ask (tests/.../test_dns.py)",
    "openwrt/openwisp_ip_json_neigh.txt": "no value: who is there, which we do not ask",
    "openwrt/openwisp_ip_neigh.txt": "no value: who is there, which we do not ask",
    "openwrt/openwisp_lte_sample.txt": "no value: signal of a modem has no name",
    "openwrt/openwisp_modem_data.txt": "no value: signal of a modem has no name",
    "tls/jc_generic_certbot-certs.txt": "what lies on a disk: the agent reads the certificate that "
    "a server shows",
    "wifi/jc_generic_iwconfig.txt": "no value: a client of another's access point",
    "zte/zxros_show_interface.txt": _TERMINAL,
}


@recorded.needed("samples")
@for_each(
    ("file", "field", "metric", "reader", "value"),
    TABLE,
    ids=[f"{row[0].rpartition('/')[2]} {row[1]}" for row in TABLE],
)
def test_a_recorded_field_is_read_as_its_metric(
    file: str, field: str, metric: str, reader: Reader, value: float | None
) -> None:
    seen = reader((SAMPLES / file).read_text())
    assert seen == (None if value is None else pytest.approx(value)), f"{field} as {metric}"


@recorded.needed("samples")
def test_every_sample_is_read_or_named_with_the_reason_why_not() -> None:
    paths = [path.relative_to(SAMPLES) for path in SAMPLES.rglob("*") if path.is_file()]
    recorded = {
        str(path) for path in paths if ".expected." not in path.name and path != Path("ORIGIN.tsv")
    }
    read = {row[0] for row in TABLE}
    assert recorded == read | set(NOT_READ)
    assert not read & set(NOT_READ)


@for_each("metric", sorted({row[2] for row in TABLE}))
def test_the_table_names_metrics_that_there_are(metric: str) -> None:
    assert metric in LABELS


def test_a_wireless_status_holds_no_password_that_we_keep() -> None:
    told = {"radio0": {"up": True, "interfaces": [{"ifname": "w", "config": {
        "mode": "ap", "ssid": "Desa", "key": "rahasia"}}]}}  # fmt: skip
    assert not re.search("rahasia", repr(ubus.wireless(told)))
