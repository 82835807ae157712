"""An agent that says each time that it knows other checks does not keep the database busy."""

from pathlib import Path

from collector import db
from collector.intake.fickle import AGAIN_S, AT_ONCE, WRITE_EVERY_S, Fickle, findings, remember
from collector.settings import Settings
from tests.stores import migrated

A, B = "35.10.06.2005", "35.10.06.2006"


def test_a_handful_at_once_then_one_in_ten_minutes() -> None:
    fickle = Fickle()
    assert sum(fickle.takes(1, A, 0.1 * n) for n in range(1000)) == AT_ONCE
    assert fickle.left_out == {A: 1000 - AT_ONCE}
    later = 100 + 3 * AGAIN_S
    assert [fickle.takes(1, A, later + n) for n in range(4)] == [True, True, True, False]
    # a day's rest gives no more than a handful
    assert sum(fickle.takes(1, A, 90_000) for _ in range(100)) == AT_ONCE


def test_one_agent_takes_no_turns_of_another() -> None:
    fickle = Fickle()
    assert sum(fickle.takes(1, A, 0.0) for _ in range(50)) == AT_ONCE
    assert fickle.takes(2, B, 0.0) and B not in fickle.left_out


def test_a_clock_that_goes_back_gives_no_turns() -> None:
    fickle = Fickle()
    assert sum(fickle.takes(1, A, -float(n) * AGAIN_S) for n in range(50)) == AT_ONCE


def test_what_is_left_out_is_written_once_a_minute_and_told(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "var"))
    migrated(settings)
    fickle, engine = Fickle(), db.open_store(settings)
    assert fickle.news(0.0) is None and list(findings(engine, 0.0)) == []
    for _ in range(AT_ONCE + 3):
        fickle.takes(1, A, 0.0)
    told = fickle.news(1.0)
    assert told == {A: 3} and fickle.news(2.0) is None
    fickle.takes(1, A, 2.0)
    assert fickle.news(3.0) is None
    assert fickle.news(1.0 + WRITE_EVERY_S) == {A: 4}
    with db.writing(engine) as connection:
        remember(connection, told, 1.0)
    (found,) = findings(engine, 60.0)
    assert not found.fine and f"{A} 3 times" in found.says
    assert list(findings(engine, 90_000.0)) == []
    engine.dispose()
