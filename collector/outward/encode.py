"""Samples as the body of a remote_write request: protobuf, and snappy around it.

prompb.WriteRequest: 1 TimeSeries. TimeSeries: 1 Label, 2 Sample. Label: 1 name, 2 value. Sample:
1 value (double), 2 timestamp (int64, ms). (github.com/prometheus/prometheus/blob/main/prompb)
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import cramjam

CONTENT_TYPE = "application/x-protobuf"
VERSION = "0.1.0"
_LABEL, _SAMPLE, _SERIES, _TIME = b"\x0a", b"\x12", b"\x0a", b"\x10"
_VALUE = b"\x09"
# lengths below this are one byte
_SMALL = 128


class Piece(NamedTuple):
    """Samples of one series, in the order of their times.

    `labels` as `label_fields` gives them; `values` are the 8 bytes of each float, little-endian,
    so that no NaN loses what it says.
    """

    labels: bytes
    times_ms: Sequence[int]
    values: bytes


def label_fields(labels: Mapping[str, str]) -> bytes:
    """The Label messages of a series, sorted by name; empty values are the same as no label."""
    made = b""
    for name, value in sorted(labels.items()):
        if value:
            pair = _text(b"\x0a", name) + _text(b"\x12", value)
            made += _LABEL + varint(len(pair)) + pair
    return made


def write_request(pieces: Iterable[Piece]) -> bytes:
    """The body of one request."""
    parts: list[bytes] = []
    last, head, tail = -1, b"", b""
    for labels, times_ms, values in pieces:
        if len(times_ms) != 1:
            told = _samples(times_ms, values)
            parts += (_SERIES, varint(len(labels) + len(told)), labels, told)
            continue
        # nearly all are of one sample, and those of a frame share their time
        if times_ms[0] != last:
            last = times_ms[0]
            head, tail = _around(last)
        size = len(labels) + len(head) + 8 + len(tail)
        length = _LENGTHS[size] if size < len(_LENGTHS) else varint(size)
        parts += (_SERIES, length, labels, head, values, tail)
    return bytes(cramjam.snappy.compress_raw(b"".join(parts)))


def _samples(times_ms: Sequence[int], values: bytes) -> bytes:
    made: list[bytes] = []
    for place, time in enumerate(times_ms):
        head, tail = _around(time)
        made += (head, values[8 * place : 8 * place + 8], tail)
    return b"".join(made)


def _around(time_ms: int) -> tuple[bytes, bytes]:
    """What stands before and behind the value of a sample."""
    tail = _TIME + varint(time_ms & 0xFFFFFFFFFFFFFFFF)
    return _SAMPLE + varint(9 + len(tail)) + _VALUE, tail


def varint(number: int) -> bytes:
    """A number of at most 64 bits, seven of them a byte."""
    if number < _SMALL:
        return number.to_bytes(1, "little")
    out = bytearray()
    while number >= _SMALL:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


# asked once a sample
_LENGTHS = [varint(size) for size in range(4096)]


def _text(tag: bytes, text: str) -> bytes:
    raw = text.encode()
    return tag + varint(len(raw)) + raw
