"""Who hears when: told as stories over a village, its kecamatan and the NOC."""

from dataclasses import replace
from typing import Any

import pytest

from alerts import escalation
from alerts.escalation import DEADLINE, Ladder, Nothing, Step, Why, due
from collector.inventory import Contact
from collector.settings import Settings

OPENED = 1_795_400_000.0
MINUTE = 60.0
SITE = "35.10.12.2004"


def person(name: str, role: str, order: int = 1, scope: str = SITE) -> Contact:
    return Contact(scope, name, role, order, "id", "", "", "", "", f"http://{name}/")


SARI, BUDI, WIRA = (
    person("Sari", "village"),
    person("Budi", "village", 2),
    person("Wira", "village", 3),
)
CAMAT = person("Camat", "district", scope="35.10.12")
NOC, NIGHT = person("Dewi", "noc", scope="*"), person("Joko", "noc", 2, scope="*")
KASI = person("Kasi", "agency", scope="35.10")
TELKOM = person("Telkom", "isp", scope="isp:Telkom")
ALL = [SARI, BUDI, WIRA, CAMAT, KASI, TELKOM, NOC, NIGHT]
SETTINGS = Settings()


def story(
    ladder: Ladder, minutes: int, contacts: list[Contact] = ALL, **more: frozenset[Contact]
) -> list[tuple[float, str, set[str]]]:
    """All steps up to a minute after the opening: when, which template, who."""
    told = []
    for minute in range(minutes + 1):
        now = OPENED + minute * MINUTE
        while isinstance(found := due(ladder, contacts, now, SETTINGS, **more), Step):
            told.append((minute, found.template, {c.name for c in found.people}))
            ladder = replace(ladder, rung=found.rung)
    return told


FIRST = {"Sari", "Dewi", "Joko"}
TOLD = FIRST | {"Budi", "Wira", "Camat"}
WHOLE = [
    (0, "", FIRST),
    (15, "", {"Budi"}),
    (30, "", {"Wira"}),
    (60, "", {"Camat"}),
    (195, DEADLINE, TOLD),
    (210, "", {"Kasi"}),
]


def test_nobody_answers_and_it_goes_up_to_the_agency() -> None:
    assert story(Ladder(OPENED), 300) == WHOLE


def test_the_isp_is_never_on_the_ladder() -> None:
    assert all("Telkom" not in names for _, _, names in story(Ladder(OPENED), 300))


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [
        ([SARI, NOC], [(0, "", {"Sari", "Dewi"}), (195, DEADLINE, {"Sari", "Dewi"})]),
        ([NOC], [(0, "", {"Dewi"}), (195, DEADLINE, {"Dewi"})]),
        (
            [BUDI, CAMAT],
            [(0, "", {"Budi"}), (60, "", {"Camat"}), (195, DEADLINE, {"Budi", "Camat"})],
        ),
        ([CAMAT], [(0, "", {"Camat"}), (195, DEADLINE, {"Camat"})]),
        ([], [(195, DEADLINE, set())]),
        (
            [SARI, person("P2", "village", 2), person("P9", "village", 9)],
            [
                (0, "", {"Sari"}),
                (15, "", {"P2"}),
                (30, "", {"P9"}),
                (195, DEADLINE, {"Sari", "P2", "P9"}),
            ],
        ),
        (
            [SARI, *(person(f"P{n}", "village", n) for n in range(2, 8)), CAMAT],
            [
                (0, "", {"Sari"}),
                (15, "", {"P2"}),
                (30, "", {"P3"}),
                (45, "", {"P4"}),
                (60, "", {"P5", "P6", "P7", "Camat"}),
                (195, DEADLINE, {"Sari", "Camat", *(f"P{n}" for n in range(2, 8))}),
            ],
        ),
    ],
    ids=[
        "two people",
        "the NOC alone",
        "no first in the village",
        "the district alone is told first and not again",
        "nobody at all",
        "gaps in the order cost no time",
        "who would come after the district hears with it",
    ],
)
def test_a_ladder_has_as_many_rungs_as_there_are_people(
    contacts: list[Contact], expected: list[tuple[float, str, set[str]]]
) -> None:
    assert story(Ladder(OPENED), 300, contacts) == expected


def test_a_storm_goes_up_on_the_side_of_the_noc_only() -> None:
    assert story(Ladder(OPENED, storm=True), 300) == [
        (0, "", {"Dewi", "Joko"}),
        (60, "", {"Kasi"}),
        (195, DEADLINE, {"Dewi", "Joko", "Kasi"}),
    ]


