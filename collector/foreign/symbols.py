"""A remote_write 2.0 request as series: labels are pairs of places in one table of words.

io.prometheus.write.v2.Request: 4 symbols, 5 TimeSeries (1 to 3 are reserved, so that a request of
1.0 is never read as an empty one). TimeSeries: 1 labels_refs, 2 Sample, 3 Histogram, 4 Exemplar,
5 Metadata, 6 created_timestamp (of early senders). Sample: as in 1.0, and 3 start_timestamp.
Exemplars and metadata are counted, start timestamps passed over.
(https://prometheus.io/docs/specs/prw/remote_write_spec_2_0)
"""

import struct
from collections.abc import Iterator

from agent.strict import Refused
from collector.foreign.protobuf import BYTES, MOST_FIELDS, VARINT, Sent, fields, sample, varint
from collector.intake.wire import MAX_INFLATED_BYTES

# what labels come to when they are spelled out: a word may be long and named a million times
MOST_LABEL_BYTES = MAX_INFLATED_BYTES


class _Table:
    """The words of a request, and how much may still be made of them."""

    def __init__(self, words: list[bytes], left: list[int]) -> None:
        self._words = words
        self._left = left
        self._bytes = MOST_LABEL_BYTES

    def labels(self, refs: list[int], into: Sent) -> None:
        """Names and values; where there are none, `problem` says why and the rest is given."""
        # a word for every two bytes of the body: as dear as a field
        self._left[0] -= len(refs)
        if self._left[0] < 0:
            raise Refused("body", f"more than {MOST_FIELDS} fields; send it in parts")
        known = len(self._words)
        if len(refs) % 2:
            into.problem = Refused("labels", f"{len(refs)} labels_refs, which are no pairs")
        elif beyond := [ref for ref in refs if ref >= known]:
            told = f"labels_refs {beyond[0]}, where there are {known} symbols"
            into.problem = Refused("labels", told)
        words = [self._words[ref] for ref in refs if ref < known]
        self._bytes -= sum(map(len, words))
        if self._bytes < 0:
            raise Refused("body", f"labels of more than {MOST_LABEL_BYTES >> 20} MiB spelled out")
        into.labels = list(zip(words[::2], words[1::2], strict=False))


def read_request(body: bytes) -> Iterator[Sent]:
    """The series of a request, in their order; Refused where the bytes are no such message."""
    left = [MOST_FIELDS]
    try:
        words, places = _outline(body, left)
        if places and (not words or words[0]):
            raise Refused("body", "the first of the symbols must be empty")
        table = _Table(words, left)
        for start, stop in places:
            yield _series(body, start, stop, table, left)
    except (IndexError, struct.error):
        raise Refused("body", "protobuf: cut short") from None


def _outline(body: bytes, left: list[int]) -> tuple[list[bytes], list[tuple[int, int]]]:
    """The words, and where each series stands: a sender may put them in any order."""
    words: list[bytes] = []
    places: list[tuple[int, int]] = []
    for number, kind, start, stop in fields(body, 0, len(body), left):
        if number in (1, 2, 3):
            told = "not an io.prometheus.write.v2.Request, but one of remote_write 1.0"
            raise Refused("body", told)
        if kind != BYTES:
            continue
        if number == 4:
            words.append(body[start:stop])
        elif number == 5:
            places.append((start, stop))
    return words, places


def _series(body: bytes, start: int, stop: int, table: _Table, left: list[int]) -> Sent:
    made = Sent()
    refs: list[int] = []
    for number, kind, begin, end in fields(body, start, stop, left):
        if number == 1:
            refs += _refs(body, kind, begin, end)
        elif kind == BYTES:
            _part(body, number, begin, end, made, left)
    table.labels(refs, made)
    if not (made.problem or made.times_ms or made.histograms):
        made.problem = Refused("no samples", "neither samples nor histograms")
    return made


def _part(body: bytes, number: int, begin: int, end: int, into: Sent, left: list[int]) -> None:
    if number == 2:
        sample(body, begin, end, into, left)
    elif number == 3:
        into.histograms += 1
    elif number == 4:
        into.exemplars += 1
    elif number == 5:
        into.metadata += 1


def _refs(body: bytes, kind: int, at: int, stop: int) -> list[int]:
    """Numbers as proto3 packs them, or one that stands alone."""
    if kind == VARINT:
        return [varint(body, at)[0]]
    if kind != BYTES:
        return []
    found = list(body[at:stop])
    # nearly every table has fewer than 128 words, and then a number is its byte
    if not found or max(found) < 128:
        return found
    found = []
    while at < stop:
        number, at = varint(body, at)
        found.append(number)
    if at > stop:
        raise Refused("body", "protobuf: a field is longer than what holds it")
    return found
