"""What floors above read of what the fold changed, out of rows as they stand."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from collector import states, stirred
from collector.availability import Interval, State
from collector.db import writing
from collector.fold.timelines import NEVER_REPORTED
from collector.states import CheckState

A, B, C = "35.10.12.2001", "35.10.12.2002", "35.10.12.2003"


@pytest.fixture
def rows(store: Engine) -> Iterator[Connection]:
    with writing(store) as connection:
        yield connection


def check(site: str, name: str, verdict: str, rev: int, live: bool = True) -> CheckState:
    return CheckState(site, name, "http", verdict, "", 0.0, live, rev)


def test_good_news_is_read_only_where_something_is_wrong(rows: Connection) -> None:
    turned = [check(A, "app", "good", 2), check(A, "dns", "good", 2), check(B, "app", "bad", 3)]
    states.save_checks(rows, [*turned, check(C, "app", "bad", 4, live=False)])
    assert stirred.checks_since(rows, 1, ()) == ([B], 4, False)
    assert stirred.checks_since(rows, 1, {A}) == ([B, A], 4, False)
    # of many it is not asked by name
    many = {A, C, *(f"35.10.13.{n}" for n in range(1000))}
    assert stirred.checks_since(rows, 1, many) == ([B, A, C], 4, False)
    assert stirred.checks_since(rows, 4, many) == ([], 4, False)


def test_what_changed_at_one_moment_comes_whole(rows: Connection) -> None:
    turned = [check(A, name, "bad", 2) for name in ("app", "dns", "ntp")]
    states.save_checks(rows, [*turned, check(B, "app", "bad", 3)])
    assert stirred.checks_since(rows, 0, (), limit=2) == ([A], 2, True)
    assert stirred.checks_since(rows, 2, (), limit=2) == ([B], 3, False)
    ends = [Interval(0.0, 9.0, State.UNKNOWN), Interval(9.0, None, State.NORMAL)]
    states.save_states(
        rows, [], [(site, end, rev) for rev, site in ((2, A), (3, B)) for end in ends]
    )
    assert stirred.sites_since(rows, 0, limit=1)[::3] == ([A], 2)
    assert stirred.sites_since(rows, 2, limit=1)[::3] == ([B], 3)


def test_sites_come_as_they_are_now_whatever_changed_of_their_past(rows: Connection) -> None:
    past = Interval(0.0, 9.0, State.UNKNOWN)
    now = Interval(9.0, None, State.SLOW, "slow", "isp", 0.8, ("evidence",))
    ended = [(C, past, 4)]
    states.save_states(rows, [], [(A, past, 4), (A, now, 1), (B, past, 4), (B, now, 4), *ended])
    moved = stirred.sites_since(rows, 3)
    assert (sorted(moved.sites), moved.read_to, moved.more) == ([A, B, C], 4, False)
    assert (sorted(moved.now), moved.past) == ([A, B], {A, B, C})
    assert [moved.now[A], moved.now[B]] == states.current(rows, [A, B])


def test_of_a_first_report_only_what_the_site_is_now_is_read(rows: Connection) -> None:
    never = Interval(0.0, 9.0, State.UNKNOWN, NEVER_REPORTED)
    now = Interval(9.0, None, State.NORMAL)
    states.save_states(rows, [], [(A, never, 4), (A, now, 4), (B, never, 4)])
    moved = stirred.sites_since(rows, 3)
    # B was taken out of service before it said anything
    assert (moved.sites, moved.now[A].state, moved.past) == ([A, B], "normal", {B})
