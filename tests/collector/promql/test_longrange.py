"""Long ranges: what roll-ups answer is what the samples would have said, or it is refused."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from collector.db import writing
from collector.promql import fleet, longrange
from collector.promql.fleet import _pieces
from collector.promql.labels import say
from collector.promql.limits import Failed, Limits
from collector.promql.query import Ask, ask
from collector.promql.source import Centre, Query, query_source
from collector.promql.vectors import Series, Use, Vector, Wanted
from collector.series import blocks
from collector.series.frames import Frames
from collector.series.merging import Merging
from collector.series.thinning import Thinning
from tests.collector.promql.conftest import Small, small

pytestmark = pytest.mark.slow

__all__ = ["small"]

DAY_S = 86_400
DAY = 20_717
START = float(DAY * DAY_S)
DAYS = 9
END = START + DAYS * DAY_S
WIB = 17 * 3600  # where the days of Java begin, in UTC


@dataclass(frozen=True)
class Raw:
    """The same source, asked for every sample."""

    query: Query

    def select(self, wanted: Wanted, limits: Limits) -> Series:
        return self.query.select(replace(wanted, use=Use.RAW), limits)


@pytest.fixture
def week(small: Small) -> Small:
    """Two sites for nine days: the last day in hours, the others packed."""
    for row, code in enumerate(["35.10.06.2005", "35.09.01.2001"]):
        small.site(row, code, f"Desa {row}", report_every_s=300)
        put(small, row, np.random.default_rng(row))
    merging = Merging(small.blocks)
    for day in range(DAYS - 1):
        merging.merge((0, DAY + day), (1, DAY + day))
    return small


def put(small: Small, row: int, some: np.random.Generator) -> None:
    """Samples each five minutes, some at whole ones, gaps, nulls, a counter that resets."""
    times = START + np.arange(DAYS * 288) * 300.0
    late = some.integers(0, 300_000, len(times)) / 1000
    times = times + np.where(some.random(len(times)) < 0.3, 0, late)
    grown = np.cumsum(some.integers(0, 1000, len(times))).astype(float)
    grown -= np.where(np.arange(len(times)) > 700, grown[700], 0)
    values = np.stack(
        [some.normal(3, 1, len(times)).round(2), some.integers(0, 2, len(times)), grown]
    )
    values[:, some.random(len(times)) < 0.1] = np.nan
    values[0, times % DAY_S < 900] = np.nan if row else 7
    there = (some.random(len(times)) < 0.95) & ~((times > START + 2.5e5) & (times < START + 3.6e5))
    frames = Frames(times[there], small.ids, values.T[there])
    with writing(small.blocks) as connection:
        blocks.put_late(connection, row, 5, [frames])


def answer(small: Small, query: str, start: float, end: float, step: float, raw: bool) -> Any:
    """{labels: {time: value}}, and the warnings."""
    source = query_source(Centre(small.settings, small.store, small.blocks))
    question = Ask(query, round(start * 1000), round(end * 1000), round(step * 1000))
    found = ask(question, Raw(source) if raw else source, Limits(), source.words)
    assert isinstance(found.value, Vector)
    lines = {
        say(found.value.labels.row(i)): {
            time: value
            for time, value, there in zip(
                (found.times / 1000).tolist(),
                found.value.values[i].tolist(),
                found.value.present[i],
                strict=True,
            )
            if there
        }
        for i in range(len(found.value))
    }
    return lines, found.warnings


def same(one: Any, other: Any) -> None:
    assert one.keys() == other.keys()
    for labels, line in one.items():
        assert line.keys() == other[labels].keys(), labels
        assert [*line.values()] == pytest.approx([*other[labels].values()], rel=1e-9, abs=1e-9)


NAMES = "avg min max sum count last first present ts_of_first ts_of_last absent"
QUERIES = [
    *(f"{name}_over_time(ronda_host_load1[1d])" for name in NAMES.split(" ")),
    "rate(bytes_total[1d])",
    "increase(bytes_total[2d])",
    "delta(ronda_host_load1[1d])",
    "ronda_host_load1",
    "timestamp(ronda_host_load1)",
    "sum(ronda_host_load1) + on () group_right () max_over_time(bytes_total[1d])",
    "max_over_time(ronda_host_load1[3d] offset 1d)",
    "last_over_time({__name__=~'.+_load1|bytes_total', site=~'35.+'}[1d])",
]
# from samples always; and from roll-ups always, as subqueries stand at whole days
OTHERS = ["rate(ronda_host_load1[1d])", "max_over_time(ronda_host_load1[1d:1d])"]


@pytest.mark.mostly_sqlite
@pytest.mark.parametrize(
    ("since", "step"),
    [(0, DAY_S), (WIB, DAY_S), (0, 6 * 3600), (12_345.678, DAY_S), (0, 2 * DAY_S)],
    ids=["days", "days of Java", "quarters", "at any time", "two days"],
)
def test_long_ranges_are_what_the_samples_say(week: Small, since: float, step: float) -> None:
    for query in QUERIES + OTHERS:
        asked = (query, START + since, END + DAY_S, step)
        plain, silence = answer(week, *asked, raw=True)
        found, warnings = answer(week, *asked, raw=False)
        same(found, plain)
        assert plain or query.startswith("absent")
        assert silence == ()
        if query in QUERIES:
            whole = since == 0 and step >= DAY_S
            assert any("roll-ups by the day" in text for text in warnings) == whole


def test_at_one_moment_the_whole_days_of_a_window_come_from_roll_ups(week: Small) -> None:
    at = END - 5000.5
    for query in ("avg_over_time(ronda_host_load1[8d])", "increase(bytes_total[8d])"):
        plain, _ = answer(week, query, at, at, 0, raw=True)
        found, warnings = answer(week, query, at, at, 0, raw=False)
        same(found, plain)
        assert warnings == ("answered from roll-ups by the day between 2026-09-22 and 2026-09-28",)


def test_many_samples_are_joined_by_the_hour_as_they_are_read(
    week: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(longrange, "MANY", 100)
    for query in QUERIES:
        for since, step in ((WIB, 3600), (WIB + 300, 300 * 7)):
            asked = (query, START + since, END, step)
            same(answer(week, *asked, raw=False)[0], answer(week, *asked, raw=True)[0])


def forget(week: Small) -> None:
    """The numbers of the first five days, in one of which nothing was reported."""
    for row in (0, 1):
        assert Thinning(week.blocks).numbers(row, DAY + 5) == 4


def test_forgotten_numbers_are_answered_by_the_hour(week: Small) -> None:
    asked = [
        (query, START + since, END, step)
        for query in QUERIES
        for since, step in ((DAY_S, DAY_S), (WIB, DAY_S), (DAY_S, 6 * 3600))
    ]
    plain = [answer(week, *one, raw=True)[0] for one in asked]
    forget(week)
    for one, before in zip(asked, plain, strict=True):
        found, warnings = answer(week, *one, raw=False)
        same(found, before)
        assert any("roll-ups by the" in text for text in warnings)


REFUSED = [
    ("ronda_host_load1", 60),
    ("avg_over_time(ronda_host_load1[1d])", 60),
    ("avg_over_time(ronda_host_load1[5m])", 0),
    ("rate(bytes_total[7m])", 0),
    ("quantile_over_time(0.5, ronda_host_load1[1d])", 0),
    ("stddev_over_time(ronda_host_load1[1d])", 0),
    ("changes(ronda_host_load1[1d])", 0),
    ("deriv(ronda_host_load1[1d])", 0),
    ("rate(ronda_host_load1[1d])", 0),
    ("irate(bytes_total[1d])", 0),
]


def test_what_roll_ups_do_not_know_is_refused_where_only_they_are_left(week: Small) -> None:
    forget(week)
    for query, since in REFUSED:
        with pytest.raises(Failed, match="before 2026-09-26 only roll-ups"):
            answer(week, query, START + since, END, DAY_S, raw=False)
        asked = (query, START + 7 * DAY_S + since, END, DAY_S)
        same(answer(week, *asked, raw=False)[0], answer(week, *asked, raw=True)[0])


def test_a_series_that_said_nothing_then_is_no_reason_to_refuse(week: Small) -> None:
    forget(week)
    for query in ('ronda_check_up{check="other"}', "suhu"):
        asked = (f"stddev_over_time({query}[1d])", START, END, DAY_S)
        assert answer(week, *asked, raw=False)[0] == {}


@pytest.mark.parametrize(
    ("start", "end", "columns"),
    [(0.0, 86_400.0, 1), (0.5, 86_400.5 * 7, 3000), (0.001, 3 * 86_400.001, 1500), (5.0, 5.0, 9)],
)
def test_pieces_of_a_stretch_leave_nothing_out_and_meet_nowhere(
    start: float, end: float, columns: int
) -> None:
    pieces = _pieces(start, end, columns)
    assert (pieces[0][0], pieces[-1][1]) == (start, end)
    for (since, until), (after, _) in pairwise(pieces):
        assert since <= until < after
        assert round((after - until) * 1000) == 1
        assert until * 1000 == pytest.approx(round(until * 1000))


def test_a_year_read_in_pieces_is_the_same(week: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("quantile_over_time(0.5, ronda_host_load1[1d])", START + 60.5, END, 3600.0)
    whole = answer(week, *asked, raw=True)[0]
    monkeypatch.setattr(fleet, "_COLUMN_DAYS", 1)
    same(answer(week, *asked, raw=True)[0], whole)
    one = query_source(Centre(week.settings, week.store, week.blocks))
    with pytest.raises(Failed, match="would load too many samples"):
        ask(Ask("changes(ronda_host_load1[9d])", round(END * 1000), round(END * 1000)), one, few())


def few() -> Limits:
    return Limits(samples=1000)
