"""The file format of the spool: chunks with a checksum each, so that a torn tail is seen.

A chunk is MAGIC, kind, first n, last n, entries, length, crc32, payload. The numbers stand in
the clear so that a thousand files can be counted without unpacking one.
"""

import json
import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.columns import pack, unpack
from agent.entries import Finding, Frame, Names

HEAD, LAYOUT, FRAMES, FINDINGS, NOTES = b"H", b"L", b"F", b"E", b"N"

_MAGIC = b"Rs"
_FRONT = struct.Struct("<2scIIHI")
_CRC = struct.Struct("<I")
# times are kept to a hundredth of a second, as they are sent
_TICKS = 100


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk as read; the numbers are 0 where it holds no entries."""

    kind: bytes
    first: int
    last: int
    entries: int
    payload: bytes


def scan(blob: bytes) -> tuple[list[Chunk], int, int]:
    """The sound chunks of a file, where the last one ends, and the bad bytes between them."""
    chunks: list[Chunk] = []
    at = end = bad = 0
    while at < len(blob):
        found = _chunk_at(blob, at)
        if found is None:
            at = blob.find(_MAGIC, at + 1)
            if at < 0:
                break
            continue
        bad += at - end
        chunk, at = found
        end = at
        chunks.append(chunk)
    return chunks, end, bad


def note(kind: bytes, content: Any) -> bytes:
    """A chunk that holds JSON and no entries: head, layout, notes."""
    return _chunk(kind, zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 9))


def read_note(chunk: Chunk) -> Any:
    return json.loads(zlib.decompress(chunk.payload))


def layout_chunk(layout: str, names: Names) -> bytes:
    return note(LAYOUT, [layout, *names])


def frame_chunks(frames: Sequence[Frame]) -> Iterator[bytes]:
    """One chunk for each run of frames with the same layout."""
    start = 0
    for end in range(1, len(frames) + 1):
        if end == len(frames) or frames[end].layout != frames[start].layout:
            yield _frame_chunk(frames[start:end])
            start = end


def read_frames(chunk: Chunk) -> list[Frame]:
    """The frames of one chunk; ValueError when it is not such a chunk."""
    size = chunk.payload[0]
    layout = chunk.payload[1 : 1 + size].decode("ascii")
    (width,) = struct.unpack_from("<H", chunk.payload, 1 + size)
    rows = unpack(chunk.payload[3 + size :], chunk.entries, width + 3)
    frames = []
    for row in rows:
        n, at, up = int(row[0]), row[1] / _TICKS, row[2] / _TICKS
        frames.append(Frame(n, at, up, layout, row[3:]))
    return frames


def finding_chunk(findings: Sequence[Finding]) -> bytes:
    rows = [[f.n, f.at, f.up, f.check, f.verdict, f.reason] for f in findings]
    for row, finding in zip(rows, findings, strict=True):
        row += [finding.site] if finding.site else []
    payload = zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 9)
    return _chunk(FINDINGS, payload, findings[0].n, findings[-1].n, len(findings))


def read_findings(chunk: Chunk) -> list[Finding]:
    return [Finding(*row) for row in read_note(chunk)]


def _frame_chunk(frames: Sequence[Frame]) -> bytes:
    layout = frames[0].layout.encode("ascii")
    # whole ticks, so that the columns of times pack as differences of whole numbers
    rows = [
        array("d", (f.n, round(f.at * _TICKS), round(f.up * _TICKS))) + f.values for f in frames
    ]
    width = len(frames[0].values)
    payload = bytes([len(layout)]) + layout + struct.pack("<H", width) + pack(rows)
    return _chunk(FRAMES, payload, frames[0].n, frames[-1].n, len(frames))


def _chunk(kind: bytes, payload: bytes, first: int = 0, last: int = 0, entries: int = 0) -> bytes:
    front = _FRONT.pack(_MAGIC, kind, first, last, entries, len(payload))
    return front + _CRC.pack(zlib.crc32(payload, zlib.crc32(front))) + payload


def _chunk_at(blob: bytes, at: int) -> tuple[Chunk, int] | None:
    body = at + _FRONT.size + _CRC.size
    if body > len(blob):
        return None
    magic, kind, first, last, entries, length = _FRONT.unpack_from(blob, at)
    (crc,) = _CRC.unpack_from(blob, at + _FRONT.size)
    payload = blob[body : body + length]
    front = blob[at : at + _FRONT.size]
    if magic != _MAGIC or len(payload) < length or zlib.crc32(payload, zlib.crc32(front)) != crc:
        return None
    return Chunk(kind, first, last, entries, payload), body + length
