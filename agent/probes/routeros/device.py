"""A router's own state: processor, memory, heat, links and the light in its optics. Pure."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from agent.probes.routeros.values import Row, number, seconds, text, yes
from agent.report import series

MOST_INTERFACES = 64
# what a line to outside is made of; the rest is watched when it is named
_KINDS = (
    "ether", "lte", "bonding", "pppoe-out", "l2tp-out", "sstp-out", "pptp-out", "ovpn-out",
)  # fmt: skip
_BOARD = ("temperature", "board-temperature", "board-temperature1", "system-temperature")
_PROCESSOR = ("cpu-temperature", "cpu-temperature1")
_LIGHT = (
    ("sfp-rx-power", "ronda_uplink_optical_rx_dbm", -60.0, 12.0),
    ("sfp-tx-power", "ronda_uplink_optical_tx_dbm", -45.0, 15.0),
)
_MOST_BYTES = 2**64 - 1

Values = dict[str, float | None]


def state(device: str, resource: Row) -> Values:
    """By `/system/resource`."""
    labels = {"device": device}
    load = number(resource.get("cpu-load"), 0, 100)
    free, whole = number(resource.get("free-memory"), 0), number(resource.get("total-memory"), 1)
    used = None if free is None or whole is None or free > whole else 1 - free / whole
    return {
        series("ronda_device_uptime_seconds", labels): seconds(resource.get("uptime")),
        series("ronda_device_cpu_ratio", labels): None if load is None else load / 100,
        series("ronda_device_memory_used_ratio", labels): used,
    }


def heat(device: str, health: list[Row] | None) -> Values:
    """By `/system/health`: the board's hottest sensor, else the processor's; lines of a name and a
    value, or one line of all."""
    told: dict[str, float | None] = {}
    for row in health or []:
        pairs = [(row["name"], row.get("value"))] if "name" in row else list(row.items())
        # 0 is a sensor that is not there
        told |= {str(name): number(value, -40, 130) or None for name, value in pairs}
    for names in (_BOARD, _PROCESSOR):
        if known := [value for name in names if (value := told.get(name)) is not None]:
            return {series("ronda_device_temperature_celsius", {"device": device}): max(known)}
    return {}


def chosen(interfaces: Iterable[Row], named: tuple[str, ...]) -> list[Row]:
    """Those worth watching; never one that is made for somebody who logged in: it has his name."""
    found = []
    for row in interfaces:
        name = text(row.get("name"))
        if not name or name.startswith("<") or yes(row.get("dynamic")):
            continue
        if named:
            wanted = any(fnmatchcase(name, pattern) for pattern in named)
        else:
            wanted = str(row.get("type")) in _KINDS and not yes(row.get("disabled"))
        found += [row] if wanted else []
    return found[:MOST_INTERFACES]


def link(device: str, given: str, row: Row) -> Values:
    """Of one line of `/interface`; `given` is what somebody called the router, if he did."""
    name = text(row.get("name"))
    labels = {"device": device, "interface": name}
    plain = {"interface": name} | ({"device": given} if given else {})
    up = yes(row.get("running")) and not yes(row.get("disabled"))
    values: Values = {
        series("ronda_uplink_receive_bytes_total", labels): counter(row.get("rx-byte")),
        series("ronda_uplink_transmit_bytes_total", labels): counter(row.get("tx-byte")),
        series("ronda_uplink_receive_errors_total", plain): counter(row.get("rx-error")),
    }
    if "running" in row:
        values[series("ronda_uplink_link_up", labels)] = float(up)
    # some kinds count no errors, and old versions none at all
    return {key: value for key, value in values.items() if value is not None}


def port(device: str, given: str, row: Row) -> Values:
    """Of one line of `/interface/ethernet/monitor`: speed, and the light of an optical module."""
    name = text(row.get("name"))
    labels = {"device": device, "interface": name}
    plain = {"interface": name} | ({"device": given} if given else {})
    values: Values = {}
    up = str(row.get("status")) == "link-ok"
    if "rate" in row or "status" in row:
        rate = number(row.get("rate"), 1) if up else None
        values[series("ronda_uplink_speed_bits_per_second", plain)] = rate
    for key, metric, least, most in _LIGHT:
        if key in row:
            # 0 is a module that does not measure
            values[series(metric, labels)] = number(row[key], least, most) or None
    return values


def counter(value: object) -> float | None:
    return number(value, 0, _MOST_BYTES)
