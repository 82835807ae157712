"""A floor that is opened late: after the first commit, and not before."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from collector.late import PATIENCE_S, Late
from collector.settings import Settings

CALLS: list[tuple[str, object]] = []


class Told:
    """A floor that notes what it is called for; it cannot be opened in a folder of no name."""

    def __init__(self, settings: Settings, store: Engine) -> None:
        if not settings.data:
            raise OSError("too little memory")
        CALLS.append(("opened", settings.data))

    def step(self, now: float, position: int) -> None:
        CALLS.append(("step", (now, position)))

    def deliver(self, now: float) -> None:
        CALLS.append(("deliver", now))

    def forget(self, now: float) -> None:
        CALLS.append(("forget", now))


def late(data: str, store: Engine) -> Late:
    CALLS.clear()
    return Late(__name__, "Told", Settings(data=data), store)


def test_nothing_is_opened_before_the_first_commit(tmp_path: Path, memory: Engine) -> None:
    floor = late(str(tmp_path), memory)
    floor.deliver(1.0)
    floor.forget(2.0)
    assert CALLS == []
    floor.step(3.0, 70)
    floor.deliver(4.0)
    floor.step(5.0, 80)
    floor.forget(6.0)
    steps = [("step", (3.0, 70)), ("deliver", 4.0), ("step", (5.0, 80)), ("forget", 6.0)]
    assert [("opened", str(tmp_path)), *steps] == CALLS


def test_it_is_opened_after_a_while_though_nothing_is_committed(memory: Engine) -> None:
    CALLS.clear()
    now = [100.0]
    floor = Late(__name__, "Told", Settings(data="here"), memory, lambda: now[0])
    now[0] += PATIENCE_S - 0.1
    floor.deliver(1.0)
    assert CALLS == []
    now[0] += 0.1
    floor.deliver(2.0)
    floor.step(3.0, 70)
    assert CALLS == [("opened", "here"), ("deliver", 2.0), ("step", (3.0, 70))]


def test_what_cannot_be_opened_delivers_nothing(memory: Engine) -> None:
    floor = late("", memory)
    with pytest.raises(OSError, match="too little memory"):
        floor.step(1.0, 10)
    floor.deliver(2.0)
    assert CALLS == []


@pytest.fixture
def memory() -> Engine:
    return create_engine("sqlite://")
