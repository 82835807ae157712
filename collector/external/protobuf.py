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
# fields 1 and 2 of whatever has a length
_LABEL, _SAMPLE = 0x0A, 0x12
# a site has a few hundred series: an answer with far more is none, and each takes memory
MOST_SERIES = 50_000
# a length in more bytes than these is one of nothing that fits into memory
_LONGEST_SHIFT = 28
_TIME_BYTES, _BOTH_BYTES = 7, 16
Millis = NDArray[np.int64]
Floats = NDArray[np.float64]
Line = tuple[dict[str, str], Millis, Floats]


def read_request(matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> bytes:
    """One query; the answer is to be samples, not chunks."""
    query = _number(1, start_ms) + _number(2, end_ms)
    for one in matchers:
        told = _number(1, _KINDS[one.op]) + _text(2, one.label) + _text(3, one.value)
        query += _piece(3, told)
    return _piece(1, query)


def read_response(body: bytes) -> Iterator[Line]:
    """Labels, times and values of every series; Refused where the bytes are no such message."""
    try:
        for place, (start, stop) in enumerate(_places(body)):
            if place >= MOST_SERIES:
                raise Refused("body", f"more than {MOST_SERIES} series")
            yield _series(body, start, stop)
    except IndexError:
        raise Refused("body", "protobuf: cut short") from None


def _places(body: bytes) -> Iterator[tuple[int, int]]:
    for _, begin, end in _pieces(body, 0, len(body)):
        for _, start, stop in _pieces(body, begin, end):
            yield start, stop


def _series(body: bytes, start: int, stop: int) -> Line:
    labels: dict[str, str] = {}
    for tag, begin, end in _pieces(body, start, stop):
        if tag != _LABEL:
            break
        pair = {tag: body[at:to].decode() for tag, at, to in _pieces(body, begin, end)}
        labels[pair.get(_LABEL, "")] = pair.get(_SAMPLE, "")
        start = end
    found = _usual(body, start, stop)
    return labels, *(_any(body[start:stop]) if found is None else found)


def _usual(body: bytes, at: int, stop: int) -> tuple[Millis, Floats] | None:
    """Samples as nearly everybody writes them, all at once: value and time, or, for 0, the time;
    a time is six bytes. None where there are others among them."""
    places: list[int] = []
    while at < stop:
        places.append(at)
        at += body[at + 1] + 2
    raw = np.frombuffer(body, np.uint8)
    first = np.array(places, np.int64)
    if not len(first) or at != stop:
        return None
    size, zero = raw[first + 1], raw[first + 1] == _TIME_BYTES
    if not (zero | (size == _BOTH_BYTES)).all():
        # what follows takes far more memory than samples of two bytes do
        return None
    behind = np.where(zero, first + 2, first + 11)
    seven = raw[behind[:, None] + np.arange(_TIME_BYTES)]
    usual = (raw[first] == _SAMPLE) & (zero | (raw[first + 2] == 9))
    usual &= (seven[:, 0] == 16) & (seven[:, 1:-1] > 127).all(axis=1) & (seven[:, -1] < 128)
    if not usual.all():
        return None
    times = ((seven[:, 1:].astype(np.int64) & 127) << np.arange(0, 42, 7)).sum(axis=1)
    values = np.zeros(len(first))
    values[~zero] = raw[first[~zero, None] + np.arange(3, 11)].copy().view("<f8")[:, 0]
    return times, values


def _any(samples: bytes) -> tuple[Millis, Floats]:
    """The same one by one."""
    whole = _piece(1, samples)
    for series in written.read_request(whole):
        values = np.array(series.bits, np.uint64).view(np.float64)
        return np.array(series.times_ms, np.int64), values
    return np.zeros(0, np.int64), np.zeros(0)


def _pieces(body: bytes, at: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Tag, and where the content begins and ends, of each field: all have a length."""
    while at < stop:
        tag, size, shift, at = body[at], 0, 0, at + 1
        if tag not in (_LABEL, _SAMPLE):
            raise Refused("body", "protobuf: not a ReadResponse")
        while body[at] > 127:
            size |= (body[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if shift > _LONGEST_SHIFT:
                raise Refused("body", "protobuf: a length of more than 32 bits")
        size |= body[at] << shift
        at += 1
        if at + size > stop:
            raise Refused("body", "protobuf: cut short")
        yield tag, at, at + size
        at += size


def _number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value & (1 << 64) - 1)


def _text(field: int, text: str) -> bytes:
    return _piece(field, text.encode())


def _piece(field: int, content: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(content)) + content
