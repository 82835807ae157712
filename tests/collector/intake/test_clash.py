"""Two agents on one token are noticed; one agent that starts again never is."""

from dataclasses import dataclass

import pytest

from collector.intake.clash import Began, began, older_goes_on
from collector.intake.wire import Frame, Report

NOW = 10_000.0


@dataclass(frozen=True)
class Case:
    """An older spool reports at uptime `up` an entry sampled at `entry`."""

    boot: str
    up: float | None
    entry: float | None
    mine: Began
    other: Began
    clash: bool


STORIES = {
    "an uptime after the sending is no uptime": Case(
        "b", 500.0, 1e300, Began("b", 9500.0, 10.0), Began("b", 9900.0, 410.0), False
    ),
    "same boot, sampled before the restart": Case(
        "b", 500.0, 400.0, Began("b", 9500.0, 10.0), Began("b", 9900.0, 410.0), False
    ),
    "same boot, sampled after the newer began": Case(
        "b", 500.0, 410.5, Began("b", 9500.0, 10.0), Began("b", 9900.0, 410.0), True
    ),
    "other boot, sampled after": Case(
        "a", 500.0, 499.0, Began("a", 9500.0, 10.0), Began("b", 9900.0, 3.0), True
    ),
    "other boot, within what a report may be delayed": Case(
        "a", 500.0, 499.0, Began("a", 9500.0, 10.0), Began("b", 9975.0, 3.0), False
    ),
    "other boot, an old entry": Case(
        "a", 500.0, 300.0, Began("a", 9500.0, 10.0), Began("b", 9900.0, 3.0), False
    ),
    "the newer one itself": Case(
        "b", 500.0, 499.0, Began("b", 9900.0, 410.0), Began("b", 9500.0, 10.0), False
    ),
    "entries of an earlier boot, sent without uptime": Case(
        "a", None, 9e9, Began("a", 9500.0, 10.0), Began("b", 9900.0, 3.0), False
    ),
    "an entry without uptime": Case(
        "a", 500.0, None, Began("a", 9500.0, 10.0), Began("b", 9900.0, 3.0), False
    ),
    "no boot ids: the clock decides": Case(
        "", 500.0, 499.0, Began("", 9500.0, 10.0), Began("", 9900.0, 3.0), True
    ),
}


@pytest.mark.parametrize("case", STORIES.values(), ids=STORIES)
def test_a_clash_is(case: Case) -> None:
    frame = Frame(1, 0.0, "L", [], case.entry)
    report = Report(1, "mine", 0.0, case.boot, case.up, frames=[frame])
    others = {"mine": case.mine, "other": case.other}
    found = older_goes_on(report, case.mine, others, NOW)
    assert found == ("other" if case.clash else None)


def test_a_spool_began_with_its_earliest_entry() -> None:
    frames = [Frame(2, 0.0, "L", [], 90.0), Frame(1, 0.0, "L", [], 40.0)]
    report = Report(1, "s", 0.0, "b", 100.0, frames=frames)
    assert began(report, NOW) == Began("b", NOW - 60.0, 40.0)
    assert began(Report(1, "s", 0.0, "b", 100.0), NOW) is None
    assert began(Report(1, "s", 0.0, "b", None, frames=frames), NOW) is None


def test_a_garbled_uptime_tells_nothing_of_when_a_spool_began() -> None:
    garbled = [Frame(n, 0.0, "L", [], up) for n, up in enumerate((-5.0, 1e300, 400.0), 1)]
    report = Report(1, "s", 0.0, "b", 500.0, frames=garbled)
    assert began(report, NOW) == Began("b", NOW - 100.0, 400.0)
