"""One question to one DNS server: by UDP, and by TCP where the answer does not fit."""

import os
import socket
import struct
from time import monotonic

from agent.dial import bind_to, dial, left_s
from agent.probes.dns_message import Answer, question, read_answer


def ask(
    server: str, port: int, name: str, kind: str, timeout_s: float, interface: str = ""
) -> Answer:
    """The answer; TimeoutError, or an OSError in words. `interface`: the only way out."""
    number = int.from_bytes(os.urandom(2), "big")
    message = question(number, name, kind)
    deadline = monotonic() + timeout_s
    with socket.socket(family_of(server) or socket.AF_INET, socket.SOCK_DGRAM) as udp:
        bind_to(udp, interface)
        udp.connect((server, port))
        udp.send(message)
        answer = None
        while answer is None:
            udp.settimeout(left_s(deadline))
            # None: a late or a forged answer
            answer = read_answer(udp.recv(4096), number, name, kind)
    if not answer.truncated:
        return answer
    with dial(server, port, monotonic() + timeout_s, interface) as tcp:
        reply = _over_tcp(tcp, message, monotonic() + timeout_s)
    answer = read_answer(reply, number, name, kind)
    if answer is None:
        raise OSError("the answer over TCP cannot be read")
    return answer


def say(error: OSError, server: str) -> str:
    """Why a server did not answer, in words."""
    if isinstance(error, TimeoutError):
        return f"no answer from DNS server {server}"
    if isinstance(error, ConnectionRefusedError):
        return f"{server} answers no DNS"
    return f"DNS server {server}: {error.strerror or error}"


def family_of(address: str) -> socket.AddressFamily | None:
    """Of an address; None for what is none."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, address)
        except (OSError, ValueError):
            continue
        return family
    return None


def _over_tcp(tcp: socket.socket, message: bytes, deadline: float) -> bytes:
    tcp.sendall(struct.pack(">H", len(message)) + message)
    (length,) = struct.unpack(">H", _exactly(tcp, 2, deadline))
    return _exactly(tcp, length, deadline)


def _exactly(tcp: socket.socket, count: int, deadline: float) -> bytes:
    data = b""
    while len(data) < count:
        tcp.settimeout(left_s(deadline))
        piece = tcp.recv(count - len(data))
        if not piece:
            raise OSError("the answer over TCP breaks off")
        data += piece
    return data
