"""What must be read of a recorded device, as series, from the values that stand beside it."""

import json
from collections.abc import Iterator
from typing import Any

from agent.report import series
from tests import recorded

DATA = recorded.FOLDER / "snmp"
RECORDINGS = sorted(path.stem for path in (DATA / "expected").glob("*.json"))
_UP = {"up": 1.0, "down": 0.0, "notPresent": 0.0, "dormant": 0.0, "lowerLayerDown": 0.0}
_MEMORY = ("main memory", "Physical memory")
# the device fills millions of bits with bits, as the list of devices says
_ABSURD = 1e13

Wanted = dict[str, float | None]


def wanted(recording: str, device: str) -> Wanted:
    """Series and their values; None where the device says that it does not know."""
    told = json.loads((DATA / "expected" / f"{recording}.json").read_text())
    found: Wanted = {}
    for part in (_system, _interfaces, _optical, _wifi, _ups):
        # of two interfaces of one name the first has it
        found = {**dict(part(told, device)), **found}
    return found


def clients(recording: str) -> float | None:
    """All people on all radios, however they are told apart."""
    told = json.loads((DATA / "expected" / f"{recording}.json").read_text())
    total = told.get("wifi", {}).get("clients_total")
    return None if total is None else float(total)


def _system(told: dict[str, Any], device: str) -> Iterator[tuple[str, float | None]]:
    system, labels = told["system"], {"device": device}
    if "uptime_seconds" in system:
        yield series("ronda_device_uptime_seconds", labels), system["uptime_seconds"]
    if loads := system.get("hrProcessorLoad_pct"):
        mean = sum(loads.values()) / len(loads) / 100
        yield series("ronda_device_cpu_ratio", labels), mean
    for store in system.get("hrStorage", ()):
        if store["descr"] in _MEMORY:
            used = store["used_bytes"] / store["size_bytes"]
            yield series("ronda_device_memory_used_ratio", labels), used
    if "mikrotik_dhcp_leases" in system:
        yield series("ronda_dhcp_leases", {"pool": device}), system["mikrotik_dhcp_leases"]


def _interfaces(told: dict[str, Any], device: str) -> Iterator[tuple[str, float | None]]:
    found: Wanted = {}
    for interface in told.get("interfaces", ()):
        # the collector takes no control characters in names
        name = "".join(c for c in interface["name"] or "" if c.isprintable()).strip()
        if not name:
            continue
        labels = {"device": device, "interface": name}
        row = {"ronda_uplink_link_up": _UP.get(interface["oper"])}
        for spelled, key in (
            ("ronda_uplink_receive_bytes_total", "in_octets"),
            ("ronda_uplink_transmit_bytes_total", "out_octets"),
            ("ronda_uplink_receive_errors_total", "in_errors"),
            ("ronda_uplink_speed_bits_per_second", "speed_bps"),
        ):
            value = interface.get(key)
            if value is not None:
                row[spelled] = value / 1e6 if key == "speed_bps" and value > _ABSURD else value
        for spelled, value in row.items():
            # these two names have no place for a device that nobody named
            plain = spelled.endswith(("_errors_total", "_per_second"))
            found.setdefault(series(spelled, {"interface": name} if plain else labels), value)
    yield from found.items()


def _optical(told: dict[str, Any], device: str) -> Iterator[tuple[str, float | None]]:
    for port in told.get("optical", ()):
        labels = {"device": device, "interface": port["port"]}
        for name, key in (
            ("ronda_uplink_optical_rx_dbm", "rx_power"),
            ("ronda_uplink_optical_tx_dbm", "tx_power"),
        ):
            if key in port:
                yield series(name, labels), port[key]["value"]


def absent(recording: str, device: str) -> list[str]:
    """Series of cages without a module, which must have no number."""
    told = json.loads((DATA / "expected" / f"{recording}.json").read_text())
    ports = [{"device": device, "interface": p["port"]} for p in told.get("optical_absent", ())]
    names = ("ronda_uplink_optical_rx_dbm", "ronda_uplink_optical_tx_dbm")
    return [series(name, labels) for labels in ports for name in names]


def _wifi(told: dict[str, Any], device: str) -> Iterator[tuple[str, float | None]]:
    names = {i["ifIndex"]: i["name"] for i in told.get("interfaces", ())}
    wifi = told.get("wifi", {})
    for one in wifi.get("aps", ()):
        ap = names.get(one.get("ifIndex")) or one["radio"]
        labels = {"ap": ap, "ssid": one["ssid"]}
        yield series("ronda_wifi_clients", labels), float(one["clients"]["value"])
        if "noise_floor_dbm" in one:
            radio = {"ap": ap, "radio": ap}
            yield series("ronda_wifi_noise_dbm", radio), one["noise_floor_dbm"]
    for name, one in wifi.get("interfaces", {}).items():
        labels = {"ap": name, "ssid": ""}
        yield series("ronda_wifi_clients", labels), float(one["clients"]["value"])
        radio = {"ap": name, "radio": name}
        yield series("ronda_wifi_noise_dbm", radio), one["noise_floor_dbm"]
    for one in wifi.get("radios", ()):
        labels = {"ap": one["radio"], "radio": one["radio"]}
        busy = one["channel_utilisation_pct"]["value"] / 100
        yield series("ronda_wifi_channel_busy_ratio", labels), busy


def _ups(told: dict[str, Any], device: str) -> Iterator[tuple[str, float | None]]:
    ups, labels = told.get("ups", {}), {"ups": device}
    if "charge" in ups:
        yield series("ronda_power_battery_ratio", labels), ups["charge"]["value"] / 100
    if "runtime" in ups:
        value, raw = ups["runtime"]["value"], ups["runtime"]["raw"]
        # ticks were rounded to hundredths of a minute beside the recording
        seconds = raw / 100 if value and raw > value * 1000 else value and value * 60
        yield series("ronda_power_runtime_seconds", labels), seconds
    if "on_battery" in ups:
        yield series("ronda_power_on_mains", labels), float(not ups["on_battery"])
    if "temperature_c" in ups:
        yield series("ronda_device_temperature_celsius", {"device": device}), ups["temperature_c"]
