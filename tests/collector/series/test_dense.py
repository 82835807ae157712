"""Columns of a day come back to the last bit, whatever is in them, and small where they can be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.series import codec, dense
from collector.series.frames import Values
from tests import amounts
from tests.bench.trace import trace

STALE = np.array([0x7FF0000000000002], np.uint64).view(np.float64)[0]


def back(values: Values) -> Values:
    columns = dense.encode_columns(values)
    return np.column_stack(dense.decode_columns([(len(values), data) for data in columns]))


def same(one: Values, other: Values) -> bool:
    return np.ascontiguousarray(one).tobytes() == np.ascontiguousarray(other).tobytes()


number = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, np.nan, STALE, 1.0, 0.1, 5e-324, -np.inf, 2.0**63, -(2.0**53)]),
    st.integers(-(2**60), 2**60).map(float),
    st.integers(-(10**6), 10**6).map(lambda n: n / 1000),
)


@pytest.mark.slow
@settings(max_examples=amounts.times(40), deadline=None)
@given(
    st.lists(number, min_size=1, max_size=12),
    st.integers(1, 700),
    st.integers(0, 9),
    st.sampled_from([1, 7, 100]),
)
def test_no_bit_is_lost(told: list[float], n: int, seed: int, held: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = np.array(told)[rng.integers(0, len(told), (n, 4))]
    drawn = np.repeat(drawn, held, axis=0)[:n]
    assert same(back(drawn), drawn)


@pytest.mark.parametrize("n", [1, 2, dense.SHORT - 1, dense.SHORT, 1440])
def test_a_village_comes_back_at_any_length(n: int) -> None:
    values = trace(n, 3)[1]
    assert same(back(values), values)


@pytest.mark.parametrize(
    "line",
    [
        np.arange(1440) * 1e15,
        np.where(np.arange(1440) % 700 == 5, np.nan, 3.5),
        np.where(np.arange(1440) > 900, np.nan, np.arange(1440) / 7),
        np.full(1440, np.nan),
        np.full(1440, STALE),
        np.cumsum(np.random.default_rng(1).random(1440)),
        np.array([2.0**62, -(2.0**62)] * 720),
        np.array([np.inf, -np.inf, 0.0, -0.0] * 360),
        (1.0 + np.arange(1440) * 2.0**-52),
    ],
)
def test_odd_lines_come_back(line: Values) -> None:
    assert same(back(line[:, None])[:, 0], line)


def test_what_hardly_changes_takes_a_few_bytes() -> None:
    flag = np.ones((1440, 1))
    flag[[77, 1200]] = 0.0
    assert len(dense.encode_columns(np.ones((1440, 1)))[0]) <= 4
    assert len(dense.encode_columns(flag)[0]) <= 10
    clock = 1_790_000_000.0 + 60 * np.arange(1440.0)
    assert len(dense.encode_columns(clock[:, None])[0]) <= 12


def test_a_day_is_smaller_than_in_runs() -> None:
    values = trace(1440, 5)[1]
    day, runs = dense.encode_columns(values), codec.encode_columns(values)
    assert sum(map(len, day)) < 0.765 * values.size
    assert sum(map(len, day)) < 0.95 * sum(map(len, runs))
