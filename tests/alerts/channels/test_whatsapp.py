"""WhatsApp's gateways and its Cloud API, as their documentation says they behave."""

import json
from urllib.parse import parse_qs

import pytest

from agent.strict import Refused
from alerts.channels import Channel, NotifyFailed, Watched
from alerts.channels.cloud import Cloud, parameters
from alerts.channels.whatsapp import Fonnte, Gowa, Waha
from tests.alerts.channels.listener import LOOPBACK, listening, reply
from tests.each import for_each

MESSAGE = {
    "incident": 12,
    "news": "opened",
    "language": "id",
    "text": "APLIKASI: sideka Desa Benculuk\nPastikan PC   server menyala.\n#12",
}
NUMBER = "+6281230000001"
TEMPLATES = {"opened": "ronda_gangguan", "resolved": "ronda_pulih"}


def made(kind: str, base: str) -> Channel:
    if kind == "fonnte":
        return Fonnte("tok-en", base, LOOPBACK)
    if kind == "waha":
        return Waha(base, "ke-y", web=LOOPBACK)
    if kind == "gowa":
        return Gowa(base, "ronda", "pass", "noc", LOOPBACK)
    return Cloud("1055", "EAAG", TEMPLATES, api=base, web=LOOPBACK)


def meta(code: int, words: str, status: int = 400) -> bytes:
    told = {"message": words, "type": "OAuthException", "code": code, "error_data": {"details": ""}}
    return reply(status, json.dumps({"error": told}))


TAKEN = {
    "fonnte": '{"detail":"success! message in queue","id":["803"],"process":"pending",'
    '"status":true,"target":["6281230000001"]}',
    "waha": '{"id":{"_serialized":"true_6281230000001@c.us_3EB0"}}',
    "gowa": '{"code":"SUCCESS","message":"Message sent","results":{"message_id":"3EB0"}}',
    "cloud": '{"messaging_product":"whatsapp","messages":[{"id":"wamid.HBg"}]}',
}
UNFIT = '{"statusCode":422,"error":"Session status is not as expected","status":"SCAN_QR_CODE"}'


@pytest.mark.parametrize(
    ("kind", "answer", "path", "header"),
    [
        ("fonnte", "message 803, pending", "/send", b"Authorization: tok-en"),
        ("waha", "message true_6281230000001@c.us_3EB0", "/api/sendText", b"X-Api-Key: ke-y"),
        ("gowa", "message 3EB0", "/send/message", b"X-Device-Id: noc"),
        ("cloud", "message wamid.HBg", "/1055/messages", b"Authorization: Bearer EAAG"),
    ],
)
def test_a_message_is_taken(kind: str, answer: str, path: str, header: bytes) -> None:
    status = 201 if kind == "waha" else 200
    with listening(reply(status, TAKEN[kind])) as there:
        assert made(kind, there.base).send(NUMBER, MESSAGE) == answer
    head, _, body = there.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(f"POST {path} HTTP/1.1".encode()) and header in head
    assert b"6281230000001" in body and b"+62" not in body


def test_fonnte_gets_a_form_and_waha_a_chat() -> None:
    with listening(reply(200, TAKEN["fonnte"])) as there:
        made("fonnte", there.base).send(NUMBER, MESSAGE)
    form = parse_qs(there.heard[0].partition(b"\r\n\r\n")[2].decode())
    assert form == {
        "target": ["6281230000001"],
        "message": [MESSAGE["text"]],
        "countryCode": ["62"],
    }
    with listening(reply(201, TAKEN["waha"])) as there:
        made("waha", there.base).send(NUMBER, MESSAGE)
    told = json.loads(there.heard[0].partition(b"\r\n\r\n")[2])
    assert (told["chatId"], told["session"]) == ("6281230000001@c.us", "default")


