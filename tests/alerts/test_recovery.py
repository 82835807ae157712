"""One message when nine tenths are back for a minute; the rest are incidents of their own."""

from alerts.recovery import Member, Reason, recovered
from tests.each import for_each

NOW = 1000.0


def members(*good: float | None) -> list[Member]:
    return [Member(f"m{number}", at) for number, at in enumerate(good)]


@for_each(
    ("good", "over", "why", "stragglers"),
    [
        ([None], False, Reason.STILL_BAD, 0),
        ([NOW], True, Reason.ALONE, 0),
        ([NOW - 61.0] * 3, True, Reason.ALL_BACK, 0),
        ([NOW - 61.0] * 2 + [None], False, Reason.STILL_BAD, 0),
        ([NOW - 60.0] * 9 + [None], True, Reason.MOST_BACK, 1),
        ([NOW - 59.9] * 9 + [None], False, Reason.NOT_YET_STEADY, 0),
        ([NOW - 90.0] * 8 + [NOW - 59.0] + [None], False, Reason.NOT_YET_STEADY, 0),
        ([NOW - 90.0] * 9 + [NOW - 1.0], True, Reason.ALL_BACK, 0),
        ([NOW - 90.0] * 8 + [None] * 2, False, Reason.STILL_BAD, 0),
        ([NOW - 90.0] * 270 + [None] * 30, True, Reason.MOST_BACK, 30),
        ([NOW - 90.0] * 269 + [None] * 31, False, Reason.STILL_BAD, 0),
        ([], False, Reason.STILL_BAD, 0),
    ],
    ids=[
        "one that is bad",
        "one that is good, at once",
        "three of three",
        "two of three are not nine tenths",
        "nine of ten for a minute",
        "nine of ten for less",
        "the ninth came back late",
        "the tenth came back late and is no straggler",
        "eight of ten",
        "270 of 300, exactly nine tenths",
        "269 of 300",
        "nobody",
    ],
)
def test_an_incident_is_over(
    good: list[float | None], over: bool, why: Reason, stragglers: int
) -> None:
    found = recovered(members(*good), NOW)
    assert (found.over, found.why, len(found.stragglers)) == (over, why, stragglers)
    if over:
        assert len(found.good) + len(found.stragglers) == len(good)


def test_the_outage_ended_when_enough_were_good() -> None:
    found = recovered(members(*[NOW - 200] * 8, NOW - 100, None), NOW)
    assert found.since == NOW - 100


def test_it_says_when_to_ask_again() -> None:
    found = recovered(members(*[NOW - 20] * 10), NOW)
    assert found.again_at == NOW + 40
    assert recovered(members(*[NOW - 20] * 10), NOW + 40).over
