"""News of incidents to the addresses that administrators set, each signed with its own secret."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.channels import NotifyFailed
from alerts.channels.http import Web
from alerts.channels.shield import Shield
from alerts.channels.webhook import Webhook


@dataclass(frozen=True, slots=True)
class Address:
    """Where to, and what proves that it comes from us; None: it cannot be read any more."""

    url: str
    secret: str | None = field(repr=False)


@dataclass(frozen=True)
class Subscribed:
    """`find` looks an address up when it is sent, so that what was changed counts at once."""

    find: Callable[[str], Address | None]
    web: Web = field(default_factory=Web)

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        """What the other side said, in short; NotifyFailed when it did not take the message."""
        found = self.find(target)
        if found is None:
            raise NotifyFailed("the webhook was removed or is off", permanent=True)
        if found.secret is None:
            raise NotifyFailed("its secret was sealed with another key: enter it again")
        channel = Webhook(found.secret, self.web)
        return Shield(channel, [found.secret]).send(found.url, message)
