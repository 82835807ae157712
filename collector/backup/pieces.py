"""The form of a backup: pieces in a row, each sealed by a checksum that covers all before it.

A first line names the form. A piece is its kind, its length, a CRC32C carried on from the piece
before, and its bytes. One header, then members (a name, data compressed by the MiB, length and
SHA-256), then the end: what is cut off, changed, left out or put in another order is found, and
where.
"""

import hashlib
import json
import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Protocol

from google_crc32c import extend

from agent.strict import Refused

FORM = 1
FIRST_LINE = b"ronda backup %d\n"
CHUNK_BYTES = 1 << 20
_LINE = re.compile(rb"ronda backup (\d{1,6})\n")
_HEAD = struct.Struct(">cII")
# what does not compress grows a little
_MOST_BYTES = CHUNK_BYTES + (CHUNK_BYTES >> 4)
_HEADER, _BEGIN, _DATA, _WHOLE, _END = b"H", b"M", b"D", b"W", b"Z"


class Sink(Protocol):
    """Where a backup is written to."""

    def write(self, data: bytes, /) -> object: ...


class PieceWriter:
    """Writes to `file` from where it stands; only after `end` is it a backup."""

    def __init__(self, file: Sink, header: dict[str, Any]) -> None:
        self._file = file
        self._crc = 0
        self.members: list[str] = []
        file.write(FIRST_LINE % FORM)
        self._table(_HEADER, header)

    def member(self, name: str, chunks: Iterable[bytes]) -> None:
        """One named stream of bytes, of any length."""
        self._table(_BEGIN, {"name": name})
        whole, size = hashlib.sha256(), 0
        for chunk in chunks:
            for start in range(0, len(chunk), CHUNK_BYTES):
                part = chunk[start : start + CHUNK_BYTES]
                whole.update(part)
                size += len(part)
                self._piece(_DATA, zlib.compress(part, 1))
        self._table(_WHOLE, {"bytes": size, "sha256": whole.hexdigest()})
        self.members.append(name)

    def end(self) -> None:
        self._table(_END, {"members": len(self.members)})

    def _table(self, kind: bytes, table: dict[str, Any]) -> None:
        self._piece(kind, json.dumps(table).encode())

    def _piece(self, kind: bytes, payload: bytes) -> None:
        self._crc = _checksum(self._crc, kind, payload)
        self._file.write(_HEAD.pack(kind, len(payload), self._crc))
        self._file.write(payload)


class PieceReader:
    """Reads a backup once, from its beginning; Refused names `place`, the byte and the problem."""

    header: dict[str, Any]

    def __init__(self, file: BinaryIO, place: str) -> None:
        self._file, self._place = file, place
        self._crc = 0
        line = file.readline(32)
        found = _LINE.fullmatch(line)
        if found is None:
            raise Refused(place, "is not a backup of ronda" if line else "is empty")
        if int(found[1]) != FORM:
            problem = f"made by a newer version of ronda (form {int(found[1])}, known {FORM})"
            raise Refused(place, problem)
        self._at = len(line)
        self.header = self._table(_HEADER)

    def members(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Name and bytes of each member; the bytes are to be read before the next is asked for.

        Ends without a Refused only when the whole file is as it was written.
        """
        names: list[str] = []
        while True:
            kind, payload = self._piece()
            if kind == _END:
                break
            name = self._load(payload).get("name")
            if kind != _BEGIN or not isinstance(name, str) or name in names:
                raise self._damaged("a piece that does not belong there")
            names.append(name)
            yield name, self._bytes()
        if self._load(payload).get("members") != len(names):
            raise self._damaged("members are missing")
        if self._file.read(1):
            raise Refused(self._place, f"damaged at byte {self._at}: something follows its end")

    def _bytes(self) -> Iterator[bytes]:
        whole, size = hashlib.sha256(), 0
        while True:
            kind, payload = self._piece()
            if kind != _DATA:
                break
            part = self._inflate(payload)
            whole.update(part)
            size += len(part)
            yield part
        told = self._load(payload)
        if kind != _WHOLE or told != {"bytes": size, "sha256": whole.hexdigest()}:
            raise self._damaged("a member is not what was written")

    def _inflate(self, payload: bytes) -> bytes:
        stream = zlib.decompressobj()
        try:
            part = stream.decompress(payload, CHUNK_BYTES + 1)
        except zlib.error:
            raise self._damaged("data that cannot be read") from None
        if not stream.eof or stream.unused_data or len(part) > CHUNK_BYTES:
            raise self._damaged("data that cannot be read")
        return part

    def _table(self, wanted: bytes) -> dict[str, Any]:
        kind, payload = self._piece()
        if kind != wanted:
            raise self._damaged("a piece that does not belong there")
        return self._load(payload)

    def _load(self, payload: bytes) -> dict[str, Any]:
        try:
            table = json.loads(payload)
        except ValueError:
            table = None
        if not isinstance(table, dict):
            raise self._damaged("a piece that does not belong there")
        return table

    def _piece(self) -> tuple[bytes, bytes]:
        self._begun_at = self._at
        head = self._take(_HEAD.size)
        kind, length, crc = _HEAD.unpack(head)
        if length > _MOST_BYTES:
            raise self._damaged("the checksum differs")
        payload = self._take(length)
        self._crc = _checksum(self._crc, kind, payload)
        if self._crc != crc:
            raise self._damaged("the checksum differs")
        return kind, payload

    def _take(self, size: int) -> bytes:
        data = self._file.read(size)
        self._at += len(data)
        if len(data) < size:
            raise Refused(self._place, f"cut off at byte {self._at}")
        return data

    def _damaged(self, what: str) -> Refused:
        return Refused(self._place, f"damaged at byte {self._begun_at}: {what}")


def _checksum(before: int, kind: bytes, payload: bytes) -> int:
    crc: int = extend(extend(before, kind + len(payload).to_bytes(4, "big")), payload)
    return crc
