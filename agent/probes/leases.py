"""How many addresses has the DHCP server given out, and of how many? Counts, never who.

Reads the files of dnsmasq, ISC dhcpd and odhcpd; pure.
"""

import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.probes.certificate import epoch

_ISC_LEASE = re.compile(r"^lease (\S+) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
_ISC_RANGE = re.compile(
    r"^\s*range\s+(?:dynamic-bootp\s+)?([\d.]+)(?:\s+([\d.]+))?\s*;", re.MULTILINE
)
_ISC_ENDS = re.compile(r"^\s*ends (?:\d (\d+)/(\d+)/(\d+) (\d+):(\d+):(\d+)|never)", re.MULTILINE)
_UCI_DHCP = re.compile(r"config\s+dhcp\s+(\S+)")
_UCI_OPTION = re.compile(r"^\s*option\s+(\w+)\s+(\S+)\s*$", re.MULTILINE)
_COMMENT = re.compile(r"#.*")


@dataclass(frozen=True, slots=True)
class Pool:
    """A range of IPv4 addresses, both ends included."""

    name: str
    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1


def dnsmasq_leases(text: str, now: float) -> set[int]:
    """IPv4 addresses with a lease that has not ended, from the text of dnsmasq.leases."""
    found = set()
    for line in text.splitlines():
        words = line.split()
        if len(words) < 4 or not words[0].isdigit() or (address := number(words[2])) is None:
            continue
        if int(words[0]) == 0 or int(words[0]) > now:
            found.add(address)
    return found


def dnsmasq_pools(text: str) -> list[Pool]:
    """The IPv4 ranges in a configuration of dnsmasq, named by their tag or by their addresses."""
    pools = []
    for line in text.splitlines():
        key, equals, value = _COMMENT.sub("", line).partition("=")
        if not equals or key.strip() != "dhcp-range":
            continue
        words = [word.strip() for word in value.split(",")]
        tags = [word.partition(":")[2] for word in words if word.startswith(("set:", "net:"))]
        while words and number(words[0]) is None:
            words.pop(0)
        if len(words) >= 2:
            pools += _pool(tags[0] if tags else "", words[0], words[1])
    return pools


def isc_leases(text: str, now: float) -> set[int]:
    """IPv4 addresses in use, from the text of dhcpd.leases; the last word on an address counts."""
    found = set()
    for match in _ISC_LEASE.finditer(text):
        if (address := number(match[1])) is None:
            continue
        ends = _ISC_ENDS.search(match[2])
        # "ends never" has no date
        over = ends and ends[1] and epoch(*(int(part) for part in ends.groups())) <= now
        if "\n  binding state active;" in match[2] and not over:
            found.add(address)
        else:
            found.discard(address)
    return found


def isc_pools(text: str) -> list[Pool]:
    """The ranges in the text of dhcpd.conf."""
    found = []
    for match in _ISC_RANGE.finditer(_COMMENT.sub("", text)):
        found += _pool("", match[1], match[2] or match[1])
    return found


def uci_pools(text: str, networks: Mapping[str, tuple[str, int]]) -> list[Pool]:
    """The ranges in OpenWrt's /etc/config/dhcp, by name of the section.

    `networks`: address and length of the prefix of each of OpenWrt's interfaces.
    """
    found = []
    for block in re.split(r"^\s*(?=config\s)", text, flags=re.MULTILINE):
        head = _UCI_DHCP.match(block)
        told = {key: value.strip("'\"") for key, value in _UCI_OPTION.findall(block)}
        name = head[1].strip("'\"") if head else ""
        network = networks.get(told.get("interface", name))
        if network is None or told.get("ignore") == "1" or told.get("dhcpv4") == "disabled":
            continue
        start, limit = told.get("start", "100"), told.get("limit", "150")
        address, length = number(network[0]), network[1]
        if address is None or not (start.isdigit() and limit.isdigit() and 0 < length < 32):
            continue
        size = 1 << (32 - length)
        first = address // size * size + int(start[:9])
        # the last address of a network is everybody's
        last = min(first + int(limit[:9]) - 1, address // size * size + size - 2)
        found += [Pool(name, first, last)] if first <= last else []
    return found


def odhcpd_leases(text: str, now: float) -> set[int]:
    """IPv4 addresses in odhcpd's state file: `# interface id ipv4 name end ... address/32`."""
    found = set()
    for line in text.splitlines():
        words = line.split()
        if len(words) < 9 or words[0] != "#" or words[3] != "ipv4":
            continue
        end = int(words[5]) if words[5].lstrip("-").isdigit() else 0
        if end < 0 or end > now:
            found |= {a for w in words[8:] if (a := number(w.partition("/")[0])) is not None}
    return found


def counted(leases: set[int], pools: Iterable[Pool]) -> dict[str, tuple[int, float | None]]:
    """Leases and used part by pool; leases outside every pool count under "other"."""
    rest = set(leases)
    inside: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for pool in pools:
        mine = {address for address in rest if pool.first <= address <= pool.last}
        rest -= mine
        inside[pool.name] = inside.get(pool.name, 0) + len(mine)
        sizes[pool.name] = sizes.get(pool.name, 0) + pool.size
    found: dict[str, tuple[int, float | None]] = {
        name: (count, count / sizes[name]) for name, count in inside.items()
    }
    if rest or not found:
        found["other" if found else "all"] = (len(rest), None)
    return found


def number(text: str) -> int | None:
    """An IPv4 address as a number; None when it is none."""
    try:
        return int.from_bytes(socket.inet_pton(socket.AF_INET, text), "big")
    except OSError:
        return None


def _pool(name: str, first: str, last: str) -> list[Pool]:
    low, high = number(first), number(last)
    if low is None or high is None or low > high:
        return []
    return [Pool(name or (first if first == last else f"{first}-{last}"), low, high)]
