"""Telegram as its documentation says it behaves, errors included."""

import json

import pytest

from agent.strict import Refused
from alerts.channels import NotifyFailed
from alerts.channels.telegram import Telegram
from tests.alerts.channels.listener import LOOPBACK, listening, reply

MESSAGE = {"incident": 12, "text": "APLIKASI: sideka Désa Benculuk\n#12"}
TAKEN = '{"ok":true,"result":{"message_id":77,"chat":{"id":123456}}}'


def bot(base: str) -> Telegram:
    return Telegram("123:AbC", base, LOOPBACK)


def error(code: int, words: str, parameters: str = "{}") -> bytes:
    body = f'{{"ok":false,"error_code":{code},"description":"{words}","parameters":{parameters}}}'
    return reply(code, body)


def test_a_message_arrives_in_the_chat() -> None:
    with listening(reply(200, TAKEN)) as there:
        assert bot(there.base).send("123456", MESSAGE) == "message 77"
    head, _, body = there.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /bot123:AbC/sendMessage HTTP/1.1\r\n")
    told = json.loads(body)
    assert (told["chat_id"], told["text"]) == ("123456", MESSAGE["text"])


@pytest.mark.parametrize(
    ("answer", "permanent", "wait_s", "words"),
    [
        (error(400, "Bad Request: chat not found"), True, None, "400 Bad Request: chat not found"),
        (error(403, "Forbidden: bot was blocked by the user"), True, None, "403 Forbidden"),
        (error(401, "Unauthorized"), True, None, "401 Unauthorized"),
        (error(429, "Too Many Requests", '{"retry_after":17}'), False, 17, "429 Too Many"),
        (error(500, "Internal Server Error"), False, None, "500 Internal"),
        (reply(200, '{"ok":false,"error_code":400,"description":"x"}'), True, None, "400 x"),
        (reply(502, "<html>Bad Gateway</html>"), False, None, "502 <html>"),
        (reply(200, "<html>tagihan</html>"), False, None, "200, but this is no answer of Telegram"),
        (reply(200, "[1]"), False, None, "200, but this is no answer"),
        (b"", False, None, "127.0.0.1: closed without an answer"),
    ],
)
def test_a_refusal_says_whether_trying_again_can_help(
    answer: bytes, permanent: bool, wait_s: float | None, words: str
) -> None:
    with listening(answer) as there, pytest.raises(NotifyFailed) as failed:
        bot(there.base).send("123456", MESSAGE)
    told = failed.value
    assert (told.permanent, told.retry_after_s) == (permanent, wait_s)
    assert told.reason.startswith(words) and "AbC" not in told.reason


def test_a_group_that_moved_is_followed() -> None:
    moved = error(400, "group chat was upgraded", '{"migrate_to_chat_id":-1001}')
    with listening(moved, reply(200, TAKEN)) as there:
        answer = bot(there.base).send("-55", MESSAGE)
    assert answer == "message 77, the group is now -1001"
    assert json.loads(there.heard[1].partition(b"\r\n\r\n")[2])["chat_id"] == "-1001"


def test_the_bot_tells_who_it_is() -> None:
    with listening(reply(200, '{"ok":true,"result":{"username":"ronda_bot"}}')) as there:
        health = bot(there.base).look()
    assert (health.fine, health.says) == (True, "bot @ronda_bot")
    with listening(error(401, "Unauthorized")) as there, pytest.raises(NotifyFailed):
        bot(there.base).look()


@pytest.mark.parametrize("token", ["1:a/../x", "1:a b", "1:a\r\nX: y", "1:á"])
def test_a_token_cannot_become_another_address(token: str) -> None:
    with pytest.raises(Refused) as refused:
        Telegram(token).check()
    assert token not in str(refused.value)
