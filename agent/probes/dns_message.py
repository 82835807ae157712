"""DNS messages (RFC 1035), as much as one question needs; pure."""

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

TYPES = {"A": 1, "AAAA": 28}
_ALL_TYPES = {**TYPES, "MX": 15, "TXT": 16}
_MOST_JUMPS = 20
RCODES = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_IN = 1
_RESPONSE, _TRUNCATED, _RECURSION_DESIRED = 0x8000, 0x0200, 0x0100


@dataclass(frozen=True, slots=True)
class Answer:
    """Response code, addresses of the wanted type, and whether the server had more to say.

    `texts`: the strings of TXT records; of MX records priority and name, as `10 mx.desa.id`.
    """

    rcode: int
    addresses: tuple[str, ...]
    truncated: bool
    texts: tuple[str, ...] = ()


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
    addresses, texts = [], []
    try:
        for at, length in _records(message, 12 + len(asked), answers, _ALL_TYPES[kind]):
            if kind in TYPES:
                addresses += _address(message[at : at + length])
            elif kind == "MX":
                (priority,) = struct.unpack_from(">H", message, at)
                texts.append(f"{priority} {_name(message, at + 2)}")
            else:
                texts.append(_strings(message[at : at + length]))
    except (IndexError, struct.error):
        if not truncated:
            return None
        addresses, texts = [], []
    return Answer(flags & 0xF, tuple(addresses), truncated, tuple(texts))


def _question_part(name: str, kind: str) -> bytes:
    encoded = b"".join(bytes([len(label)]) + label for label in labels_of(name))
    return encoded + b"\0" + struct.pack(">HH", _ALL_TYPES[kind], _IN)


def _records(message: bytes, at: int, count: int, wanted: int) -> Iterator[tuple[int, int]]:
    """Where the data of each record of this type begin, and how long they are."""
    for _ in range(count):
        at = _after_name(message, at)
        kind, _, _, length = struct.unpack_from(">HHIH", message, at)
        at += 10
        if at + length > len(message):
            raise IndexError("record over the end")
        if kind == wanted:
            yield at, length
        at += length


def _address(data: bytes) -> list[str]:
    family = {4: socket.AF_INET, 16: socket.AF_INET6}.get(len(data))
    return [] if family is None else [socket.inet_ntop(family, data)]


def _strings(data: bytes) -> str:
    """The strings of a TXT record are one text (RFC 7208, 3.3)."""
    parts, at = [], 0
    while at < len(data):
        parts.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(parts).decode("utf-8", "replace")


def _name(message: bytes, at: int) -> str:
    """A name in an answer; IndexError when its pointers lead nowhere."""
    labels: list[str] = []
    jumps = 0
    while length := message[at]:
        if length >= 0xC0:
            at, jumps = (length & 0x3F) << 8 | message[at + 1], jumps + 1
            if jumps > _MOST_JUMPS:
                raise IndexError("a name without an end")
            continue
        labels.append(message[at + 1 : at + 1 + length].decode("ascii", "replace"))
        if sum(map(len, labels)) > 255:
            raise IndexError("a name too long")
        at += 1 + length
    return ".".join(labels) or "."


def _after_name(message: bytes, at: int) -> int:
    """Where a name ends."""
    while length := message[at]:
        if length >= 0xC0:
            return at + 2
        at += 1 + length
    return at + 1
