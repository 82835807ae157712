"""How many people are on the hotspot? Clients by access point, leases by pool; never who."""

from dataclasses import dataclass
from time import time
from typing import Any

from agent.probes import leases
from agent.probes.leases import Pool
from agent.probes.system import Traffic, names_in, read_or, run, traffic
from agent.report import ProbeFailed, Reading, series
from agent.strict import Refused

_MOST_RADIOS = 8
_COMMAND_S = 2.0
_DNSMASQ_LEASES = ("/tmp/dhcp.leases", "/var/lib/misc/dnsmasq.leases")
_ISC_LEASES = ("/var/lib/dhcp/dhcpd.leases", "/var/lib/dhcpd/dhcpd.leases")
_ODHCPD_LEASES = "/tmp/hosts/odhcpd"
_DNSMASQ_FOLDERS = ("/etc/dnsmasq.d", "/var/etc", "/tmp/etc")
_ISC_CONFIG = "/etc/dhcp/dhcpd.conf"


@dataclass(frozen=True)
class Wifi:
    """`leases`, `config`: files of dnsmasq or ISC dhcpd when they are not in the usual places."""

    name: str
    leases: str = ""
    config: str = ""

    def check(self) -> None:
        for field in ("leases", "config"):
            path = getattr(self, field)
            if path and not path.startswith("/"):
                raise Refused(field, f"not a path from the root: {path[:80]!r}")

    @property
    def limit_s(self) -> float:
        return (_MOST_RADIOS + 2) * _COMMAND_S

    def measure(self, memory: dict[str, Any]) -> Reading:
        values, why = self._radios(memory)
        pools = self._pools(time())
        if pools is None and not values:
            raise ProbeFailed(why or "no access point and no DHCP server here")
        for name, (count, ratio) in (pools or {}).items():
            labels = {"pool": name}
            values[series("ronda_dhcp_leases", labels)] = float(count)
            if ratio is not None:
                values[series("ronda_dhcp_leases_used_ratio", labels)] = ratio
        return Reading(None, values)

    def _radios(self, memory: dict[str, Any]) -> tuple[dict[str, float | None], str]:
        """Series of every access point, also of one that was there and is gone."""
        try:
            present = access_points(run(["iw", "dev"], _COMMAND_S).out)
        except ProbeFailed as error:
            return {}, str(error)
        known: dict[str, str] = memory.setdefault("radios", {})
        known.update(present)
        counters = traffic(read_or("/proc/net/dev", ""))
        values: dict[str, float | None] = {}
        for radio in list(known)[:_MOST_RADIOS]:
            values |= _of_radio(radio, known[radio], radio in present, counters.get(radio))
        return values, ""

    def _pools(self, now: float) -> dict[str, tuple[int, float | None]] | None:
        """Leases by pool; None when no DHCP server keeps its files here."""
        found: set[int] | None = None
        for path in (self.leases,) if self.leases else (*_DNSMASQ_LEASES, *_ISC_LEASES):
            if text := read_or(path, ""):
                isc = "\nlease " in f"\n{text}"
                read_leases = leases.isc_leases if isc else leases.dnsmasq_leases
                found = (found or set()) | read_leases(text, now)
        if text := read_or(_ODHCPD_LEASES, ""):
            found = (found or set()) | leases.odhcpd_leases(text, now)
        pools = self._ranges()
        if found is None and not pools:
            return None
        return leases.counted(found or set(), pools)

    def _ranges(self) -> list[Pool]:
        if self.config:
            text = read_or(self.config, "")
            return leases.dnsmasq_pools(text) + leases.isc_pools(text)
        pools = leases.dnsmasq_pools(read_or("/etc/dnsmasq.conf", "")) + leases.isc_pools(
            read_or(_ISC_CONFIG, "")
        )
        for folder in _DNSMASQ_FOLDERS:
            for file in names_in(folder):
                if file.endswith(".conf") or file.startswith("dnsmasq.conf"):
                    pools += leases.dnsmasq_pools(read_or(f"{folder}/{file}", ""))
        # the same file may be reached over two folders (/var is /tmp on OpenWrt)
        return list(dict.fromkeys(pools))


def access_points(text: str) -> dict[str, str]:
    """SSID by interface of the radios in AP mode, from the text of `iw dev`."""
    found: dict[str, str] = {}
    interface, ssid = "", ""
    for line in text.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "Interface":
            interface, ssid = rest, ""
        elif word == "ssid":
            ssid = rest
        elif word == "type" and rest == "AP" and interface:
            found[interface] = ssid
    return found


def stations(text: str) -> int:
    """Clients in the text of `iw dev X station dump`."""
    return sum(line.startswith("Station ") for line in text.splitlines())


def _of_radio(
    radio: str, ssid: str, present: bool, counters: Traffic | None
) -> dict[str, float | None]:
    labels = {"ap": radio, "ssid": ssid}
    clients: float | None = None
    if present:
        dump = run(["iw", "dev", radio, "station", "dump"], _COMMAND_S)
        clients = float(stations(dump.out)) if dump.code == 0 else None
    received = float(counters.receive_bytes) if counters else None
    sent = float(counters.transmit_bytes) if counters else None
    return {
        series("ronda_wifi_up", labels): float(present),
        series("ronda_wifi_clients", labels): clients,
        series("ronda_wifi_receive_bytes_total", {"ap": radio}): received,
        series("ronda_wifi_transmit_bytes_total", {"ap": radio}): sent,
    }
