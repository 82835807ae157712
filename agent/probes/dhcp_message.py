"""DHCP messages (RFC 2131) for somebody who only asks and never takes; pure.

Nothing here can make a REQUEST: an offer that nobody asks for binds no address.
"""

import socket
import struct
from dataclasses import dataclass

DISCOVER, OFFER, INFORM, ACK = 1, 2, 8, 5
CLIENT_PORT, SERVER_PORT = 68, 67
_COOKIE = b"\x63\x82\x53\x63"
_ETHERNET, _HEAD = 1, 236
_MOST_BYTES = 1472
# the answer comes to everybody: the address in it is not yet ours
_BROADCAST = 0x8000
_PAD, _MASK, _ROUTER, _DNS, _KIND, _SERVER, _WANTED, _CLIENT, _END = 0, 1, 3, 6, 53, 54, 55, 61, 255
_UDP, _IPV4, _IP_HEAD = 17, 4, 20
_FRAGMENT = 0x1FFF


@dataclass(frozen=True, slots=True)
class Told:
    """What a server tells: the address it offers ("" in an ACK to INFORM), gateways, DNS."""

    kind: int
    address: str
    server: str
    routers: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()


def asked(kind: int, number: int, client: bytes, address: str = "") -> bytes:
    """A DISCOVER, or an INFORM of who has `address`; `client` are six bytes, always the same."""
    head = struct.pack(
        ">BBBBIHH4s12x6s10x192x",
        *(1, _ETHERNET, len(client), 0, number, 0, 0 if address else _BROADCAST),
        *(socket.inet_aton(address or "0.0.0.0"), client),
    )
    options = _option(_KIND, bytes([kind])) + _option(_CLIENT, bytes([_ETHERNET]) + client)
    options += _option(_WANTED, bytes([_MASK, _ROUTER, _DNS])) + bytes([_END])
    # some servers drop what is shorter than BOOTP was
    return (head + _COOKIE + options).ljust(300, b"\0")


def answer(message: bytes, number: int, client: bytes) -> Told | None:
    """What the message says, or None when it does not answer this very question."""
    head, rest = message[:_HEAD], message[_HEAD : _HEAD + _MOST_BYTES]
    if len(head) < _HEAD or head[0] != 2 or not rest.startswith(_COOKIE):
        return None
    if struct.unpack_from(">I", head, 4)[0] != number or head[28 : 28 + len(client)] != client:
        return None
    known = _options(rest[len(_COOKIE) :])
    kind = known.get(_KIND, b"")
    if len(kind) != 1:
        return None
    given = head[16:20]
    return Told(
        kind[0],
        socket.inet_ntoa(given) if any(given) else "",
        next(iter(_addresses(known.get(_SERVER, b""))), ""),
        _addresses(known.get(_ROUTER, b"")),
        _addresses(known.get(_DNS, b"")),
    )


def packet(message: bytes, source: str = "0.0.0.0") -> bytes:
    """The message as an IPv4 packet to everybody, as a client without an address sends it."""
    udp = struct.pack(">HHHH", CLIENT_PORT, SERVER_PORT, 8 + len(message), 0) + message
    length = _IP_HEAD + len(udp)
    addresses = socket.inet_aton(source) + socket.inet_aton("255.255.255.255")
    head = struct.pack(">BBHHHBBH8s", 0x45, 0x10, length, 0, 0, 64, _UDP, 0, addresses)
    return head[:10] + struct.pack(">H", _checksum(head)) + head[12:] + udp


def inside(received: bytes) -> bytes:
    """What an IPv4 packet carries to a DHCP client; b"" when it carries nothing for one."""
    if len(received) < _IP_HEAD or received[0] >> 4 != _IPV4 or received[9] != _UDP:
        return b""
    at = (received[0] & 0xF) * 4
    fragment = struct.unpack_from(">H", received, 6)[0] & _FRAGMENT
    if fragment or at < _IP_HEAD or len(received) < at + 8:
        return b""
    _, port, length = struct.unpack_from(">HHH", received, at)
    return received[at + 8 : at + max(8, length)] if port == CLIENT_PORT else b""


def _option(code: int, data: bytes) -> bytes:
    return bytes([code, len(data)]) + data


def _options(data: bytes) -> dict[int, bytes]:
    """Options by code; one in several pieces is put together (RFC 3396)."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != _END:
        if data[at] == _PAD:
            at += 1
            continue
        if at + 2 > len(data) or at + 2 + data[at + 1] > len(data):
            break
        code, length = data[at], data[at + 1]
        found[code] = found.get(code, b"") + data[at + 2 : at + 2 + length]
        at += 2 + length
    return found


def _addresses(data: bytes) -> tuple[str, ...]:
    parts = (data[at : at + 4] for at in range(0, len(data) - 3, 4))
    return tuple(socket.inet_ntoa(part) for part in parts if any(part))


def _checksum(head: bytes) -> int:
    """RFC 1071, of an even number of bytes."""
    total: int = sum(struct.unpack(f">{len(head) // 2}H", head))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
