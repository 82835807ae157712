"""What goes up and down all the time is told once, and once more when it has settled."""

from alerts.flapping import Reason, flapping
from tests.each import for_each

MIN = 60.0


@for_each(
    ("changes", "now", "flaps", "until"),
    [
        ([], 0, False, None),
        ([0, 5, 10], 10, False, None),
        ([0, 5, 10, 15], 15, True, 30),
        ([0, 10, 20, 30], 30, True, 45),
        ([0, 10, 20, 30.1], 31, False, None),
        ([0, 5, 10, 15], 29.9, True, 30),
        ([0, 5, 10, 15], 30, False, None),
        ([0, 5, 10, 15, 29], 43, True, 44),
        ([0, 5, 10, 15, 31], 31, False, None),
        ([0, 5, 10, 15, 31, 32, 33], 33, False, None),
        ([0, 5, 10, 15, 31, 32, 33, 34], 34, True, 49),
        ([15, 0, 10, 5], 16, True, 30),
        ([0, 5, 10, 15, 99], 16, True, 30),
    ],
    ids=[
        "nothing ever changed",
        "down, up, down",
        "the second time up",
        "four changes in just half an hour",
        "four changes in more",
        "not yet quiet for a quarter of an hour",
        "quiet for a quarter of an hour",
        "a change begins the quarter anew",
        "settled: one more change is one change",
        "settled: what was before does not count",
        "and it flaps again",
        "in any order",
        "what is to come does not count",
    ],
)
def test_it_flaps(changes: list[float], now: float, flaps: bool, until: float | None) -> None:
    found = flapping([at * MIN for at in changes], False, now * MIN)
    assert found.flaps == flaps
    assert found.until == (None if until is None else until * MIN)


def test_people_hear_twice_of_a_night_of_flapping() -> None:
    changes = [number * 3 * MIN for number in range(40)]
    told, flapped = [], False
    for now in range(0, 200 * 60, 30):
        found = flapping([at for at in changes if at <= now], flapped, float(now))
        flapped = found.flaps
        if found.why in (Reason.BEGAN, Reason.SETTLED):
            told.append((found.why, now / MIN))
    assert told == [(Reason.BEGAN, 9.0), (Reason.SETTLED, 39 * 3 + 15.0)]


def test_changes_are_silent_after_the_first_word() -> None:
    times = [0.0, 60.0, 120.0, 180.0]
    assert not flapping(times[:3], False, 120).silent
    assert not flapping(times, False, 180).silent
    assert flapping(times, True, 240).silent
