"""WhatsApp by gateways that hold a phone's session: Fonnte, WAHA, go-whatsapp-web-multidevice.

None of them is WhatsApp's own: a session can end without a word and a number can be banned, so
each tells how its device is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from agent.strict import Refused
from alerts.channels import Health, NotifyFailed, text_of
from alerts.channels.answer import Answer
from alerts.channels.http import Web, basic, check_url
from alerts.channels.judging import by_status, one_line, strange, table, within

_LOW_QUOTA = 50
# what go-whatsapp-web-multidevice signs with until somebody sets something else
_GOWAS_OWN = "secret"
# what of Fonnte's reasons passes by itself or by a repeat; all others need a person
_PASSES = ("disconnect", "try again", "timeout", "too many", "server", "process")


@dataclass(frozen=True)
class Fonnte:
    """fonnte.com; `token` is the device's."""

    token: str = field(repr=False)
    api: str = "https://api.fonnte.com"
    web: Web = field(default_factory=Web)
    replies: bool = False

    def check(self) -> None:
        check_url("api", self.api)

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        told = {"target": digits(target), "message": text_of(message), "countryCode": "62"}
        answer = self._judge(self.web.post_form(f"{self.api}/send", told, self._who()))
        numbers = answer.get("id")
        number = numbers[0] if isinstance(numbers, list) and numbers else numbers
        return f"message {one_line(number)}, {one_line(answer.get('process', 'taken'))}"

    def look(self) -> Health:
        told = self._judge(self.web.post_form(f"{self.api}/device", {}, self._who()))
        status, quota = one_line(told.get("device_status")), one_line(told.get("quota"))
        says = f"device {status}, quota {quota}, until {one_line(told.get('expired'))}"
        low = quota.isdigit() and int(quota) < _LOW_QUOTA
        return Health(status == "connect" and not low, says)

    def _who(self) -> dict[str, str]:
        return {"Authorization": self.token}

    def _judge(self, answer: Answer) -> dict[str, Any]:
        told = table(answer)
        if told.get("status") is True:
            return told
        if "status" not in told:
            raise strange(answer, "Fonnte") if answer.status == 200 else by_status(answer)
        why = one_line(told.get("reason") or told.get("detail") or "no reason given")
        passes = any(word in why.lower() for word in _PASSES)
        raise NotifyFailed(why, permanent=not passes)


@dataclass(frozen=True)
class Waha:
    """waha.devlike.pro on a machine of one's own."""

    url: str
    api_key: str = field(default="", repr=False)
    session: str = "default"
    web: Web = field(default_factory=Web)
    replies: bool = False
    hook_secret: str = field(default="", repr=False)

    def check(self) -> None:
        check_url("url", self.url)

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        body = {
            "session": self.session,
            "chatId": f"{digits(target)}@c.us",
            "text": text_of(message),
            "linkPreview": False,
        }
        answer = self.web.post_json(f"{self.url.rstrip('/')}/api/sendText", body, self._who())
        told = _json(answer, "WAHA")
        number = told.get("id") or within(told, "key", "id")
        if isinstance(number, dict):
            number = number.get("_serialized") or number.get("id")
        if not number:
            raise strange(answer, "WAHA")
        return f"message {one_line(number)}"

    def look(self) -> Health:
        name = quote(self.session, safe="")
        answer = self.web.get(f"{self.url.rstrip('/')}/api/sessions/{name}", self._who())
        status = one_line(_json(answer, "WAHA").get("status"))
        return Health(status == "WORKING", f"session {self.session}: {status}")

    def _who(self) -> dict[str, str]:
        return {"X-Api-Key": self.api_key} if self.api_key else {}


@dataclass(frozen=True)
class Gowa:
    """go-whatsapp-web-multidevice on a machine of one's own."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    device: str = ""
    web: Web = field(default_factory=Web)
    replies: bool = False
    hook_secret: str = field(default="", repr=False)

    def check(self) -> None:
        check_url("url", self.url)
        if self.replies and not self.hook_secret:
            raise Refused("hook_secret", "missing: it signs what it tells, so say with what")
        if self.hook_secret == _GOWAS_OWN:
            raise Refused("hook_secret", "everybody knows the one it comes with: set another")

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        body = {"phone": f"{digits(target)}@s.whatsapp.net", "message": text_of(message)}
        answer = self.web.post_json(f"{self.url.rstrip('/')}/send/message", body, self._who())
        told = _json(answer, "go-whatsapp-web-multidevice")
        number = within(told, "results", "message_id")
        if told.get("code") != "SUCCESS" or not number:
            raise strange(answer, "go-whatsapp-web-multidevice")
        return f"message {one_line(number)}"

    def look(self) -> Health:
        answer = self.web.get(f"{self.url.rstrip('/')}/health", self._who())
        if answer.status == 503:
            return Health(False, "no device is connected: scan the code again")
        if answer.status != 200:
            raise by_status(answer)
        return Health(True, "device connected")

    def _who(self) -> dict[str, str]:
        known = {"Authorization": basic(self.user, self.password)} if self.user else {}
        return known | ({"X-Device-Id": self.device} if self.device else {})


def digits(phone: str) -> str:
    """+62 812 as gateways want it: 62812."""
    found = "".join(c for c in phone if c.isascii() and c.isdigit())
    if len(found) < 8:
        raise NotifyFailed("not a phone number", permanent=True)
    return found


def _json(answer: Answer, name: str) -> dict[str, Any]:
    told = table(answer)
    if 200 <= answer.status < 300:
        if not told:
            raise strange(answer, name)
        return told
    why = told.get("error") or told.get("message") or ""
    status = told.get("status")
    if isinstance(status, str):
        why = f"{why} ({status})"
    failed = by_status(answer, str(why))
    # 422: the session is starting, or waits for its code to be scanned
    session = answer.status == 422 or "not logged in" in str(why).lower()
    raise NotifyFailed(failed.reason, failed.permanent and not session, failed.retry_after_s)
