"""What becomes of citizens' reports: a table of stories."""

import pytest

from alerts.citizens import matching
from alerts.citizens.matching import Case, Join, Known, Over, Raise, Signs, Voice, Wait, Why
from tests.each import for_each

SITE = "35.10.01.2001"
NOW = 100_000.0
UPLINK = Known(7, f"site:{SITE}", "uplink", "critical", NOW - 600)
HOTSPOT = Known(8, "HotspotDown|x", "hotspot", "warning", NOW - 900)
SERVICE = Known(9, "CheckDown|opensid", "service", "critical", NOW - 300)
CERTIFICATE = Known(10, "Certificate|x", "service", "info", NOW - 900)
DISK = Known(11, "DiskFull|x", "device", "warning", NOW - 900)
POWER = Known(12, "OnBattery|x", "power", "warning", NOW - 60)
OWN = Known(13, f"citizens:{SITE}/internet", "hotspot", "warning", NOW - 60)


def say(kind: str, *whos: str, ago: float = 120.0) -> list[Voice]:
    return [Voice(number, kind, who, NOW - ago) for number, who in enumerate(whos, 1)]


STORIES = [
    ("one alone waits", say("dead", "a"), [], Signs(), [Wait((1,), Why.ALONE)]),
    ("two wait", say("dead", "a", "b"), [], Signs(), [Wait((1, 2), Why.ALONE)]),
    (
        "three different ones are an incident",
        say("dead", "a", "b", "c"),
        [],
        Signs(),
        [Raise("internet", (1, 2, 3), NOW - 120, 3, Why.ENOUGH)],
    ),
    (
        "one who says it three times is one",
        say("dead", "a", "a", "a"),
        [],
        Signs(),
        [Wait((1, 2, 3), Why.ALONE)],
    ),
    (
        "dead and slow are about the same",
        [*say("dead", "a", "b"), Voice(3, "slow", "c", NOW - 90)],
        [],
        Signs(),
        [Raise("internet", (1, 2, 3), NOW - 120, 3, Why.ENOUGH)],
    ),
    (
        "the internet and an application are not",
        [*say("dead", "a", "b"), Voice(3, "app", "c", NOW - 90)],
        [],
        Signs(),
        [Wait((1, 2), Why.ALONE), Wait((3,), Why.ALONE)],
    ),
    (
        "what was said long ago does not count",
        [*say("dead", "a", "b", ago=4000), Voice(3, "dead", "c", NOW - 90)],
        [],
        Signs(),
        [Wait((1, 2, 3), Why.ALONE)],
    ),
    (
        "rules have a minute to tell it first",
        say("dead", "a", "b", "c", ago=30),
        [],
        Signs(),
        [Wait((1, 2, 3), Why.YOUNG)],
    ),
    (
        "one is enough where a line is slow",
        say("slow", "a"),
        [],
        Signs("slow"),
        [Raise("internet", (1,), NOW - 120, 1, Why.PROBE)],
    ),
    (
        "one is enough where the hotspot's journey fails",
        say("dead", "a"),
        [],
        Signs(bad=frozenset({"hotspot"})),
        [Raise("internet", (1,), NOW - 120, 1, Why.PROBE)],
    ),
    (
        "one is enough where a service is bad",
        say("app", "a"),
        [],
        Signs(bad=frozenset({"service"})),
        [Raise("app", (1,), NOW - 120, 1, Why.PROBE)],
    ),
    (
        "a slow line proves nothing of an application",
        say("app", "a"),
        [],
        Signs("slow"),
        [Wait((1,), Why.ALONE)],
    ),
    (
        "a bad service proves nothing of the line",
        say("dead", "a"),
        [],
        Signs(bad=frozenset({"service"})),
        [Wait((1,), Why.ALONE)],
    ),
    ("known already", say("dead", "a"), [UPLINK], Signs("down"), [Join((1,), 7)]),
    (
        "known at once, also when young",
        say("slow", "a", ago=1),
        [HOTSPOT],
        Signs(),
        [Join((1,), 8)],
    ),
    ("a dead line explains an application", say("app", "a"), [UPLINK], Signs(), [Join((1,), 7)]),
    (
        "the application itself explains it better",
        say("app", "a"),
        [UPLINK, SERVICE],
        Signs(),
        [Join((1,), 9)],
    ),
    (
        "the line explains more than the hotspot",
        say("dead", "a"),
        [HOTSPOT, UPLINK],
        Signs(),
        [Join((1,), 7)],
    ),
    ("no power explains both", say("app", "a"), [POWER], Signs(), [Join((1,), 12)]),
    (
        "a certificate that ends next month explains nothing",
        say("app", "a"),
        [CERTIFICATE],
        Signs(),
        [Wait((1,), Why.ALONE)],
    ),
    (
        "a full disk explains no dead line",
        say("dead", "a"),
        [DISK],
        Signs(),
        [Wait((1,), Why.ALONE)],
    ),
    ("what others have raised", say("slow", "d"), [OWN], Signs(), [Join((1,), 13)]),
    (
        "what was measured goes before what others have raised",
        say("slow", "d"),
        [OWN, HOTSPOT],
        Signs(),
        [Join((1,), 8)],
    ),
    (
        "what others said of the line is nothing about an application",
        say("app", "d"),
        [OWN],
        Signs(),
        [Wait((1,), Why.ALONE)],
    ),
    (
        "planned work raises nothing",
        say("dead", "a", "b", "c"),
        [],
        Signs("maintenance"),
        [Wait((1, 2, 3), Why.PLANNED)],
    ),
    (
        "ideas raise nothing, however many",
        say("idea", "a", "b", "c", "d"),
        [UPLINK],
        Signs("down"),
        [Wait((1, 2, 3, 4), Why.IDEA)],
    ),
    (
        "who was forgotten still counts as one each",
        say("dead", "", "", ""),
        [],
        Signs(),
        [Raise("internet", (1, 2, 3), NOW - 120, 3, Why.ENOUGH)],
    ),
]


@for_each("voices, known, signs, decided", [s[1:] for s in STORIES], ids=[s[0] for s in STORIES])
def test_stories_of_matching(
    voices: list[Voice], known: list[Known], signs: Signs, decided: list[matching.Decision]
) -> None:
    assert matching.decide(SITE, voices, known, signs, NOW) == decided


ENDS = [
    ("people's word stands for hours", Case(NOW - 3600, False, None), None),
    ("half a day of quiet", Case(NOW - 12 * 3600, False, None), Over.QUIET),
    ("handled a moment ago", Case(NOW - 3600, False, NOW - 600), None),
    ("handled, and quiet since", Case(NOW - 3600, False, NOW - 1800), Over.HANDLED),
    ("handled, and said again", Case(NOW - 60, False, NOW - 3600), None),
    ("its incident is over", Case(NOW - 60, True, None), Over.INCIDENT),
    ("a probe still sees it", Case(NOW - 13 * 3600, False, NOW - 7200, True), None),
    ("no probe sees it any more", Case(NOW - 60, False, None, False), Over.INCIDENT),
]


@pytest.mark.parametrize("case, over", [e[1:] for e in ENDS], ids=[e[0] for e in ENDS])
def test_when_it_is_over(case: Case, over: Over | None) -> None:
    assert matching.ended(case, NOW) == over
