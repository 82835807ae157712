"""A long chain is followed once; after that its new acts, and the whole now and then."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, delete, event, update

from collector import acts, chain, following
from collector.db import open_store, reading, writing
from collector.following import WHOLE_S, Follower
from collector.schema import acts as rows
from collector.schema import metadata
from collector.settings import Settings

NOW = 5000.0


@pytest.fixture
def store(tmp_path: Any) -> Engine:
    engine = open_store(Settings(data=str(tmp_path)))
    metadata.create_all(engine)
    with writing(engine) as connection:
        for number in range(5):
            acts.record(connection, 1000.5 + number, "dewi", "note", f"incident:{number}", {"n": 1})
    return engine


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """Every chain is a long one; what is to be done beside the page."""
    monkeypatch.setattr(following, "SHORT", 0)
    return []


def act(store: Engine, verb: str = "note") -> None:
    with writing(store) as connection:
        acts.record(connection, 2000.0, "rian", verb, "incident:9", {"n": 2})


def test_a_short_chain_is_followed_whole_each_time(store: Engine) -> None:
    follower = Follower(store, lambda _: pytest.fail("it was left for later"))
    found = follower.look(NOW)
    assert found.checked is not None and (found.checked.count, found.whole_at) == (5, NOW)
    with writing(store) as connection:
        connection.execute(update(rows).where(rows.c.id == 2).values(by="rian"))
    found = follower.look(NOW + 1)
    assert found.checked is not None and found.checked.broken and found.whole_at == NOW + 1


def test_a_long_chain_is_followed_beside_whoever_looks(
    store: Engine, later: list[Callable[[], object]]
) -> None:
    follower = Follower(store, later.append)
    found = follower.look(NOW)
    assert (found.checked, found.acts) == (None, 5)
    follower.look(NOW)
    assert len(later) == 1
    later.pop()()
    found = follower.look(NOW + 9)
    assert found.checked is not None and found.checked.count == 5
    assert (found.whole_at, later) == (NOW, [])


def followed(store: Engine, later: list[Callable[[], object]]) -> Follower:
    follower = Follower(store, later.append)
    follower.look(NOW)
    later.pop()()
    return follower


def test_of_a_chain_that_was_followed_only_new_acts_are_read(
    store: Engine, later: list[Callable[[], object]]
) -> None:
    follower = followed(store, later)
    act(store)
    read: list[Any] = []
    event.listen(store, "before_cursor_execute", lambda *told: read.append(told[2:4]))
    found = follower.look(NOW + 9)
    assert found.checked is not None and (found.checked.count, found.whole_at) == (6, NOW)
    (first, *_) = [asked for text, asked in read if "acts.id >" in text]
    assert first[0] == 5


def test_a_new_act_that_does_not_fit_is_found_at_once(
    store: Engine, later: list[Callable[[], object]]
) -> None:
    follower = followed(store, later)
    act(store)
    with writing(store) as connection:
        connection.execute(update(rows).where(rows.c.id == 6).values(by="dewi"))
    found = follower.look(NOW + 9)
    assert found.checked is not None and found.checked.broken.startswith("act 6 ")


ANOTHER = {"id": 3, "by": "x", "subject": "s", "body": "{}"}
HARMS: dict[str, Callable[[Any], Any]] = {
    "the newest left out": lambda c: c.execute(delete(rows).where(rows.c.id == 5)),
    "a rewriting": lambda c: chain.blank(
        c, [{"id": 3, "by": "x", "subject": "s", "body": "{}"}], 9
    ),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_chain_that_is_another_one_is_followed_again_at_once(
    store: Engine, later: list[Callable[[], object]], harm: str
) -> None:
    follower = followed(store, later)
    with writing(store) as connection:
        HARMS[harm](connection)
    follower.look(NOW + 9)
    later.pop()()
    found = follower.look(NOW + 10)
    with reading(store) as connection:
        assert (found.checked, found.whole_at) == (chain.check(connection), NOW + 9)


def test_an_erasure_is_followed_from_the_first_act(
    store: Engine, later: list[Callable[[], object]]
) -> None:
    follower = followed(store, later)
    act(store, chain.ERASED)
    follower.look(NOW + 9)
    assert len(later) == 1


def test_an_old_act_that_was_changed_is_found_when_the_whole_is_followed(
    store: Engine, later: list[Callable[[], object]]
) -> None:
    follower = followed(store, later)
    with writing(store) as connection:
        connection.execute(update(rows).where(rows.c.id == 2).values(by="rian"))
    found = follower.look(NOW + WHOLE_S - 1)
    assert found.checked is not None and (found.checked.broken, found.whole_at) == ("", NOW)
    follower.look(NOW + WHOLE_S)
    later.pop()()
    found = follower.look(NOW + WHOLE_S + 1)
    assert found.checked is not None and found.checked.broken.startswith("act 2 ")
