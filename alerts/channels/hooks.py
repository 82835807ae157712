"""What a gateway tells us of messages that came in: proven by its signature, read into one shape.

Each gateway has its own form; the address it tells at holds a secret, and those that sign are
believed by their signature only.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from alerts.channels.cloud import Cloud
from alerts.channels.judging import within
from alerts.channels.sms import SmsGateway
from alerts.channels.whatsapp import Fonnte, Gowa, Waha
from collector.secret import derive

PATH = "/hooks/"
MOST_MESSAGES = 50


class NotBelieved(Exception):
    """The body is not proven to come from the gateway."""


class NotUnderstood(Exception):
    """The body is not what this gateway sends."""


@dataclass(frozen=True, slots=True)
class Came:
    """A message as the gateway tells it; `sender` is its own writing of the number."""

    sender: str
    text: str
    id: str = ""


def secret_of(centre: bytes, channel: str) -> str:
    """The last part of a channel's address: 32 characters nobody guesses."""
    return derive(centre, "hook", channel).hex()[:32]


def read(channel: Any, headers: Mapping[str, str], body: bytes) -> list[Came]:
    """Messages that people wrote; `headers` by small name. Other events are an empty list."""
    signed, messages = KINDS[type(channel)]
    if not signed(channel, headers, body):
        raise NotBelieved
    told = _table(headers, body)
    found = []
    for came in messages(channel, told):
        found.append(came)
        if len(found) >= MOST_MESSAGES:
            break
    return found


def challenge(channel: Any, secret: str, query: Mapping[str, str]) -> str | None:
    """What Meta wants to hear when somebody enters the address there; None: this is not Meta."""
    asked = query.get("hub.mode") == "subscribe" and isinstance(channel, Cloud)
    given = query.get("hub.verify_token", "")
    if not asked or not hmac.compare_digest(given.encode(), secret.encode()):
        return None
    words = query.get("hub.challenge", "")
    return words if words.isascii() and words.isalnum() and len(words) <= 100 else None


def _table(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        pairs = parse_qs(body.decode("utf-8", "replace"), max_num_fields=100)
        return {name: values[0] for name, values in pairs.items()}
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("no JSON") from error
    if not isinstance(told, dict):
        raise NotUnderstood("no JSON object")
    return told


def _unsigned(channel: Any, headers: Mapping[str, str], body: bytes) -> bool:
    """It does not sign: its secret address is all the proof there is."""
    return True


def _by_hub(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    return _same(headers.get("x-hub-signature-256", ""), "sha256=", secret, body, hashlib.sha256)


def _gowa_signed(channel: Gowa, headers: Mapping[str, str], body: bytes) -> bool:
    return _by_hub(channel.hook_secret, headers, body)


def _cloud_signed(channel: Cloud, headers: Mapping[str, str], body: bytes) -> bool:
    return _by_hub(channel.app_secret, headers, body)


def _waha_signed(channel: Waha, headers: Mapping[str, str], body: bytes) -> bool:
    if not channel.hook_secret:
        return True
    given = headers.get("x-webhook-hmac", "")
    return _same(given, "", channel.hook_secret, body, hashlib.sha512)


def _same(given: str, before: str, secret: str, body: bytes, digest: Callable[..., Any]) -> bool:
    made = before + hmac.new(secret.encode(), body, digest).hexdigest()
    return bool(secret) and hmac.compare_digest(given.encode(), made.encode())


def _fonnte(channel: Fonnte, told: dict[str, Any]) -> Iterator[Came]:
    # in a group the sender is the group, and member is who wrote
    sender = _text(told.get("member")) or _text(told.get("sender"))
    if text := _text(told.get("message")):
        yield Came(sender, text, _text(told.get("inboxid")))


def _waha(channel: Waha, told: dict[str, Any]) -> Iterator[Came]:
    message = told.get("payload")
    mine = told.get("session") in (None, channel.session)
    if told.get("event") != "message" or not mine or not isinstance(message, dict):
        return
    if not message.get("fromMe"):
        sender = _text(message.get("participant")) or _text(message.get("from"))
        yield Came(sender, _text(message.get("body")), _text(message.get("id")))


def _gowa(channel: Gowa, told: dict[str, Any]) -> Iterator[Came]:
    message = told.get("payload")
    if told.get("event") != "message" or not isinstance(message, dict):
        return
    if not message.get("is_from_me"):
        sender, text = _text(message.get("from")), _text(message.get("body"))
        yield Came(sender, text, _text(message.get("id")))


def _cloud(channel: Cloud, told: dict[str, Any]) -> Iterator[Came]:
    for entry in _list(told.get("entry")):
        for change in _list(within(entry, "changes")):
            value = within(change, "value")
            if within(value, "metadata", "phone_number_id") != channel.phone_number_id:
                continue
            for message in _list(within(value, "messages")):
                text = within(message, "text", "body") or within(message, "button", "text")
                sender, number = within(message, "from"), within(message, "id")
                yield Came(_text(sender), _text(text), _text(number))


def _sms(channel: SmsGateway, told: dict[str, Any]) -> Iterator[Came]:
    names = channel.heard
    sender, text = _text(told.get(names["sender"])), _text(told.get(names["text"]))
    yield Came(sender, text, _text(told.get(names.get("id", ""))))


def _list(value: object) -> list[Any]:
    return value[:MOST_MESSAGES] if isinstance(value, list) else []


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)[:4096]


KINDS: Mapping[type[Any], tuple[Callable[..., bool], Callable[..., Iterator[Came]]]] = {
    Fonnte: (_unsigned, _fonnte),
    Waha: (_waha_signed, _waha),
    Gowa: (_gowa_signed, _gowa),
    Cloud: (_cloud_signed, _cloud),
    SmsGateway: (_unsigned, _sms),
}
