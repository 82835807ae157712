"""One journal record as bytes, and how to find the next good one after damage.

magic (4) | length of what follows the checksum (u32) | crc32c (u32) | kind (u8) | receive time
(f64) | agent (u32) | payload. The checksum starts from the record's own position, so a copy of a
record in the wrong place (an old disk block, a payload that imitates us) is never taken for one.
"""

import struct
from collections.abc import Iterable
from enum import Enum, IntEnum

import google_crc32c
import msgspec

# 0xff occurs in no UTF-8 text, so no JSON payload can hold a beginning that looks like ours
MAGIC = b"\xffRN\xff"
MAX_PAYLOAD = 16 << 20

_HEAD = struct.Struct("<4sIIBdI")
_PREFIX = struct.Struct("<4sII")
_BODY = struct.Struct("<BdI")
HEAD_BYTES = _HEAD.size

Entry = tuple[int, float, int, bytes]


class Kind(IntEnum):
    """What a record's payload is."""

    REPORT = 1
    TICK = 2
    REMOTE_WRITE = 3
    BEACON = 4
    # an older spool of a token went on delivering after a newer one began
    CLASH = 5


class Record(msgspec.Struct, frozen=True, gc=False):
    """One entry of the journal; `next` is the position right after it, `at` the receive time."""

    position: int
    next: int
    kind: int
    at: float
    agent: int
    payload: bytes


class Stop(Enum):
    """Why reading a buffer ended."""

    LIMIT = "enough records"
    SHORT = "the buffer ends before the record does"
    BAD = "these bytes are no record"


def pack(entries: Iterable[Entry], position: int) -> bytes:
    """The bytes of `entries` (kind, time, agent, payload) that will stand at `position`."""
    parts = []
    for kind, at, agent, payload in entries:
        if len(payload) > MAX_PAYLOAD:
            raise ValueError(f"payload of {len(payload)} bytes; {MAX_PAYLOAD} is the most")
        body = _BODY.pack(kind, at, agent) + payload
        crc = google_crc32c.extend(position & 0xFFFFFFFF, body)
        parts.append(_PREFIX.pack(MAGIC, len(body), crc))
        parts.append(body)
        position += _PREFIX.size + len(body)
    return b"".join(parts)


def take(buffer: bytes, base: int, offset: int, limit: int, into: list[Record]) -> tuple[int, Stop]:
    """Append the records of `buffer` (its first byte stands at `base`) to `into` from `offset` on.

    Returns where it ended and why; at most `limit` records are in `into` afterwards.
    """
    size = len(buffer)
    extend, unpack, make = google_crc32c.extend, _HEAD.unpack_from, Record
    while len(into) < limit:
        if offset + HEAD_BYTES > size:
            return offset, _short_or_bad(buffer, offset)
        magic, length, crc, kind, at, agent = unpack(buffer, offset)
        if magic != MAGIC or not _BODY.size <= length <= MAX_PAYLOAD + _BODY.size:
            return offset, Stop.BAD
        end = offset + _PREFIX.size + length
        if end > size:
            return offset, Stop.SHORT
        body = buffer[offset + _PREFIX.size : end]
        position = base + offset
        if extend(position & 0xFFFFFFFF, body) != crc:
            return offset, Stop.BAD
        into.append(make(position, base + end, kind, at, agent, body[_BODY.size :]))
        offset = end
    return offset, Stop.LIMIT


def _short_or_bad(buffer: bytes, offset: int) -> Stop:
    begin = buffer[offset : offset + len(MAGIC)]
    return Stop.SHORT if MAGIC.startswith(begin) else Stop.BAD


def bytes_wanted(head: bytes) -> int:
    """How long the record is that begins with `head`; what a header alone takes if it is cut."""
    if len(head) < _PREFIX.size:
        return HEAD_BYTES
    length: int = _PREFIX.unpack_from(head)[1]
    return max(HEAD_BYTES, _PREFIX.size + min(length, MAX_PAYLOAD + _BODY.size))
