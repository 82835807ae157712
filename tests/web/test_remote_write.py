"""Who may push, how much, and what a sender is told when something is away."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client

from collector.db import open_history, open_store, writing
from collector.foreign.carrying import key_of, spell
from collector.outward.post import Receiver
from collector.series import foreign
from collector.settings import Settings
from tests.collector.write_request import HEADERS, body
from tests.stores import migrated
from web import tokens
from web.remote_write import PATH, RemoteWrite, Seats

NOW = 1795425120.0
SENT = body(({"__name__": "x"}, [(int(NOW * 1000), 1.0)]))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    # nobody listens there
    made = Settings(data=str(tmp_path), ingest="127.0.0.1:1", foreign_series=3)
    migrated(made)
    return made


@pytest.fixture
def store(settings: Settings) -> Iterator[Engine]:
    engine = open_store(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def history(settings: Settings) -> Iterator[Engine]:
    engine = open_history(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def sender(settings: Settings, store: Engine, history: Engine) -> Client:
    return Client(RemoteWrite(settings, store, history, b"s" * 32, lambda: NOW))


def key(name: str) -> bytes:
    return key_of(spell({"__name__": name}))


def test_without_a_token_of_a_role_that_may_it_is_401(sender: Client, store: Engine) -> None:
    village = tokens.issue(store, "v", "village", "", "", NOW)
    for given in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {village}"}):
        answer = sender.post(PATH, data=SENT, headers={**HEADERS, **given})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="ronda"'
    assert sender.get(PATH).status_code == 405


def test_while_ingest_is_away_it_is_503_and_when_to_come_again(
    sender: Client, store: Engine
) -> None:
    token = tokens.issue(store, "p", "admin", "", "", NOW)
    answer = sender.post(PATH, data=SENT, headers={**HEADERS, "Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.text.startswith("ingest does not answer")


def test_of_two_centres_that_send_to_each_other_none_takes_what_the_other_sends(
    settings: Settings, store: Engine, history: Engine
) -> None:
    token = tokens.issue(store, "p", "admin", "", "", NOW)
    told = {**HEADERS, **Receiver("http://b/", secret=token).headers}

    def status(made: Settings) -> int:
        door = Client(RemoteWrite(made, store, history, b"s" * 32, lambda: NOW))
        return door.post(PATH, data=SENT, headers=told).status_code

    sends_on = replace(settings, remote_write_url="http://a/")
    # 503: it would be taken, and nobody is there to write it down
    assert (status(settings), status(sends_on)) == (503, 403)
    del told["User-Agent"]
    assert status(sends_on) == 503


def test_while_the_database_is_away_it_is_503(sender: Client, store: Engine) -> None:
    with writing(store) as connection:
        connection.exec_driver_sql("ALTER TABLE api_tokens RENAME TO gone")
    with pytest.raises(OperationalError):
        tokens.find(store, "x", NOW)
    answer = sender.post(PATH, data=SENT, headers={**HEADERS, "Authorization": "Bearer x"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_seats_are_those_of_history_and_free_again_when_series_end(history: Engine) -> None:
    now = [NOW]
    with writing(history) as connection:
        foreign.add(connection, {1: spell({"__name__": "a"}), 2: spell({"__name__": "b"})})
    seats = Seats(history, 3, lambda: now[0])
    assert [seats.take(key(name)) for name in "abcda"] == [True, True, True, False, True]
    with writing(history) as connection:
        # what was never stored is forgotten with what ended
        foreign.forget(connection, 1)
    assert not seats.take(key("d"))
    now[0] += 60
    assert [seats.take(key(name)) for name in "defa"] == [True, True, True, False]
