"""Bytes this agent has on the line, as a provider counts them: IP packets, both ways.

The kernel says how many bytes and segments a TCP connection had, so TLS, handshakes,
acknowledgements and repeats are in. What stays in the village does not count.
"""

import socket
import struct
import threading

# struct tcp_info of Linux: bytes acknowledged, bytes received, segments out, segments in
_INFO = struct.Struct("=120xQQII")
# an IP header and one of TCP with timestamps
_V4_BYTES, _V6_BYTES = 20 + 32, 40 + 32
# where the kernel says nothing: a handshake, and two segments and their like for each exchange
_GUESS_BYTES = 300
# the end of a connection comes after we have looked
LEAVING_BYTES = 4 * _V4_BYTES
PING_BYTES = 84


class Meter:
    """A count that only goes up; safe from several threads."""

    def __init__(self) -> None:
        self._total = 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self._total += count

    @property
    def total(self) -> int:
        return self._total


# one process, one line
METER = Meter()


class Tap:
    """The counting of one connection: what it had since it was last looked at goes on the meter."""

    def __init__(self, counts: bool, meter: Meter = METER) -> None:
        self._counts, self._meter = counts, meter
        self._seen = 0

    def look(self, wire: socket.socket, payload: int) -> None:
        """`payload`: bytes of HTTP since the last look, for where the kernel says nothing."""
        if not self._counts:
            return
        now = carried(wire)
        self._meter.add(payload + _GUESS_BYTES if now is None else max(0, now - self._seen))
        self._seen = self._seen if now is None else now

    def leave(self) -> None:
        if self._counts:
            self._meter.add(LEAVING_BYTES)


def carried(wire: socket.socket) -> int | None:
    """What a TCP connection has carried so far, in IP packets; None: this system does not say."""
    try:
        info = wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size)
        gone, came, out, back = _INFO.unpack(info)
    except (OSError, AttributeError, struct.error):
        return None
    head = _V6_BYTES if wire.family == socket.AF_INET6 else _V4_BYTES
    return int(gone + came + (out + back) * head)


def stays_here(host: str) -> bool:
    """An address of this machine or of a private network; names lead outside.

    Addresses that a provider shares among customers (100.64/10) are none of ours.
    """
    if host in ("localhost", "gateway", "::1"):
        return True
    if ":" in host:
        return host.lower().startswith(("fe8", "fe9", "fea", "feb", "fc", "fd"))
    parts = host.split(".")
    if len(parts) != 4 or not all(part.isdigit() for part in parts):
        return False
    if parts[0] == "172":
        return 16 <= int(parts[1]) <= 31
    return parts[0] in ("10", "127") or parts[:2] in (["192", "168"], ["169", "254"])
