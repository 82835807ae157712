"""What others send by remote_write is read to the bit, bounded, and refused by name."""

import struct

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.strict import Refused
from collector.foreign.body import TooLarge, inflate
from collector.foreign.carrying import PAYLOAD_BYTES, Line, pack, spell, unpack
from collector.foreign.judging import MOST_LABELS, NAMED, Judged, Rules, judge
from collector.foreign.protobuf import MOST_FIELDS, read_request
from tests.collector.write_request import one, piece, request, sample, varint
from tests.each import for_each

NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000
RULES = Rules(frozenset({"35.10.06.2005"}), NOW_MS - 400 * DAY_MS, NOW_MS + DAY_MS)

text = st.text(max_size=20)
bits = st.integers(0, (1 << 64) - 1)
series = st.tuples(
    st.dictionaries(text, text, max_size=5),
    st.lists(st.tuples(st.integers(-(1 << 63), (1 << 63) - 1), bits), max_size=5),
)


@pytest.mark.slow
@given(st.lists(series, max_size=5))
def test_any_series_is_read_to_the_bit(given_series: list[tuple[dict[str, str], list]]) -> None:
    found = list(read_request(request(*given_series)))
    assert [
        ({k.decode(): v.decode() for k, v in s.labels}, list(zip(s.times_ms, s.bits, strict=True)))
        for s in found
    ] == given_series


def test_fields_nobody_told_us_of_are_passed_over() -> None:
    strange = varint(9 << 3) + varint(300) + varint(10 << 3 | 1) + bytes(8)
    strange += varint(11 << 3 | 5) + bytes(4) + piece(12, b"abc")
    inner = one([("__name__", "x")], [(1, 2.0)])
    told = strange + piece(1, strange + inner + strange) + piece(3, b"metadata") + strange
    (found,) = read_request(told)
    assert (found.labels, found.times_ms) == ([(b"__name__", b"x")], [1])


@pytest.mark.slow
@given(st.binary(max_size=60))
def test_bytes_that_are_no_request_are_refused_and_nothing_else(junk: bytes) -> None:
    try:
        judge(read_request(junk), RULES, Hall(5))
        unpack(junk)
    except (Refused, ValueError):
        pass


@pytest.mark.slow
@given(st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_request_is_refused_or_read_but_never_breaks(place: int, byte: int) -> None:
    told = bytearray(request(({"__name__": "x", "a": "b" * 90}, [(NOW_MS, 1.5), (5, 2)])))
    told[place % len(told)] = byte
    for cut in (len(told), place % len(told)):
        try:
            judge(read_request(bytes(told[:cut])), RULES, Hall(5))
        except Refused as refused:
            assert refused.place == "body"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "problem"),
    [
        (b"\x0a", "body: protobuf: cut short"),
        (b"\x0a\x05ab", "body: protobuf: a field is longer than what holds it"),
        (b"\x0b", "body: protobuf: wire type 3"),
        (b"\x08" + b"\xff" * 10 + b"\x01", "body: protobuf: a number of more than 64 bits"),
        (piece(5, b""), "body: not a prometheus.WriteRequest, but one of remote_write 2.0"),
        (b"\x0a\x00" * (MOST_FIELDS + 1), f"body: more than {MOST_FIELDS} fields; send it"),
        (piece(1, b"\x12\x00" * (MOST_FIELDS + 1)), f"body: more than {MOST_FIELDS} fields"),
    ],
    ids=["cut", "too long", "a group", "a long number", "2.0", "many series", "many samples"],
)
def test_a_request_is_refused_with_the_reason(told: bytes, problem: str) -> None:
    with pytest.raises(Refused) as refused:
        for _ in read_request(told):
            pass
    assert str(refused.value).startswith(problem)


def test_only_the_block_format_of_snappy_is_inflated_and_never_too_much() -> None:
    plain = bytes(range(256)) * 10
    assert inflate(bytes(cramjam.snappy.compress_raw(plain))) == plain
    for wrong in (b"", plain, bytes(cramjam.snappy.compress(plain)), b"\xff" * 20):
        with pytest.raises(Refused, match="not snappy in block format"):
            inflate(wrong)
    with pytest.raises(TooLarge, match="more than 8 MiB"):
        inflate(bytes(cramjam.snappy.compress_raw(bytes((8 << 20) + 1))))
    with pytest.raises(TooLarge):
        inflate(b"\xff\xff\xff\xff\x0f")


class Hall:
    """Seats for so many series."""

    def __init__(self, seats: int) -> None:
        self._left, self._taken = seats, set[bytes]()

    def take(self, key: bytes) -> bool:
        if key not in self._taken and self._left:
            self._left -= 1
            self._taken.add(key)
        return key in self._taken


