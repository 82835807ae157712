"""The algebra of intervals: no hole, no overlap, and seconds that add up."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.availability import (
    Interval,
    changes,
    clip,
    follow,
    merge,
    overlay,
    seconds,
)

STATES = st.sampled_from(["normal", "slow", "down", "unknown"])
TIMES = st.integers(0, 1000).map(float)


@st.composite
def timelines(draw: st.DrawFn) -> list[Interval]:
    starts = sorted(draw(st.sets(TIMES, min_size=1, max_size=8)))
    ends: list[float | None] = [*starts[1:], None]
    return merge(
        Interval(since, until, draw(STATES)) for since, until in zip(starts, ends, strict=True)
    )


@st.composite
def stories(draw: st.DrawFn) -> list[Interval]:
    edges = sorted(draw(st.sets(TIMES, min_size=2, max_size=10)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    return [Interval(a, b, draw(STATES), source="backlog") for a, b in pairs]


def assert_whole(timeline: list[Interval]) -> None:
    for left, right in pairwise(timeline):
        assert left.until == right.since
        assert left.since < right.since
    assert timeline[-1].until is None


def unknown(interval: Interval) -> bool:
    return interval.state == "unknown"


@pytest.mark.slow
@given(timelines(), TIMES, STATES)
def test_following_leaves_no_hole(timeline: list[Interval], at: float, state: str) -> None:
    at = max(at, timeline[0].since)
    made = follow(timeline, Interval(at, None, state))
    assert_whole(made)
    assert made[0].since == timeline[0].since
    assert made[-1].state == state


@pytest.mark.slow
@given(timelines(), stories())
def test_rewriting_leaves_no_hole_and_touches_only_what_gives_way(
    timeline: list[Interval], told: list[Interval]
) -> None:
    made = overlay(timeline, told, unknown)
    assert_whole(made)
    assert made[0].since == timeline[0].since
    for at in range(int(timeline[0].since), 1002):
        before, after = state_at(timeline, at), state_at(made, at)
        new = [i.state for i in told if i.since <= at < i.end]
        assert after == (new[0] if before == "unknown" and new else before)


@pytest.mark.slow
@given(timelines(), stories())
def test_telling_it_twice_changes_nothing(timeline: list[Interval], told: list[Interval]) -> None:
    once = overlay(timeline, told, unknown)
    assert overlay(once, told, lambda i: i.state == "unknown") == once


@pytest.mark.slow
@given(timelines(), TIMES, TIMES)
def test_seconds_add_up(timeline: list[Interval], a: float, b: float) -> None:
    begin, end = max(min(a, b), timeline[0].since), max(a, b)
    spent = seconds(timeline, begin, end)
    assert sum(spent.values()) == pytest.approx(max(0.0, end - begin))


@pytest.mark.slow
@given(timelines(), timelines())
def test_changes_turn_one_into_the_other(old: list[Interval], new: list[Interval]) -> None:
    gone, written = changes(old, new)
    rows = {i.since: i for i in old}
    for since in gone:
        del rows[since]
    rows |= {i.since: i for i in written}
    assert [rows[since] for since in sorted(rows)] == new


def test_an_equal_state_goes_on() -> None:
    line = [Interval(0, None, "normal")]
    assert follow(line, Interval(5, None, "normal")) == line


def test_a_change_of_reason_is_a_new_interval() -> None:
    made = follow([Interval(0, None, "slow", "a")], Interval(5, None, "slow", "b"))
    assert [i.reason for i in made] == ["a", "b"]


def test_clip_cuts_at_both_ends() -> None:
    line = [Interval(0, 10, "normal"), Interval(10, None, "down")]
    assert clip(line, 5, 20) == [Interval(5, 10, "normal"), Interval(10, 20, "down")]


def state_at(timeline: list[Interval], at: float) -> str:
    return next(i.state for i in timeline if i.since <= at < i.end)
