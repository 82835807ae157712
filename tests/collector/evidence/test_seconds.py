"""Whatever happened, the seconds add up; divided or joined, in any zone, over any border."""

import calendar
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.strict import Refused
from collector.availability import Interval, State, overlay
from collector.evidence import lines, moments, schedule, spells
from collector.evidence.lines import Line, Verdict
from collector.evidence.moments import Period
from collector.evidence.record import Record, lines_of, read, told_of
from collector.evidence.spells import Said, Spell
from collector.evidence.tally import STATES, Tally, outages, tally
from collector.inventory import hours
from tests.collector.evidence.world import WIB, WIT, WITA, at, corrected, down, normal, unknown

ZONES = st.sampled_from([WIB, WITA, WIT])
CAUSES = st.sampled_from(["", "power", "fiber", "isp", "device", "unknown"])
STATE = st.sampled_from(list(State))
BEGIN = at("2026-10-01 00:00:00")
DAY = 86_400


@st.composite
def timelines(draw: st.DrawFn, days: int = 3) -> list[Interval]:
    """States without overlaps, perhaps with holes, at moments that are no whole seconds."""
    moments_ = draw(
        st.lists(st.floats(0, days * DAY, allow_nan=False, width=32), min_size=2, max_size=12)
    )
    cuts = sorted({BEGIN + moment for moment in moments_})
    made = []
    for begin, end in zip(cuts, cuts[1:], strict=False):
        if draw(st.booleans()) or draw(st.booleans()):
            made.append(Interval(begin, end, draw(STATE), "", draw(CAUSES)))
    still = draw(st.booleans())
    if made and still:
        last = made.pop()
        made.append(Interval(last.since, None, last.state, "", last.cause))
    return made


def sums(told: Sequence[Spell], begin: int, end: int) -> Tally:
    return tally(spells.filled(told, begin, end), [(begin, end)], begin)


@pytest.mark.slow
@given(told=timelines(), end=st.integers(1, 4 * DAY), known=st.floats(0, 4 * DAY, allow_nan=False))
def test_the_five_states_add_up_to_the_period(told: list[Interval], end: int, known: float) -> None:
    begin = int(BEGIN)
    found = spells.of(told, begin, begin + end, BEGIN + known)
    assert found[0].begin == begin and found[-1].end == begin + end
    assert all(one.end == two.begin for one, two in zip(found, found[1:], strict=False))
    summed = sums(found, begin, begin + end)
    assert sum(summed.seconds[state] for state in STATES) == summed.period_s == end
    assert sum(summed.faults.values()) == summed.seconds[State.DOWN]
    judged = [spell for spell in found if spell.counts and spell.state != State.NORMAL]
    assert sum(summed.causes.values()) == sum(spell.seconds for spell in judged)


@pytest.mark.slow
@given(told=timelines(), cuts=st.lists(st.integers(1, 3 * DAY - 1), max_size=6, unique=True))
def test_a_period_that_is_divided_comes_to_the_same(told: list[Interval], cuts: list[int]) -> None:
    begin, end = int(BEGIN), int(BEGIN) + 3 * DAY
    whole = sums(spells.of(told, begin, end, BEGIN + 9 * DAY), begin, end)
    edges = [begin, *sorted(begin + cut for cut in cuts), end]
    parts, begun = Tally(), 0
    for first, last in zip(edges, edges[1:], strict=False):
        # each part is read by itself, from the first: as a day that is sealed
        before = spells.of(told, begin, last, BEGIN + 9 * DAY)
        one = tally(before, [(first, last)], first)
        alone = sums(spells.of(told, first, last, BEGIN + 9 * DAY), first, last)
        assert one.seconds == alone.seconds
        parts.add(one)
        begun += one.begun
    assert parts.seconds == whole.seconds and parts.period_s == whole.period_s
    assert (parts.causes, parts.faults) == (whole.causes, whole.faults)
    assert parts.not_counted_s == whole.not_counted_s
    assert begun == whole.begun


