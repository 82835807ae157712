"""Gateways tell what people answered; what is not proven to come from them changes nothing."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from alerts import incidents
from alerts.channels import hooks
from alerts.incidents import New
from collector import schema
from collector.db import reading, writing
from collector.secret import load_secret
from collector.settings import Settings
from tests.web.conftest import HOUR, NOW, SITE, Regency, Visitor

CHANNELS = """
[channels.fonnte]
token = "tok-en"
replies = true

[channels.waha]
url = "http://waha.test:3000"
replies = true

[channels.signed]
kind = "waha"
url = "http://waha.test:3001"
session = "desa"
replies = true
hook_secret = "kunci-waha"

[channels.gowa]
url = "http://gowa.test:3000"
replies = true
hook_secret = "kunci-gowa"

[channels.cloud]
phone_number_id = "1055"
token = "EAAG"
templates = {opened = "ronda"}
replies = true
app_secret = "kunci-meta"

[channels.sms]
url = "http://sms.test/?to={number}&text={text}"
replies = true
heard = {sender = "msisdn", text = "content", id = "ref"}

[channels.deaf]
kind = "fonnte"
token = "tok-en"
"""
SARI = "6281230000001"


@pytest.fixture
def number(regency: Regency, settings: Settings) -> int:
    """An incident that Sari was told of by WhatsApp."""
    (settings.folder / "channels.toml").write_text(CHANNELS)
    regency.site(SITE, "Tembokrejo")
    regency.contact(SITE, "Sari", "village", whatsapp=f"+{SARI}", sms=f"+{SARI}")
    new = New(
        key="sideka",
        subject="service",
        severity="critical",
        title="sideka Tembokrejo",
        down_since=NOW - HOUR,
        site=SITE,
        check="sideka",
    )
    notice = {"news": "opened", "person": "Sari", "channel": "fonnte", "target": f"+{SARI}"}
    notice |= {"body": "{}", "state": "sent", "next_try": NOW, "created_at": NOW}
    with writing(regency.store) as connection:
        opened = incidents.open_incident(connection, new, NOW - HOUR)
        connection.execute(insert(schema.notices).values(incident=opened, **notice))
    return opened


Post = Callable[..., Any]


@pytest.fixture
def post(visitor: Callable[[], Visitor], settings: Settings, number: int) -> Post:
    client = visitor().client

    def send(channel: str, told: object, secret: str = "", **headers: str) -> Any:
        word = secret or hooks.secret_of(load_secret(settings.folder), channel)
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        kind = headers.pop("kind", "application/json")
        signed = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.post(f"/hooks/{channel}/{word}", data=body, content_type=kind, headers=signed)

    return send


def state(store: Engine) -> tuple[str, list[str]]:
    """How the incident is, and by which channels answers go out."""
    with reading(store) as connection:
        found = incidents.find(connection, 1)
        rows = connection.execute(select(schema.notices).where(schema.notices.c.news == "reply"))
        channels = [row.channel for row in rows]
    assert found is not None
    return found.state, channels


def hub(secret: str, body: bytes) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


FONNTE = {"device": "62811", "sender": SARI, "message": "OK 1", "name": "Sari", "inboxid": "9"}
WAHA = {
    "event": "message",
    "session": "default",
    "payload": {"id": "false_x", "from": f"{SARI}@c.us", "fromMe": False, "body": "OK 1"},
}
GOWA = {
    "event": "message",
    "device_id": "62811@s.whatsapp.net",
    "payload": {"id": "3EB0", "from": f"{SARI}:4@s.whatsapp.net", "body": "OK 1"},
}
META = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "1",
            "changes": [
                {
                    "field": "messages",
                    "value": {
                        "metadata": {"phone_number_id": "1055"},
                        "messages": [
                            {"from": SARI, "id": "w1", "type": "text", "text": {"body": "OK 1"}}
                        ],
                    },
                }
            ],
        }
    ],
}


def changed(told: Any, *path: Any, to: object) -> Any:
    """A copy with one thing else."""
    copy = json.loads(json.dumps(told))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return copy


def test_fonnte_tells_by_its_secret_address(post: Post, store: Engine) -> None:
    answer = post("fonnte", FONNTE)
    assert (answer.status_code, answer.get_data()) == (200, b"ok")
    assert state(store) == ("acknowledged", ["fonnte"])
    assert "Set-Cookie" not in answer.headers


def test_fonnte_may_send_a_form(post: Post, store: Engine) -> None:
    body = f"sender={SARI}&message=OK+1".encode()
    post("fonnte", body, kind="application/x-www-form-urlencoded")
    assert state(store)[0] == "acknowledged"


def test_in_a_group_of_fonnte_it_is_the_member_who_speaks(post: Post, store: Engine) -> None:
    post("fonnte", {**FONNTE, "sender": "120363402106@g.us", "member": SARI})
    assert state(store)[0] == "acknowledged"


def test_waha_without_a_key_tells_by_its_secret_address(post: Post, store: Engine) -> None:
    post("waha", WAHA)
    assert state(store) == ("acknowledged", ["waha"])


def test_waha_with_a_key_signs(post: Post, store: Engine) -> None:
    body = json.dumps(changed(WAHA, "session", to="desa")).encode()
    made = hmac.new(b"kunci-waha", body, hashlib.sha512).hexdigest()
    assert post("signed", body).status_code == 401
    assert state(store)[0] == "open"
    assert post("signed", body, X_Webhook_Hmac=made).status_code == 200
    assert state(store)[0] == "acknowledged"


def test_gowa_signs(post: Post, store: Engine) -> None:
    body = json.dumps(GOWA).encode()
    assert post("gowa", body, X_Hub_Signature_256=hub("kunci-gowa", body)).status_code == 200
    assert state(store) == ("acknowledged", ["gowa"])


def test_meta_signs(post: Post, store: Engine) -> None:
    body = json.dumps(META).encode()
    assert post("cloud", body, X_Hub_Signature_256=hub("kunci-meta", body)).status_code == 200
    assert state(store) == ("acknowledged", ["cloud"])


def test_an_sms_gateway_tells_under_the_names_it_has(post: Post, store: Engine) -> None:
    post("sms", {"msisdn": "081230000001", "content": "selesai 1", "ref": 17})
    assert state(store) == ("handled", ["sms"])


def test_a_photo_or_a_voice_is_answered_with_help(post: Post, store: Engine) -> None:
    post("waha", changed(WAHA, "payload", "body", to=None))
    assert state(store) == ("open", ["waha"])


def test_a_gateway_that_tells_again_is_answered_once(post: Post, store: Engine) -> None:
    for _ in range(3):
        assert post("fonnte", FONNTE).status_code == 200
    assert state(store) == ("acknowledged", ["fonnte"])


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=00", "é"])
@pytest.mark.parametrize(("channel", "told"), [("gowa", GOWA), ("cloud", META)])
def test_a_wrong_signature_changes_nothing(
    post: Post, store: Engine, channel: str, told: object, signature: str
) -> None:
    headers = {"X_Hub_Signature_256": signature} if signature.isascii() else {}
    assert post(channel, told, **headers).status_code == 401
    assert state(store) == ("open", [])


def test_the_secret_gowa_comes_with_signs_nothing(post: Post, store: Engine) -> None:
    body = json.dumps(GOWA).encode()
    assert post("gowa", body, X_Hub_Signature_256=hub("secret", body)).status_code == 401
    assert post("gowa", body, X_Hub_Signature_256=hub("", body)).status_code == 401


@pytest.mark.parametrize(
    ("channel", "secret"),
    [("fonnte", "x"), ("fonnte", "0" * 32), ("nowhere", ""), ("deaf", ""), ("webhook", "")],
    ids=["short", "guessed", "no such channel", "one that hears nothing", "one that cannot hear"],
)
def test_another_address_is_not_there(post: Post, store: Engine, channel: str, secret: str) -> None:
    assert post(channel, FONNTE, secret).status_code == 404
    assert state(store) == ("open", [])


@pytest.mark.parametrize(
    ("channel", "told"),
    [
        ("waha", changed(WAHA, "payload", "fromMe", to=True)),
        ("waha", changed(WAHA, "session", to="other")),
        ("waha", changed(WAHA, "event", to="message.ack")),
        ("waha", changed(WAHA, "payload", to="OK 1")),
        ("waha", changed(WAHA, "payload", "from", to=f"{SARI}@lid")),
        ("waha", changed(WAHA, "payload", "from", to="120363402106@g.us")),
        ("fonnte", {**FONNTE, "message": None}),
        ("fonnte", {**FONNTE, "sender": True}),
        ("fonnte", {**FONNTE, "sender": "6289"}),
        ("fonnte", {}),
        ("sms", {"from": SARI, "message": "OK 1"}),
    ],
)
def test_what_is_no_reply_of_a_recipient_is_taken_in_and_changes_nothing(
    post: Post, store: Engine, channel: str, told: object
) -> None:
    assert post(channel, told).status_code == 200
    assert state(store) == ("open", [])


@pytest.mark.parametrize(
    "told",
    [
        changed(META, "entry", 0, "changes", 0, "value", "metadata", to={"phone_number_id": "9"}),
        changed(META, "entry", 0, "changes", 0, "value", "messages", to={"0": 1}),
        changed(META, "entry", 0, "changes", to="x"),
        changed(META, "entry", to=[1, None, "x"]),
        {"entry": None},
    ],
    ids=["of another number", "no list", "no changes", "noise", "nothing"],
)
def test_what_meta_tells_besides_is_passed_over(post: Post, store: Engine, told: object) -> None:
    body = json.dumps(told).encode()
    assert post("cloud", body, X_Hub_Signature_256=hub("kunci-meta", body)).status_code == 200
    assert state(store) == ("open", [])


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"OK 1", 400), (b"[1]", 400), (b"[" * 50_000, 400), (b"x" * 70_000, 413)],
    ids=["nothing", "no JSON", "a list", "deep", "too large"],
)
def test_a_body_that_is_none_is_refused(
    post: Post, store: Engine, body: bytes, status: int
) -> None:
    assert post("fonnte", body).status_code == status
    assert state(store) == ("open", [])


@pytest.mark.parametrize(
    ("channel", "query", "status"),
    [
        ("cloud", "hub.mode=subscribe&hub.verify_token={word}&hub.challenge=115820", 200),
        ("cloud", "hub.mode=subscribe&hub.verify_token=x&hub.challenge=115820", 403),
        ("cloud", "hub.mode=unsubscribe&hub.verify_token={word}&hub.challenge=115820", 403),
        ("cloud", "hub.mode=subscribe&hub.verify_token={word}&hub.challenge=<script>", 403),
        ("cloud", "", 403),
        ("fonnte", "hub.mode=subscribe&hub.verify_token={word}&hub.challenge=115820", 403),
    ],
)
def test_meta_asks_once_whether_the_address_is_ours(
    visitor: Callable[[], Visitor],
    settings: Settings,
    number: int,
    channel: str,
    query: str,
    status: int,
) -> None:
    word = hooks.secret_of(load_secret(settings.folder), channel)
    answer = visitor().client.get(f"/hooks/{channel}/{word}?{query.format(word=word)}")
    assert answer.status_code == status
    assert (answer.get_data() == b"115820") is (status == 200)


def test_a_bad_file_of_channels_leaves_the_console_alone(
    post: Post, settings: Settings, visitor: Callable[[], Visitor]
) -> None:
    (settings.folder / "channels.toml").write_text("[channels.x")
    assert post("fonnte", FONNTE).status_code == 404
    assert visitor().client.get("/login").status_code == 200
