"""Channels are looked at every few minutes, and people can see how they are."""

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from alerts.channels import Health, NotifyFailed
from alerts.channels.config import Line
from alerts.cli import commands
from alerts.health import LOOK_EVERY_S, Rounds, looks
from alerts.limits import Limits
from collector.db import writing
from collector.inventory.keeping import put
from tests.alerts.channels.listener import listening, reply
from tests.alerts.village import CODE, NINE, Inbox, Village, contact, village


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Village]:
    with village(tmp_path, contact("sari", telegram="77", webhook="")) as made:
        yield made


class Gateway(Inbox):
    """Tells how it is."""

    def __init__(self, *seen: Health | NotifyFailed | Exception) -> None:
        super().__init__()
        self.seen = list(seen)

    def look(self) -> Health:
        one = self.seen.pop(0)
        if isinstance(one, Exception):
            raise one
        return one


def rounds(here: Village, gateway: Gateway) -> Rounds:
    plain = Line("webhook", "webhook", "webhook", Inbox(), Limits())
    return Rounds(here.store, [Line("wa", "fonnte", "whatsapp", gateway, Limits()), plain])


def test_a_channel_is_looked_at_every_few_minutes(here: Village) -> None:
    gateway = Gateway(Health(True, "quota 9"), Health(True, "quota 8"), NotifyFailed("no answer"))
    watch = rounds(here, gateway)
    for at in (0.0, 100.0, LOOK_EVERY_S, 2 * LOOK_EVERY_S):
        assert watch.begin_due(NINE + at) == (at != 100.0)
        watch.wait()
    seen = looks(here.store, ["wa", "webhook"])
    assert seen["webhook"] is None
    assert seen["wa"] is not None
    assert (seen["wa"].fine, seen["wa"].says) == (False, "no answer")
    assert seen["wa"].since == seen["wa"].at == NINE + 2 * LOOK_EVERY_S


def test_since_when_it_is_so_is_kept(here: Village) -> None:
    watch = rounds(here, Gateway(*[Health(True, "ok")] * 3))
    for turn in range(3):
        watch.begin_due(NINE + turn * LOOK_EVERY_S)
        watch.wait()
    seen = looks(here.store, ["wa"])["wa"]
    assert seen is not None and (seen.since, seen.at) == (NINE, NINE + 2 * LOOK_EVERY_S)


def test_an_unforeseen_error_of_a_look_stops_nothing(here: Village) -> None:
    watch = rounds(here, Gateway(RuntimeError("a bug"), Health(True, "ok")))
    watch.begin_due(NINE)
    watch.wait()
    watch.begin_due(NINE + LOOK_EVERY_S)
    watch.wait()
    assert looks(here.store, ["wa"])["wa"] is not None


def run(here: Village, *words: str) -> int:
    parser = argparse.ArgumentParser()
    commands(parser.add_subparsers())
    args = parser.parse_args([*words, "--data", str(here.folder)])
    return int(args.run(args))


def telegram(here: Village, base: str) -> None:
    text = f'[channels.telegram]\ntoken = "1:sesame"\napi = "{base}"\ndaily_cap = 9\n'
    (here.folder / "channels.toml").write_text(text)


TAKEN = reply(200, '{"ok":true,"result":{"message_id":5,"username":"ronda_bot"}}')


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RONDA_ALLOW_TARGETS", "127.0.0.0/8")


def told(capsys: pytest.CaptureFixture[str]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.slow
def test_channels_are_listed_with_their_figures(
    here: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    telegram(here, "http://127.0.0.1:9")
    assert run(here, "channels", "list", "--json") == 0
    first, second = told(capsys)
    assert first == {
        "name": "telegram",
        "kind": "telegram",
        "serves": "telegram",
        "fine": None,
        "says": "",
        "hears": True,
        "deaf": "",
        "since": None,
        "looked_at": None,
        "sent_today": 0,
        "daily_cap": 9,
        "held_back_today": 0,
    }
    assert second["name"] == "webhook"
    line = Line("telegram", "telegram", "telegram", Gateway(Health(False, "ill")), Limits())
    watch = Rounds(here.store, [line])
    watch.begin_due(time.time())
    watch.wait()
    assert run(here, "channels", "list") == 1
    assert "WRONG" in capsys.readouterr().out


@pytest.mark.usefixtures("loopback")
def test_a_trial_message_goes_out(here: Village, capsys: pytest.CaptureFixture[str]) -> None:
    with listening(TAKEN) as there:
        telegram(here, there.base)
        assert run(here, "channels", "test", "telegram", "77", "--json") == 0
    (done,) = told(capsys)
    assert done == {
        "channel": "telegram",
        "target": "77",
        "taken": True,
        "answer": "message 5",
        "fine": True,
        "says": "bot @ronda_bot",
    }
    sent = json.loads(there.heard[1].partition(b"\r\n\r\n")[2])
    assert sent["text"].startswith("UJI COBA: pesan percobaan dari Ronda lewat telegram")


@pytest.mark.usefixtures("loopback")
def test_a_trial_that_is_not_taken_says_why(
    here: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening(reply(200, '{"ok":false,"error_code":401,"description":"sesame"}')) as there:
        telegram(here, there.base)
        assert run(here, "channels", "test", "telegram", "77") == 1
    text = capsys.readouterr().out
    assert "FAILED" in text and "telegram is not well" in text
    assert run(here, "channels", "test", "pigeon", "77") == 1
    assert "there is no channel pigeon; there are telegram, webhook" in capsys.readouterr().err


@pytest.mark.usefixtures("loopback")
def test_a_contact_is_tried_by_each_of_their_ways(
    here: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    with listening(TAKEN) as there:
        telegram(here, there.base)
        hook = f"{there.base}/hook"
        with writing(here.store) as connection:
            put(connection, "contacts", [contact("sari", telegram="77", webhook=hook)], NINE, "t")
        assert run(here, "contacts", "test", "sari", "--json") == 0
    assert [(one["channel"], one["target"]) for one in told(capsys)] == [
        ("telegram", "77"),
        ("webhook", hook),
    ]
    assert run(here, "contacts", "test", "nobody") == 1
    with writing(here.store) as connection:
        put(connection, "contacts", [contact("budi", webhook="", email="a@b.id")], NINE, "t")
    assert run(here, "contacts", "test", "budi") == 1
    assert "no channel reaches budi" in capsys.readouterr().err


def test_an_incident_shows_whom_to_phone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with village(tmp_path, contact("sari", webhook="", sms="+6281230000001")) as here:
        here.be("normal", NINE - 9)
        here.say("bad", NINE)
        here.step(NINE)
        assert run(here, "incidents", "show", "1") == 0
        assert "phone sari: +6281230000001" in capsys.readouterr().out
        assert here.incidents()[0].site == CODE
