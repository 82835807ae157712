"""Is the cable in, how fast is the link, and how much went over it?"""

from dataclasses import dataclass
from typing import Any

from agent.probes.system import (
    Traffic,
    default_route,
    names_in,
    read,
    read_or,
    rooted,
    run,
    traffic,
)
from agent.report import ProbeFailed, Reading, series
from agent.strict import Refused

_MOST_INTERFACES = 16
_ETHTOOL_S = 2.0
# what a village's own wide-area links are called when they are not pieces of hardware
_WAN_LIKE = ("ppp", "pppoe", "wwan", "l2tp", "wan")
# a counter that steps back by less than this part slipped; one that fell began again
_SLIP = 0.01


@dataclass(frozen=True)
class Link:
    """`interfaces`: which to watch; none named = hardware, wan-like, and the default route's.

    `optics`: those whose optical module is asked too."""

    name: str
    interfaces: tuple[str, ...] = ()
    optics: tuple[str, ...] = ()

    def check(self) -> None:
        for place in ("interfaces", "optics"):
            named = getattr(self, place)
            for interface in named:
                if not _is_name(interface):
                    raise Refused(place, f"not an interface: {interface[:40]!r}")
            if len(named) > _MOST_INTERFACES:
                raise Refused(place, f"more than {_MOST_INTERFACES}")

    @property
    def limit_s(self) -> float:
        return 5.0 + len(self.optics) * _ETHTOOL_S

    def measure(self, memory: dict[str, Any]) -> Reading:
        counters = traffic(read("/proc/net/dev"))
        values: dict[str, float | None] = {}
        for interface in self.interfaces or chosen():
            values |= _of_link(interface, memory)
            values |= _of_traffic(interface, counters.get(interface), memory)
        for interface in self.optics:
            values |= _of_light(interface)
        return Reading(None, values)


def chosen() -> tuple[str, ...]:
    """The interfaces worth watching on this machine."""
    import os

    route = default_route(read_or("/proc/net/route", ""))
    outward = route.interface if route else ""
    found = [
        name
        for name in names_in("/sys/class/net")
        if name == outward
        or name.startswith(_WAN_LIKE)
        or os.path.exists(rooted(f"/sys/class/net/{name}/device"))
    ]
    return tuple(found[:_MOST_INTERFACES])


def _of_link(interface: str, memory: dict[str, Any]) -> dict[str, float | None]:
    folder = f"/sys/class/net/{interface}"
    labels = {"interface": interface}
    # reading the carrier of a link that is switched off is an error: no carrier
    carrier = read_or(f"{folder}/carrier", "0").strip()
    up = carrier == "1" and read_or(f"{folder}/operstate", "up").strip() != "down"
    values: dict[str, float | None] = {series("ronda_uplink_link_up", labels): float(up)}
    speed = speed_bits(read_or(f"{folder}/speed", ""))
    # wifi and PPP know no speed; a cable that is out still has the series
    known: set[str] = memory.setdefault("speeds", set())
    if speed is not None:
        known.add(interface)
    if interface in known:
        values[series("ronda_uplink_speed_bits_per_second", labels)] = speed if up else None
    return values


def _of_light(interface: str) -> dict[str, float | None]:
    """The light at the module, unknown where there is none, or we may not ask."""
    # only who has optics pays for looking at them
    from agent.probes.optics import optics

    try:
        output = run(["ethtool", "-m", interface], _ETHTOOL_S)
    except ProbeFailed:
        return {}
    light = optics(output.out) if output.code == 0 else {}
    labels = {"interface": interface}
    return {
        series("ronda_uplink_optical_rx_dbm", labels): light.get("rx"),
        series("ronda_uplink_optical_tx_dbm", labels): light.get("tx"),
    }


def _is_name(interface: str) -> bool:
    fine = 0 < len(interface) <= 15 and "/" not in interface and interface.isprintable()
    return fine and interface not in (".", "..") and " " not in interface and interface[0] != "-"


def _of_traffic(
    interface: str, counters: Traffic | None, memory: dict[str, Any]
) -> dict[str, float | None]:
    last: dict[str, float] = memory.setdefault("counters", {})
    labels = {"interface": interface}
    values: dict[str, float | None] = {}
    for name, count in (
        ("ronda_uplink_receive_bytes_total", counters.receive_bytes if counters else None),
        ("ronda_uplink_transmit_bytes_total", counters.transmit_bytes if counters else None),
        ("ronda_uplink_receive_errors_total", counters.receive_errors if counters else None),
    ):
        spelled = series(name, labels)
        values[spelled] = None
        if count is not None:
            values[spelled] = last[spelled] = steady(last.get(spelled), float(count))
    return values


def steady(last: float | None, now: float) -> float:
    """The counter as it is, except that a slip back is held until it has caught up.

    A fall (driver restarted, 32 bits wrapped) is passed on: whoever computes a rate takes it for a
    new beginning and counts too little at most. After a slip he would count everything again.
    """
    if last is not None and last * (1 - _SLIP) <= now < last:
        return last
    return now


def speed_bits(text: str) -> float | None:
    """Bits per second from the text of /sys/class/net/*/speed (Mbit/s; -1 or nothing: unknown)."""
    digits = text.strip()
    # 2^32 - 1 is how older kernels print -1
    if not digits.isdigit() or not 0 < int(digits) < 4_294_967_295:
        return None
    return int(digits) * 1e6
