"""Which work of the night is due: a table of nights."""

from zoneinfo import ZoneInfo

import pytest

from collector.backup.due import due, newest_moment
from collector.backup.records import What, Work
from tests.each import for_each

ZONE = ZoneInfo("Asia/Jakarta")
# 24 November 2026, 01.30 WIB
NIGHT = 1795458600.0
HOUR, DAY = 3600.0, 86400.0
BACKUP, COPY, TEST = What.BACKUP, What.COPY, What.TEST


def good(what: What, at: float) -> Work:
    return Work(what, at, 10.0)


def bad(what: What, at: float) -> Work:
    return Work(what, at, 10.0, error="the disk is full")


TRIED = good(TEST, NIGHT - DAY)
STORIES = {
    "nothing was ever made": ([], 12 * HOUR, BACKUP),
    "the hour has come": ([good(BACKUP, NIGHT - DAY), good(COPY, NIGHT - DAY)], 1, BACKUP),
    "a week without a centre is one backup": ([good(BACKUP, NIGHT - 7 * DAY)], 5 * HOUR, BACKUP),
    "made, not copied": ([good(BACKUP, NIGHT), TRIED], 60, COPY),
    "made and copied": ([good(BACKUP, NIGHT), good(COPY, NIGHT + 9), TRIED], 60, None),
    "never tried": ([good(BACKUP, NIGHT), good(COPY, NIGHT + 9)], 60, TEST),
    "tried a week ago": (
        [good(BACKUP, NIGHT), good(COPY, NIGHT + 9), good(TEST, NIGHT - 7 * DAY)], 60, TEST,
    ),
    "the trial failed yesterday": (
        [good(BACKUP, NIGHT), good(COPY, NIGHT + 9), bad(TEST, NIGHT - DAY)], 60, TEST,
    ),
    "the trial failed just now": (
        [good(BACKUP, NIGHT), good(COPY, NIGHT + 9), bad(TEST, NIGHT + 20)], 60, None,
    ),
    "failed a minute ago": ([bad(BACKUP, NIGHT)], 60, None),
    "failed half an hour ago": ([bad(BACKUP, NIGHT)], 1800, BACKUP),
    "failed twice": ([bad(BACKUP, NIGHT), bad(BACKUP, NIGHT + 1800)], 3600, None),
    "failed four times": ([bad(BACKUP, NIGHT + n * HOUR) for n in range(4)], 20 * HOUR, None),
    "failed tonight, good yesterday": (
        [bad(BACKUP, NIGHT), good(BACKUP, NIGHT - DAY), good(COPY, NIGHT - DAY), TRIED], 60, None,
    ),
    "the copy failed": ([good(BACKUP, NIGHT), bad(COPY, NIGHT + 9), TRIED], 600, None),
    "and is tried again": ([good(BACKUP, NIGHT), bad(COPY, NIGHT + 9), TRIED], 1900, COPY),
    "the clock was put back": ([good(BACKUP, NIGHT + 99 * DAY)], 60, BACKUP),
    "cut short a while ago": ([Work(BACKUP, NIGHT)], 1900, BACKUP),
}  # fmt: skip


@for_each("story", STORIES)
def test_what_is_due(story: str) -> None:
    works, after_s, expected = STORIES[story]
    assert due(works, NIGHT + after_s, "01.30", ZONE, copies=True) == expected


def test_nothing_is_copied_where_nowhere_is_named() -> None:
    assert due([good(BACKUP, NIGHT), TRIED], NIGHT + 60, "01.30", ZONE, copies=False) is None


@pytest.mark.parametrize(
    ("after_s", "moment"), [(-1, NIGHT - DAY), (0, NIGHT), (DAY - 1, NIGHT)],
    ids=["a second before", "on the second", "a second before the next"],
)  # fmt: skip
def test_the_hour_is_that_of_the_centres_zone(after_s: float, moment: float) -> None:
    assert newest_moment(NIGHT + after_s, "01.30", ZONE) == moment
