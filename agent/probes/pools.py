"""The leases and ranges of the DHCP server of this machine, wherever it keeps them."""

from agent.probes import leases
from agent.probes.leases import Pool
from agent.probes.system import has, names_in, read_or

_DNSMASQ_LEASES = ("/tmp/dhcp.leases", "/var/lib/misc/dnsmasq.leases")
_ISC_LEASES = (
    "/var/lib/dhcp/dhcpd.leases",
    "/var/lib/dhcpd/dhcpd.leases",
    # EdgeOS and VyOS
    "/config/dhcpd.leases",
    "/var/run/dhcpd.leases",
)
_ODHCPD_LEASES = "/tmp/hosts/odhcpd"
_UCI = "/etc/config/dhcp"
_DNSMASQ_FOLDERS = ("/etc/dnsmasq.d", "/var/etc", "/tmp/etc")
_ISC_CONFIGS = ("/etc/dhcp/dhcpd.conf", "/opt/vyatta/etc/dhcpd.conf")

Counted = dict[str, tuple[int, float | None]]


def counted(given_leases: str, given_config: str, now: float, limit_s: float) -> Counted | None:
    """Leases and used part by pool; None when no DHCP server keeps its files here.

    The same address in two files is one lease.
    """
    found: set[int] | None = None
    for path in (given_leases,) if given_leases else (*_DNSMASQ_LEASES, *_ISC_LEASES):
        if text := read_or(path, ""):
            isc = "\nlease " in f"\n{text}"
            read_leases = leases.isc_leases if isc else leases.dnsmasq_leases
            found = (found or set()) | read_leases(text, now)
    if text := read_or(_ODHCPD_LEASES, ""):
        found = (found or set()) | leases.odhcpd_leases(text, now)
    pools = _ranges(given_config)
    if (told := _of_ubus(limit_s)) is not None:
        found = (found or set()) | told
        # dnsmasq has the same ranges in files of its own
        pools = pools or _of_uci(limit_s)
    if found is None and not pools:
        return None
    return leases.counted(found or set(), pools)


def _of_ubus(limit_s: float) -> set[int] | None:
    if limit_s <= 0 or not has("ubus"):
        return None
    from agent.probes import ubus

    return ubus.leases(ubus.call("dhcp", "ipv4leases", limit_s))


def _of_uci(limit_s: float) -> list[Pool]:
    """The ranges that odhcpd gives from."""
    from agent.probes import ubus

    networks = ubus.networks(ubus.call("network.interface", "dump", limit_s))
    return leases.uci_pools(read_or(_UCI, ""), networks)


def _ranges(given: str) -> list[Pool]:
    if given:
        text = read_or(given, "")
        return leases.dnsmasq_pools(text) + leases.isc_pools(text)
    pools = leases.dnsmasq_pools(read_or("/etc/dnsmasq.conf", ""))
    for path in _ISC_CONFIGS:
        pools += leases.isc_pools(read_or(path, ""))
    for folder in _DNSMASQ_FOLDERS:
        for file in names_in(folder):
            if file.endswith(".conf") or file.startswith("dnsmasq.conf"):
                pools += leases.dnsmasq_pools(read_or(f"{folder}/{file}", ""))
    # the same file may be reached over two folders (/var is /tmp on OpenWrt)
    return list(dict.fromkeys(pools))
