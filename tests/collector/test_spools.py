"""Which entries of a spool are in: exact, whatever their order, and bounded."""

from hypothesis import given
from hypothesis import strategies as st

from collector.spools import MOST_RANGES, Spool


def fresh() -> Spool:
    return Spool("b", 0.0, 0.0, None, [])


@given(st.lists(st.integers(1, 60), max_size=200))
def test_each_entry_is_taken_once_in_any_order(numbers: list[int]) -> None:
    spool, seen = fresh(), set()
    for n in numbers:
        assert spool.take(n) == (n not in seen)
        seen.add(n)
    assert [n for a, b in spool.ranges for n in range(a, b + 1)] == sorted(seen)
    assert all(a[1] + 1 < b[0] for a, b in zip(spool.ranges, spool.ranges[1:], strict=False))


def test_fresh_first_then_the_backlog_is_two_ranges_then_one() -> None:
    spool = fresh()
    for n in range(1, 11):
        spool.take(n)
    spool.take(100)
    for n in range(11, 100):
        assert spool.take(n)
    assert spool.ranges == [[1, 100]]


def test_an_agent_with_endless_holes_is_bounded_and_nothing_new_is_refused() -> None:
    spool = fresh()
    for n in range(1, 4 * MOST_RANGES, 2):
        assert spool.take(n)
    assert len(spool.ranges) <= MOST_RANGES
    assert not spool.take(4 * MOST_RANGES - 1)
    assert spool.take(4 * MOST_RANGES)
