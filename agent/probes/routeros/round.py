"""One round through the menus of a router; what was there before and is gone reads 0."""

from collections.abc import Iterable, Mapping
from typing import Any

from agent.probes.access_points import Radio, forget, told
from agent.probes.air import Air, noise_of
from agent.probes.routeros import device, people, radios
from agent.probes.routeros.radios import Point
from agent.probes.routeros.rest import Rest
from agent.probes.routeros.values import Row, number, text
from agent.probes.system import Traffic
from agent.report import Reading, Verdict, series

_OF_INTERFACES = (
    "name", "type", "dynamic", "disabled", "running", "rx-byte", "tx-byte", "rx-error",
)  # fmt: skip

_MOST_SERIES = 1000

Values = dict[str, float | None]


def everything(
    rest: Rest, label: str, given: str, named: tuple[str, ...], memory: dict[str, Any]
) -> Reading:
    """All that this router tells; WireError, TimeoutError, ProbeFailed when it tells nothing."""
    resource = rest.must("system/resource")
    state = device.state(label, resource[0] if resource else {})
    values = dict(state)
    uptime = state[series("ronda_device_uptime_seconds", {"device": label})]
    if uptime is not None and uptime < memory.get("uptime", 0.0):
        # after a restart it may be another version, with other menus
        rest.forget()
    memory["uptime"] = uptime or 0.0
    values |= device.heat(label, rest.rows("system/health"))
    interfaces = rest.rows("interface", *_OF_INTERFACES) or []
    values |= _links(rest, label, given, device.chosen(interfaces, named))
    values |= _people(rest)
    values |= _wifi(rest, given, interfaces, memory)
    return Reading(Verdict.GOOD, _steady(values, memory))


def _links(rest: Rest, label: str, given: str, chosen: list[Row]) -> Values:
    values: Values = {}
    for row in chosen:
        values |= device.link(label, given, row)
    ports = [text(row.get("name")) for row in chosen if row.get("type") == "ether"]
    for row in rest.once("interface/ethernet/monitor", ports) or [] if ports else []:
        values |= device.port(label, given, row)
    return values


def _people(rest: Rest) -> Values:
    hotspots = rest.rows("ip/hotspot", ".id", "disabled")
    active = rest.rows("ip/hotspot/active", ".id") if hotspots else None
    values = people.sessions(hotspots, active)
    servers = rest.rows("ip/dhcp-server", "name", "address-pool", "disabled")
    if servers:
        pools = rest.rows("ip/pool", "name", "ranges")
        leases = rest.rows(
            "ip/dhcp-server/lease", "address", "active-address", "status", "disabled"
        )
        values |= people.leased(servers, pools, leases)
    return values


def _wifi(rest: Rest, given: str, interfaces: list[Row], memory: dict[str, Any]) -> Values:
    """Series of every access point by the name of whose it is, else by its interface."""
    known: dict[str, dict[str, Point]] = memory.setdefault("points", {})
    counters = {text(row.get("name")): traffic(row) for row in interfaces}
    by_ap: dict[str, list[Radio]] = {}
    for menu in radios.MENUS:
        rows = rest.rows(menu.interfaces, *radios.PROPERTIES)
        before = known.setdefault(menu.interfaces, {})
        seen = {} if rows is None else _points(rest, menu, rows)
        for point in seen.values():
            before[point.interface] = point
        clients = rest.rows(menu.clients, "interface", "ap") if seen else None
        counted = None if clients is None else radios.clients(clients)
        noise = _noise(rest, menu, seen)
        forget(before, seen, radios.MOST_POINTS)
        for name, point in before.items():
            there = seen[name].up if name in seen else None if rows is None else False
            heard = Air(noise.get(name)) if there and name in noise else None
            people = float(counted.get(name, 0)) if counted is not None and there else None
            radio = Radio(name, point.ssid, there, people, counters.get(name), heard)
            by_ap.setdefault(point.ap or given, []).append(radio)
    values: Values = {}
    for ap, group in by_ap.items():
        values |= told(ap, group, memory)
    return values


def _points(rest: Rest, menu: radios.Menu, rows: Iterable[Row]) -> dict[str, Point]:
    rows = list(rows)
    profiles = None
    if menu.profiles and radios.needs_profiles(rows):
        profiles = rest.rows(menu.profiles, "name", "ssid", "mode")
    owners = rest.rows(menu.owners, "interface", "cap") if menu.owners and rows else None
    return {point.interface: point for point in radios.points(rows, profiles, owners)}


def _noise(rest: Rest, menu: radios.Menu, seen: Mapping[str, Point]) -> dict[str, float | None]:
    """Only the old driver tells it."""
    names = [name for name, point in seen.items() if point.up]
    if menu.interfaces != "interface/wireless" or not names:
        return {}
    rows = rest.once("interface/wireless/monitor", names) or []
    # its lines come in the order that was asked for, without names
    pairs = zip(names, rows, strict=False) if len(rows) == len(names) else ()
    return {name: noise_of(number(row.get("noise-floor"))) for name, row in pairs}


def traffic(row: Row) -> Traffic | None:
    received, sent = device.counter(row.get("rx-byte")), device.counter(row.get("tx-byte"))
    if received is None or sent is None:
        return None
    return Traffic(int(received), 0, int(sent))


def _steady(values: Values, memory: dict[str, Any]) -> Values:
    """What was there once and is not told now is null, so that the layout stays."""
    ever: dict[str, None] = memory.setdefault("ever", {})
    ever.update(dict.fromkeys(values))
    if len(ever) > _MOST_SERIES:
        # names that come and go
        ever.clear()
    return {**dict.fromkeys(ever), **values}
