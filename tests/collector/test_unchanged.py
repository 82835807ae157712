"""What was asked is known again until anybody commits anything, and takes no more than its room."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from collector.db import meta_get, meta_set, open_store, reading, writing
from collector.settings import Settings
from collector.unchanged import Unchanged
from tests.stores import migrated


@pytest.fixture
def sqlite(tmp_path: object) -> Iterator[Engine]:
    settings = Settings(data=str(tmp_path))
    migrated(settings)
    engine = open_store(settings)
    yield engine
    engine.dispose()


def word(engine: Engine) -> str:
    with reading(engine) as connection:
        return meta_get(connection, "word", "none")


def say(engine: Engine, text: str) -> None:
    with writing(engine) as connection:
        meta_set(connection, "word", text)


def test_what_somebody_else_commits_is_known_at_once(
    store: Engine, store_settings: Settings
) -> None:
    theirs = open_store(store_settings)
    known = Unchanged(store)
    assert known.asked("word", lambda: word(store)) == "none"
    for text, engine in (("mine", store), ("theirs", theirs)):
        say(engine, text)
        assert known.asked("word", lambda: word(store)) == text
    theirs.dispose()


def test_nothing_is_asked_twice_while_nobody_commits(sqlite: Engine) -> None:
    known, turns = Unchanged(sqlite), iter(["once"])
    for _ in range(3):
        assert known.asked("word", lambda: next(turns) + word(sqlite)) == "oncenone"
    with reading(sqlite):
        pass
    assert known.get("word")[1] == "oncenone"


def test_what_was_read_before_a_commit_is_not_kept_after_it(sqlite: Engine) -> None:
    known = Unchanged(sqlite)
    state, _ = known.get("word")
    old = word(sqlite)
    say(sqlite, "new")
    # another thread notices first
    assert known.state() != state
    known.keep("word", old, state)
    assert known.get("word")[1] is None


def test_what_nobody_asked_for_longest_goes_first(sqlite: Engine) -> None:
    known = Unchanged(sqlite, most_bytes=5_000)
    state = known.state()
    known.keep("too large", "x", state, 6_000)
    assert known.get("too large")[1] is None
    for number in range(5):
        known.keep(number, number, state, 1_000)
        assert known.get(0)[1] == (0 if number < 5 else None)
    assert [known.get(number)[1] for number in range(5)] == [0, None, None, 3, 4]
    known.keep(4, 40, state, 1_000)
    assert [known.get(number)[1] for number in range(5)] == [0, None, None, 3, 40]
