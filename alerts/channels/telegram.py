"""Telegram: a bot writes to a chat, as core.telegram.org/bots/api describes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agent.strict import Refused
from alerts.channels import Health, NotifyFailed, text_of
from alerts.channels.answer import Answer
from alerts.channels.http import Web, check_url
from alerts.channels.judging import by_status, one_line, seconds, strange, table, within

_MOST_CHARS = 4096


@dataclass(frozen=True, slots=True)
class Update:
    """A message to the bot: who wrote it, under which name, in which chat."""

    number: int
    sender: str
    alias: str
    chat: str
    text: str


@dataclass(frozen=True)
class Telegram:
    """`token` is what BotFather gave; people must have written to the bot once."""

    token: str = field(repr=False)
    api: str = "https://api.telegram.org"
    web: Web = field(default_factory=Web)
    # nobody else may ask for the bot's messages: Telegram gives each to one who asks
    replies: bool = True

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

    @property
    def bot(self) -> str:
        """The bot's number: of another one the messages are numbered anew."""
        return self.token.partition(":")[0]

    def hear(self, after: int, wait_s: int, most: int = 10) -> tuple[list[Update], int]:
        """Messages written to the bot, and from where to go on; waits for the first one."""
        asked = f"?offset={after}&timeout={wait_s}&limit={most}&allowed_updates=%5B%22message%22%5D"
        web = replace(self.web, limit_s=wait_s + self.web.limit_s)
        answer = web.get(self._method("getUpdates") + asked)
        if answer.status == 200 and not table(answer) and answer.body.startswith(b'{"ok":true'):
            return self._skip(answer, after, most)
        found = _judge(answer).get("result")
        updates = [u for u in found if isinstance(u, dict)] if isinstance(found, list) else []
        numbers = [u["update_id"] for u in updates if isinstance(u.get("update_id"), int)]
        heard = [update for u in updates if (update := _update(u)) is not None]
        return heard, max([after, *(number + 1 for number in numbers)])

    def _skip(self, answer: Answer, after: int, most: int) -> tuple[list[Update], int]:
        """More than we read in one answer: one by one, and past what is too large by itself."""
        if most > 1:
            return self.hear(after, 0, 1)
        number = re.search(rb'"update_id":\s*([0-9]{1,18})\b', answer.body)
        if number is None:
            raise strange(answer, "Telegram")
        return [], int(number[1]) + 1

    def _say(self, chat: str, text: str) -> dict[str, Any]:
        body = {"chat_id": chat, "text": text[:_MOST_CHARS], "disable_web_page_preview": True}
        return _judge(self.web.post_json(self._method("sendMessage"), body))

    def _method(self, name: str) -> str:
        return f"{self.api}/bot{self.token}/{name}"


def _update(told: dict[str, Any]) -> Update | None:
    """None when it is no text that a person wrote."""
    sender, chat = within(told, "message", "from"), within(told, "message", "chat", "id")
    text = within(told, "message", "text")
    if not isinstance(sender, dict) or not isinstance(text, str) or sender.get("is_bot"):
        return None
    number, name = told.get("update_id"), sender.get("username")
    if not all(isinstance(one, int) for one in (number, chat, sender.get("id"))):
        return None
    alias = f"@{name}" if isinstance(name, str) and name else ""
    return Update(int(str(number)), str(sender["id"]), alias, str(chat), text)


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
