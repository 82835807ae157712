"""A sender of remote_write 1.0, for tests: series to protobuf, and that to snappy."""

import struct
from collections.abc import Iterable, Mapping, Sequence

import cramjam

Sample = tuple[int, float | int]  # time in ms; a number, or the 64 bits of one
HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}


def body(*series: tuple[Mapping[str, str], Sequence[Sample]]) -> bytes:
    """A compressed request."""
    return bytes(cramjam.snappy.compress_raw(request(*series)))


def request(*series: tuple[Mapping[str, str], Sequence[Sample]]) -> bytes:
    return b"".join(piece(1, one(labels.items(), samples)) for labels, samples in series)


def one(labels: Iterable[tuple[str | bytes, str | bytes]], samples: Sequence[Sample]) -> bytes:
    """One TimeSeries; zeros are left out, as proto3 does."""
    named = (piece(1, piece(1, raw(name)) + piece(2, raw(value))) for name, value in labels)
    return b"".join(named) + b"".join(piece(2, sample(*told)) for told in samples)


def sample(time: int, value: float | int) -> bytes:
    bits = struct.pack("<Q" if isinstance(value, int) else "<d", value)
    told = b"" if bits == bytes(8) else b"\x09" + bits
    return told + (b"\x10" + varint(time & (1 << 64) - 1) if time else b"")


def piece(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def raw(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
