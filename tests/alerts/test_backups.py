"""When is the NOC told of the centre's backups? A table of nights."""

import pytest

from alerts.backups import Trouble, trouble
from collector.backup.records import What, Work

NOW = 1_795_458_600.0
HOUR, DAY = 3600.0, 86400.0
BACKUP, COPY, TEST = What.BACKUP, What.COPY, What.TEST


def good(what: What, ago_s: float) -> Work:
    return Work(what, NOW - ago_s, 10.0)


def bad(what: What, ago_s: float) -> Work:
    return Work(what, NOW - ago_s, 10.0, error="x")


FINE = [good(BACKUP, HOUR), good(COPY, HOUR), good(TEST, DAY)]
STORIES = {
    "nothing yet": ([], None),
    "all is well": (FINE, None),
    "failed once": ([bad(BACKUP, 60), good(BACKUP, DAY), *FINE[1:]], None),
    "failed twice": (
        [bad(BACKUP, 60), bad(BACKUP, HOUR), good(BACKUP, DAY)],
        Trouble("backup: x", NOW - HOUR),
    ),
    "failed twice, then well": ([good(BACKUP, 9), bad(BACKUP, 60), bad(BACKUP, HOUR)], None),
    "overdue": ([good(BACKUP, 31 * HOUR)], Trouble("backup overdue", NOW - HOUR)),
    "the copy is overdue": (
        [good(BACKUP, 60), good(COPY, 31 * HOUR)],
        Trouble("copy overdue", NOW - HOUR),
    ),
    "the trial failed": ([bad(TEST, 60), *FINE], Trouble("test: x", NOW - 60)),
}


@pytest.mark.parametrize("story", STORIES)
def test_what_is_wrong(story: str) -> None:
    works, expected = STORIES[story]
    assert trouble(works, NOW, copies=True) == expected


def test_copies_are_nobodys_trouble_where_none_are_made() -> None:
    assert trouble([good(BACKUP, 60), good(COPY, 9 * DAY)], NOW, copies=False) is None
