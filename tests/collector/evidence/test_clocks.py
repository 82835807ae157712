"""The clocks of an incident against the four hours, and the calendar of contracts."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from collector.cause import CAUSES
from collector.evidence.clocks import Course, Kept, clocks, kept_share
from collector.evidence.dates import What, next_bill, warned
from collector.evidence.faults import FAULT_OF, FAULTS, fault_of
from collector.evidence.forms import percent
from collector.evidence.tally import Tally
from tests.collector.evidence.test_refund import row

HOUR = 3600.0
BASE = Course(
    1, "35.10.06.2005", "uplink", "x", "fiber", 0.0, 60.0, None, None, None, None, 0.0, "", None
)
STORIES: dict[str, tuple[dict[str, Any], float, tuple[Any, ...]]] = {
    "nobody has it, there is time": ({}, 2 * HOUR, (60, None, None, None, Kept.RUNNING)),
    "nobody has it, time is over": ({}, 5 * HOUR, (60, None, None, None, Kept.LATE)),
    "handled in time": (
        {"acknowledged_at": 360.0, "handled_at": 60 + 4 * HOUR}, 9 * HOUR,
        (60, 300, 14_400, None, Kept.IN_TIME),
    ),
    "a second too late": (
        {"handled_at": 61 + 4 * HOUR}, 9 * HOUR, (60, None, 14_401, None, Kept.LATE),
    ),
    "mended without a word": (
        {"resolved_at": 2 * HOUR}, 9 * HOUR, (60, None, 7140, 7200, Kept.IN_TIME),
    ),
    "the clock stood while others were waited for": (
        {"handled_at": 60 + 6 * HOUR, "paused_s": 3 * HOUR}, 9 * HOUR,
        (60, None, 10_800, None, Kept.IN_TIME),
    ),
    "it stands now": (
        {"paused_at": 60 + HOUR}, 60 + 30 * HOUR, (60, None, None, None, Kept.RUNNING),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "now", "told"), STORIES.values(), ids=STORIES)
def test_the_clocks(change: dict[str, Any], now: float, told: tuple[Any, ...]) -> None:
    found = clocks(replace(BASE, **change), 4 * HOUR, now)
    shown = (found.detected_s, found.acknowledged_s, found.handled_s, found.mended_s, found.kept)
    assert shown == told


def test_what_still_has_time_is_not_judged() -> None:
    found = [clocks(replace(BASE, handled_at=at), 4 * HOUR, HOUR) for at in (None, 90.0, 9e9)]
    assert kept_share(found) == 0.5
    assert kept_share([]) is None


def test_each_cause_has_a_fault() -> None:
    assert set(CAUSES) <= set(FAULT_OF)
    assert {fault_of(cause) for cause in CAUSES} == set(FAULTS)
    assert fault_of("something new") == "unknown"


@pytest.mark.parametrize(
    ("day", "today", "due"),
    [
        (20, date(2026, 10, 15), date(2026, 10, 20)),
        (20, date(2026, 10, 20), date(2026, 10, 20)),
        (20, date(2026, 10, 21), date(2026, 11, 20)),
        (31, date(2027, 2, 1), date(2027, 2, 28)),
        (30, date(2028, 2, 29), date(2028, 2, 29)),
        (5, date(2026, 12, 31), date(2027, 1, 5)),
    ],
)
def test_the_next_bill(day: int, today: date, due: date) -> None:
    assert next_bill(day, today) == due


CALENDAR: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "nothing near": ({"bill_day": 10, "ends": "2027-12-31"}, []),
    "a bill in a week": ({"bill_day": 22}, [("bill", "2026-10-22", 7, 7)]),
    "ends in 78 days": ({"ends": "2027-01-01"}, [("end", "2027-01-01", 78, 90)]),
    "ends in 60 days": ({"ends": "2026-12-14"}, [("end", "2026-12-14", 60, 60)]),
    "ends tomorrow": ({"ends": "2026-10-16"}, [("end", "2026-10-16", 1, 1)]),
    "ended": ({"ends": "2026-10-01"}, [("ended", "2026-10-01", -14, 0)]),
    "no fee": ({"fee_rp": None}, [("gap", "", None, 0)]),
    "no formula we know": ({"formula": "half"}, [("gap", "", None, 0)]),
    "no contract at all": ({"fee_rp": None, "contract_no": ""}, []),
}


@pytest.mark.parametrize(("change", "told"), CALENDAR.values(), ids=CALENDAR)
def test_the_calendar_warns_ahead(change: dict[str, Any], told: list[Any]) -> None:
    found = warned([{**row(bill_day=None), **change}], date(2026, 10, 15))
    assert [(each.what, each.day, each.days, each.step) for each in found] == told


def test_a_promise_that_is_not_kept_is_told_with_both_figures() -> None:
    works = {("35.10.06.2005", "main"): 98.75}
    (found,) = warned([row(bill_day=None)], date(2026, 10, 15), works)
    assert (found.what, found.detail) == (What.SLA, "98.7500 99.5")


@pytest.mark.parametrize(
    ("good", "all_", "told"),
    [(41, 80, "51.2500"), (82, 160, "51.2500"), (123, 240, "51.2500"), (1, 3, "33.3333"),
     (999_999_999, 1_000_000_000, "99.9999"), (7, 7, "100.0000"), (0, 5, "0.0000")],
)  # fmt: skip
def test_a_share_is_cut_from_whole_numbers(good: int, all_: int, told: str) -> None:
    sums = Tally(all_, Counter({"normal": good, "down": all_ - good}))
    assert percent(sums.share("normal")) == told
