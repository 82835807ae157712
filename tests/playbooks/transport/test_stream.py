"""Where output begins and ends, however it is torn on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.transport.stream import Stream, decoded, new_mark

MARK = "r-01"


def read(pieces: list[bytes], most: int = 1000, greeted: bool = True) -> Stream:
    stream = Stream(MARK, most, greeted)
    for piece in pieces:
        if stream.ended:
            break
        stream.feed(piece)
    if not stream.ended:
        stream.finish()
    return stream


@pytest.mark.parametrize(
    ("text", "kept", "exit", "noise"),
    [
        pytest.param(b"r-01\nhalo\nr-01 0\n", b"halo\n", 0, b"", id="plain"),
        pytest.param(b"r-01\nr-01 7\r\n", b"", 7, b"", id="nothing"),
        pytest.param(b"hi\nr-01\na\nr-01 0\n", b"a\n", 0, b"hi\n", id="a greeting"),
        pytest.param(b"r-01\nr-01\nr-01 0\n", b"r-01\n", 0, b"", id="twice"),
        pytest.param(b"r-01\na\nr-01 0\nb\n", b"a\n", 0, b"", id="more behind"),
        pytest.param(b"r-01\na\nr-01 x\n", b"a\nr-01 x\n", None, b"", id="no end"),
        pytest.param(b"no shell\n", b"", None, b"no shell\n", id="never begun"),
        pytest.param(b"r-01 0\n", b"", None, b"r-01 0\n", id="an end without beginning"),
    ],
)
def test_output_lies_between_the_marks(
    text: bytes, kept: bytes, exit: int | None, noise: bytes
) -> None:
    for size in (1, 2, 3, len(text)):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        stream = read(pieces)
        assert (bytes(stream.kept), stream.exit, stream.noise) == (kept, exit, noise)


@pytest.mark.slow
@given(st.binary(max_size=200), st.lists(st.integers(0, 260)), st.integers(0, 250))
def test_no_byte_is_lost_wherever_it_is_torn(data: bytes, cuts: list[int], most: int) -> None:
    text = b"r-01\n" + data + b"r-01 42\n"
    places = [0, *sorted(cuts), len(text)]
    stream = read([text[a:b] for a, b in zip(places, places[1:], strict=False)], most)
    assert bytes(stream.kept) == data[:most]
    assert stream.dropped == max(0, len(data) - most)
    assert (stream.exit, stream.ended) == (42, True)


def test_noise_is_bounded() -> None:
    assert len(read([b"x" * 1000] * 10_000).noise) < 5_000


def test_marks_are_never_the_same() -> None:
    assert len({new_mark() for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"caf\xc3\xa9\n", "caf\u00e9\n", id="UTF-8"),
        pytest.param(b"\xff\xfe", "\ufffd\ufffd", id="no UTF-8"),
        pytest.param(b"root\0quiet", "root\ufffdquiet", id="NUL, which PostgreSQL does not keep"),
    ],
)
def test_whatever_a_device_prints_becomes_a_text_that_can_be_kept(data: bytes, text: str) -> None:
    assert decoded(data) == text