@pytest.mark.slow
@given(told=timelines(days=2), zone=ZONES)
def test_days_joined_from_records_are_the_timeline(told: list[Interval], zone: ZoneInfo) -> None:
    days = list(Period(date(2026, 9, 30), date(2026, 10, 4)).days())
    joined: list[Spell] = []
    for day in days:
        begin, end = moments.midnight(day, zone), moments.midnight(day + moments.ONE_DAY, zone)
        site = spells.of(told, begin, end, BEGIN + 9 * DAY)
        line = Line(lines.SITE, "", "", tuple(site))
        body = told_of(begin, end, str(zone), [line])
        record = Record(1, "day", "s", day.isoformat(), 1, None, "", body)
        (back,) = lines_of(read(record.text()).told)
        assert back == line
        joined += back.spells
    first, last = joined[0].begin, joined[-1].end
    assert spells.merged(joined) == spells.of(told, first, last, BEGIN + 9 * DAY)


@pytest.mark.slow
@given(told=timelines(), late=timelines())
def test_a_backlog_changes_exactly_the_seconds_that_were_unknown(
    told: list[Interval], late: list[Interval]
) -> None:
    begin, end = int(BEGIN), int(BEGIN) + 3 * DAY
    ended = [i for i in late if i.until is not None and i.state != State.UNKNOWN]
    rewritten = overlay(told, ended, lambda interval: interval.state == State.UNKNOWN)
    old = spells.of(told, begin, end, BEGIN + 9 * DAY)
    new = spells.of(rewritten, begin, end, BEGIN + 9 * DAY)
    moved: Counter[str] = Counter()
    for one, two in pairs(old, new):
        if one.state != two.state:
            assert one.state == State.UNKNOWN and one.counts
            moved[two.state] += two.seconds
    before, after = sums(old, begin, end), sums(new, begin, end)
    for state in STATES:
        if state != State.UNKNOWN:
            assert after.seconds[state] - before.seconds[state] == moved[state]
    assert before.seconds["unknown"] - after.seconds["unknown"] == sum(moved.values())


def pairs(old: Sequence[Spell], new: Sequence[Spell]) -> list[tuple[Spell, Spell]]:
    """Both cut at the borders of both."""
    edges = sorted({edge for spell in (*old, *new) for edge in (spell.begin, spell.end)})
    found = []
    for begin, end in zip(edges, edges[1:], strict=False):
        cut = [
            Spell(begin, end, s.state, s.cause, s.percent, s.source)
            for told in (old, new)
            for s in told
            if s.begin <= begin and s.end >= end
        ]
        found.append((cut[0], cut[1]))
    return found


@given(year=st.integers(2020, 2044), number=st.integers(1, 12), zone=ZONES)
def test_months_follow_each_other_without_a_second_between(
    year: int, number: int, zone: ZoneInfo
) -> None:
    period = moments.month(f"{year}-{number:02d}")
    begin, end = period.bounds(zone)
    assert end - begin == calendar.monthrange(year, number)[1] * DAY
    assert datetime.fromtimestamp(begin, zone) == datetime(year, number, 1, tzinfo=zone)
    after = Period(period.after, moments.following(period.after))
    assert after.bounds(zone)[0] == end and period.month == f"{year}-{number:02d}"


@pytest.mark.parametrize(("zone", "hour"), [(WIB, 17), (WITA, 16), (WIT, 15)])
def test_a_month_begins_by_the_clocks_of_the_site(zone: ZoneInfo, hour: int) -> None:
    begin, _ = moments.month("2026-10").bounds(zone)
    assert datetime.fromtimestamp(begin, UTC) == datetime(2026, 9, 30, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "days"), [("2028-02", 29), ("2027-02", 28), ("2100-02", 28), ("2026-12", 31)]
)
def test_leap_years_are_what_they_are(text: str, days: int) -> None:
    assert len(list(moments.month(text).days())) == days