def test_what_a_village_cannot_mend_goes_up_on_the_side_of_the_noc() -> None:
    told = story(Ladder(OPENED, subject="agent"), 190)
    assert told == [(0, "", FIRST), (60, "", {"Kasi"})]


@pytest.mark.parametrize(
    ("changes", "why", "until_min"),
    [
        ({"acknowledged": True}, Why.ACKNOWLEDGED, 195),
        ({"acknowledged": True, "handled": True}, Why.HANDLED, None),
        ({"over": True}, Why.OVER, None),
        ({"paused_at": OPENED + 10 * MINUTE}, Why.PAUSED, None),
        ({"snoozed_until": OPENED + 90 * MINUTE}, Why.SNOOZED, 90),
        ({"severity": "info"}, Why.INFO, None),
        ({"paused_s": 50 * MINUTE}, Why.NOT_YET, 65),
        ({"rung": escalation.TOP}, Why.NO_MORE, None),
    ],
    ids=[
        "acknowledged",
        "handled",
        "over",
        "paused",
        "snoozed",
        "info",
        "was paused",
        "at the top",
    ],
)
def test_what_stops_the_ladder_says_why_and_until_when(
    changes: dict[str, Any], why: Why, until_min: float | None
) -> None:
    known = {"opened_at": OPENED, "rung": escalation.FIRST}
    ladder = Ladder(**{**known, **changes})
    found = due(ladder, ALL, OPENED + 61 * MINUTE, SETTINGS)
    assert found == Nothing(None if until_min is None else OPENED + until_min * MINUTE, why)


def test_who_has_it_is_still_warned_of_the_deadline_and_nobody_above_is_told() -> None:
    ladder = Ladder(OPENED, rung=escalation.FIRST, acknowledged=True)
    assert story(ladder, 300) == [(195, DEADLINE, FIRST)]


def test_a_clock_that_stood_moves_everything() -> None:
    ladder = Ladder(OPENED, rung=escalation.FIRST, paused_s=2 * 3600)
    assert [minute for minute, _, _ in story(ladder, 400)] == [135, 150, 180, 315, 330]


def test_after_a_snooze_everybody_missed_hears_at_once_and_then_the_warning() -> None:
    ladder = Ladder(OPENED, rung=escalation.FIRST, snoozed_until=OPENED + 200 * MINUTE)
    assert story(ladder, 205) == [(200, "", {"Budi", "Wira", "Camat"}), (200, DEADLINE, TOLD)]


def test_a_step_says_who_comes_next_and_when() -> None:
    found = due(Ladder(OPENED, rung=escalation.DISTRICT), ALL, OPENED + 195 * MINUTE, SETTINGS)
    assert isinstance(found, Step)
    assert (found.following, found.next_at) == ((KASI,), OPENED + 210 * MINUTE)
    assert found.why is Why.DEADLINE_NEAR
    assert found.news == DEADLINE


def test_off_duty_people_are_told_after_those_on_duty() -> None:
    told = story(Ladder(OPENED), 60, resting=frozenset([SARI, NOC]))
    assert told[:3] == [(0, "", {"Budi", "Joko"}), (15, "", {"Wira", "Dewi"}), (30, "", {"Sari"})]


def test_one_person_in_two_roles_is_told_once() -> None:
    both = person("Sari", "noc", scope="*")
    assert story(Ladder(OPENED), 190, [SARI, both]) == [(0, "", {"Sari"})]
    boss = [person("Sari", role, scope="35.10.12") for role in ("district", "agency")]
    assert story(Ladder(OPENED), 300, [SARI, *boss])[1:] == [(195, DEADLINE, {"Sari"})]


def test_a_step_says_who_may_still_come() -> None:
    found = due(Ladder(OPENED), ALL, OPENED, SETTINGS)
    assert isinstance(found, Step)
    assert [c.name for c in found.above] == ["Budi", "Wira", "Camat", "Kasi"]


def test_the_deadline_moves_while_the_clock_stands() -> None:
    assert escalation.deadline_at(Ladder(OPENED), OPENED + 5, SETTINGS) == OPENED + 14400
    standing = Ladder(OPENED, paused_at=OPENED + 100)
    assert escalation.deadline_at(standing, OPENED + 400, SETTINGS) == OPENED + 14700
