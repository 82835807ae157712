"""A trial message reaches everybody once, asks for an answer, and knows who gave it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.strict import Refused
from alerts import gsm7, links, rollcall
from alerts.channels import Channel, NotifyFailed
from alerts.channels.config import Line
from alerts.inbox import Inbox, Result
from alerts.outbox import Outbox
from alerts.replies import Heard, agrees
from alerts.rollcall import State
from alerts.way_back import WayBack
from collector.db import reading, writing
from tests.alerts.village import CODE, NINE, Village, contact, village
from tests.alerts.village import Inbox as Kept

SARI, BUDI, OTHER = "+6281230000001", "+6281230000002", "35.10.12.2005"
SERVING = [("wa", "whatsapp"), ("sms", "sms")]
BACK = WayBack(links.Maker(b"k" * 32, "https://ronda.example"), frozenset({"wa", "sms"}))


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Village]:
    people = [
        contact("Sari", whatsapp=SARI, sms=SARI),
        contact("Sari", scope=OTHER, whatsapp=SARI, sms=SARI),
        contact("Budi", role="noc", scope="35.10", sms=BUDI, language="en"),
        contact("Tono", scope=OTHER, order=2),
        contact("Telkom", role="isp", scope="isp:Telkom", whatsapp="+6281230000003"),
    ]
    with village(tmp_path, *people, database_url=database_url) as made:
        yield made


def ask(here: Village, now: float = NINE, within: str = "") -> int:
    with writing(here.store) as connection:
        people = rollcall.to_ask(connection, lambda scope: scope.startswith(within))
        return rollcall.call(connection, people, SERVING, BACK, now, "dewi")


def states(here: Village) -> dict[tuple[str, str], State]:
    with reading(here.store) as connection:
        found = rollcall.newest(connection, lambda scope: True)
    assert found is not None
    return {(one.scope, one.person): one.state for one in found.asked}


def test_a_person_of_several_places_is_asked_once_and_a_provider_never(here: Village) -> None:
    ask(here)
    asked = [(n.person, n.channel, json.loads(str(n.further))) for n in here.notices()]
    assert sorted(asked) == [("Budi", "sms", []), ("Sari", "wa", [["sms", SARI]])]
    assert states(here) == {
        (CODE, "Sari"): State.WAITING,
        (OTHER, "Sari"): State.WAITING,
        ("35.10", "Budi"): State.WAITING,
        (OTHER, "Tono"): State.NO_WAY,
    }


def test_the_message_says_that_nothing_is_broken_and_how_to_answer(here: Village) -> None:
    ask(here)
    body = {n.person: json.loads(n.body) for n in here.notices()}
    assert "Tidak ada gangguan" in body["Sari"]["text"] and "balas: OK" in body["Sari"]["text"]
    assert f"ketuk: {body['Sari']['link']}" in body["Sari"]["text"]
    assert body["Budi"]["sms"].startswith("CONTACT TEST") and "reply: OK" in body["Budi"]["sms"]
    assert all(gsm7.fits(each["sms"]) for each in body.values())


def test_without_a_way_to_hear_only_the_link_is_offered(here: Village) -> None:
    deaf = WayBack(BACK.maker)
    with reading(here.store) as connection:
        sari = rollcall.to_ask(connection, lambda scope: scope == CODE)[0]
    body = rollcall.message(1, sari, deaf, [("wa", SARI)], NINE)
    assert "OK" not in str(body["text"]) and "https://ronda.example/k/" in str(body["sms"])


def test_an_answer_by_message_confirms_all_places_of_the_person(here: Village) -> None:
    ask(here)
    nowhere: Channel = Kept()
    inbox = Inbox(here.store, [Line("wa", "fonnte", "whatsapp", nowhere)], "Asia/Jakarta")
    assert inbox.hear(Heard("wa", SARI, "Siap pak 👍", "m1"), NINE + 60) is Result.DONE
    assert states(here)[CODE, "Sari"] is states(here)[OTHER, "Sari"] is State.CONFIRMED
    assert "sampai kepada Anda" in json.loads(here.notices()[-1].body)["text"]
    # whoever has answered is told how to answer about a fault
    assert inbox.hear(Heard("wa", SARI, "ok", "m2"), NINE + 90) is Result.HELPED


def test_a_yes_after_a_week_is_about_something_else(here: Village) -> None:
    ask(here)
    nowhere: Channel = Kept()
    inbox = Inbox(here.store, [Line("wa", "fonnte", "whatsapp", nowhere)], "Asia/Jakarta")
    late = NINE + links.GOOD_FOR_S + 1
    assert inbox.hear(Heard("wa", SARI, "ok", "m1"), late) is Result.HELPED


def test_a_way_that_fails_gives_the_next_and_both_fail_in_words(here: Village) -> None:
    ask(here, within=CODE)
    lines = [
        Line("wa", "fonnte", "whatsapp", Kept(NotifyFailed("no such number", permanent=True))),
        Line("sms", "gammu", "sms", Kept(NotifyFailed("no credit", permanent=True))),
    ]
    outbox = Outbox(here.store, lines)
    for second in range(2):
        outbox.send_due(NINE + second)
        outbox.wait()
    outbox.close()
    with reading(here.store) as connection:
        found = rollcall.newest(connection, lambda scope: True)
    assert found is not None
    assert [(one.state, one.answer) for one in found.asked] == [(State.FAILED, "no credit")]
    assert [n.channel for n in here.notices()] == ["wa", "sms"]


def test_what_went_out_counts_as_sent(here: Village) -> None:
    ask(here, within=CODE)
    outbox = Outbox(here.store, [Line("wa", "fonnte", "whatsapp", Kept())])
    outbox.send_due(NINE)
    outbox.wait()
    outbox.close()
    assert states(here) == {(CODE, "Sari"): State.SENT}


def test_nobody_is_asked_again_within_ten_minutes(here: Village) -> None:
    ask(here, within=CODE)
    with pytest.raises(Refused, match="less than ten minutes"):
        ask(here, NINE + 599)
    ask(here, NINE + 601)


@pytest.mark.parametrize(("people", "problem"), [(0, "nobody to ask"), (2001, "2001 people")])
def test_a_call_is_bounded(here: Village, people: int, problem: str) -> None:
    crowd = [contact(f"Orang {n}", whatsapp=SARI) for n in range(people)]
    with writing(here.store) as connection, pytest.raises(Refused, match=problem):
        rollcall.call(connection, crowd, SERVING, BACK, NINE, "dewi")
    assert here.notices() == []


def test_a_link_confirms_only_its_own_call(here: Village) -> None:
    number = ask(here, within=CODE)
    token = json.loads(here.notices()[0].body)["link"].rpartition("/")[2]
    maker = BACK.maker
    assert maker is not None
    with writing(here.store) as connection:
        asked = rollcall.called(connection, number)
        opened = maker.open(token, asked, NINE + 60, action=links.TRIAL)
        assert isinstance(opened, links.Opened) and opened.incident == number
        # the link of a trial takes no incident in hand, and an incident's link answers no trial
        assert maker.open(token, asked, NINE + 60) is links.Why.FORGED
        assert rollcall.confirm(connection, number, opened.person, NINE + 60)
        assert not rollcall.confirm(connection, number, opened.person, NINE + 61)
        assert not rollcall.confirm(connection, number + 1, opened.person, NINE + 61)


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("OK", True),
        ("*oke*", True),
        ("siap pak, sudah masuk", True),
        ("ok 4821", False),
        ("tidak ok", False),
        ("okelah kalau begitu nanti saya lihat dulu karena sedang di jalan ke kecamatan", False),
        ("okay", True),
        ("", False),
    ],
)
def test_what_counts_as_yes(text: str, yes: bool) -> None:
    assert agrees(text) is yes
