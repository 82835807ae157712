"""What OpenWrt's daemons say over ubus: of radios, clients, air and leases; counts, never who."""

import json
from collections.abc import Mapping
from typing import Any

from agent.probes.air import Air, noise_of
from agent.probes.leases import number
from agent.probes.radios import AccessPoint, clean, count
from agent.probes.system import run
from agent.report import ProbeFailed


def call(path: str, method: str, limit_s: float, **settings: str) -> Any:
    """The answer to `ubus call`; None when there is none that can be read."""
    if limit_s <= 0:
        return None
    command = ["ubus", "call", path, method]
    if settings:
        command.append(json.dumps(settings, separators=(",", ":")))
    try:
        output = run(command, limit_s)
    except ProbeFailed:
        return None
    if output.code != 0:
        return None
    try:
        return json.loads(output.out or "null")
    except (ValueError, RecursionError):
        return None


def wireless(told: object) -> dict[str, tuple[str, AccessPoint]]:
    """Interface ("" while it has none) and access point by section of `network.wireless status`.

    Each is there because somebody configured it; one that is switched off is not.
    """
    found: dict[str, tuple[str, AccessPoint]] = {}
    for radio, state in _table(told).items():
        state = _table(state)
        if state.get("disabled") is True:
            continue
        for each in map(_table, _list(state.get("interfaces"))):
            config = _table(each.get("config"))
            if config.get("mode") != "ap" or config.get("disabled") is True:
                continue
            name = str(each.get("ifname") or config.get("ifname") or "")
            up = state.get("up") is True and state.get("pending") is not True and bool(name)
            ssid = clean(str(config.get("ssid", "")))
            if section := str(each.get("section") or name):
                found[section] = name, AccessPoint(ssid, up, str(radio))
    return found


def info(told: object) -> AccessPoint | None:
    """An access point by `iwinfo info`; None for a client, a mesh or nothing."""
    told = _table(told)
    if told.get("mode") != "Master":
        return None
    up = isinstance(told.get("channel"), int) and told["channel"] > 0
    return AccessPoint(clean(str(told.get("ssid") or "")), up, str(told.get("phy", "")))


def clients(told: object) -> float | None:
    """People by hostapd's `get_clients` or by iwinfo's `assoclist`; None where it says nothing."""
    if isinstance(told, dict) and isinstance(results := told.get("results"), list):
        return float(len(results))
    if isinstance(told, dict) and "clients" in told:
        told = told["clients"]
    if not isinstance(told, dict) or not all(isinstance(one, dict) for one in told.values()):
        return None
    return count(len(told))


def air(told_info: object, told_survey: object) -> Air:
    """The channel in use, by `iwinfo info` and `iwinfo survey`."""
    told = _table(told_info)
    mhz, noise = told.get("frequency"), noise_of(told.get("noise"))
    for row in _list(_table(told_survey).get("results")):
        row = _table(row)
        if row.get("mhz") == mhz and isinstance(mhz, int) and mhz:
            heard = noise_of(row.get("noise"))
            times = _number(row.get("active_time")), _number(row.get("busy_time"))
            return Air(noise if heard is None else heard, mhz, *times)
    return Air(noise, mhz if isinstance(mhz, int) else 0)


def load(told: object) -> float | None:
    """The busy part of the air by hostapd's `get_status`: 0 to 255, and 255 is nothing."""
    value = _number(_table(_table(told).get("airtime")).get("utilization"))
    return value / 255 if value is not None and 0 <= value < 255 else None


def leases(told: object) -> set[int] | None:
    """Addresses given out, by `dhcp ipv4leases`; None when odhcpd serves no network."""
    devices = _table(_table(told).get("device"))
    if not devices:
        return None
    found = set()
    for device in devices.values():
        for lease in _list(_table(device).get("leases")):
            lease = _table(lease)
            address, left_s = (
                number(str(lease.get("address", lease.get("ip", "")))),
                lease.get("valid", -1),
            )
            if address is not None and isinstance(left_s, int) and (left_s > 0 or left_s == -1):
                found.add(address)
    return found


def networks(told: object) -> dict[str, tuple[str, int]]:
    """The first IPv4 address of each of OpenWrt's interfaces, by `network.interface dump`."""
    found: dict[str, tuple[str, int]] = {}
    for each in map(_table, _list(_table(told).get("interface"))):
        for address in map(_table, _list(each.get("ipv4-address"))):
            if isinstance(mask := address.get("mask"), int):
                name = str(each.get("interface"))
                found.setdefault(name, (str(address.get("address")), mask))
    return found


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: object) -> float | None:
    fine = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if fine and isinstance(value, int | float) else None
