"""The small parts of the evaluator: numbers as text, words, segments, patterns, limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.strict import Refused
from collector.promql.figures import figure, figures, plain
from collector.promql.labels import Labels, Words, groups, of_rows
from collector.promql.limits import Failed, Limits, TimedOut
from collector.promql.matchers import holds_for, rows_of
from collector.promql.memory import Memory
from collector.promql.notation import read_span
from collector.promql.plan import Matcher
from collector.promql.query import Ask, ask
from collector.promql.segments import quantiles, sizes_of, sums
from collector.promql.selecting import aligned, windows
from collector.promql.sorting import naturally_before
from collector.promql.sparks import chart
from collector.promql.vectors import Series


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.1, "0.1"),
        (-0.0, "-0"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e-7, "1.5e-7"),
        (1e-6, "0.000001"),
        (1e16, "10000000000000000"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
    ],
)
def test_numbers_are_written_as_prometheus_does(value: float, text: str) -> None:
    assert figure(value) == text


@pytest.mark.slow
@given(
    st.lists(st.floats(width=64) | st.sampled_from([0.0, -0.0, 0.25, 1e300]), max_size=9),
    st.sampled_from([1, 300]),
)
def test_many_numbers_are_written_as_each_would_be(numbers: list[float], times: int) -> None:
    many = np.array(numbers * times)
    assert figures(many) == [figure(number) for number in many.tolist()]


@pytest.mark.slow
@given(
    st.lists(st.integers(-(2**54), 2**54) | st.integers(-9, 9), min_size=1, max_size=9),
    st.sampled_from([1.0, 10.0, 100.0, 1e4, 1e5, 1 / 4096]),
    st.sampled_from([1, 300]),
)
def test_measurements_of_a_quantum_are_written_as_each_would_be(
    whole: list[int], quantum: float, times: int
) -> None:
    many = np.array(whole * times) / quantum
    assert figures(many) == [figure(number) for number in many.tolist()]


def test_a_label_made_of_a_number_has_no_exponent() -> None:
    assert plain(1e25) == "10000000000000000000000000"
    assert plain(1e-7) == "0.0000001"


def test_words_of_a_query_leave_those_of_the_centre_as_they_are() -> None:
    base = Words()
    known = base.give("known")
    one, other = Words(base), Words(base)
    assert one.give("known") == known
    assert one.give("mine") == other.give("yours") == len(base)
    assert base.find("mine") is None
    base.give("later")
    assert one.find("later") is None
    assert one.text(len(one) - 1) == "mine"


def test_equal_rows_have_the_same_number_however_many_words_there_are() -> None:
    rows = [{f"l{k}": f"w{(i * k) % 97}" for k in range(12)} for i in range(200)]
    labels = of_rows(Words(), rows + rows)
    ids, first = groups(labels)
    assert ids[:200].tolist() == ids[200:].tolist()
    assert len(first) == len({tuple(sorted(row.items())) for row in rows})


@pytest.mark.slow
@given(
    st.lists(
        st.lists(st.floats(-1e300, 1e300, allow_nan=False), min_size=1, max_size=40), min_size=1
    )
)
def test_sums_of_runs_lose_next_to_nothing(runs: list[list[float]]) -> None:
    x = np.array([value for run in runs for value in run])
    starts = np.cumsum([0, *(len(run) for run in runs[:-1])])
    found = sums(x, starts, sizes_of(starts, len(x)))
    for run, total in zip(runs, found.tolist(), strict=True):
        size = sum(abs(value) for value in run)
        assert total == pytest.approx(math.fsum(run), rel=1e-15, abs=size * 1e-30)


def test_quantiles_of_runs_do_not_mix_them() -> None:
    starts = np.array([0, 3])
    found = quantiles(np.array([0.5, 1.0]), np.array([3.0, 1, 2, 7, 5]), starts, np.array([3, 2]))
    assert found.tolist() == [2.0, 7.0]


def test_times_of_a_subquery_are_multiples_of_its_step_once_each() -> None:
    ends = np.array([100, 130, 1000])
    assert aligned(ends, 50, 20).tolist() == [60, 80, 100, 120, 960, 980, 1000]
    assert aligned(np.array([-5]), 30, 10).tolist() == [-30, -20, -10]


def table() -> Labels:
    return of_rows(Words(), [{"a": "x1"}, {"a": "x2", "b": "y"}, {}])


@pytest.mark.parametrize(
    ("op", "value", "rows"),
    [
        ("=", "x1", [0]),
        ("=", "", [2]),
        ("!=", "x1", [1, 2]),
        ("=~", "x.", [0, 1]),
        ("=~", "x", []),
        ("=~", "(?i)X1|", [0, 2]),
        ("!~", "x[12]", [2]),
        ("=", "never heard of", []),
    ],
)
def test_matchers_ask_whole_words(op: str, value: str, rows: list[int]) -> None:
    assert np.flatnonzero(rows_of(table(), [Matcher("a", op, value)])).tolist() == rows


def test_a_pattern_that_would_take_ages_elsewhere_does_not() -> None:
    assert not holds_for([Matcher("a", "=~", "(x+x+)+y")], {"a": "x" * 5000})


@pytest.mark.parametrize("pattern", ["(?=a)b", r"(a)\1", "["])
def test_patterns_that_re2_does_not_know_are_refused(pattern: str) -> None:
    with pytest.raises(Refused):
        holds_for([Matcher("a", "=~", pattern)], {"a": "b"})


def test_too_many_steps_are_refused_before_anything_is_done() -> None:
    with pytest.raises(Refused, match="exceeded maximum resolution of 11,000 points"):
        ask(Ask("up", 0, 11_001, 1), Memory(Words()), Limits())
    # Grafana asks for exactly so many, and both ends
    assert len(ask(Ask("1", 0, 11_000, 1), Memory(Words()), Limits()).times) == 11_001


@pytest.mark.parametrize("text", ["", "1m1h", "5m5m", "1mm", "--5", "-", "1h 5m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="expected something like 1h30m"):
        read_span(text)


def test_durations_are_sums_of_units_or_seconds() -> None:
    texts = ("1y2w3d4h5m6s7ms", "-1m30s", "+1.5", "-2")
    assert [read_span(text) for text in texts] == [33_019_506_007, -90_000, 1500, -2000]


def test_times_far_beyond_all_samples_mix_no_series_up() -> None:
    counts = np.arange(1, 10)
    offsets = np.append(0, np.cumsum(counts))
    times = np.concatenate([np.arange(count) for count in counts])
    labels = of_rows(Words(), [{"i": str(place)} for place in counts.tolist()])
    series = Series(labels, times, times * 1.0, offsets, np.full(len(counts), 300_000))
    ends = np.array([-(2**61), 10, 2**61])
    found = windows(series, ends, ends, 20)
    assert found.sizes().tolist() == [[0, count, 0] for count in counts.tolist()]


def test_a_query_may_not_have_too_many_points_series_samples_or_time() -> None:
    memory = Memory(Words())
    for place in range(10):
        memory.add({"__name__": "x", "i": str(place)}, [1.0] * 100, 0, 1000)
    hour = Ask("x", 0, 90_000, 1000)
    with pytest.raises(Failed, match="asks for 910 points"):
        ask(hour, memory, Limits(points=900), memory.words)
    with pytest.raises(Failed, match="touches 10 series"):
        ask(hour, memory, Limits(series=9), memory.words)
    with pytest.raises(Failed, match="too many samples"):
        ask(hour, memory, Limits(samples=100), memory.words)
    ticks = iter(range(1000))
    with pytest.raises(TimedOut):
        ask(hour, memory, Limits(seconds=1, clock=lambda: float(next(ticks))), memory.words)


def test_versions_sort_as_people_sort_them() -> None:
    assert naturally_before("v1.9", "v1.10")
    assert naturally_before("a", "b")
    assert not naturally_before("v2", "v1.10")
    assert naturally_before("²", "³")
    assert naturally_before("8" + "0" * 5000, "10" + "0" * 5000)


def test_a_chart_shows_low_high_last_and_gaps() -> None:
    text = chart("load", [0.0, 1.0, math.nan, 4.0])
    assert "▁" in text
    assert "█" in text
    assert "min 0  max 4  last 4" in text
    assert chart("none", [math.nan]) == "none\n  no numbers"
