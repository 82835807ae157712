"""Between a channel and everybody else: no secret gets out in an answer or an error."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from alerts.channels import Channel, Health, NotifyFailed, Watched

_HIDDEN = "***"
_SHORTEST = 4
_SHORTEST_PART = 6


@dataclass(frozen=True)
class Shield:
    """A channel whose words are cleaned; gateways echo what they were sent."""

    channel: Channel
    secrets: Sequence[str] = field(repr=False)

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        try:
            return self._clean(self.channel.send(target, message))
        except NotifyFailed as failed:
            raise self._cleaned(failed) from None

    def look(self) -> Health:
        if not isinstance(self.channel, Watched):
            return Health(True, "its gateway tells nothing about itself")
        try:
            health = self.channel.look()
        except NotifyFailed as failed:
            raise self._cleaned(failed) from None
        return Health(health.fine, self._clean(health.says))

    def _cleaned(self, failed: NotifyFailed) -> NotifyFailed:
        return NotifyFailed(self._clean(failed.reason), failed.permanent, failed.retry_after_s)

    def _clean(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, _HIDDEN)
        return text


def secrets_of(channel: Any) -> list[str]:
    """What of a channel's settings must not be shown: fields that `repr` leaves out."""
    found = {
        text
        for spec in fields(channel)
        if not spec.repr
        for text in _secrets(getattr(channel, spec.name))
        if len(text) >= _SHORTEST
    }
    return sorted(found, key=len, reverse=True)


def _secrets(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _secrets(one)
    elif isinstance(value, str) and "://" in value:
        # an address with a name, a password, a key in it
        parts = re.split(r"[:/@?&=]+", value)
        yield from (part for part in parts if len(part) >= _SHORTEST_PART and "{" not in part)
    elif isinstance(value, str) and "{" not in value:
        yield value
        # "Bearer abc": the word in front is no secret, what follows is one by itself too
        yield from (word for word in value.split()[1:] if len(word) >= _SHORTEST_PART)