@for_each(
    ("kind", "answer", "permanent", "words"),
    [
        ("fonnte", reply(200, '{"status":false,"reason":"token invalid"}'), True, "token invalid"),
        ("fonnte", reply(200, '{"status":false,"reason":"insufficient quota"}'), True, "insuff"),
        ("fonnte", reply(200, '{"status":false,"reason":"target input invalid"}'), True, "target"),
        (
            "fonnte",
            reply(200, '{"status":false,"reason":"request invalid on disconnected device"}'),
            False,
            "request invalid on disconnected device",
        ),
        ("fonnte", reply(200, "<html>"), False, "200, but this is no answer of Fonnte"),
        ("fonnte", reply(200, '{"Status":true}'), False, "200, but this is no answer of Fonnte"),
        ("fonnte", reply(503, "", "Retry-After: 30\r\n"), False, "503"),
        ("waha", reply(422, UNFIT), False, "422 Session status is not as expected (SCAN_QR_CODE)"),
        ("waha", reply(401, '{"message":"Unauthorized","statusCode":401}'), True, "401 Unauth"),
        ("waha", reply(500, '{"statusCode":500,"message":"error 463"}'), False, "500 error 463"),
        ("waha", reply(201, "{}"), False, "201, but this is no answer of WAHA"),
        ("waha", reply(200, '{"ok":1}'), False, "200, but this is no answer of WAHA"),
        (
            "gowa",
            reply(400, '{"code":"INVALID_JID","message":"your JID is invalid"}'),
            True,
            "400 your JID is invalid",
        ),
        (
            "gowa",
            reply(401, '{"code":"AUTHENTICATION_ERROR","message":"you are not logged in"}'),
            False,
            "401 you are not logged in",
        ),
        ("gowa", reply(200, '{"code":"ERROR","message":"x"}'), False, "200, but this is no answer"),
        ("gowa", reply(429, "slow", "Retry-After: 9\r\n"), False, "429 slow"),
        ("cloud", meta(131047, "Re-engagement message"), True, "131047 Re-engagement"),
        ("cloud", meta(131026, "Message undeliverable"), True, "131026"),
        ("cloud", meta(132001, "Template does not exist"), True, "132001"),
        ("cloud", meta(190, "Access token expired", 401), True, "190 Access token expired"),
        ("cloud", meta(130429, "Rate limit hit", 429), False, "130429"),
        ("cloud", meta(131056, "pair rate limit hit"), False, "131056"),
        ("cloud", meta(131000, "Something went wrong", 500), False, "131000"),
        ("cloud", reply(200, '{"messages":[]}'), False, "200, but without a message"),
        ("cloud", reply(200, "ok"), False, "200, but this is no answer of WhatsApp"),
        ("cloud", reply(502, "bad"), False, "502 bad"),
    ],
)
def test_a_refusal_says_whether_trying_again_can_help(
    kind: str, answer: bytes, permanent: bool, words: str
) -> None:
    with listening(answer) as there, pytest.raises(NotifyFailed) as failed:
        made(kind, there.base).send(NUMBER, MESSAGE)
    assert failed.value.reason.startswith(words)
    assert failed.value.permanent is permanent


@pytest.mark.parametrize(
    ("kind", "answer", "fine", "words"),
    [
        (
            "fonnte",
            reply(200, '{"status":true,"device_status":"connect","quota":"978","expired":"2029"}'),
            True,
            "device connect, quota 978, until 2029",
        ),
        ("fonnte", reply(200, '{"status":true,"device_status":"disconnect"}'), False, "disconnect"),
        ("fonnte", reply(200, '{"status":true,"device_status":"connect","quota":"3"}'), False, "3"),
        ("waha", reply(200, '{"name":"default","status":"WORKING"}'), True, "WORKING"),
        ("waha", reply(200, '{"name":"default","status":"SCAN_QR_CODE"}'), False, "SCAN_QR_CODE"),
        ("gowa", reply(200, '{"status":"ok"}'), True, "device connected"),
        ("gowa", reply(503, "no"), False, "scan the code again"),
        ("cloud", reply(200, '{"verified_name":"NOC","quality_rating":"GREEN"}'), True, "GREEN"),
        ("cloud", reply(200, '{"verified_name":"NOC","quality_rating":"RED"}'), False, "RED"),
    ],
)
def test_a_gateway_tells_how_its_device_is(
    kind: str, answer: bytes, fine: bool, words: str
) -> None:
    with listening(answer) as there:
        channel = made(kind, there.base)
        assert isinstance(channel, Watched)
        health = channel.look()
    assert health.fine is fine and words in health.says


def test_the_cloud_gets_a_template_with_three_places() -> None:
    with listening(reply(200, TAKEN["cloud"])) as there:
        made("cloud", there.base).send(NUMBER, MESSAGE)
    template = json.loads(there.heard[0].partition(b"\r\n\r\n")[2])["template"]
    assert (template["name"], template["language"]) == ("ronda_gangguan", {"code": "id"})
    places = [one["text"] for one in template["components"][0]["parameters"]]
    assert places == ["APLIKASI: sideka Desa Benculuk", "Pastikan PC server menyala.", "#12"]


@pytest.mark.parametrize("text", ["", "one", "a\n\nb\t c\n#1", "x" * 3000])
def test_no_place_of_a_template_is_empty_or_has_lines(text: str) -> None:
    for place in parameters({"text": text, "incident": 1}):
        assert 0 < len(place) <= 1024 and "\n" not in place and "    " not in place


@pytest.mark.parametrize("kind", ["fonnte", "waha", "gowa", "cloud"])
def test_a_number_that_is_none_goes_nowhere(kind: str) -> None:
    with listening(reply(200)) as there, pytest.raises(NotifyFailed) as failed:
        made(kind, there.base).send("@sari", MESSAGE)
    assert failed.value.permanent and there.heard == []


def test_the_cloud_without_a_template_is_refused_at_the_start() -> None:
    with pytest.raises(Refused, match="templates.opened: missing"):
        Cloud("1055", "EAAG").check()


def test_who_has_just_written_to_the_cloud_api_is_answered_in_plain_words() -> None:
    with listening(reply(200, TAKEN["cloud"])) as there:
        made("cloud", there.base).send(NUMBER, {**MESSAGE, "news": "reply", "text": "Tercatat."})
    told = json.loads(there.heard[0].partition(b"\r\n\r\n")[2])
    assert (told["type"], told["text"]["body"]) == ("text", "Tercatat.")
    assert "template" not in told
