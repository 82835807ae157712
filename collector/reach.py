"""May the centre reach out to an address? Not to itself nor its own networks, unless listed."""

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.strict import Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_GATEWAY_FLAG = 0x2
# where some clouds tell a machine its own secrets, beside 169.254.169.254 that is link-local
_TELLS_SECRETS = ("100.100.100.200/32", "fd00:ec2::254/128")

# for addresses that only settings name: who writes them may ask anybody
EVERYWHERE = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


def parse(cidrs: Iterable[str]) -> list[Network]:
    """Networks of a setting; Refused names the one that is none."""
    found: list[Network] = []
    for text in cidrs:
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError as error:
            raise Refused("allow_targets", str(error)) from error
    return found


def problem(address: Address, allowed: Sequence[Network], own: Sequence[Network]) -> str:
    """Why an address may not be reached; empty when it may."""
    address = _plain(address)
    if any(address in network for network in allowed):
        return ""
    if address.is_loopback or address.is_unspecified:
        return f"{address} is this machine"
    if address.is_link_local:
        return f"{address} is link-local"
    if address.is_multicast or address.is_reserved:
        return f"{address} is no address of a host"
    if any(address in network for network in map(ipaddress.ip_network, _TELLS_SECRETS)):
        return f"{address} tells this machine's secrets"
    if any(address in network for network in own):
        return f"{address} is in the centre's own network"
    return ""


# what `problem` finds by the address alone, as networks: this machine, its links, no hosts
_NEVER = (
    *("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"),
    *("::/127", "fe80::/10", "ff00::/8"),
    *_TELLS_SECRETS,
)


def off_limits(own: Sequence[Network]) -> list[str]:
    """The networks that `problem` refuses, for who judges elsewhere; `own` as own_networks."""
    return list(dict.fromkeys([*_NEVER, *sorted(map(str, own))]))


def resolve(host: str, port: int) -> list[Address]:
    """The addresses of a name; OSError when there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        # a part of it is empty, or longer than any name's
        raise OSError(f"{host[:80]!r} is no name") from None
    plain = (str(entry[4][0]).partition("%")[0] for entry in found)
    return [ipaddress.ip_address(text) for text in dict.fromkeys(plain)]


def own_networks(proc: Path = Path("/proc")) -> list[Network]:
    """The networks this machine is attached to, as the kernel lists them."""
    return [*_own_v4(proc / "net" / "route"), *_own_v6(proc / "net" / "if_inet6")]


def _own_v4(path: Path) -> list[Network]:
    found: list[Network] = []
    for line in _lines(path)[1:]:
        cells = line.split()
        # what goes through a gateway is not ours
        if len(cells) > 7 and not int(cells[3], 16) & _GATEWAY_FLAG:
            network, mask = (ipaddress.IPv4Address(_swapped(cells[i])) for i in (1, 7))
            found.append(ipaddress.IPv4Network(f"{network}/{mask}", strict=False))
    return [network for network in found if network.prefixlen]


def _own_v6(path: Path) -> list[Network]:
    found: list[Network] = []
    for line in _lines(path):
        cells = line.split()
        address = ipaddress.IPv6Address(int(cells[0], 16))
        found.append(ipaddress.IPv6Network((address, int(cells[2], 16)), strict=False))
    return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _swapped(text: str) -> int:
    # the kernel prints the bytes of an address in the order of the processor
    return int.from_bytes(bytes.fromhex(text), "little")


def _plain(address: Address) -> Address:
    """::ffff:127.0.0.1 is 127.0.0.1 in disguise."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