def judged(*given_series: bytes, seats: int = 100) -> Judged:
    return judge(read_request(b"".join(piece(1, s) for s in given_series)), RULES, Hall(seats))


def good(*labels: tuple[str | bytes, str | bytes], at: int = NOW_MS) -> bytes:
    return one(labels, [(at, 1.0)])


@for_each(
    ("bad", "told"),
    [
        (good(("job", "a")), "{job=a}: no __name__"),
        (good(("__name__", "")), "{}: no __name__"),
        (good(("__name__", "ronda_site_up")), "ronda_site_up{}: names that begin with ronda_ are"),
        (good(("__name__", "x"), ("isp", "T")), "x{isp=T}: label isp is the centre's own"),
        (good(("__name__", "x"), ("site", "35")), "x{site=35}: label site is the centre's own"),
        (good(("__name__", "x"), ("a", "1"), ("a", "2")), "x{a=2}: label a stands twice"),
        (good(("__name__", "x"), ("", "1")), "x{=1}: a label without a name"),
        (good(("__name__", "x"), ("a", b"\xff")), "x{a=\ufffd}: label a is not UTF-8"),
        (good(("__name__", "x"), ("a", "b" * 2049)), "label a or its value is too long"),
        (good(("__name__", "x"), *((f"l{i}", "1") for i in range(MOST_LABELS))), "65 labels; 64"),
        (good(("__name__", "x"), at=NOW_MS - 401 * DAY_MS), "x{}: 1 samples older than what is"),
        (good(("__name__", "x"), at=NOW_MS + 2 * DAY_MS), "or of the future"),
        (one([("__name__", "x")], []) + piece(4, b""), "x{}: native histograms are not kept"),
    ],
)
def test_a_series_is_refused_by_name_and_the_others_are_kept(bad: bytes, told: str) -> None:
    found = judged(good(("__name__", "before")), bad, good(("__name__", "after")))
    assert [line.labels for line in found.lines] == [
        spell({"__name__": "before"}),
        spell({"__name__": "after"}),
    ]
    assert (found.samples, found.refused.total()) == (2, 1)
    assert told in found.told()


def test_what_others_would_refuse_and_we_need_not() -> None:
    own = ("site", "35.10.06.2005")
    found = judged(
        good(("zone", "b"), ("__name__", "unsorted")),
        one([("__name__", "disorder")], [(NOW_MS, 1.0), (NOW_MS - 60_000, 2.0)]),
        good(("__name__", "x"), ("empty", ""), own),
    )
    assert not found.refused
    assert [line.labels for line in found.lines] == [
        spell({"__name__": "unsorted", "zone": "b"}),
        spell({"__name__": "disorder"}),
        spell({"__name__": "x", "site": "35.10.06.2005"}),
    ]


def test_there_are_only_so_many_series_and_an_answer_is_never_long() -> None:
    found = judged(*(good(("__name__", f"x{i}")) for i in range(500)), seats=30)
    assert len(found.lines) == 30
    assert found.refused == {"too many series": 470}
    told = found.told().splitlines()
    assert told[0] == "x30{}: there are as many as may be"
    assert (len(told), told[-1]) == (NAMED + 1, "and 450 more")


def test_nothing_in_an_answer_is_obeyed_by_a_terminal() -> None:
    assert "\x1b" not in judged(good(("job", "\x1b[2J\n"))).told().replace("\n", "", 1)


@pytest.mark.slow
@given(st.lists(st.tuples(st.text(), st.lists(st.tuples(bits, bits), max_size=9)), max_size=9))
def test_a_payload_carries_its_lines(told: list[tuple[str, list[tuple[int, int]]]]) -> None:
    lines = [
        Line(
            spell({"__name__": name}),
            b"".join(struct.pack("<Q", time) for time, _ in samples),
            b"".join(struct.pack("<Q", value) for _, value in samples),
        )
        for name, samples in told
    ]
    found = [line for payload in pack(lines) for line in unpack(payload)]
    assert found == [line for line in lines if line.times]


def test_a_large_request_becomes_several_payloads() -> None:
    long = Line(b"{}", bytes(2 * PAYLOAD_BYTES), bytes(2 * PAYLOAD_BYTES))
    payloads = list(pack([long] * 3))
    assert len(payloads) > 10
    lines = [line for payload in payloads for line in unpack(payload)]
    assert sum(len(line.times) for line in lines) == 6 * PAYLOAD_BYTES


def test_a_sample_of_zeros_is_one() -> None:
    assert sample(0, 0.0) == b""
    (found,) = read_request(request(({"__name__": "x"}, [(0, 0.0)])))
    assert (found.times_ms, found.bits) == ([0], [0])