@pytest.mark.parametrize("text", ["2026-00", "2026-13", "26-10", "2026-1", "0000-01", "9999-12x"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="expected a month such as 2026-10"):
        moments.month(text)


ROUNDED = [(10.0, 10), (10.49, 10), (10.5, 11), (10.51, 11), (11.5, 12), (-0.5, 0)]


@pytest.mark.parametrize(("moment", "second"), ROUNDED)
def test_a_boundary_is_rounded_once_and_one_way(moment: float, second: int) -> None:
    assert moments.whole(moment) == second


def test_what_nobody_has_seen_yet_is_unknown() -> None:
    begin = int(BEGIN)
    found = spells.of([normal(BEGIN)], begin, begin + 100, BEGIN + 40)
    assert [(s.state, s.seconds, s.counts) for s in found] == [
        ("normal", 40, True),
        ("unknown", 60, True),
    ]


def test_a_site_that_did_not_count_leaves_a_hole() -> None:
    begin = int(BEGIN)
    found = spells.of([normal(BEGIN + 40, BEGIN + 60)], begin, begin + 100, BEGIN + 100)
    assert [(s.state, s.seconds, s.counts) for s in found] == [
        ("unknown", 40, False),
        ("normal", 20, True),
        ("unknown", 40, False),
    ]
    assert sums(found, begin, begin + 100).not_counted_s == 80


def test_a_correction_is_told_beside_the_guess_without_a_name() -> None:
    said = corrected(down(BEGIN, BEGIN + 60), "power", "dewi", BEGIN + 90, "PLN padam")
    (spell,) = spells.of([said], int(BEGIN), int(BEGIN) + 60, BEGIN + 99)
    assert (spell.cause, spell.source, spell.evidence) == ("power", "person", ())
    guess = Said(BEGIN + 90, "fiber", 80, ("the optical receiver saw no light",))
    assert spell.said == guess


def seen(*told: tuple[str, int]) -> tuple[Spell, ...]:
    """Spells one after the other from 0 on."""
    made, begin = [], 0
    for state, seconds in told:
        made.append(Spell(begin, begin + seconds, state))
        begin += seconds
    return tuple(made)


def short(told: Sequence[Spell]) -> list[tuple[str, int]]:
    return [(str(spell.state), spell.seconds) for spell in told]


NAN = float("nan")
SITE = seen(("normal", 600))
UPLINKS: dict[str, tuple[list[tuple[float, float]], tuple[Spell, ...], bool, list[Any]]] = {
    "works": ([(0, 1), (60, 1)], seen(("normal", 120)), True, [("normal", 120)]),
    "fails while the other works": (
        [(0, 1), (60, 0), (120, 0), (180, 1)], seen(("normal", 240)), False,
        [("normal", 60), ("down", 120), ("normal", 60)],
    ),
    "nothing is heard for long": (
        [(0, 1), (300, 1)], seen(("normal", 360)), False,
        [("normal", 60), ("unknown", 240), ("normal", 60)],
    ),
    "a gap of two intervals is none": (
        [(0, 1), (150, 1)], seen(("normal", 210)), False, [("normal", 210)],
    ),
    "could not be measured": (
        [(0, NAN), (60, 1)], seen(("normal", 120)), False, [("unknown", 60), ("normal", 60)],
    ),
    "the site says that none works": (
        [(0, 1), (60, 1)], seen(("normal", 60), ("down", 60)), False,
        [("normal", 60), ("down", 60)],
    ),
    "somebody works on the site": (
        [(0, 1), (60, 0)], seen(("normal", 60), ("maintenance", 60)), False,
        [("normal", 60), ("maintenance", 60)],
    ),
    "a slow site is slow on its main line": (
        [(0, 1), (60, 1)], seen(("slow", 120)), True, [("slow", 120)],
    ),
    "and not on the other": ([(0, 1), (60, 1)], seen(("slow", 120)), False, [("normal", 120)]),
}  # fmt: skip


@pytest.mark.parametrize(("samples", "site", "main", "is_"), UPLINKS.values(), ids=UPLINKS)
def test_one_of_several_lines(
    samples: list[tuple[float, float]], site: tuple[Spell, ...], main: bool, is_: list[Any]
) -> None:
    assert short(lines.uplink(samples, site, 60.0, main)) == is_


CHECKS: dict[str, tuple[str, list[Verdict], tuple[Spell, ...], float | None, list[Any]]] = {
    "good all day": ("good", [], SITE, None, [("normal", 600)]),
    "never said anything": ("", [Verdict(300, "good")], SITE, None,
                            [("unknown", 300), ("normal", 300)]),
    "fails, and is mended": ("good", [Verdict(60, "bad"), Verdict(120, "good")], SITE, None,
                             [("normal", 60), ("down", 60), ("normal", 480)]),
    "nobody heard of the site": ("good", [], seen(("normal", 60), ("unknown", 540)), None,
                                 [("normal", 60), ("unknown", 540)]),
    "good within while the uplink is down": ("good", [], seen(("down", 600)), None,
                                             [("normal", 600)]),
    "looked at no more": ("good", [], SITE, 100.4, [("normal", 100), ("unknown", 500)]),
}  # fmt: skip


@pytest.mark.parametrize(("before", "told", "site", "retired", "is_"), CHECKS.values(), ids=CHECKS)
def test_a_check(
    before: str,
    told: list[Verdict],
    site: tuple[Spell, ...],
    retired: float | None,
    is_: list[Any],
) -> None:
    assert short(lines.check(before, told, site, "http", retired)) == is_


def test_a_check_that_fails_with_the_line_has_the_lines_cause() -> None:
    site = (Spell(0, 60, "down", "fiber", 80),)
    (spell,) = lines.check("bad", [], site, "web", None)
    assert (spell.state, spell.cause) == ("down", "fiber")
    (alone,) = lines.check("bad", [], seen(("normal", 60)), "web", None)
    assert alone.cause == "app"


def test_outages_are_whole_whatever_their_causes() -> None:
    told = [
        Spell(0, 10, "normal"), Spell(10, 20, "down", "power"), Spell(20, 30, "down", "fiber"),
        Spell(30, 40, "unknown"), Spell(40, 50, "down", "isp"), Spell(50, 60, "normal"),
    ]  # fmt: skip
    assert [(each.begin, each.end) for each in outages(told)] == [(10, 30), (40, 50)]
    found = tally(told, [(0, 60)], 0)
    assert (found.begun, found.carried, found.longest_s) == (2, 0, 20)
    assert (found.mttr_s, found.mtbf_s) == (15, 10)
    # half of it was before: it was carried in
    later = tally(told, [(15, 60)], 15)
    assert (later.begun, later.carried, later.longest_s) == (1, 1, 15)


@pytest.mark.slow
@given(told=timelines(), zone=ZONES)
def test_office_hours_are_no_more_than_all_hours(told: list[Interval], zone: ZoneInfo) -> None:
    period = Period(date(2026, 10, 1), date(2026, 10, 4))
    begin, end = period.bounds(zone)
    office = schedule.spans(hours.parse("Sen-Jum 07.30-15.30, Sab 08.00-12.00"), (), period, zone)
    found = spells.of(told, begin, end, BEGIN + 9 * DAY)
    inside, whole = tally(found, office, begin), tally(found, [(begin, end)], begin)
    assert sum(inside.seconds.values()) == inside.period_s == 2 * 8 * 3600 + 4 * 3600
    assert all(inside.seconds[state] <= whole.seconds[state] for state in STATES)


def test_hours_that_overlap_count_once_and_holidays_not_at_all() -> None:
    period = Period(date(2026, 12, 24), date(2026, 12, 27))
    told = hours.parse("Kam-Jum 08.00-12.00, Kam-Jum 10.00-14.00")
    found = schedule.spans(told, {"2026-12-25"}, period, WIB)
    assert [end - begin for begin, end in found] == [6 * 3600]
    always = schedule.spans(hours.parse("24h"), {"2026-12-25"}, period, WIB)
    assert [end - begin for begin, end in always] == [3 * DAY]


def test_a_power_cut_that_stays_unknown_is_told_by_its_cause() -> None:
    told = [normal(BEGIN, BEGIN + 60), unknown(BEGIN + 60, BEGIN + 90, "power")]
    found = sums(
        spells.of(told, int(BEGIN), int(BEGIN) + 90, BEGIN + 90), int(BEGIN), int(BEGIN) + 90
    )
    assert found.causes["unknown", "power"] == 30 and found.seconds["down"] == 0
