"""What people answer takes effect when it is theirs to say, and is answered in one line."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts import chronicle
from alerts.channels import Channel
from alerts.channels.config import Line
from alerts.inbox import Inbox, Result
from alerts.notices import Notice
from alerts.outbox import Outbox
from alerts.replies import Heard
from collector.db import reading
from tests.alerts.village import NINE, Village, contact, village

pytestmark = pytest.mark.slow

SARI, BUDI, WIRA = "+6281230000001", "+6281230000002", "+6281230000003"
GROUP, PERSON = "-100987", "555123"


class Nowhere:
    def send(self, target: str, message: object) -> str:
        return "taken"


NOWHERE: Channel = Nowhere()
LINES = [
    Line("wa", "fonnte", "whatsapp", NOWHERE),
    Line("telegram", "telegram", "telegram", NOWHERE),
    Line("sms", "gammu", "sms", NOWHERE),
]


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    people = [
        contact("Sari", whatsapp=SARI),
        contact("Budi", role="noc", scope="*", sms=BUDI, language="en"),
        contact("Grup TI", role="noc", scope="35.10", telegram=GROUP),
        contact("Wira", order=2, whatsapp=WIRA),
        contact("Sari", scope="35.10.12.2005", whatsapp="+6281230000009", webhook="http://o/"),
    ]
    with village(tmp_path, *people, database_url=database_url) as made:
        for _ in range(2):
            made.say("bad", NINE, "HTTP 502", check=f"web{_}")
            made.step(NINE + 1)
        yield made


@pytest.fixture
def inbox(here: Village) -> Inbox:
    return Inbox(here.store, LINES, "Asia/Jakarta")


def answers(here: Village) -> list[tuple[str, str, str]]:
    """Channel, address and words of what was queued to those who wrote."""
    found: list[Notice] = [n for n in here.notices() if n.news == "reply"]
    return [(n.channel, n.target, json.loads(n.body)["text"]) for n in found]


def log_of(here: Village) -> list[tuple[str, str, str]]:
    with reading(here.store) as connection:
        return [(e.by, e.verb, e.note) for e in chronicle.since(connection, 0) if e.by]


def test_a_person_who_was_told_takes_it_by_answering(here: Village, inbox: Inbox) -> None:
    heard = Heard("wa", "6281230000001@c.us", "OK 1", "m1")
    assert inbox.hear(heard, NINE + 60) is Result.DONE
    assert answers(here) == [("wa", SARI, "Tercatat: Sari menangani #1.")]
    assert log_of(here) == [("Sari", "taken", "")]
    assert [row.state for row in here.incidents()] == ["acknowledged", "open"]


def test_selesai_handles_it_with_what_stands_behind_it(here: Village, inbox: Inbox) -> None:
    inbox.hear(Heard("sms", "081230000002", "DONE 1 cable replaced"), NINE + 60)
    assert answers(here) == [("sms", BUDI, "Noted: Budi, #1 is handled. Thank you.")]
    assert log_of(here) == [("Budi", "taken", ""), ("Budi", "handled", "cable replaced")]


def test_the_second_one_reads_who_has_it(here: Village, inbox: Inbox) -> None:
    inbox.hear(Heard("wa", SARI, "OK 1", "m1"), NINE + 60)
    inbox.hear(Heard("sms", BUDI, "ok1", "m2"), NINE + 120)
    assert answers(here)[1] == ("sms", BUDI, "#1 is in the hands of Sari since 09.16 WIB.")


def test_what_is_over_or_handled_says_so(here: Village, inbox: Inbox) -> None:
    inbox.hear(Heard("wa", SARI, "SELESAI 1", "m1"), NINE + 60)
    here.say("good", NINE + 90, check="web1")
    here.step(NINE + 91)
    inbox.hear(Heard("wa", SARI, "OK 1", "m2"), NINE + 120)
    inbox.hear(Heard("wa", SARI, "OK 2", "m3"), NINE + 121)
    words = [text for _, _, text in answers(here)]
    assert words[1:] == ["#1 sudah tertangani.", "#2 sudah pulih 09.16 WIB."]


def test_a_repeat_by_the_gateway_is_heard_once_and_one_by_the_person_does_no_harm(
    here: Village, inbox: Inbox
) -> None:
    for _ in range(3):
        inbox.hear(Heard("wa", SARI, "OK 1", "m1"), NINE + 60)
    assert len(answers(here)) == 1
    inbox.hear(Heard("wa", SARI, "OK 1", "m2"), NINE + 70)
    assert answers(here)[1][2].startswith("#1 memang sudah Anda tangani sejak 09.16 WIB.")
    assert log_of(here) == [("Sari", "taken", "")]


@pytest.mark.mostly_sqlite
@pytest.mark.slow
@pytest.mark.parametrize(
    ("heard", "result"),
    [
        (Heard("wa", "6281239999999@c.us", "OK 1"), Result.STRANGER),
        (Heard("wa", "251556368777322@lid", "OK 1"), Result.STRANGER),
        (Heard("wa", "", "OK 1"), Result.STRANGER),
        (Heard("sms", "Telkomsel", "OK 1"), Result.STRANGER),
        (Heard("telegram", "1", "OK 1", "", "2"), Result.STRANGER),
        (Heard("telegram", "", "OK 1"), Result.STRANGER),
        (Heard("wa", WIRA, "OK 1"), Result.NOT_THEIRS),
        (Heard("wa", "+6281230000009", "OK 1"), Result.NOT_THEIRS),
        (Heard("wa", SARI, "OK 99"), Result.NOT_THEIRS),
    ],
    ids=[
        "a stranger",
        "a hidden number",
        "no number",
        "an advertisement",
        "another chat",
        "no chat",
        "the second of the village, who was not told",
        "a namesake elsewhere",
        "no such incident",
    ],
)
def test_who_was_not_told_changes_nothing_and_no_number_is_logged(
    here: Village,
    inbox: Inbox,
    heard: Heard,
    result: Result,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        assert inbox.hear(heard, NINE + 60) is result
    assert log_of(here) == []
    assert [row.state for row in here.incidents()] == ["open", "open"]
    assert caplog.messages == [f"a message by {heard.channel}: {result}"]
    assert not any(c in caplog.text for c in (WIRA[1:], "62812"))
    # strangers are never written to
    assert (answers(here) == []) is (result is Result.STRANGER)


def test_anything_else_is_answered_once_with_help(here: Village, inbox: Inbox) -> None:
    found = [
        inbox.hear(Heard("wa", SARI, text, text), NINE + at)
        for at, text in enumerate(("halo", "internet mati", "OK", "???"))
    ]
    assert found == [Result.HELPED, Result.SILENT, Result.SILENT, Result.SILENT]
    ((channel, target, words),) = answers(here)
    assert (channel, target) == ("wa", SARI)
    assert "misalnya OK 4821" in words
    assert inbox.hear(Heard("wa", SARI, "halo", "later"), NINE + 4000) is Result.HELPED


def test_one_who_writes_without_end_is_not_listened_to(here: Village, inbox: Inbox) -> None:
    found = [inbox.hear(Heard("wa", SARI, "x", str(n)), NINE + n) for n in range(12)]
    assert found[-2:] == [Result.TOO_MANY] * 2
    assert inbox.hear(Heard("sms", BUDI, "OK 1"), NINE + 12) is Result.DONE


def test_a_group_takes_it_by_its_name_and_is_answered_in_the_group(
    here: Village, inbox: Inbox
) -> None:
    inbox.hear(Heard("telegram", PERSON, "OK 1", "7", GROUP), NINE + 60)
    assert answers(here) == [("telegram", GROUP, "Tercatat: Grup TI menangani #1.")]


def test_who_answers_the_whatsapp_by_sms_is_answered_by_sms(here: Village, inbox: Inbox) -> None:
    inbox.hear(Heard("sms", SARI, "OK 1"), NINE + 60)
    assert answers(here) == [("sms", SARI, "Tercatat: Sari menangani #1.")]


def test_an_answer_leaves_by_the_outbox(here: Village, inbox: Inbox) -> None:
    inbox.hear(Heard("wa", SARI, "OK 1"), NINE + 60)
    outbox = Outbox(here.store, LINES)
    while outbox.send_due(NINE + 61):
        outbox.wait()
    assert here.notices()[-1].state == "sent"
