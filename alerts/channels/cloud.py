"""WhatsApp's own Cloud API: outside a conversation of 24 hours only approved templates go out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from agent.strict import Refused
from alerts.channels import Health, NotifyFailed, text_of
from alerts.channels.answer import Answer
from alerts.channels.http import Web, check_url
from alerts.channels.judging import by_status, one_line, retry_after_s, strange, table, within
from alerts.channels.whatsapp import digits

# of Meta's error codes those that pass: its own trouble, and limits of rate
_PASSES = frozenset({1, 2, 4, 80007, 130429, 131000, 131016, 131048, 131056, 131057, 133004})
_REPLY = "reply"
_MOST_PARAMETER_CHARS = 1024
_FINE = ("GREEN", "YELLOW", "UNKNOWN", "NA")


@dataclass(frozen=True)
class Cloud:
    """`templates` names the approved template of each news; all have the three places {{1}}:
    what and where, {{2}}: what to check, {{3}}: the number of the incident.
    """

    phone_number_id: str
    token: str = field(repr=False)
    templates: dict[str, str] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=lambda: {"id": "id", "en": "en"})
    api: str = "https://graph.facebook.com/v21.0"
    web: Web = field(default_factory=Web)
    replies: bool = False
    app_secret: str = field(default="", repr=False)

    def check(self) -> None:
        if not self.phone_number_id.isdigit():
            raise Refused("phone_number_id", "expected digits")
        if "opened" not in self.templates:
            raise Refused("templates.opened", "missing: WhatsApp takes only approved templates")
        if self.replies and not self.app_secret:
            raise Refused("app_secret", "missing: Meta signs what it tells with it")
        check_url("api", self.api)

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": digits(target),
            **self._told(message),
        }
        told = _judge(self.web.post_json(self._at("/messages"), body, self._who()))
        sent = told.get("messages")
        number = within(sent[0], "id") if isinstance(sent, list) and sent else None
        if not number:
            raise NotifyFailed("200, but without a message: " + one_line(told))
        return f"message {one_line(number)}"

    def look(self) -> Health:
        asked = self._at("?fields=verified_name,quality_rating")
        told = _judge(self.web.get(asked, self._who()))
        quality = one_line(told.get("quality_rating") or "UNKNOWN")
        return Health(quality in _FINE, f"{one_line(told.get('verified_name'))}: {quality}")

    def _told(self, message: Mapping[str, Any]) -> dict[str, Any]:
        if message.get("news") == _REPLY and not self.templates.get(_REPLY):
            # who has just written has opened a conversation: plain words are allowed in it
            return {"type": "text", "text": {"preview_url": False, "body": text_of(message)}}
        return {"type": "template", "template": self._template(message)}

    def _template(self, message: Mapping[str, Any]) -> dict[str, Any]:
        name = self.templates.get(str(message.get("news"))) or self.templates["opened"]
        language = str(message.get("language", "id"))
        places = [{"type": "text", "text": text} for text in parameters(message)]
        return {
            "name": name,
            "language": {"code": self.languages.get(language, language)},
            "components": [{"type": "body", "parameters": places}],
        }

    def _at(self, path: str) -> str:
        return f"{self.api}/{quote(self.phone_number_id, safe='')}{path}"

    def _who(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def parameters(message: Mapping[str, Any]) -> list[str]:
    """What and where, what to check, the number: each one line, none empty, as Meta wants it."""
    lines = [" ".join(line.split()) for line in text_of(message).splitlines()] or ["-"]
    number = f"#{message.get('incident', '-')}"
    advice = " ".join(line for line in lines[1:] if line != number) or "-"
    return [text[:_MOST_PARAMETER_CHARS] for text in (lines[0] or "-", advice, number)]


def _judge(answer: Answer) -> dict[str, Any]:
    told = table(answer)
    error = told.get("error")
    if not isinstance(error, dict):
        if answer.status == 200 and told:
            return told
        raise strange(answer, "WhatsApp") if answer.status == 200 else by_status(answer)
    code = error.get("code")
    details = within(error, "error_data", "details") or ""
    words = one_line(f"{code} {error.get('message', '')} {details}")
    passes = code in _PASSES or (answer.status >= 500 and code is None)
    raise NotifyFailed(words, permanent=not passes, retry_after_s=retry_after_s(answer))
