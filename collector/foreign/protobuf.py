"""A remote_write 1.0 request as series: two messages of protobuf, read without a library.

prompb.WriteRequest: 1 TimeSeries. TimeSeries: 1 Label, 2 Sample, 4 Histogram. Label: 1 name,
2 value. Sample: 1 value (double), 2 timestamp (int64, ms). Exemplars (3) are counted, what else
there is is passed over. (github.com/prometheus/prometheus/blob/main/prompb)
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.strict import Refused

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_BITS = struct.Struct("<Q")
# a sample as nearly every sender writes it: value, then a time of six bytes
_USUAL = struct.Struct("<BQB")
_USUAL_BYTES = 16
# fields of a request, at all levels: empty ones take two bytes, and time all the same
MOST_FIELDS = 1_500_000


@dataclass(slots=True)
class Sent:
    """One series as it came; values are the 64 bits of floats, so that no NaN loses its payload."""

    labels: list[tuple[bytes, bytes]] = field(default_factory=list)
    times_ms: list[int] = field(default_factory=list)
    bits: list[int] = field(default_factory=list)
    histograms: int = 0
    exemplars: int = 0
    metadata: int = 0
    # what is wrong with the series as such, where its message can be read all the same
    problem: Refused | None = None


def read_request(body: bytes) -> Iterator[Sent]:
    """The series of a request, in their order; Refused where the bytes are no such message."""
    left = [MOST_FIELDS]
    try:
        for number, kind, start, stop in fields(body, 0, len(body), left):
            if number == 1 and kind == BYTES:
                yield _series(body, start, stop, left)
            elif number in (4, 5):
                raise Refused("body", "not a prometheus.WriteRequest, but one of remote_write 2.0")
    except (IndexError, struct.error):
        raise Refused("body", "protobuf: cut short") from None


def _series(body: bytes, start: int, stop: int, left: list[int]) -> Sent:
    made = Sent()
    for number, kind, begin, end in fields(body, start, stop, left):
        if kind != BYTES:
            continue
        if number == 2:
            sample(body, begin, end, made, left)
        elif number == 1:
            made.labels.append(_label(body, begin, end, left))
        elif number == 4:
            made.histograms += 1
        elif number == 3:
            made.exemplars += 1
    return made


def _label(body: bytes, start: int, stop: int, left: list[int]) -> tuple[bytes, bytes]:
    found = {1: b"", 2: b""}
    for number, kind, begin, end in fields(body, start, stop, left):
        if kind == BYTES:
            found[number] = body[begin:end]
    return found[1], found[2]


def sample(body: bytes, start: int, stop: int, into: Sent, left: list[int]) -> None:
    if stop - start == _USUAL_BYTES:
        value_tag, bits, time_tag = _USUAL.unpack_from(body, start)
        if value_tag == 9 and time_tag == 16:
            time, end = varint(body, start + 10)
            if end == stop:
                into.times_ms.append(time)
                into.bits.append(bits)
                return
    bits = time = 0
    for number, kind, begin, _ in fields(body, start, stop, left):
        if number == 1 and kind == FIXED64:
            bits = _BITS.unpack_from(body, begin)[0]
        elif number == 2 and kind == VARINT:
            time = varint(body, begin)[0]
    into.times_ms.append(time - (1 << 64) if time >> 63 else time)
    into.bits.append(bits)


def fields(body: bytes, at: int, stop: int, left: list[int]) -> Iterator[tuple[int, int, int, int]]:
    """Number, wire type, and where the value begins and ends, of each field in [at, stop).

    `left` counts down how many more there may be.
    """
    while at < stop:
        left[0] -= 1
        if left[0] < 0:
            raise Refused("body", f"more than {MOST_FIELDS} fields; send it in parts")
        tag, at = varint(body, at)
        kind, begin = tag & 7, at
        if kind == BYTES:
            size, begin = varint(body, at)
            at = begin + size
        elif kind == VARINT:
            _, at = varint(body, at)
        elif kind == FIXED64:
            at += 8
        elif kind == FIXED32:
            at += 4
        else:
            raise Refused("body", f"protobuf: wire type {kind}")
        if at > stop:
            raise Refused("body", "protobuf: a field is longer than what holds it")
        yield tag >> 3, kind, begin, at


def varint(body: bytes, at: int) -> tuple[int, int]:
    """A number of at most 64 bits, and where what follows it begins."""
    byte = body[at]
    if byte < 128:
        return byte, at + 1
    number, shift = byte & 127, 7
    while True:
        at += 1
        byte = body[at]
        number |= (byte & 127) << shift
        if byte < 128:
            return number & 0xFFFFFFFFFFFFFFFF, at + 1
        shift += 7
        if shift > 63:
            raise Refused("body", "protobuf: a number of more than 64 bits")
