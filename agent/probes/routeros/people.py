"""How many are logged in to a router's hotspot, and how many have an address of it? Pure."""

from collections.abc import Iterable
from itertools import chain

from agent.probes import leases
from agent.probes.leases import Pool
from agent.probes.routeros.values import Row, text, yes
from agent.report import series

Values = dict[str, float | None]


def sessions(servers: list[Row] | None, active: list[Row] | None) -> Values:
    """None where no hotspot is set up: 0 sessions would look as if nobody got through."""
    if not any(not yes(row.get("disabled")) for row in servers or []):
        return {}
    return {"ronda_hotspot_sessions": None if active is None else float(len(active))}


def leased(
    servers: list[Row] | None, pools: list[Row] | None, given_out: list[Row] | None
) -> Values:
    """Leases and used part of each pool that a DHCP server gives from; rest: "other"."""
    serving = [row for row in servers or [] if not yes(row.get("disabled"))]
    if not serving:
        return {}
    names = {text(row.get("address-pool")) for row in serving}
    ranges = list(chain.from_iterable(map(ranges_of, pools or [])))
    mine = [pool for pool in ranges if pool.name in names]
    values: Values = {}
    for pool in mine if given_out is None else ():
        values[series("ronda_dhcp_leases", {"pool": pool.name})] = None
        values[series("ronda_dhcp_leases_used_ratio", {"pool": pool.name})] = None
    if given_out is None:
        return values
    for name, (count, ratio) in leases.counted(bound(given_out), mine).items():
        values[series("ronda_dhcp_leases", {"pool": name})] = float(count)
        if ratio is not None:
            values[series("ronda_dhcp_leases_used_ratio", {"pool": name})] = ratio
    return values


def bound(rows: Iterable[Row]) -> set[int]:
    """Addresses that somebody has now."""
    found = set()
    for row in rows:
        address = leases.number(str(row.get("active-address") or row.get("address")))
        if address is not None and row.get("status") == "bound" and not yes(row.get("disabled")):
            found.add(address)
    return found


def ranges_of(row: Row) -> list[Pool]:
    """Of a line of `/ip/pool`: 10.0.0.2-10.0.0.99,10.0.1.0/24,10.0.2.7"""
    name = text(row.get("name"))
    found = []
    for part in str(row.get("ranges", "")).split(","):
        first, dash, last = part.strip().partition("-")
        base, slash, length = first.partition("/")
        low, high = leases.number(base), leases.number(last if dash else base)
        if low is None or high is None or low > high:
            continue
        if slash:
            if not length.isdigit() or not 8 <= int(length) <= 32:
                continue
            size = 1 << (32 - int(length))
            low = low // size * size
            high = low + size - 1
        found.append(Pool(name, low, high))
    return found
