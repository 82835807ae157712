"""DNS messages (RFC 1035), as much as one question needs; pure."""

import socket
import struct
from dataclasses import dataclass

TYPES = {"A": 1, "AAAA": 28}
RCODES = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_IN = 1
_RESPONSE, _TRUNCATED, _RECURSION_DESIRED = 0x8000, 0x0200, 0x0100


@dataclass(frozen=True, slots=True)
class Answer:
    """Response code, addresses of the wanted type, and whether the server had more to say."""

    rcode: int
    addresses: tuple[str, ...]
    truncated: bool


def labels_of(name: str) -> list[bytes]:
    """The labels of a name; ValueError when it cannot be one."""
    parts = [part.encode("ascii") for part in name.rstrip(".").split(".")] if name else []
    if not parts or any(not 0 < len(part) < 64 for part in parts) or len(name) > 253:
        raise ValueError(f"not a name: {name[:80]!r}")
    return parts


def question(number: int, name: str, kind: str) -> bytes:
    head = struct.pack(">HHHHHH", number, _RECURSION_DESIRED, 1, 0, 0, 0)
    return head + _question_part(name, kind)


def read_answer(message: bytes, number: int, name: str, kind: str) -> Answer | None:
    """What the message says, or None when it does not answer this very question."""
    asked = _question_part(name, kind)
    if len(message) < 12 + len(asked):
        return None
    given, flags, _, answers, _, _ = struct.unpack_from(">HHHHHH", message)
    echoed = message[12 : 12 + len(asked)]
    if given != number or not flags & _RESPONSE or echoed.lower() != asked.lower():
        return None
    truncated = bool(flags & _TRUNCATED)
    try:
        found = _addresses(message, 12 + len(asked), answers, TYPES[kind])
    except (IndexError, struct.error):
        if not truncated:
            return None
        found = ()
    return Answer(flags & 0xF, found, truncated)


def _question_part(name: str, kind: str) -> bytes:
    encoded = b"".join(bytes([len(label)]) + label for label in labels_of(name))
    return encoded + b"\0" + struct.pack(">HH", TYPES[kind], _IN)


def _addresses(message: bytes, at: int, count: int, wanted: int) -> tuple[str, ...]:
    family, size = (socket.AF_INET, 4) if wanted == TYPES["A"] else (socket.AF_INET6, 16)
    found = []
    for _ in range(count):
        at = _after_name(message, at)
        kind, _, _, length = struct.unpack_from(">HHIH", message, at)
        at += 10
        if at + length > len(message):
            raise IndexError("record over the end")
        if kind == wanted and length == size:
            found.append(socket.inet_ntop(family, message[at : at + size]))
        at += length
    return tuple(found)


def _after_name(message: bytes, at: int) -> int:
    """Where a name ends: the names in answers are not read, only stepped over."""
    while length := message[at]:
        if length >= 0xC0:
            return at + 2
        at += 1 + length
    return at + 1
