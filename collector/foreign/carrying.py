"""Series of others on their way: into the journal as compact payloads, out of it in the fold."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

import cramjam
import msgspec
import numpy as np
from numpy.typing import NDArray

# before compression; one request may become several records
PAYLOAD_BYTES = 768 << 10
_SAMPLE_BYTES = 16
_MOST_SAMPLES = PAYLOAD_BYTES // _SAMPLE_BYTES // 2
# a single series with all its samples and labels, and what msgpack puts around them
_UNPACKED_BYTES = 2 * PAYLOAD_BYTES


class Line(msgspec.Struct, array_like=True, gc=False):
    """One series and its samples: labels as `spell` gives them, int64 times in ms, 64-bit floats,
    both little-endian and of the same number."""

    labels: bytes
    times: bytes
    values: bytes

    @property
    def times_ms(self) -> NDArray[np.int64]:
        return np.frombuffer(self.times, "<i8")

    @property
    def numbers(self) -> NDArray[np.float64]:
        return np.frombuffer(self.values, "<f8")


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Line]).decode


def spell(labels: Mapping[str, str]) -> bytes:
    """Labels in their one spelling: JSON, sorted by name."""
    return msgspec.json.encode(dict(sorted(labels.items())))


def key_of(labels: bytes) -> bytes:
    """What stands for a series where its labels are too long."""
    return hashlib.sha256(labels).digest()[:16]


def pack(lines: Iterable[Line]) -> Iterator[bytes]:
    """Payloads that hold all of the lines, each of a bounded size."""
    group: list[Line] = []
    size = 0
    for line in _cut(lines):
        weight = len(line.labels) + len(line.times) + len(line.values)
        if group and size + weight > PAYLOAD_BYTES:
            yield _payload(group)
            group, size = [], 0
        group.append(line)
        size += weight
    if group:
        yield _payload(group)


def unpack(payload: bytes) -> list[Line]:
    """The lines of a payload; ValueError for bytes that are none."""
    try:
        if cramjam.snappy.decompress_raw_len(payload) > _UNPACKED_BYTES:
            raise ValueError("not a payload of foreign series: too large")
        lines = _decode(cramjam.snappy.decompress_raw(payload))
    except (cramjam.DecompressionError, msgspec.MsgspecError) as error:
        raise ValueError(f"not a payload of foreign series: {error}") from None
    if any(len(line.times) != len(line.values) or len(line.times) % 8 for line in lines):
        raise ValueError("not a payload of foreign series: times and values differ in number")
    return lines


def _payload(lines: list[Line]) -> bytes:
    return bytes(cramjam.snappy.compress_raw(_encode(lines)))


def _cut(lines: Iterable[Line]) -> Iterator[Line]:
    """No line with more samples than fit into a payload."""
    most = _MOST_SAMPLES * 8
    for line in lines:
        for at in range(0, len(line.times), most):
            yield Line(line.labels, line.times[at : at + most], line.values[at : at + most])
