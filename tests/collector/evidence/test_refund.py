"""Contracts worked by hand: what a provider owes, with the arithmetic beside each.

October has 31 x 86,400 = 2,678,400 seconds, February 2028 29 x 86,400 = 2,505,600.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.evidence.refund import Exempt, Owed, Ticket, Why, owed, rounded_time
from collector.evidence.spells import Spell, filled
from collector.evidence.terms import Terms, from_json, read, tiers_of
from tests.collector.evidence.world import at
from tests.each import for_each

OCTOBER = int(at("2026-10-01 00:00:00")), int(at("2026-11-01 00:00:00"))
FEBRUARY = int(at("2028-02-01 00:00:00")), int(at("2028-03-01 00:00:00"))
ALWAYS = (0, 1 << 40)
HOUR = 3600

BASE = Terms("35.10.06.2005", "main", "Telkom", "1234", "K-1", "1700000", "pro_rata_all")


def spell(day: int, hour: float, hours: float, cause: str = "fiber", month: Any = OCTOBER) -> Spell:
    """An outage of so many hours on a day of the month, from an hour on."""
    begin = month[0] + (day - 1) * 86400 + round(hour * HOUR)
    return Spell(begin, begin + round(hours * HOUR), "down", cause, 80)


def line(*down: Spell, month: Any = OCTOBER) -> list[Spell]:
    """Normal but for these; two days more on both sides."""
    begin, end = month[0] - 2 * 86400, month[1] + 2 * 86400
    told: list[Spell] = []
    at_ = begin
    for each in down:
        told += [Spell(at_, each.begin, "normal"), each]
        at_ = each.end
    return filled([s for s in [*told, Spell(at_, end, "normal")] if s.begin < s.end], begin, end)


@dataclass(frozen=True)
class Worked:
    """A contract, what happened, and what was worked out by hand."""

    says: str
    terms: Terms
    spells: list[Spell]
    counted_s: int
    rupiah: int
    month: tuple[int, int] = OCTOBER
    running: tuple[int, int] = ALWAYS
    exempt: tuple[Exempt, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    why: tuple[str, ...] = ()


TEN = line(spell(5, 8, 10))
BEYOND = replace(BASE, formula="beyond_threshold", sla="99.5")
FROM_16TH = spell(16, 0, 1).begin, 1 << 40
STEPS = replace(BASE, formula="tier_table", tiers="99.5:0 98:5 95:10 0:25", fee_rp="2000000")
WORKED = [
    # 1,700,000 x 36,000 / 2,678,400 = 22,849.46... -> 22,849
    Worked("1 pro rata, ten hours", BASE, TEN, 36_000, 22_849),
    # X x Y / (Z x 99.5 %): 1,700,000 x 36,000 / (2,678,400 x 0.995) = 22,964.28... -> 22,964
    Worked(
        "2 pro rata of what is promised",
        replace(BASE, formula="pro_rata_all/sla", sla="99.5"), TEN, 36_000, 22_964,
    ),
    # may fail 2,678,400 x 0.5 % = 13,392 s; 36,000 - 13,392 = 22,608 over it;
    # 1,700,000 x 22,608 / 2,678,400 = 14,349.46... -> 14,349
    Worked("3 beyond what may fail", BEYOND, TEN, 36_000, 14_349),
    # 3 h = 10,800 s are under the 13,392 s that may fail -> 0
    Worked("4 within what may fail", BEYOND, line(spell(5, 8, 3)), 10_800, 0),
    # works (2,678,400 - 36,000) / 2,678,400 = 98.655... % -> from 98 on 5 % of 2,000,000 = 100,000
    Worked("5 a step", STEPS, TEN, 36_000, 100_000),
    # 60 h = 216,000 s: works 91.935... % -> 25 % of 2,000,000 = 500,000
    Worked("6 the last step", STEPS, line(spell(5, 8, 60)), 216_000, 500_000),
    # works exactly 98 %: 2,678,400 x 2 % = 53,568 s -> still the step of 98: 100,000
    Worked("7 exactly on a step", STEPS, line(spell(5, 0, 53_568 / HOUR)), 53_568, 100_000),
    # 300 s are not more than 300 s; 301 s are: 1,700,000 x 301 / 2,678,400 = 191.04... -> 191
    Worked(
        "8 five minutes do not count, a second more does", BASE,
        line(spell(3, 8, 300 / HOUR), spell(4, 8, 301 / HOUR)), 301, 191,
        why=("short", "counted"),
    ),
    # 6 h of power are the power company's; left 4 h = 14,400 s:
    # 1,700,000 x 14,400 / 2,678,400 = 9,139.78... -> 9,140
    Worked(
        "9 the power is not the provider's", BASE,
        line(spell(5, 8, 6, "power"), spell(9, 8, 4)), 14_400, 9_140, why=("excluded", "counted"),
    ),
    # an outage of 10 h whose first 6 h were the power: 4 h count -> 9,140
    Worked(
        "10 part of an outage is excluded", BASE,
        line(spell(5, 8, 6, "power"), spell(5, 14, 4)), 14_400, 9_140, why=("counted",),
    ),
    # excluded is nothing: all 10 h count -> 22,849
    Worked(
        "11 a contract without exclusions", replace(BASE, exclusions=()),
        line(spell(5, 8, 6, "power"), spell(9, 8, 4)), 36_000, 22_849,
    ),
    # a flood from hour 10 to hour 16 of the day: of 8..18 it leaves 2 + 2 h = 14,400 s -> 9,140
    Worked(
        "12 force majeure that was declared", BASE, TEN, 14_400, 9_140,
        exempt=(Exempt(spell(5, 10, 6).begin, spell(5, 10, 6).end, "force_majeure", "banjir"),),
    ),
    # the router of the village (device), a bill nobody paid (suspended), a theft: nothing counts
    Worked(
        "13 the village's own doing, and thieves", BASE,
        line(spell(5, 8, 2, "device"), spell(6, 8, 2, "suspended"), spell(7, 8, 2, "theft")), 0, 0,
        why=("excluded", "excluded", "excluded"),
    ),
    # ticket at hour 11 of an outage 8..18: 7 h = 25,200 s:
    # 1,700,000 x 25,200 / 2,678,400 = 15,994.62... -> 15,995
    Worked(
        "14 the clock starts with the ticket", replace(BASE, clock_start="ticket"), TEN, 25_200,
        15_995, tickets=(Ticket(spell(5, 8, 10).begin, spell(5, 8, 10).end,
                                spell(5, 11, 1).begin, "IN123"),),
    ),
    Worked(
        "15 no ticket, nothing counts", replace(BASE, clock_start="ticket"), TEN, 0, 0,
        why=("no_ticket",),
    ),
    # each of 90 min and 100 min is 1 h when hours are cut: 7,200 s:
    # 1,700,000 x 7,200 / 2,678,400 = 4,569.89... -> 4,570
    Worked(
        "16 whole hours, cut", replace(BASE, round_time="hour_down"),
        line(spell(5, 8, 1.5), spell(6, 8, 100 / 60)), 7_200, 4_570,
    ),
    # each begun hour: 2 + 2 h = 14,400 s -> 9,139.78... cut to 9,139
    Worked(
        "17 begun hours, rupiah cut", replace(BASE, round_time="hour_up", round_rp="down"),
        line(spell(5, 8, 1.5), spell(6, 8, 100 / 60)), 14_400, 9_139,
    ),
    # 22,849.46... up -> 22,850
    Worked("18 rupiah up", replace(BASE, round_rp="up"), TEN, 36_000, 22_850),
    # dark all month: 1,700,000 x 1 / 0.995 would be 1,708,542; no more than the fee
    Worked(
        "19 no more than was paid", replace(BASE, formula="pro_rata_all/sla", sla="99.5"),
        line(spell(1, 0, 31 * 24)), 2_678_400, 1_700_000,
    ),
    # 31 October 22.00 to 1 November 04.00: 2 h of it are October's = 7,200 s -> 4,570
    Worked("20 across the end of the month", BASE, line(spell(31, 22, 6)), 7_200, 4_570),
    # 200 s on each side of the border are one outage of 400 s: 200 s of it are October's:
    # 1,700,000 x 200 / 2,678,400 = 126.94... -> 127
    Worked(
        "21 an outage is as long as it was, whatever the border", BASE,
        line(spell(31, 24 - 200 / HOUR, 400 / HOUR)), 200, 127,
    ),
    # a leap year: 1,700,000 x 36,000 / 2,505,600 = 24,425.28... -> 24,425
    Worked(
        "22 February of a leap year", BASE, line(spell(5, 8, 10, month=FEBRUARY), month=FEBRUARY),
        36_000, 24_425, month=FEBRUARY,
    ),
    # the contract begins on the 5th at 12.00: of 8..18 six hours count = 21,600 s:
    # 1,700,000 x 21,600 / 2,678,400 = 13,709.67... -> 13,710
    Worked(
        "23 a contract that begins within", BASE, TEN, 21_600, 13_710,
        running=(spell(5, 12, 1).begin, 1 << 40),
    ),
    # nobody knows why: the line was dead while its agent had power; it counts -> 22,849
    Worked("24 nobody knows why", BASE, line(spell(5, 8, 10, "unknown")), 36_000, 22_849),
    # Rp 1,350,000.50 x 36,000 / 2,678,400 = 18,145.167... -> 18,145
    Worked("25 half a rupiah in the fee", replace(BASE, fee_rp="1350000.5"), TEN, 36_000, 18_145),
    # the contract holds from the 16th on: 16 x 86,400 = 1,382,400 s, of which 0.5 % = 6,912 may
    # fail; 36,000 - 6,912 = 29,088: 1,700,000 x 29,088 / 2,678,400 = 18,462.36... -> 18,462
    Worked(
        "26 half a month, beyond what may fail in it", BEYOND, line(spell(20, 8, 10)), 36_000,
        18_462, running=FROM_16TH,
    ),
    # works (1,382,400 - 36,000) / 1,382,400 = 97.39... % -> 10 % of what is paid for 16 of 31 days:
    # 2,000,000 x 16 / 31 x 10 % = 103,225.80... -> 103,226
    Worked(
        "27 half a month, a step of it", STEPS, line(spell(20, 8, 10)), 36_000, 103_226,
        running=FROM_16TH,
    ),
    # dark on its one day: 1,700,000 x 86,400 / (2,678,400 x 0.995) = 55,114.28...; for that day
    # 1,700,000 / 31 = 54,838.70... were paid -> 54,839
    Worked(
        "28 no more than was paid for one day",
        replace(BASE, formula="pro_rata_all/sla", sla="99.5"), line(spell(31, 0, 24)), 86_400,
        54_839, running=(spell(31, 0, 1).begin, 1 << 40),
    ),
    # the contract ends with the 10th, and what fails afterwards is not its own -> 0 of 22,849
    Worked(
        "29 a contract that ends within", BASE, line(spell(20, 8, 10)), 0, 0,
        running=(0, spell(11, 0, 1).begin), why=("outside_the_contract",),
    ),
    # two floods over one another, 9..13 and 11..16 of 8..18: left 1 + 2 h = 10,800 s:
    # 1,700,000 x 10,800 / 2,678,400 = 6,854.83... -> 6,855
    Worked(
        "30 what was declared twice is left out once", BASE, TEN, 10_800, 6_855,
        exempt=(Exempt(spell(5, 9, 4).begin, spell(5, 9, 4).end, "force_majeure", "banjir"),
                Exempt(spell(5, 11, 5).begin, spell(5, 11, 5).end, "planned", "OLT")),
    ),
    # power 8..14 and a flood 12..16 over it: left 16..18 = 7,200 s -> 4,570
    Worked(
        "31 a flood over a power cut", BASE, line(spell(5, 8, 6, "power"), spell(5, 14, 4)), 7_200,
        4_570, exempt=(Exempt(spell(5, 12, 4).begin, spell(5, 12, 4).end, "force_majeure", "b"),),
    ),
    # 23.50 to 0.10 is one begun hour, and it is October's: 3,600 s:
    # 1,700,000 x 3,600 / 2,678,400 = 2,284.94... -> 2,285
    Worked(
        "32 begun hours across the end of the month", replace(BASE, round_time="hour_up"),
        line(spell(31, 24 - 1 / 6, 1 / 3)), 3_600, 2_285,
    ),
]  # fmt: skip


@given(
    st.integers(-90_000, 90_000),
    st.integers(301, 180_000),
    st.sampled_from(["second", "minute_down", "minute_up", "hour_down", "hour_up"]),
)
def test_what_two_months_make_of_an_outage_is_what_the_contract_makes_of_it(
    offset: int, seconds: int, how: str
) -> None:
    terms, begin = replace(BASE, round_time=how), OCTOBER[1] + offset
    dark = Spell(begin, begin + seconds, "down", "fiber", 80)
    november = OCTOBER[1], OCTOBER[1] + 30 * 86400
    months = (OCTOBER, november)
    counted = [owed(terms, [dark], month, ALWAYS).counted_s for month in months]
    assert sum(counted) == rounded_time(seconds, how)


@for_each("case", WORKED, ids=lambda case: case.says)
def test_a_contract_comes_to_what_was_worked_out_by_hand(case: Worked) -> None:
    found = owed(case.terms, case.spells, case.month, case.running, case.exempt, case.tickets)
    assert (found.counted_s, found.rupiah) == (case.counted_s, case.rupiah)
    assert isinstance(found.rupiah, int)
    if case.why:
        assert tuple(event.why for event in found.events) == case.why


def test_the_arithmetic_is_written_out() -> None:
    assert owed(BASE, TEN, OCTOBER, ALWAYS).arithmetic == "1700000 x 36000 / 2678400 = Rp 22849"
    beyond = owed(BEYOND, TEN, OCTOBER, ALWAYS).arithmetic
    assert beyond == "1700000 x max(0, 36000 - 2678400 x (1 - 99.5 %)) / 2678400 = Rp 14349"
    step = owed(STEPS, TEN, OCTOBER, ALWAYS).arithmetic
    assert step == "2000000 x 5 % for (2678400 - 36000) / 2678400 = Rp 100000"


def test_an_outage_outside_of_the_contract_is_told_and_not_counted() -> None:
    found = owed(BASE, TEN, OCTOBER, (spell(9, 0, 1).begin, 1 << 40))
    assert [event.why for event in found.events] == [Why.NOT_YET]


def test_a_ticket_after_the_end_counts_nothing() -> None:
    late = spell(6, 0, 1).begin
    ticket = Ticket(spell(5, 8, 10).begin, late + 60, late, "IN9")
    found = owed(replace(BASE, clock_start="ticket"), TEN, OCTOBER, ALWAYS, tickets=(ticket,))
    assert [(event.why, event.ticket) for event in found.events] == [(Why.LATE_TICKET, "IN9")]


ROUNDED = [
    ("second", 3599, 3599), ("minute_down", 119, 60), ("minute_up", 61, 120),
    ("minute_up", 60, 60), ("hour_down", 7199, 3600), ("hour_up", 1, 3600), ("hour_up", 0, 0),
]  # fmt: skip


@pytest.mark.parametrize(("how", "seconds", "rounded"), ROUNDED)
def test_time_is_rounded_as_the_contract_says(how: str, seconds: int, rounded: int) -> None:
    assert rounded_time(seconds, how) == rounded


CUTS = st.lists(st.integers(0, 31 * 24 * 60 - 1), min_size=0, max_size=12, unique=True)


@pytest.mark.slow
@given(cuts=CUTS, causes=st.lists(st.sampled_from(["fiber", "power", "unknown"]), min_size=7))
def test_owed_is_never_negative_nor_more_than_the_fee(cuts: list[int], causes: list[str]) -> None:
    ends = sorted(cuts)
    down = [
        Spell(OCTOBER[0] + begin * 60, OCTOBER[0] + end * 60, "down", cause)
        for begin, end, cause in zip(ends[::2], ends[1::2], causes, strict=False)
    ]
    for terms in (BASE, BEYOND, STEPS):
        found = owed(terms, line(*down), OCTOBER, ALWAYS)
        assert 0 <= found.rupiah <= Fraction(terms.fee_rp)
        assert found.counted_s == sum(event.rounded_s for event in found.events)
        assert found.counted_s <= sum(each.seconds for each in down)


def test_terms_come_from_a_row_and_back_from_a_sheet() -> None:
    found = read(row())
    assert (found.fee_rp, found.sla, found.min_event_s) == ("1700000", "99.5", 300)
    assert found.exclusions == ("power", "planned", "force_majeure", "village")
    assert from_json(found.as_json()) == found
    assert read(row(exclusions="none")).exclusions == ()
    assert read(row(exclusions="power|village", min_event_s=0)).exclusions == ("power", "village")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"fee_rp": None}, "fee_rp is not entered"),
        ({"formula": ""}, "formula is not entered"),
        ({"formula": "half"}, "formula: 'half' is not one of pro_rata_all, pro_rata_all/sla,"),
        ({"sla": None}, "sla is not entered, and beyond_threshold goes by it"),
        ({"sla": 0.0}, "sla: beyond_threshold cannot go by 0"),
        ({"formula": "tier_table"}, "tiers: the last step must begin at 0"),
        ({"formula": "tier_table", "tiers": "99:0 99:5 0:9"}, "less availability must come later"),
        ({"formula": "tier_table", "tiers": "99:9 0:5"}, "less availability must come later"),
        ({"formula": "tier_table", "tiers": "98:5 0:25"}, "the first step must pay back nothing"),
        ({"formula": "tier_table", "tiers": "x"}, "expected steps such as 98:5, got 'x'"),
        ({"formula": "tier_table", "tiers": "101:0 0:5"}, "more than 100 in '101:0'"),
    ],
)
def test_what_is_missing_in_a_contract_is_said(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=r".") as told:
        read(row(**{"formula": "beyond_threshold", **change}))
    assert says in str(told.value)


def row(**more: Any) -> dict[str, Any]:
    values = {
        "site": "35.10.06.2005", "name": "main", "isp": "Telkom", "service_no": "1",
        "contract_no": "K", "fee_rp": 1_700_000.0, "formula": "pro_rata_all", "sla": 99.5,
        "tiers": "", "min_event_s": None, "exclusions": "", "clock_start": "", "round_time": "",
        "round_rp": "", "begins": "", "ends": "", "payer": "",
    }  # fmt: skip
    return {**values, **more}


def test_steps_are_read_with_points_or_commas() -> None:
    assert tiers_of("99,5:0 0:25%") == (
        (Fraction(199, 200), Fraction(0)),
        (Fraction(0), Fraction(1, 4)),
    )


def test_owed_says_how_available_the_line_was() -> None:
    found: Owed = owed(BASE, TEN, OCTOBER, ALWAYS)
    assert found.availability == Fraction(2_642_400, 2_678_400)
