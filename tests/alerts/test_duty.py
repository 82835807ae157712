"""Who is on duty, and who sleeps."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from agent.strict import Refused
from alerts import quiet
from alerts.duty import Shift, resting
from alerts.quiet import Heard, Quiet, Why, sift
from collector.inventory import Contact
from tests.alerts.test_escalation import BUDI, CAMAT, NIGHT, NOC, SARI, SITE, WIRA
from tests.each import for_each

HOME = "Asia/Jakarta"
PEOPLE = [SARI, BUDI, WIRA, CAMAT, NOC, NIGHT]


def at(text: str, zone: str = HOME) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


DAY = Shift("*", "Dewi", begins="07:00", ends="19:00")
DARK = Shift("*", "Joko", begins="19:00", ends="07:00")
WEEK = Shift(SITE, "Budi", days="6,7")


# 23 November 2026 is a Monday
@for_each(
    ("rota", "when", "expected"),
    [
        ([], "2026-11-23T10:00", set()),
        ([DAY, DARK], "2026-11-23T10:00", {"Joko"}),
        ([DAY, DARK], "2026-11-23T19:00", {"Dewi"}),
        ([DAY, DARK], "2026-11-24T03:00", {"Dewi"}),
        ([DAY], "2026-11-23T23:00", set()),
        ([WEEK], "2026-11-23T10:00", set()),
        ([WEEK], "2026-11-28T10:00", {"Sari", "Wira"}),
        ([WEEK, DAY], "2026-11-29T10:00", {"Sari", "Wira", "Joko"}),
        (
            [Shift("*", "Dewi", days="1", begins="19:00", ends="07:00")],
            "2026-11-24T06:59",
            {"Joko"},
        ),
        ([Shift("*", "Dewi", days="1", begins="19:00", ends="07:00")], "2026-11-24T19:30", set()),
        ([Shift("*", "Dewi", first_day="2026-11-24")], "2026-11-23T23:59", set()),
        ([Shift("*", "Dewi", first_day="2026-11-24")], "2026-11-24T00:00", {"Joko"}),
        ([Shift("*", "Dewi", last_day="2026-11-22")], "2026-11-23T00:00", set()),
        ([Shift("35.10", "Dewi")], "2026-11-23T10:00", set()),
    ],
    ids=[
        "no rota",
        "the day",
        "the night begins",
        "the night after midnight",
        "nobody on duty: everybody as before",
        "not on a Monday",
        "the weekend",
        "each scope for itself",
        "a shift belongs to the day it begins on",
        "and to no other",
        "before its first day",
        "on its first day",
        "after its last day",
        "a rota of another scope",
    ],
)
def test_who_is_off_duty(rota: list[Shift], when: str, expected: set[str]) -> None:
    assert {c.name for c in resting(PEOPLE, rota, at(when), HOME)} == expected


def test_a_rota_of_one_role_leaves_others_of_its_scope_alone() -> None:
    agency = Contact("*", "Kasi", "agency", 1, "id", "", "", "", "", "http://k/")
    assert resting([NOC, NIGHT, agency], [DAY], at("2026-11-23T10:00"), HOME) == {NIGHT}


def test_a_village_in_papua_has_its_own_morning() -> None:
    people = [
        Contact("94.01.01.2001", name, "village", 1, "id", "", "", "", "", "http://x/")
        for name in ("Yosef", "Maria")
    ]
    rota = [Shift("94.01.01.2001", "Maria", begins="07:00", ends="08:00")]
    assert resting(people, rota, at("2026-11-23T05:30"), HOME) == {people[0]}


@pytest.mark.parametrize(
    ("shift", "problem"),
    [
        (Shift("*", "x", days="8"), "days: expected days like"),
        (Shift("*", "x", days="Sen"), "days: expected days like"),
        (Shift("*", "x", begins="25:00"), "begins: expected a time of day"),
        (Shift("*", "x", begins="7"), "begins: expected a time of day"),
        (Shift("*", "x", ends="07:60"), "ends: expected a time of day"),
        (Shift("*", "x", first_day="1/1/26"), "first_day: expected a day"),
        (Shift("*", "x", first_day="2026-02-01", last_day="2026-01-01"), "last_day: is before"),
    ],
)
def test_a_shift_that_cannot_be_is_refused_by_name(shift: Shift, problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        shift.pattern(ZoneInfo(HOME))


NIGHTLY = Quiet(SITE, "Sari", "22:00", "05:00")
LATE, MORNING = at("2026-11-23T23:00"), at("2026-11-24T05:00")


@pytest.mark.parametrize(
    ("severity", "spares", "expected"),
    [
        ("critical", "critical", Heard(SARI, LATE, Why.GRAVE)),
        ("warning", "critical", Heard(SARI, MORNING, Why.ASLEEP)),
        ("info", "critical", Heard(SARI, MORNING, Why.ASLEEP)),
        ("warning", "warning", Heard(SARI, LATE, Why.GRAVE)),
        ("page", "critical", Heard(SARI, LATE, Why.GRAVE)),
    ],
)
def test_what_is_grave_comes_through_at_night(severity: str, spares: str, expected: Heard) -> None:
    row = Quiet(SITE, "Sari", "22:00", "05:00", spares)
    assert sift([SARI], [], [row], severity, LATE, HOME) == [expected]


def test_without_quiet_hours_everybody_hears_at_once() -> None:
    told = sift([SARI, NOC], [BUDI], [], "info", LATE, HOME)
    assert told == [Heard(SARI, LATE, Why.AWAKE), Heard(NOC, LATE, Why.AWAKE)]


def test_the_next_who_is_awake_stands_in_for_those_who_sleep() -> None:
    rows = [NIGHTLY, Quiet(SITE, "Budi", "22:00", "05:00")]
    told = sift([SARI], [BUDI, WIRA, CAMAT], rows, "warning", LATE, HOME)
    assert told == [Heard(SARI, MORNING, Why.ASLEEP), Heard(WIRA, LATE, Why.STANDS_IN)]


def test_nobody_stands_in_while_one_of_them_is_awake() -> None:
    told = sift([SARI, NOC], [BUDI], [NIGHTLY], "warning", LATE, HOME)
    assert [(one.contact, one.at) for one in told] == [(SARI, MORNING), (NOC, LATE)]


def test_who_stood_in_does_not_hear_again_when_it_is_their_turn() -> None:
    assert sift([WIRA], [CAMAT], [], "warning", LATE, HOME, frozenset([WIRA])) == []
    told = sift([SARI], [WIRA, CAMAT], [NIGHTLY], "warning", LATE, HOME, frozenset([WIRA]))
    assert told[1] == Heard(CAMAT, LATE, Why.STANDS_IN)


def test_where_everybody_sleeps_everybody_waits() -> None:
    assert sift([SARI], [], [NIGHTLY], "warning", LATE, HOME) == [Heard(SARI, MORNING, Why.ASLEEP)]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (Quiet(SITE, "x", "22:00", "22:00"), "ends: is the same as begins"),
        (Quiet(SITE, "x", "", "22:00"), "begins: expected a time of day"),
        (Quiet(SITE, "x", "22:00", "05:00", "genting"), "spares: expected one of"),
    ],
)
def test_quiet_hours_that_cannot_be_are_refused_by_name(row: Quiet, problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        row.check()


def test_severities_are_in_their_order() -> None:
    assert quiet.SEVERITIES == ("info", "warning", "critical")
