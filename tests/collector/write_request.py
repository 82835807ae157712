"""A sender of remote_write, for tests: series to protobuf, and that to snappy.

After the specifications of 1.0 and 2.0 (https://prometheus.io/docs/specs/prw).
"""

import struct
from collections.abc import Iterable, Mapping, Sequence

import cramjam

Sample = tuple[int, float | int]  # time in ms; a number, or the 64 bits of one
HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}

HEADERS_2 = {
    **HEADERS,
    "Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request",
    "X-Prometheus-Remote-Write-Version": "2.0.0",
}


def body(*series: tuple[Mapping[str, str], Sequence[Sample]]) -> bytes:
    """A compressed request."""
    return bytes(cramjam.snappy.compress_raw(request(*series)))


def request(*series: tuple[Mapping[str, str], Sequence[Sample]]) -> bytes:
    return b"".join(piece(1, one(labels.items(), samples)) for labels, samples in series)


def body_2(*series: tuple[Mapping[str, str], Sequence[Sample]]) -> bytes:
    """A compressed request of 2.0."""
    return bytes(cramjam.snappy.compress_raw(request_2(*series)))


def request_2(
    *series: tuple[Mapping[str, str], Sequence[Sample]], more: bytes = b"", start: bytes = b""
) -> bytes:
    """Each word once, the empty one first; `more` is in every series, `start` in every sample."""
    words = {"": 0}
    told = b""
    for labels, samples in series:
        refs = [words.setdefault(w, len(words)) for pair in labels.items() for w in pair]
        told += piece(5, one_2(refs, samples, start) + more)
    return symbols(*words) + told


def symbols(*words: str | bytes) -> bytes:
    return b"".join(piece(4, raw(word)) for word in words)


def one_2(refs: Iterable[int], samples: Sequence[Sample], start: bytes = b"") -> bytes:
    """One TimeSeries of 2.0, its references packed."""
    packed = piece(1, b"".join(map(varint, refs)))
    return packed + b"".join(piece(2, sample(*told) + start) for told in samples)


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
