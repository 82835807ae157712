"""Which series a simulated agent reports, in which order, and of what nature each is."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent.report import series

MAX_SERIES = 2000  # the protocol's bound for one layout

TARGETS = ("internet", "gateway", "dns", "isp", "portal")
# check and kind; the first counts towards the uplink
CHECKS = {
    "internet": "ping",
    "gateway": "ping",
    "dns": "dns",
    "sideka": "http",
    "opensid": "http",
}
FAR = ("internet", "dns")  # what a cut uplink turns bad


class Nature(StrEnum):
    """How the numbers of one series behave."""

    RTT = "rtt"
    JITTER = "jitter"
    LOSS = "loss"
    COUNTER = "counter"
    RARE_COUNTER = "rare_counter"
    CLIENTS = "clients"
    DBM = "dbm"
    FLAG = "flag"
    ZERO = "zero"
    SHARE = "share"
    SLOW_SHARE = "slow_share"
    LOAD = "load"
    CELSIUS = "celsius"
    DURATION = "duration"
    SPEED = "speed"
    MEASURED = "measured"
    PAGES = "pages"
    BOOT = "boot"
    UPTIME = "uptime"


@dataclass(frozen=True, slots=True)
class Series:
    """One series; `far` ones need the uplink, `check` ones the check's target."""

    name: str
    nature: Nature
    far: bool = False
    check: str = ""
    optical: bool = False
    # how large the numbers of this series are, among others of its nature
    scale: float = 1.0


# what an agent reports besides where the scenario needs it
UPS = [
    Series(series("ronda_power_on_mains", {"ups": "kantor"}), Nature.FLAG),
    # of a battery that is full: 1
    Series(series("ronda_power_battery_ratio", {"ups": "kantor"}), Nature.FLAG),
]
HOTSPOT = [
    Series(series("ronda_dhcp_leases_used_ratio", {"pool": "hotspot"}), Nature.SHARE),
    *(
        Series(series("ronda_hotspot_journey_up", {"step": step}), Nature.FLAG)
        for step in ("dhcp", "dns", "portal", "login", "internet")
    ),
]
MEASURED = [
    Series(
        series("ronda_uplink_measured_bits_per_second", {"uplink": "main", "direction": way}),
        Nature.MEASURED,
        far=True,
        scale=scale,
    )
    for way, scale in (("receive", 5e7), ("transmit", 2e7))
]


def catalogue(count: int, wan: str = "ether1", first: Sequence[Series] = ()) -> list[Series]:
    """`count` series of an agent whose uplink port is called `wan`; `first` are among them."""
    found = [*first, *_uplink(), *_checks(), *_host(), *_links(wan), *_wifi(), *_rest(wan)]
    number = 0
    while len(found) < count:
        number += 1
        found += _device(f"ap-{number}")
    return found[:count]


def _uplink() -> list[Series]:
    found = [Series(series("ronda_uplink_up", {"uplink": "main"}), Nature.FLAG, far=True)]
    for target in TARGETS:
        far, scale = target != "gateway", 0.1 if target == "gateway" else 1.0
        labels = {"target": target}
        found += [
            Series(series("ronda_uplink_rtt_seconds", labels), Nature.RTT, far, scale=scale),
            Series(series("ronda_uplink_jitter_seconds", labels), Nature.JITTER, far, scale=scale),
            Series(series("ronda_uplink_loss_ratio", labels), Nature.LOSS, far),
        ]
    return [
        *found,
        Series("ronda_uplink_dns_seconds", Nature.DURATION, far=True, scale=0.2),
        Series("ronda_uplink_dns_up", Nature.FLAG, far=True),
        Series("ronda_uplink_content_ok", Nature.FLAG),
    ]


def _checks() -> list[Series]:
    found = []
    for check, kind in CHECKS.items():
        up = series("ronda_check_up", {"check": check, "kind": kind})
        took = series("ronda_check_duration_seconds", {"check": check})
        found += [
            Series(up, Nature.FLAG, far=check in FAR, check=check),
            Series(took, Nature.DURATION, far=check in FAR, check=check),
        ]
    return found


def _host() -> list[Series]:
    disk = {"mount": "/"}
    return [
        Series("ronda_host_cpu_ratio", Nature.SHARE),
        Series("ronda_host_load1", Nature.LOAD),
        Series("ronda_host_memory_used_ratio", Nature.SLOW_SHARE),
        Series(series("ronda_host_disk_used_ratio", disk), Nature.SLOW_SHARE),
        Series(series("ronda_host_inodes_used_ratio", disk), Nature.SLOW_SHARE),
        Series("ronda_host_temperature_celsius", Nature.CELSIUS),
        Series("ronda_host_boot_timestamp_seconds", Nature.BOOT),
        Series(series("ronda_host_filesystem_readonly", disk), Nature.ZERO),
    ]


def _links(wan: str) -> list[Series]:
    found = []
    for interface, scale in ((wan, 1.0), ("bridge-lan", 1.1), ("wlan1", 0.4)):
        labels = {"interface": interface}
        found += [
            Series(series("ronda_uplink_link_up", labels), Nature.FLAG),
            _bytes("receive", labels, scale),
            _bytes("transmit", labels, scale / 8),
            Series(series("ronda_uplink_receive_errors_total", labels), Nature.RARE_COUNTER),
        ]
    return found


def _bytes(direction: str, labels: dict[str, str], scale: float) -> Series:
    name = series(f"ronda_uplink_{direction}_bytes_total", labels)
    return Series(name, Nature.COUNTER, scale=scale)


def _wifi() -> list[Series]:
    ap, radio = {"ap": "balai", "ssid": "desa-digital"}, {"ap": "balai", "radio": "wlan1"}
    return [
        Series(series("ronda_wifi_up", ap), Nature.FLAG),
        Series(series("ronda_wifi_clients", ap), Nature.CLIENTS),
        Series(series("ronda_wifi_noise_dbm", radio), Nature.DBM, scale=4.5),
        Series(series("ronda_wifi_channel_busy_ratio", radio), Nature.SHARE),
        Series("ronda_hotspot_sessions", Nature.CLIENTS),
        Series(series("ronda_dhcp_leases", {"pool": "hotspot"}), Nature.CLIENTS, scale=1.5),
    ]


def _rest(wan: str) -> list[Series]:
    port = {"interface": wan}
    return [
        Series(series("ronda_uplink_optical_rx_dbm", port), Nature.DBM, optical=True),
        Series(series("ronda_uplink_optical_tx_dbm", port), Nature.DBM, scale=0.1),
        Series(series("ronda_uplink_speed_bits_per_second", port), Nature.SPEED),
        Series("ronda_agent_spool_entries", Nature.ZERO),
        Series("ronda_agent_resident_bytes", Nature.PAGES),
        *_device("router"),
    ]


def _device(name: str) -> list[Series]:
    labels = {"device": name}
    port = {"device": name, "interface": "eth0"}
    return [
        Series(series("ronda_device_up", labels), Nature.FLAG),
        Series(series("ronda_device_cpu_ratio", labels), Nature.SHARE),
        Series(series("ronda_device_memory_used_ratio", labels), Nature.SLOW_SHARE),
        Series(series("ronda_device_uptime_seconds", labels), Nature.UPTIME),
        _bytes("receive", port, 0.3),
        _bytes("transmit", port, 0.05),
        Series(series("ronda_device_temperature_celsius", labels), Nature.CELSIUS),
    ]
