"""A request of remote_write 2.0 is read to the bit, and what its table cannot give is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.strict import Refused
from collector.foreign.body import READERS, Message, NotSpoken, message_of
from collector.foreign.carrying import spell
from collector.foreign.judging import Judged, judge
from collector.foreign.protobuf import MOST_FIELDS
from collector.foreign.symbols import MOST_LABEL_BYTES, read_request
from tests.collector.test_foreign import NOW_MS, RULES, Hall, series
from tests.collector.write_request import one_2, piece, request, request_2, symbols, varint

X = {"__name__": "x"}
AT = [(NOW_MS, 1.0)]
# a histogram, an exemplar with a label, metadata, and a created_timestamp of early senders
ALL = piece(3, b"\x18\x05") + piece(4, piece(1, b"\x01\x02")) + piece(5, b"\x08\x01") + b"\x30\x09"


def judged(told: bytes) -> Judged:
    return judge(read_request(told), RULES, Hall(100))


@pytest.mark.slow
@given(st.lists(series, max_size=5))
def test_any_series_is_read_to_the_bit(given_series: list[tuple[dict[str, str], list]]) -> None:
    found = list(read_request(request_2(*given_series)))
    assert [
        ({k.decode(): v.decode() for k, v in s.labels}, list(zip(s.times_ms, s.bits, strict=True)))
        for s in found
    ] == given_series


def test_what_comes_along_is_counted_and_start_times_are_passed_over() -> None:
    found = judged(request_2((X, AT), more=ALL[4:], start=b"\x18" + varint(NOW_MS - 5)))
    assert [(line.labels, list(line.times_ms)) for line in found.lines] == [(spell(X), [NOW_MS])]
    assert not found.refused
    assert found.passed_over == {"exemplar": 1, "metadata": 1}


def test_the_table_may_stand_anywhere_and_references_need_not_be_packed() -> None:
    alone = b"\x08\x01\x08\x02" + one_2([], AT)[2:]
    told = piece(5, alone) + piece(9, b"new") + symbols("", "__name__", "x")
    assert [line.labels for line in judged(told).lines] == [spell(X)]
    many = [f"w{n}" for n in range(400)]
    wide = symbols("", "__name__", "x", *many) + piece(5, one_2([1, 2, 399, 401], AT))
    assert [line.labels for line in judged(wide).lines] == [spell({**X, "w396": "w398"})]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (one_2([1, 2, 3], AT), "x{}: 3 labels_refs, which are no pairs"),
        (one_2([1, 2, 3, 4], AT), "labels_refs 4, where there are 4 symbols"),
        (one_2([1, 2, 1 << 31, 3], AT), "labels_refs 2147483648, where there are 4 symbols"),
        (one_2([], AT), "{}: no __name__"),
        (one_2([1, 2], []), "x{}: neither samples nor histograms"),
        (one_2([1, 2], []) + piece(3, b""), "x{}: native histograms are not kept"),
        (one_2([1, 2], [])[:-1] + b"\xff", None),
    ],
    ids=["odd", "beyond", "far beyond", "none", "empty", "histogram", "cut"],
)
def test_a_series_is_refused_by_name_and_the_others_are_kept(bad: bytes, told: str | None) -> None:
    good = piece(5, one_2([1, 3], AT))
    body = symbols("", "__name__", "x", "y") + good + piece(5, bad) + good
    if told is None:
        with pytest.raises(Refused, match="body: protobuf: "):
            judged(body)
        return
    found = judged(body)
    assert (found.samples, found.refused.total()) == (2, 1)
    assert told in found.told()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (
            request((X, AT)),
            "body: not an io.prometheus.write.v2.Request, but one of remote_write 1",
        ),
        (piece(5, one_2([0, 0], AT)), "body: the first of the symbols must be empty"),
        (symbols("__name__", "x") + piece(5, b""), "body: the first of the symbols must be empty"),
        (b"\x2a\x05ab", "body: protobuf: a field is longer than what holds it"),
        (b"\x22\x00" * (MOST_FIELDS + 1), f"body: more than {MOST_FIELDS} fields"),
        (
            symbols("") + piece(5, piece(1, bytes(MOST_FIELDS + 1))),
            f"body: more than {MOST_FIELDS} fields",
        ),
        (
            symbols("", "v" * (1 << 20)) + piece(5, one_2([1] * 10, AT)),
            f"body: labels of more than {MOST_LABEL_BYTES >> 20} MiB spelled out",
        ),
    ],
    ids=["1.0", "no table", "not empty", "too long", "many words", "many refs", "a long word"],
)
def test_a_request_is_refused_with_the_reason(told: bytes, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        judged(told)
    assert str(refused.value).startswith(problem)


def test_a_request_without_series_is_one() -> None:
    assert list(read_request(b"")) == list(read_request(symbols("", "a"))) == []


@pytest.mark.slow
@given(st.integers(0, 300), st.integers(0, 255))
def test_a_damaged_request_is_refused_or_read_but_never_breaks(place: int, byte: int) -> None:
    told = bytearray(request_2(({**X, "a": "b" * 90}, [(NOW_MS, 1.5), (5, 2)]), more=ALL))
    told[place % len(told)] = byte
    for cut in (len(told), place % len(told)):
        try:
            judged(bytes(told[:cut]))
        except Refused as refused:
            assert refused.place == "body"


@given(st.binary(max_size=60))
def test_bytes_that_are_no_request_are_refused_and_nothing_else(junk: bytes) -> None:
    try:
        judged(symbols("", "__name__", "x") + junk)
    except Refused as refused:
        assert refused.place == "body"


@pytest.mark.parametrize(
    ("content_type", "encoding", "message"),
    [
        ("application/x-protobuf", "snappy", Message.V1),
        ("application/x-protobuf;proto=prometheus.WriteRequest", "snappy", Message.V1),
        ("Application/X-Protobuf; proto=prometheus.WriteRequest", "Snappy", Message.V1),
        ("", "", Message.V1),
        ("application/x-protobuf;proto=io.prometheus.write.v2.Request", "snappy", Message.V2),
        ('application/x-protobuf; proto="io.prometheus.write.v2.Request"', "snappy", Message.V2),
        ("application/x-protobuf;proto=io.prometheus.write.v3.Request", "snappy", None),
        ("application/json", "snappy", None),
        ("application/x-protobuf", "gzip", None),
        ("application/x-protobuf;proto=io.prometheus.write.v2.Request", "zstd", None),
    ],
)
def test_a_message_is_known_by_its_type(
    content_type: str, encoding: str, message: Message | None
) -> None:
    if message:
        assert message_of(content_type, encoding) is message
    else:
        with pytest.raises(NotSpoken):
            message_of(content_type, encoding)


def test_both_messages_tell_the_same_series() -> None:
    told = ({**X, "ruang": "é"}, [(NOW_MS, 1.5), (NOW_MS + 1, 2)])
    first, second = request(told), request_2(told)
    assert list(READERS[Message.V1](first)) == list(READERS[Message.V2](second))
