"""A table as a Parquet file: one row group, a page a column, plain and not packed. Pure.

Written by the format's own description (github.com/apache/parquet-format): pages and footer are
structures of Thrift's compact protocol. A day of a regency is a few kilobytes, for which the
libraries that write Parquet take 50 to 170 MB of disk.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from web.opendata.datasets import FLAG, NUMBER, WHOLE, Column

_MAGIC = b"PAR1"
_VERSION = 1
# physical types, and what a column of bytes means
_BOOLEAN, _INT64, _DOUBLE, _BYTES = 0, 2, 5, 6
_UTF8 = 0
_TYPES = {FLAG: _BOOLEAN, WHOLE: _INT64, NUMBER: _DOUBLE}
_OPTIONAL, _PLAIN, _RLE, _UNCOMPRESSED, _DATA_PAGE = 1, 0, 3, 0, 0
# types of Thrift's compact protocol
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12

# fields of a structure: number, type, value; None is left out
Fields = Sequence[tuple[int, int, Any]]


def write(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The file; every cell may be empty."""
    out = bytearray(_MAGIC)
    chunks = []
    for column in columns:
        at = len(out)
        out += _page(column, [row[column.name] for row in rows])
        chunks.append(_chunk(column, at, len(out) - at, len(rows)))
    total = sum(size for _, size in chunks)
    group: Fields = (
        (1, _LIST, [chunk for chunk, _ in chunks]),
        (2, _I64, total),
        (3, _I64, len(rows)),
    )
    footer = _struct(
        (
            (1, _I32, _VERSION),
            (2, _LIST, [_root(len(columns)), *map(_element, columns)]),
            (3, _I64, len(rows)),
            (4, _LIST, [group]),
            (6, _BINARY, b"ronda"),
        )
    )
    return bytes(out) + footer + struct.pack("<I", len(footer)) + _MAGIC


def _root(count: int) -> Fields:
    return ((4, _BINARY, b"row"), (5, _I32, count))


def _element(column: Column) -> Fields:
    kind = _TYPES.get(column.kind, _BYTES)
    return (
        (1, _I32, kind),
        (3, _I32, _OPTIONAL),
        (4, _BINARY, column.name.encode()),
        (6, _I32, _UTF8 if kind == _BYTES else None),
    )


def _chunk(column: Column, at: int, size: int, rows: int) -> tuple[Fields, int]:
    meta: Fields = (
        (1, _I32, _TYPES.get(column.kind, _BYTES)),
        (2, _LIST, [_PLAIN, _RLE]),
        (3, _LIST, [column.name.encode()]),
        (4, _I32, _UNCOMPRESSED),
        (5, _I64, rows),
        (6, _I64, size),
        (7, _I64, size),
        (9, _I64, at),
    )
    return ((2, _I64, at), (3, _STRUCT, meta)), size


def _page(column: Column, cells: Sequence[Any]) -> bytes:
    levels = _levels([value is not None for value in cells])
    body = struct.pack("<I", len(levels)) + levels
    body += _values(column.kind, [value for value in cells if value is not None])
    told: Fields = (
        (1, _I32, len(cells)),
        (2, _I32, _PLAIN),
        (3, _I32, _RLE),
        (4, _I32, _RLE),
    )
    head: Fields = (
        (1, _I32, _DATA_PAGE),
        (2, _I32, len(body)),
        (3, _I32, len(body)),
        (5, _STRUCT, told),
    )
    return _struct(head) + body


def _levels(there: Sequence[bool]) -> bytes:
    """Which cells are not empty, as runs of a bit."""
    out, begin = bytearray(), 0
    while begin < len(there):
        end = begin
        while end < len(there) and there[end] == there[begin]:
            end += 1
        out += _varint((end - begin) << 1) + bytes([there[begin]])
        begin = end
    return bytes(out)


def _values(kind: str, known: Sequence[Any]) -> bytes:
    if kind == FLAG:
        bits = sum(1 << place for place, value in enumerate(known) if value)
        return bits.to_bytes((len(known) + 7) // 8, "little")
    if kind == WHOLE:
        return struct.pack(f"<{len(known)}q", *known)
    if kind == NUMBER:
        return struct.pack(f"<{len(known)}d", *known)
    texts = [str(value).encode() for value in known]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def _struct(fields: Iterable[tuple[int, int, Any]]) -> bytes:
    out, last = bytearray(), 0
    for number, kind, value in fields:
        if value is not None:
            out += bytes([(number - last) << 4 | kind]) + _value(kind, value)
            last = number
    return bytes(out) + b"\0"


def _value(kind: int, value: Any) -> bytes:
    if kind in (_I32, _I64):
        return _varint(value << 1 if value >= 0 else (-value << 1) - 1)
    if kind == _BINARY:
        return _varint(len(value)) + bytes(value)
    if kind == _STRUCT:
        return _struct(value)
    inner = {int: _I32, bytes: _BINARY}.get(type(value[0]), _STRUCT) if value else _STRUCT
    size = bytes([len(value) << 4 | inner]) if len(value) < 15 else _long(len(value), inner)
    return size + b"".join(_value(inner, each) for each in value)


def _long(count: int, inner: int) -> bytes:
    return bytes([0xF0 | inner]) + _varint(count)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
