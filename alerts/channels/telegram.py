"""Telegram: a bot writes to a chat, as core.telegram.org/bots/api describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.strict import Refused
from alerts.channels import Health, NotifyFailed, text_of
from alerts.channels.answer import Answer
from alerts.channels.http import Web, check_url
from alerts.channels.judging import by_status, one_line, seconds, strange, table, within

_MOST_CHARS = 4096


@dataclass(frozen=True)
class Telegram:
    """`token` is what BotFather gave; people must have written to the bot once."""

    token: str = field(repr=False)
    api: str = "https://api.telegram.org"
    web: Web = field(default_factory=Web)

    def check(self) -> None:
        # it stands in the address: what does not belong there would go to another one
        if not all(c.isascii() and (c.isalnum() or c in ":_-") for c in self.token):
            raise Refused("token", "expected what BotFather gave: digits, a colon, letters")
        check_url("api", self.api)

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        told = self._say(target, text_of(message))
        moved_to = within(told, "parameters", "migrate_to_chat_id")
        if isinstance(moved_to, int):
            # a group that grew: the same chat under another number
            told = self._say(str(moved_to), text_of(message))
            return f"message {_number(told)}, the group is now {moved_to}"
        return f"message {_number(told)}"

    def look(self) -> Health:
        told = _judge(self.web.get(self._method("getMe")))
        return Health(True, f"bot @{within(told, 'result', 'username')}")

    def _say(self, chat: str, text: str) -> dict[str, Any]:
        body = {"chat_id": chat, "text": text[:_MOST_CHARS], "disable_web_page_preview": True}
        return _judge(self.web.post_json(self._method("sendMessage"), body))

    def _method(self, name: str) -> str:
        return f"{self.api}/bot{self.token}/{name}"


def _judge(answer: Answer) -> dict[str, Any]:
    told = table(answer)
    if "ok" not in told:
        raise strange(answer, "Telegram") if answer.status == 200 else by_status(answer)
    if told["ok"] is True or within(told, "parameters", "migrate_to_chat_id"):
        return told
    code = told.get("error_code", answer.status)
    words = f"{code} {one_line(told.get('description', ''))}"
    wait_s = seconds(within(told, "parameters", "retry_after"))
    busy = code == 429 or not isinstance(code, int) or code >= 500
    raise NotifyFailed(words, permanent=not busy, retry_after_s=wait_s)


def _number(told: dict[str, Any]) -> object:
    return within(told, "result", "message_id")
