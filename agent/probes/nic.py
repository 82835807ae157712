"""One network interface of this machine, as much as a probe needs to go out through it."""

import socket
import struct
from dataclasses import dataclass

from agent.dial import bind_to
from agent.probes.system import default_route, read_or
from agent.report import ProbeFailed

_SIOCGIFFLAGS, _SIOCGIFHWADDR = 0x8913, 0x8927
_RUNNING = 0x40
# of TEST-NET-1: nothing is sent, only the route is asked for
_ANYWHERE = ("192.0.2.1", 9)


@dataclass(frozen=True, slots=True)
class Nic:
    """`address` and `gateway` are "" where it has none; `hardware` is its own address."""

    name: str
    hardware: bytes
    address: str
    gateway: str


def nic(name: str) -> Nic:
    """The interface of this name, or that of the default route; ProbeFailed when there is none,
    or no link on it."""
    route = default_route(_routes(name))
    if route is None and not name:
        raise ProbeFailed("no default route, and no interface is named")
    name = name or (route.interface if route else "")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        flags = struct.unpack_from("H", _asked(made, name, _SIOCGIFFLAGS), 16)[0]
        hardware = _asked(made, name, _SIOCGIFHWADDR)[18:24]
        if not flags & _RUNNING:
            raise ProbeFailed(f"no link on {name}")
        try:
            bind_to(made, name)
        except PermissionError:
            words = f"no right to go out through {name}: before Linux 5.7 it takes CAP_NET_RAW"
            raise ProbeFailed(words) from None
        address = _address(made) if route else ""
    return Nic(name, hardware, address, route.gateway if route else "")


def _routes(name: str) -> str:
    """The text of /proc/net/route, with the lines of this interface only ("" = of all)."""
    head, *lines = read_or("/proc/net/route", "").splitlines() or [""]
    return "\n".join([head, *(line for line in lines if not name or line.split()[:1] == [name])])


def _asked(made: socket.socket, name: str, what: int) -> bytes:
    # only checks that name an interface need the module
    from fcntl import ioctl

    try:
        return ioctl(made.fileno(), what, struct.pack("16s24x", name.encode()[:15]))
    except OSError:
        raise ProbeFailed(f"no interface {name}") from None


def _address(made: socket.socket) -> str:
    try:
        made.connect(_ANYWHERE)
    except OSError:
        return ""
    found = str(made.getsockname()[0])
    return "" if found == "0.0.0.0" else found
