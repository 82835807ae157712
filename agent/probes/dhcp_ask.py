"""Would a phone get an address? DHCP is asked on one interface, and no address is taken.

A packet socket (CAP_NET_RAW) is the right way: it needs no address, leaves port 68 to the
machine's own client and sees answers that a firewall would keep. Where it is forbidden, UDP from
port 68 will do (CAP_NET_BIND_SERVICE, or root).
"""

import os
import select
import socket
import struct
from array import array
from contextlib import suppress
from time import monotonic

from agent.dial import bind_to
from agent.probes.dhcp_message import (
    ACK,
    CLIENT_PORT,
    DISCOVER,
    INFORM,
    OFFER,
    SERVER_PORT,
    Told,
    answer,
    asked,
    inside,
    packet,
)  # fmt: skip
from agent.report import ProbeFailed

_AGAIN_S = 2.0
_ANSWERS = {DISCOVER: OFFER, INFORM: ACK}
_IPV4 = 0x0800
_EVERYBODY = b"\xff" * 6
_MOST_BYTES = 2048
_SO_ATTACH_FILTER = 26
# classic BPF, so that a busy network does not wake us: UDP to port 68 and nothing else
_TO_CLIENTS = (
    (0x30, 0, 0, 9),  # the protocol
    (0x15, 0, 4, 17),  # UDP
    (0xB1, 0, 0, 0),  # the length of the head
    (0x48, 0, 0, 2),  # the port
    (0x15, 0, 1, CLIENT_PORT),
    (0x06, 0, 0, _MOST_BYTES),
    (0x06, 0, 0, 0),
)


class Asker:
    """A socket on `interface`; ProbeFailed says which right is missing."""

    def __init__(self, interface: str) -> None:
        self._interface = interface
        self._plain = False
        try:
            self._socket = self._packets()
        except PermissionError:
            self._plain = True
            self._socket = self._datagrams()

    def __enter__(self) -> "Asker":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def discover(self, client: bytes, deadline: float) -> Told | None:
        """The first offer; None when nobody makes one."""
        return self._ask(DISCOVER, client, "", deadline)

    def inform(self, client: bytes, address: str, deadline: float) -> Told | None:
        """The answer of a server to who has an address already: it gives none out for that."""
        return self._ask(INFORM, client, address, deadline)

    def _ask(self, kind: int, client: bytes, address: str, deadline: float) -> Told | None:
        number = int.from_bytes(os.urandom(4), "big")
        message = asked(kind, number, client, address)
        while (now := monotonic()) < deadline:
            self._send(message, address)
            until = min(deadline, now + _AGAIN_S)
            while (left := until - monotonic()) > 0:
                if not select.select([self._socket], [], [], left)[0]:
                    break
                told = answer(self._receive(), number, client)
                if told is not None and told.kind == _ANSWERS[kind]:
                    return told
        return None

    def _send(self, message: bytes, address: str) -> None:
        if self._plain:
            self._socket.sendto(message, ("255.255.255.255", SERVER_PORT))
        else:
            to = (self._interface, _IPV4, 0, 0, _EVERYBODY)
            self._socket.sendto(packet(message, address or "0.0.0.0"), to)

    def _receive(self) -> bytes:
        data = self._socket.recv(_MOST_BYTES)
        return data if self._plain else inside(data)

    def _packets(self) -> socket.socket:
        made = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
        lines = array("B", b"".join(struct.pack("=HBBI", *line) for line in _TO_CLIENTS))
        program = struct.pack("@HP", len(_TO_CLIENTS), lines.buffer_info()[0])
        # without it every packet comes up to us: slower, and as right
        with suppress(OSError):
            made.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
        try:
            made.bind((self._interface, _IPV4))
        except OSError:
            made.close()
            raise
        return made

    def _datagrams(self) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        try:
            bind_to(made, self._interface)
            made.bind(("", CLIENT_PORT))
        except OSError as error:
            made.close()
            if not isinstance(error, PermissionError):
                raise
            words = f"no right to ask DHCP on {self._interface}: it takes CAP_NET_RAW"
            raise ProbeFailed(words) from None
        return made
