"""Telegram's getUpdates and gammu's inbox as their documentation has them."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts import chronicle, ears, health
from alerts.channels import NotifyFailed
from alerts.channels.config import Line
from alerts.channels.sms import Gammu
from alerts.channels.telegram import Telegram, Update
from alerts.ears import Ears, GammuEar, TelegramEar
from alerts.inbox import Inbox
from collector.db import meta_get, reading
from tests.alerts.channels.listener import LOOPBACK, Listener, listening, reply
from tests.alerts.village import NINE, Village, contact, village

CHAT = 555123
PHONE = "+6281230000001"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Village]:
    with village(tmp_path, contact("Sari", telegram=str(CHAT), sms=PHONE)) as made:
        made.say("bad", NINE, "HTTP 502")
        made.step(NINE + 1)
        yield made


def refusal(code: int, words: str, parameters: dict[str, int] | None = None) -> bytes:
    told = {"ok": False, "error_code": code, "description": words, "parameters": parameters or {}}
    return reply(code, json.dumps(told))


class Rounds:
    """A stop that waits for nothing and comes after so many rounds."""

    def __init__(self, most: int) -> None:
        self.most, self.waits = most, list[float]()

    def is_set(self) -> bool:
        return len(self.waits) >= self.most

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


def bot(base: str) -> Telegram:
    return Telegram("123:AbC", base, LOOPBACK)


def update(number: int, text: object = "OK 1", **more: object) -> dict[str, Any]:
    sender = {"id": CHAT, "is_bot": False, "first_name": "Sari", "username": "sari_b"}
    message = {"message_id": number, "from": sender, "chat": {"id": CHAT, "type": "private"}}
    return {"update_id": number, "message": {**message, "date": 1, "text": text, **more}}


def updates(*found: dict[str, Any]) -> bytes:
    return reply(200, json.dumps({"ok": True, "result": found}, separators=(",", ":")))


def ear(here: Village, there: Listener) -> TelegramEar:
    channel = bot(there.base)
    inbox = Inbox(here.store, [Line("telegram", "telegram", "telegram", channel)], "Asia/Jakarta")
    return TelegramEar(here.store, "telegram", channel, inbox, lambda: NINE + 60, poll_s=1)


def log_of(here: Village) -> list[tuple[str, str]]:
    with reading(here.store) as connection:
        return [(e.by, e.verb) for e in chronicle.since(connection, 0) if e.by]


def test_a_message_to_the_bot_takes_the_incident_and_is_not_asked_for_again(here: Village) -> None:
    with listening(updates(update(900)), updates()) as there:
        mine = ear(here, there)
        mine.once()
        mine.once()
        paths = [request.split(b" ")[1].decode() for request in there.heard]
    assert paths[0].startswith("/bot123:AbC/getUpdates?offset=0&timeout=1&limit=10")
    assert paths[1].startswith("/bot123:AbC/getUpdates?offset=901&")
    assert log_of(here) == [("Sari", "taken")]
    with reading(here.store) as connection:
        assert meta_get(connection, "telegram:123") == "901"


def test_after_a_crash_the_same_messages_do_no_harm(here: Village) -> None:
    with listening(updates(update(900), update(901, "SELESAI 1"))) as there:
        ear(here, there)._channel.hear(0, 1)
        ear(here, there).once()
        ear(here, there).once()
    assert log_of(here) == [("Sari", "taken"), ("Sari", "handled")]


def test_what_no_person_wrote_is_passed_over(here: Village) -> None:
    strange: list[dict[str, Any]] = [
        update(1, None),
        update(2, ["OK 1"]),
        update(3, "OK 1", chat={"id": "x"}),
        {"update_id": 4, "edited_message": update(4)["message"]},
        {"update_id": 5, "message": {"text": "OK 1", "chat": {"id": CHAT}}},
        {"update_id": 6, "message": {**update(6)["message"], "from": {"id": 1, "is_bot": True}}},
        {"update_id": 7, "message": "OK 1"},
    ]
    with listening(updates(*strange)) as there:
        assert bot(there.base).hear(0, 1) == ([], 8)
        ear(here, there).once()
    assert log_of(here) == []


def test_a_message_tells_who_wrote_it_in_which_chat() -> None:
    with listening(updates(update(7, "OK 1", chat={"id": -100987, "type": "group"}))) as there:
        found, upto = bot(there.base).hear(3, 1)
    assert (found, upto) == ([Update(7, str(CHAT), "@sari_b", "-100987", "OK 1")], 8)


def test_more_than_we_read_is_fetched_one_by_one_and_the_too_large_is_skipped(
    here: Village,
) -> None:
    huge = update(900, "x" * 70_000)
    with listening(updates(huge, update(901)), updates(huge), updates(update(901))) as there:
        mine = ear(here, there)
        mine.once()
        mine.once()
        limits = [request.split(b"limit=")[1].split(b"&")[0] for request in there.heard]
    assert limits == [b"10", b"1", b"10"]
    assert log_of(here) == [("Sari", "taken")]


@pytest.mark.parametrize(
    ("answer", "words", "wait_s"),
    [
        (
            reply(
                409, '{"ok":false,"error_code":409,"description":"Conflict: terminated by other"}'
            ),
            "409 Conflict",
            5.0,
        ),
        (refusal(401, "Unauthorized"), "401", 5.0),
        (
            refusal(429, "Too Many Requests", {"retry_after": 42}),
            "429",
            42.0,
        ),
        (reply(200, "<html>tagihan</html>"), "200, but this is no answer", 5.0),
        (b"", "closed without an answer", 5.0),
    ],
)
def test_trouble_is_told_once_waited_out_and_tried_again(
    here: Village, answer: bytes, words: str, wait_s: float, caplog: pytest.LogCaptureFixture
) -> None:
    rounds = Rounds(3)
    with listening(answer) as there:
        mine = Ears(here.store, [], "Asia/Jakarta")
        ears.listen(ear(here, there), rounds, mine._note)
    assert rounds.waits[0] == wait_s
    assert rounds.waits == sorted(rounds.waits)
    (line,) = caplog.messages
    assert words in line
    assert "AbC" not in line
    with reading(here.store) as connection:
        assert words in health.deaf(connection, "telegram")


def test_waits_grow_up_to_five_minutes() -> None:
    waits = [ears.pause_s(n, NotifyFailed("x")) for n in (1, 2, 3, 4, 5, 6, 7, 1000)]
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300]


def test_the_bot_is_listened_to_beside_the_deliveries(here: Village) -> None:
    with listening(updates(update(900))) as there:
        line = Line("telegram", "telegram", "telegram", bot(there.base))
        mine = Ears(here.store, [line], "Asia/Jakarta", lambda: NINE + 60, poll_s=1)
        mine.begin()
        mine.begin()
        deadline = time.monotonic() + 10
        while not log_of(here) and time.monotonic() < deadline:
            time.sleep(0.05)
        mine.end(10)
        with reading(here.store) as connection:
            assert health.deaf(connection, "telegram") == ""
        assert log_of(here) == [("Sari", "taken")]


# gammu's inbox

NAME = "IN20251124_091600_00_{sender}_{part:02}.txt"


def gammu(here: Village, folder: Path) -> GammuEar:
    channel = Gammu(inbox=str(folder))
    inbox = Inbox(here.store, [Line("sms", "gammu", "sms", channel)], "Asia/Jakarta")
    return GammuEar("sms", channel, inbox, time.time)


def drop(folder: Path, text: bytes, sender: str = PHONE, part: int = 0, age_s: float = 5) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / NAME.format(sender=sender, part=part)
    path.write_bytes(text)
    then = time.time() - age_s
    os.utime(path, (then, then))
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [b"OK 1", b"OK 1\n", "OK 1".encode("utf-16"), b"\xfe\xff" + "OK 1".encode("utf-16-be")],
    ids=["standard", "with a line's end", "unicode", "unicode, other order"],
)
def test_an_sms_in_the_inbox_is_heard_and_deleted(
    here: Village, tmp_path: Path, text: bytes
) -> None:
    path = drop(tmp_path / "inbox", text)
    gammu(here, tmp_path / "inbox").once()
    assert log_of(here) == [("Sari", "taken")]
    assert not path.exists()


def test_a_file_that_is_being_written_waits(here: Village, tmp_path: Path) -> None:
    path = drop(tmp_path / "inbox", b"OK 1", age_s=0)
    mine = gammu(here, tmp_path / "inbox")
    mine.once()
    assert path.exists()
    assert log_of(here) == []


@pytest.mark.parametrize(
    ("text", "sender", "part"),
    [
        (b"\xff" * 100_000, PHONE, 0),
        (b"", PHONE, 0),
        (b"OK 1", "TELKOMSEL_INFO", 0),
        (b"OK 1", "", 0),
        (b"OK 1", PHONE, 1),
    ],
    ids=["noise", "empty", "an advertisement", "nobody", "the second part"],
)
def test_what_is_no_reply_is_deleted_and_changes_nothing(
    here: Village, tmp_path: Path, text: bytes, sender: str, part: int
) -> None:
    path = drop(tmp_path / "inbox", text, sender, part)
    gammu(here, tmp_path / "inbox").once()
    assert not path.exists()
    assert log_of(here) == []


def test_other_files_are_left_alone(here: Village, tmp_path: Path) -> None:
    drop(tmp_path / "inbox", b"x").rename(tmp_path / "inbox" / "notes.txt")
    gammu(here, tmp_path / "inbox").once()
    assert (tmp_path / "inbox" / "notes.txt").exists()


def test_a_folder_that_is_not_there_is_told(
    here: Village, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ears.listen(gammu(here, tmp_path / "nowhere"), Rounds(2))
    assert "channel sms does not hear" in caplog.text
