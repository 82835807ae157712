"""Packed rows come back as they were, to the bit that counts."""

import contextlib
import math
import zlib
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.columns import pack, unpack

number = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**53), 2**53).map(float),
    st.integers(-(10**6), 10**6).map(lambda whole: whole / 1000),
    st.just(math.nan),
)


@pytest.mark.slow
@given(st.integers(0, 6).flatmap(lambda w: st.lists(st.lists(number, min_size=w, max_size=w))))
def test_rows_come_back_as_they_were(rows: list[list[float]]) -> None:
    packed = pack([array("d", row) for row in rows])
    width = len(rows[0]) if rows else 0
    back = unpack(packed, len(rows), width)
    for before, after in zip(rows, back, strict=True):
        assert all(a == b or (a != a and b != b) for a, b in zip(before, after, strict=True))


@pytest.mark.slow
@given(st.binary(max_size=60), st.integers(0, 5), st.integers(0, 5))
def test_bytes_that_are_no_rows_are_refused_not_crashed_on(
    blob: bytes, count: int, width: int
) -> None:
    with contextlib.suppress(ValueError):
        unpack(blob, count, width)


def test_cut_rows_are_refused() -> None:
    whole = zlib.decompress(pack([array("d", (1.5, 1e300)), array("d", (2.5, 2e300))]))
    for end in range(len(whole)):
        with pytest.raises(ValueError):
            unpack(zlib.compress(whole[:end]), 2, 2)
