"""Messages carry the way back that there is: the reader's link, the words to write, neither."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts import links, recipients
from alerts.engine import Alerts
from alerts.links import PATH, Opened
from collector.db import reading
from tests.alerts.village import NINE, Checks, Village, contact, village

pytestmark = pytest.mark.slow

CHANNELS = """
[channels.telegram]
token = "1:a"
[channels.sms]
kind = "gammu"
{more}
"""


@contextmanager
def told(folder: Path, person: dict[str, Any], more: str = "", url: str = "") -> Iterator[Village]:
    with village(folder, person) as here:
        (folder / "channels.toml").write_text(CHANNELS.format(more=more))
        here.settings = replace(here.settings, public_url=url)
        here.alerts = Alerts(here.settings, here.store, Checks(here.store))
        here.say("bad", NINE, "HTTP 502")
        here.alerts.step(NINE + 1, here.rev)
        yield here


def body(here: Village) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(here.notices()[-1].body)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ways", "more", "replies"),
    [
        ({"telegram": "5551"}, "", True),
        ({"telegram": "5551", "sms": "+6281230000001"}, "", False),
        ({"telegram": "5551", "sms": "+6281230000001"}, 'inbox = "/var/spool/in"', True),
        ({"sms": "+6281230000001"}, 'inbox = "/var/spool/in"', True),
        ({"sms": "+6281230000001"}, "", False),
        ({"telegram": "5551", "webhook": "http://sari/"}, "", False),
    ],
    ids=["telegram", "and a deaf SMS", "and one that hears", "SMS", "deaf SMS", "a machine"],
)
def test_reply_is_said_only_where_every_way_hears(
    tmp_path: Path, ways: dict[str, str], more: str, replies: bool
) -> None:
    person = contact("sari", **{"webhook": "", **ways})
    with told(tmp_path, person, more) as here:
        message = body(here)
    assert ("Balas OK 1" in message["text"], "Balas OK 1" in message["sms"]) == (replies, replies)
    assert PATH not in message["text"]
    assert message["text"].endswith("OK 1" if replies else "#1")


def test_with_an_address_of_the_console_the_message_carries_the_readers_own_link(
    tmp_path: Path,
) -> None:
    with told(tmp_path, contact("sari"), url="https://noc.id") as here:
        token = body(here)["text"].partition("https://noc.id/t/")[2].split()[0]
        with reading(here.store) as connection:
            people = recipients.of_incident(connection, 1)
        opened = links.maker(here.settings).open(token, people, NINE + 60)
    assert isinstance(opened, Opened)
    assert (opened.incident, opened.person.name) == (1, "sari")


def test_a_recovery_asks_for_no_reply(tmp_path: Path) -> None:
    person = contact("sari", webhook="", telegram="5551")
    with told(tmp_path, person) as here:
        here.say("good", NINE + 60)
        here.alerts.step(NINE + 61, here.rev)
        assert "OK 1" not in body(here)["text"]
