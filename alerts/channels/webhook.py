"""A message as JSON to somebody's own address, signed, or in the form of Alertmanager."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.strict import Refused
from alerts.channels import NotifyFailed
from alerts.channels.answer import Answer
from alerts.channels.http import Web
from alerts.channels.judging import by_status, said, table

SIGNATURE = "X-Ronda-Signature"
# with the time in it: what somebody recorded and sends again is too old
SIGNED_AT, TIMED_SIGNATURE = "X-Ronda-Signed-At", "X-Ronda-Timed-Signature"
ALERTMANAGER = "alertmanager"


@dataclass(frozen=True)
class Webhook:
    """POSTs to the contact's address; with `format` alertmanager, or to one that ends in
    #alertmanager, in that form.
    """

    secret: str = field(default="", repr=False)
    web: Web = field(default_factory=Web)
    format: str = ""
    clock: Callable[[], float] = time.time

    def check(self) -> None:
        if self.format not in ("", ALERTMANAGER):
            raise Refused("format", f"expected {ALERTMANAGER} or nothing, got {self.format!r}")

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        """What the other side said, in short; NotifyFailed when it did not take the message."""
        url, _, form = target.partition("#")
        told = as_alertmanager(message) if ALERTMANAGER in (form, self.format) else message
        body = json.dumps(told, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self.secret:
            at = f"{self.clock():.0f}"
            headers[SIGNATURE] = signature(self.secret, body)
            headers[SIGNED_AT] = at
            headers[TIMED_SIGNATURE] = signature(self.secret, f"{at}.".encode() + body)
        return judge(self.web.ask("POST", url, headers, body))


def signature(secret: str, body: bytes) -> str:
    """Proves that the body comes from somebody who knows the secret."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def as_alertmanager(message: Mapping[str, Any]) -> dict[str, Any]:
    """The same news as Alertmanager's webhook would tell it (version 4)."""
    message = _as_news(message) if "event" in message else message
    over = message.get("news") == "resolved"
    place, number = message.get("site") or {}, str(message.get("incident", ""))
    labels = {
        "alertname": str(message.get("title", "")),
        "incident": number,
        "severity": str(message.get("severity", "")),
        "subject": str(message.get("subject", "")),
        "site": str(place.get("code", "")),
        "check": str(message.get("check", "")),
    }
    said_so = {
        "summary": str(message.get("text", "")).partition("\n")[0],
        "description": str(message.get("text", "")),
        "reason": str(message.get("reason", "")),
    }
    status = "resolved" if over else "firing"
    alert = {
        "status": status,
        "labels": labels,
        "annotations": said_so,
        "startsAt": message.get("down_since"),
        "endsAt": message.get("resolved_at") if over else "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": hashlib.sha256(number.encode()).hexdigest()[:16],
    }
    return {
        "version": "4",
        "groupKey": f'{{}}:{{incident="{number}"}}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": str(message.get("person", "")),
        "groupLabels": {"incident": number},
        "commonLabels": labels,
        "commonAnnotations": said_so,
        "externalURL": "",
        "alerts": [alert],
    }


def _as_news(event: Mapping[str, Any]) -> dict[str, Any]:
    """A step of an incident, as a person would be told of it."""
    # a trial is of none, and leaves nothing burning there
    one = event["incident"] or {"state": "resolved", "resolved_at": event["at"]}
    found = {name: one.get(name) for name in ("title", "severity", "subject", "down_since")}
    sites = one.get("sites") or [""]
    return found | {
        "incident": one.get("id", 0),
        "news": "resolved" if one.get("state") == "resolved" else event["event"],
        "title": one.get("title") or event["event"],
        "text": one.get("title") or event["event"],
        "reason": one.get("cause") or "",
        "site": {"code": sites[0]},
        "down_since": one.get("down_since") or event["at"],
        "resolved_at": one.get("resolved_at"),
    }


def judge(answer: Answer) -> str:
    """The answer in short when it means "taken"; NotifyFailed with the reason when not."""
    if not 200 <= answer.status < 300:
        raise by_status(answer)
    if refusal := _refusal(answer):
        raise NotifyFailed(f"{answer.status}, but it says {refusal}")
    return f"{answer.status} {said(answer)}".strip()


def _refusal(answer: Answer) -> str:
    """Gateways say no with status 200; empty when this one does not."""
    told = table(answer)
    no = any(told.get(key) in (False, "error", "failed") for key in ("status", "ok", "success"))
    if not no and not told.get("error"):
        return ""
    why = told.get("reason") or told.get("error") or told.get("message") or told
    return str(why)[:200]
