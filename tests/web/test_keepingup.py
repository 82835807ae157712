"""Looks beside the pages go on while much changes and somebody reads, and end."""

from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from web.keepingup import LITTLE, LOOKS, MUCH, KeepingUp


class Beside:
    """What was begun, until it is let run."""

    def __init__(self) -> None:
        self.begun: list[Callable[[], object]] = []

    def __call__(self, work: Callable[[], object]) -> None:
        self.begun.append(work)


def test_looks_follow_while_much_changes_and_a_page_extends_them() -> None:
    beside, waits = Beside(), list[float]()
    found = [MUCH] * 99

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 10:
            # a page that has little to catch up with is read meanwhile
            keeping.after(3)

    keeping = KeepingUp(found.pop, beside, wait)
    keeping.after(MUCH - 1)
    assert beside.begun == []
    keeping.after(MUCH)
    keeping.after(MUCH)
    (run,) = beside.begun
    run()
    assert len(waits) == 10 + LOOKS
    # nobody has read since: it ended, and begins with who does
    keeping.after(3)
    keeping.after(MUCH)
    assert len(beside.begun) == 2


def test_looks_end_when_little_changes() -> None:
    beside, found = Beside(), [LITTLE, MUCH, MUCH]
    keeping = KeepingUp(found.pop, beside, lambda seconds: None)
    keeping.after(MUCH)
    beside.begun[0]()
    assert found == []


@pytest.mark.parametrize("error", [OperationalError("SELECT", None, Exception()), ValueError()])
def test_looks_end_where_one_fails(error: Exception) -> None:
    def look() -> int:
        raise error

    beside, waits = Beside(), list[float]()
    keeping = KeepingUp(look, beside, waits.append)
    keeping.after(MUCH)
    beside.begun[0]()
    assert len(waits) == 1
    keeping.after(MUCH)
    assert len(beside.begun) == 2
