"""Steps of time say what the samples in them came to, by any way of getting there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.series.frames import Samples
from collector.series.rollup_codec import decode, encode
from collector.series.rollups import Table, coarser, is_counter, joints, roll, singles, stack
from tests import amounts
from tests.bench.trace import trace

pytestmark = pytest.mark.slow

DAY = 20_717
START = DAY * 86400.0


def of(*told: tuple[float, float], column: int = 1) -> Samples:
    times, values = np.array(told).T
    return {column: (START + times, values)}


def same(one: Table, other: Table) -> None:
    """Equal but for what adding up floats in another order changes."""
    largest = max(np.abs([*other.minimum, *other.maximum, *other.growth, 0]))
    for field in Table.__slots__:
        left, right = getattr(one, field), getattr(other, field)
        near = 1e-12 * largest if field in ("total", "growth") else 0
        np.testing.assert_allclose(left, right, rtol=1e-13, atol=near, err_msg=field)


sample = st.tuples(
    st.integers(0, 86_399_999).map(lambda ms: ms / 1000),
    st.one_of(
        st.just(np.nan),
        st.floats(-1e9, 1e9),
        st.integers(-(10**9), 10**9).map(lambda n: n / 1000),
        st.sampled_from([0.0, -0.0, 1e200, 2.0**53]),
    ),
)
lines = st.dictionaries(
    st.integers(0, 3000),
    st.lists(sample, min_size=1, max_size=30, unique_by=lambda one: one[0]).map(sorted),
    max_size=5,
).map(lambda told: {c: tuple(of(*line)[1]) for c, line in told.items()})


def test_a_step_says_what_was_in_it() -> None:
    table = roll(of((0.001, 5), (60, 3), (120, np.nan), (300, 4), (300.001, 9)), 300, ())
    assert (table.start - START).tolist() == [0, 300]
    assert table.count.tolist() == [3, 1]
    assert table.minimum.tolist() == [3, 9]
    assert table.maximum.tolist() == [5, 9]
    assert table.total.tolist() == [12, 9]
    assert table.first.tolist() == [5, 9]
    assert table.last.tolist() == [4, 9]
    assert (table.begin - START * 1000).tolist() == [1, 300_001]
    assert (table.end - START * 1000).tolist() == [300_000, 300_001]
    assert table.ended.tolist() == [0, 0]


def test_a_null_ends_its_step_unless_a_number_follows() -> None:
    table = roll(of((10, 1), (20, np.nan), (310, np.nan), (320, 2), (700, np.nan)), 300, ())
    assert (table.start - START).tolist() == [0, 300, 600]
    assert table.count.tolist() == [1, 1, 0]
    assert table.ended.tolist() == [1, 0, 1]
    assert (table.end - START * 1000).tolist() == [10_000, 320_000, 700_000]


def test_a_counter_grows_over_its_resets_and_between_steps() -> None:
    samples = of((1, 100), (60, 150), (120, 20), (301, 30), (360, 35), (601, 5))
    table = roll(samples, 300, {1})
    assert table.growth.tolist() == [50 + 20, 5, 0]
    assert joints(table).tolist() == [0, 10, 5]
    assert roll(samples, 3600, {1}).growth.tolist() == [50 + 20 + 10 + 5 + 5]
    assert roll(samples, 300, ()).growth.tolist() == [0] * 3


@settings(max_examples=amounts.times(25), deadline=None)
@given(lines)
def test_samples_are_steps_too(samples: Samples) -> None:
    same(coarser(singles(samples), 300), roll(samples, 300, samples))


@settings(max_examples=amounts.times(25), deadline=None)
@given(lines)
def test_coarse_steps_of_fine_ones_are_those_of_the_samples(samples: Samples) -> None:
    fine = roll(samples, 300, samples)
    same(coarser(fine, 3600), roll(samples, 3600, samples))
    same(coarser(coarser(fine, 3600), 86400), roll(samples, 86400, samples))


@settings(max_examples=amounts.times(25), deadline=None)
@given(lines, st.sampled_from([3600, 86400]))
def test_what_is_kept_comes_back(samples: Samples, step_s: int) -> None:
    table = roll(samples, step_s, samples)
    same(decode([(DAY, encode(table, DAY))]), table)
    columns = np.array(sorted(samples)[:2])
    same(decode([(DAY, encode(table, DAY))], columns), table.take(np.isin(table.column, columns)))


def test_many_days_come_back_in_one() -> None:
    times, values = trace(3 * 1440, 1, START)
    samples = {c: (times, values[:, c]) for c in range(60)}
    table = roll(samples, 86400, range(60))
    days = sorted({int(start) // 86400 for start in table.start})
    rows = [(day, encode(table.take(table.start // 86400 == day), day)) for day in days]
    same(decode(rows), table)
    assert decode([]).column.tolist() == []
    assert stack([]).column.tolist() == []


def test_a_day_of_a_village_takes_little() -> None:
    times, values = trace(1440, 1, START)
    samples = {c: (times, values[:, c]) for c in range(60)}
    table = roll(samples, 86400, range(20, 24))
    table = table.take(table.start == table.start[0])
    assert len(encode(table, DAY)) < 0.01 * values.size


@pytest.mark.parametrize(
    ("name", "grows"),
    [("a_total", True), ('a_total{x="1"}', True), ("a", False), ('a{x="_total"}', False)],
)
def test_a_counter_is_known_by_its_name(name: str, grows: bool) -> None:
    assert is_counter(name) is grows
