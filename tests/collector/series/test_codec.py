"""The codec gives back every bit, and keeps what villages report small."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from collector.series import codec
from collector.series.runs import FLOATS, read, skip, write
from tests import amounts
from tests.bench.trace import COLUMNS, trace

NULL = float("nan")
PAYLOAD = np.array([0x7FF0000000000002], np.uint64).view(np.float64)[0]  # a stale marker

SHAPES = st.tuples(st.integers(0, 200), st.integers(0, 4))
any_bits = SHAPES.flatmap(
    lambda shape: arrays.arrays(np.uint64, shape, elements=st.integers(0, 2**64 - 1))
).map(lambda bits: bits.view(np.float64))
decimals = SHAPES.flatmap(
    lambda shape: arrays.arrays(
        np.float64,
        shape,
        elements=st.one_of(
            st.decimals(-(10**9), 10**9, places=3).map(float),
            st.integers(-(2**60), 2**60).map(float),
            st.sampled_from([0.0, -0.0, 1.0, NULL, float("inf"), 5e-324, 1e308, 0.1 + 0.2]),
        ),
    )
)
columns_of_life = st.builds(
    lambda minutes, seed, holes: _with_holes(trace(minutes, seed)[1], seed, holes),
    st.integers(1, 200),
    st.integers(0, 50),
    st.floats(0, 0.2),
)


@pytest.mark.slow
@settings(max_examples=amounts.times(60), deadline=None)
@given(st.one_of(any_bits, decimals, columns_of_life), st.integers(0, 2**32))
def test_what_goes_in_comes_out_to_the_last_bit(values: NDArray[np.float64], seed: int) -> None:
    times = np.random.default_rng(seed).integers(0, 2**62, len(values)).view(np.float64)
    values = np.ascontiguousarray(values)
    back_times, back = codec.decode(codec.encode(times, values))
    assert back.shape == values.shape
    assert (bits(back_times) == bits(times)).all()
    assert (bits(back) == bits(values)).all()


@pytest.mark.slow
@settings(max_examples=amounts.times(25), deadline=None)
@given(st.one_of(any_bits, decimals, columns_of_life))
def test_a_column_is_skipped_as_far_as_it_is_read(values: NDArray[np.float64]) -> None:
    for column in codec.encode_columns(np.ascontiguousarray(values)):
        data = b"\x01" + column + b"\x02"
        runs, end = codec.parse(data, 1, len(values))
        assert end == codec.skip(data, 1, len(values)) == 1 + len(column)
        assert sum(run.n for run in runs) == len(values)


@pytest.mark.parametrize(
    ("line", "most"),
    [
        pytest.param([1.0] * 60, 2, id="a service that is up"),
        pytest.param([0.0] * 60, 2, id="no loss"),
        pytest.param([0.0] * 30 + [0.25] + [0.0] * 29, 9, id="one lossy minute"),
        pytest.param([NULL] * 60, 1, id="nothing could be measured"),
        pytest.param([1.0] * 20 + [NULL] * 9 + [1.0] * 31, 10, id="nothing for nine minutes"),
        pytest.param([1e6 + 60.0 * i for i in range(60)], 9, id="uptime"),
        pytest.param([65536.0 * (i % 7) for i in range(60)], 32, id="pages of memory"),
        pytest.param([1_790_000_000.25] * 60, 10, id="a time of boot"),
    ],
)
def test_an_hour_of_one_column_takes_few_bytes(line: list[float], most: int) -> None:
    column = np.array(line).reshape(-1, 1)
    data = write(column)[0]
    assert len(data) <= most
    run = read(data, 0, len(line))
    assert run.end == len(data) == skip(data, 0, len(line))


@pytest.mark.parametrize(
    "odd",
    [-0.0, PAYLOAD, float("inf"), 5e-324, 1.7976931348623157e308, 0.1 + 0.2],
    ids=["minus zero", "stale marker", "infinity", "smallest", "largest", "not decimal"],
)
def test_an_odd_value_among_decimals_survives(odd: float) -> None:
    column = np.array([0.25, 0.5, odd, 0.75, NULL]).reshape(-1, 1)
    data = codec.encode(np.arange(5.0), column)
    assert (bits(codec.decode(data)[1]) == bits(column)).all()
    assert write(column)[0][0] & 15 == FLOATS


def test_an_hour_of_a_village_takes_less_than_a_byte_a_sample() -> None:
    sizes = [len(codec.encode(*trace(60, seed))) for seed in range(20)]
    assert sum(sizes) / (20 * 60 * len(COLUMNS)) < 0.9


def bits(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(values).view(np.uint64)


def _with_holes(values: NDArray[np.float64], seed: int, share: float) -> NDArray[np.float64]:
    values[np.random.default_rng(seed).random(values.shape) < share] = NULL
    return values
