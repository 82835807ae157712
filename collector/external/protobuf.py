"""What is said by remote_read, as bytes: a few messages of protobuf.

prompb.ReadRequest: 1 Query. Query: 1 start, 2 end (int64, ms), 3 LabelMatcher. LabelMatcher:
1 type, 2 name, 3 value. ReadResponse: 1 QueryResult. QueryResult: 1 TimeSeries, as in a
WriteRequest. (github.com/prometheus/prometheus/blob/main/prompb/remote.proto)
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from agent.strict import Refused
from collector.foreign import protobuf as written
from collector.outward.encode import varint
from collector.promql.plan import Matcher

_KINDS = {"=": 0, "!=": 1, "=~": 2, "!~": 3}
Line = tuple[dict[str, str], NDArray[np.int64], NDArray[np.float64]]


def read_request(matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> bytes:
    """One query; the answer is to be samples, not chunks."""
    query = _number(1, start_ms) + _number(2, end_ms)
    for one in matchers:
        told = _number(1, _KINDS[one.op]) + _text(2, one.label) + _text(3, one.value)
        query += _piece(3, told)
    return _piece(1, query)


def read_response(body: bytes) -> Iterator[Line]:
    """Labels, times and values of every series; Refused where the bytes are no such message."""
    for result in _results(body):
        for series in written.read_request(result):
            labels = {name.decode(): value.decode() for name, value in series.labels}
            values = np.array(series.bits, np.uint64).view(np.float64)
            yield labels, np.array(series.times_ms, np.int64), values


def _results(body: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(body):
        if body[at] != 0x0A:
            raise Refused("body", "protobuf: not a ReadResponse")
        size, shift, at = 0, 0, at + 1
        while True:
            if at >= len(body) or shift > 35:
                raise Refused("body", "protobuf: cut short")
            size |= (body[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if body[at - 1] < 128:
                break
        if at + size > len(body):
            raise Refused("body", "protobuf: cut short")
        yield body[at : at + size]
        at += size


def _number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value & (1 << 64) - 1)


def _text(field: int, text: str) -> bytes:
    return _piece(field, text.encode())


def _piece(field: int, content: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(content)) + content
