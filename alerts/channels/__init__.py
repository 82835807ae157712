"""The ways to people: one protocol, one file for each family, one table of them all in config."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable


class NotifyFailed(Exception):
    """A message was not taken; `permanent` when trying again cannot help."""

    def __init__(
        self, reason: str, permanent: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after_s = retry_after_s


class Channel(Protocol):
    """One way to send."""

    def send(self, target: str, message: Mapping[str, Any]) -> str:
        """Send; what the other side answered, in short. NotifyFailed when it did not take it."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a channel is, in words: its device, session, quota, as far as its gateway can tell."""

    fine: bool
    says: str


@runtime_checkable
class Watched(Protocol):
    """A channel that can tell how it is without sending anything."""

    def look(self) -> Health:
        """How it is; NotifyFailed when it cannot be asked."""


def text_of(message: Mapping[str, Any]) -> str:
    """The message as a person reads it."""
    return str(message.get("text", ""))
